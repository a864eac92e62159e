import type { ReadingBatch } from '../../domain/batch.ts';
import { earlierCursor, type ChangePage, type EntryChange, type SeriesChange } from '../../domain/changes.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { ReadingStore } from '../../domain/ports.ts';
import { intervals } from '../readings/reading-shapes.ts';
import type { Audience } from './audience.ts';

type Store = Pick<ReadingStore, 'changesSince'>;

/**
 * How far one follower is. Changes of a series are told in the lane of its delay, each lane in the order of the journal: a lane
 * stops before what may not be seen yet, so nothing is passed over, and what is prompt does not wait for what is late.
 */
interface Lanes {
  /** Cursor of the store by delay in seconds; null: from the first entry. */
  at: Map<number, string | null>;
  rights: string;
}

function lanesOf(cursor: string | null): Lanes {
  if (cursor === null) return { at: new Map(), rights: '' };
  const [lanes = '', rights = ''] = cursor.split('~');
  const at = new Map<number, string | null>();
  for (const lane of lanes.split(',')) {
    const match = /^(\d{1,9}):(\d{1,15}(?:\.\d{1,15})?|-)$/.exec(lane);
    if (match?.[1] === undefined || match[2] === undefined)
      throw new MonitorError('E_BAD_REQUEST', `not a cursor of changes: "${cursor.slice(0, 60)}"`, {
        details: {
          faults: [
            {
              field: 'querystring.since',
              value: cursor,
              expected: '`cursor` of an answer of /changes, or the id of one of its events, unchanged',
            },
          ],
        },
      });
    at.set(Number(match[1]), match[2] === '-' ? null : match[2]);
  }
  return { at, rights };
}

function textOf({ at, rights }: Lanes): string {
  return `${[...at].map(([delayS, cursor]) => `${delayS}:${cursor ?? '-'}`).join(',')}~${rights}`;
}

/** Lanes of this audience. Where its rights changed, all go on from the slowest one: told twice rather than not at all. */
function lanesFor(audience: Audience, before: Lanes): Lanes {
  const slowest = [...before.at.values()].reduce<string | null | undefined>(
    (least, cursor) => (least === undefined ? cursor : earlierCursor(least, cursor)),
    undefined,
  );
  const same = before.rights === audience.rights;
  const start = (delayS: number): string | null =>
    (same ? before.at.get(delayS) : undefined) ?? (same && before.at.has(delayS) ? null : (slowest ?? null));
  return { at: new Map(audience.delays.map((delayS) => [delayS, start(delayS)])), rights: audience.rights };
}

/** The lane of a series: the longest wait of what may be seen of it, so that its raw and reviewed values keep their order. */
export function laneOf(audience: Audience, key: SeriesChange['key']): number | null {
  const { raw, reviewed } = audience.sees(key);
  return raw === null && reviewed === null ? null : Math.max(raw ?? 0, reviewed ?? 0);
}

/** Pages of the store that one answer looks through, at most, before it says how far it is. */
const mostPages = 32;

interface Told {
  entries: EntryChange[];
  cursor: string | null;
  more: boolean;
}

/** One lane, from `cursor` on. */
async function laneChanges(
  store: Store,
  of: { delayS: number; cursor: string | null; limit: number; audience: Audience; timeZone: string },
): Promise<Told> {
  const { delayS, limit, audience, timeZone } = of;
  const mine = (change: SeriesChange): boolean => laneOf(audience, change.key) === delayS;
  const early = (change: SeriesChange): boolean =>
    intervals(change.key.averaging, timeZone)(change.lastS).endS > audience.nowS - delayS;
  const entries: EntryChange[] = [];
  let { cursor } = of;
  for (let pages = 0, left = limit; pages < mostPages && left > 0; pages++) {
    let page = await store.changesSince(cursor, left);
    const all = page.entries.flatMap(({ series }) => series);
    const held = delayS === 0 ? -1 : all.findIndex((change) => mine(change) && early(change));
    if (held === 0) return { entries, cursor, more: false };
    if (held > 0) page = await store.changesSince(cursor, held);
    cursor = page.cursor;
    for (const entry of page.entries) {
      const series = entry.series.filter(mine);
      if (series.length > 0) entries.push(withSeries(entry, series));
      left -= series.length;
    }
    if (held > 0 || !page.more) return { entries, cursor, more: false };
  }
  return { entries, cursor, more: true };
}

/** The counts of an entry of which some series are not told are those of the others. */
function withSeries(entry: EntryChange, series: SeriesChange[]): EntryChange {
  if (series.length === entry.series.length) return entry;
  const total = (pick: (change: SeriesChange) => number): number =>
    series.reduce((sum, change) => sum + pick(change), 0);
  return {
    seq: entry.seq,
    accepted: total(({ accepted }) => accepted),
    revised: total(({ revised }) => revised),
    superseded: total(({ superseded }) => superseded),
    unchanged: 0,
    series,
  };
}

/** What one audience is told of the changes; its cursor is of its own form. Throws E_BAD_REQUEST for another cursor. */
export async function sharedChanges(
  store: Store,
  audience: Audience,
  timeZone: string,
  asked: { cursor: string | null; limit: number },
): Promise<ChangePage> {
  const lanes = lanesFor(audience, lanesOf(asked.cursor));
  const entries: EntryChange[] = [];
  let [more, left] = [false, asked.limit];
  for (const [delayS, cursor] of lanes.at) {
    if (left <= 0) {
      more = true;
      break;
    }
    const told = await laneChanges(store, { delayS, cursor, limit: left, audience, timeZone });
    lanes.at.set(delayS, told.cursor);
    entries.push(...told.entries);
    left -= told.entries.reduce((sum, { series }) => sum + series.length, 0);
    more ||= told.more;
  }
  return { entries, cursor: textOf(lanes), more };
}

/** Which rows of an entry's batch an audience sees now. */
export function seenRowsOf(
  batch: ReadingBatch,
  audience: Audience,
  timeZone: string,
): (row: number) => boolean {
  const ends = batch.series.map((series) => intervals(series.averaging, timeZone));
  const sights = batch.series.map((series) => audience.sees({ ...series, provider: batch.provider }));
  return (row) => {
    const at = batch.seriesIndex[row] ?? 0;
    const [sight, end] = [sights[at], ends[at]];
    if (sight === undefined || end === undefined) return false;
    return audience.seesRow(sight, batch.flags[row] ?? 0, end(batch.timeS[row] ?? 0).endS);
  };
}
