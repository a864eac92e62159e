import type { ReadingBatch } from '../../domain/batch.ts';
import { MonitorError } from '../../domain/errors.ts';
import {
  rowOutcomes,
  type ApplyCounts,
  type ChangePage,
  type EntryChange,
  type SeriesChange,
} from '../../domain/ports.ts';
import { isAveraging } from './rows.ts';

/**
 * The projection log's text for one entry: series that changed alike share one item, stations × parameters. It names keys and
 * no ids of an engine, so that both engines hold the same text and a rebuild writes it again letter for letter.
 */
type LoggedGroup = [
  averaging: string,
  parameters: string[],
  firstS: number,
  lastS: number,
  accepted: number,
  revised: number,
  superseded: number,
  revisedS: number[],
  stations: string[],
];

/** Of one item; keeps every part of the log far below the 64 KiB that a server takes as one text. */
const timesPerItem = 400;
const stationsPerItem = 400;
const partCharacters = 32_000;

/** By series of the batch. */
interface Tally {
  firstS: Float64Array;
  lastS: Float64Array;
  accepted: Uint32Array;
  revised: Uint32Array;
  superseded: Uint32Array;
  revisedS: Map<number, number[]>;
}

/** What the batch changed, as the parts of the log in order; empty where it changed nothing. */
export function changeParts(batch: ReadingBatch, outcome: Uint8Array): string[] {
  const tally = tallied(batch, outcome);
  const parts: string[] = [];
  let items: string[] = [];
  let length = 0;
  for (const group of loggedGroups(batch, tally)) {
    const item = JSON.stringify(group);
    if (length + item.length > partCharacters && items.length > 0) {
      parts.push(`[${items.join(',')}]`);
      items = [];
      length = 0;
    }
    items.push(item);
    length += item.length + 1;
  }
  if (items.length > 0) parts.push(`[${items.join(',')}]`);
  return parts;
}

function tallied(batch: ReadingBatch, outcome: Uint8Array): Tally {
  const size = batch.series.length;
  const tally: Tally = {
    firstS: new Float64Array(size).fill(Infinity),
    lastS: new Float64Array(size).fill(-Infinity),
    accepted: new Uint32Array(size),
    revised: new Uint32Array(size),
    superseded: new Uint32Array(size),
    revisedS: new Map(),
  };
  const { firstS, lastS, accepted, revised, superseded, revisedS } = tally;
  for (let row = 0; row < batch.length; row++) {
    const code = outcome[row]!;
    if (code === rowOutcomes.unchanged) continue;
    const at = batch.seriesIndex[row]!;
    const timeS = batch.timeS[row]!;
    if (timeS < firstS[at]!) firstS[at] = timeS;
    if (timeS > lastS[at]!) lastS[at] = timeS;
    if (code === rowOutcomes.accepted) accepted[at]! += 1;
    else if (code === rowOutcomes.superseded) superseded[at]! += 1;
    else {
      revised[at]! += 1;
      const times = revisedS.get(at);
      if (times === undefined) revisedS.set(at, [timeS]);
      else times.push(timeS);
    }
  }
  return tally;
}

function loggedGroups(batch: ReadingBatch, tally: Tally): LoggedGroup[] {
  const stations = new Map<string, Map<string, string[]>>();
  const { accepted, revised, superseded } = tally;
  let change = '';
  let before = -1;
  for (const [at, { station, averaging, parameter }] of batch.series.entries()) {
    if (tally.firstS[at] === Infinity) continue;
    // Series that changed alike mostly follow each other: then they share the text, too.
    if (before === -1 || !changedAlike(batch, tally, before, at)) {
      const times = distinct(tally.revisedS.get(at));
      const counted = `${accepted[at]!}|${revised[at]!}|${superseded[at]!}`;
      change = `${averaging}|${tally.firstS[at]!}|${tally.lastS[at]!}|${counted}|${times.join(',')}`;
    }
    before = at;
    const alike = stations.get(station) ?? new Map<string, string[]>();
    stations.set(station, alike);
    const parameters = alike.get(change);
    if (parameters === undefined) alike.set(change, [parameter]);
    else parameters.push(parameter);
  }
  const groups = new Map<string, string[]>();
  for (const [station, alike] of stations) {
    for (const [change, parameters] of alike) {
      const name = `${change}\n${parameters.join(' ')}`;
      const named = groups.get(name);
      if (named === undefined) groups.set(name, [station]);
      else named.push(station);
    }
  }
  return [...groups].flatMap(([name, named]) => cut(name, named));
}

/** Whether two series have the same change; said only where it is quickly seen. */
function changedAlike(batch: ReadingBatch, tally: Tally, one: number, other: number): boolean {
  const same = (cells: Float64Array | Uint32Array): boolean => cells[one] === cells[other];
  return (
    tally.revised[one] === 0 &&
    same(tally.revised) &&
    same(tally.accepted) &&
    same(tally.superseded) &&
    same(tally.firstS) &&
    same(tally.lastS) &&
    batch.series[one]!.averaging === batch.series[other]!.averaging
  );
}

/** Sorted, each once: an entry can revise a point several times. */
function distinct(times: number[] | undefined): number[] {
  if (times === undefined || times.length < 2) return times ?? [];
  times.sort((a, b) => a - b);
  return times.filter((timeS, nth) => timeS !== times[nth - 1]);
}

/** Long lists are cut: the counts of accepted and superseded rows stand in the first piece, revisions where they are named. */
function cut(name: string, stations: readonly string[]): LoggedGroup[] {
  const [change = '', joined = ''] = name.split('\n');
  const [averaging = '', ...fields] = change.split('|');
  const times = (fields.pop() ?? '').split(',').filter(Boolean).map(Number);
  const [firstS = 0, lastS = 0, accepted = 0, revised = 0, superseded = 0] = fields.map(Number);
  const parameters = joined.split(' ');
  const groups: LoggedGroup[] = [];
  for (let from = 0; from < stations.length; from += stationsPerItem) {
    const some = stations.slice(from, from + stationsPerItem);
    // A point revised twice by one entry is one time and two revisions; the first piece carries what the others do not name.
    const left = revised - Math.max(0, times.length - timesPerItem);
    const first = times.slice(0, timesPerItem);
    groups.push([averaging, parameters, firstS, lastS, accepted, left, superseded, first, some]);
    for (let at = timesPerItem; at < times.length; at += timesPerItem) {
      const piece = times.slice(at, at + timesPerItem);
      groups.push([averaging, parameters, piece[0]!, piece.at(-1)!, 0, piece.length, 0, piece, some]);
    }
  }
  return groups;
}

function decoded(part: string, provider: string): SeriesChange[] {
  const groups: LoggedGroup[] = JSON.parse(part);
  return groups.flatMap(
    ([averaging, parameters, firstS, lastS, accepted, revised, superseded, revisedS, stations]) => {
      if (!isAveraging(averaging)) {
        throw new MonitorError(
          'E_STORE_UNSUPPORTED',
          `the log has the averaging "${averaging}", unknown here`,
        );
      }
      const what = { firstS, lastS, accepted, revised, superseded, revisedS };
      return stations.flatMap((station) =>
        parameters.map((parameter) => ({ key: { station, parameter, averaging, provider }, ...what })),
      );
    },
  );
}

/** One part as an engine keeps it. */
export interface LogPart {
  seq: number;
  /** accepted, unchanged, revised, superseded: of the whole entry, in every part. */
  counts: readonly [number, number, number, number];
  provider: string;
  text: string;
}

/** Entries before `seq` are told, and of entry `seq` the first `told` series changes. */
interface Cursor {
  seq: number;
  told: number;
}

function cursorOf(text: string | null): Cursor {
  if (text === null) return { seq: 1, told: 0 };
  const match = /^(\d{1,15})(?:\.(\d{1,15}))?$/.exec(text);
  if (match === null) {
    throw new MonitorError('E_BAD_REQUEST', `not a cursor of changes: "${text.slice(0, 40)}"`);
  }
  const seq = Number(match[1]);
  return match[2] === undefined ? { seq: seq + 1, told: 0 } : { seq, told: Number(match[2]) };
}

/** Entries asked for at once; an entry is bounded by what a source sends in one piece. */
export const entriesPerRead = 16;

/**
 * One page of changes. `read` gives all parts, in order, of the first `entriesPerRead` entries that have any, from `fromSeq` to
 * `position`.
 */
export async function changePage(
  cursor: string | null,
  limit: number,
  position: number,
  read: (fromSeq: number) => Promise<LogPart[]>,
): Promise<ChangePage> {
  if (!Number.isInteger(limit) || limit < 1)
    throw new MonitorError('E_BAD_REQUEST', `limit ${limit} is not a positive whole number`);
  let { seq, told } = cursorOf(cursor);
  const first = seq;
  const entries: EntryChange[] = [];
  let left = limit;
  for (;;) {
    const bySeq = Map.groupBy(await read(seq), (part) => part.seq);
    for (const [at, parts] of bySeq) {
      const all = parts.flatMap((part) => decoded(part.text, part.provider));
      const rest = at === seq ? all.slice(told) : all;
      const before = all.length - rest.length;
      const series = rest.slice(0, left);
      if (series.length > 0) entries.push({ ...countsOf(parts), seq: at, series });
      left -= series.length;
      if (series.length < rest.length) {
        const resume = before + series.length;
        return { entries, cursor: resume === 0 ? `${at - 1}` : `${at}.${resume}`, more: true };
      }
    }
    if (bySeq.size < entriesPerRead) break;
    seq = Math.max(...bySeq.keys()) + 1;
    told = 0;
  }
  return { entries, cursor: `${Math.max(position, first - 1)}`, more: false };
}

function countsOf([part]: readonly LogPart[]): ApplyCounts {
  const [accepted = 0, unchanged = 0, revised = 0, superseded = 0] = part?.counts ?? [];
  return { accepted, unchanged, revised, superseded };
}
