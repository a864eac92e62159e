import { Type, type Static } from 'typebox';
import type { ReadingBatch } from '../../domain/batch.ts';
import type { EntryChange, SeriesChange } from '../../domain/changes.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { Seen } from '../auth/seen-by.ts';
import type { Readable } from '../auth/shared-readings.ts';
import { flagsOf, FlagsShape } from './reading-shapes.ts';
import { Meta, NullableInteger, NullableNumber, NullableText } from '../http/schemas.ts';

const Side = Type.Object(
  {
    row: Type.Integer({ description: 'which of the rows' }),
    originalText: Type.Optional(Type.String()),
    originalUnit: Type.Optional(Type.String()),
    detectionLimit: Type.Optional(Type.Number()),
  },
  { description: 'what the source wrote, of the rows for which it is kept' },
);

/** What one entry changed in one series, with the readings that it wrote, as columns of equal length. */
export const ChangeShape = Type.Object({
  station: Type.String(),
  parameter: Type.String(),
  averaging: Type.String(),
  provider: Type.String(),
  unit: NullableText,
  accepted: Type.Integer(),
  revised: Type.Integer({ description: 'readings whose current value these replaced' }),
  superseded: Type.Integer({ description: 'older showings: kept in the past, no current value changed' }),
  timeS: Type.Array(Type.Integer(), {
    description: 'key time, epoch seconds: begin of the interval, its end for sliding means, the sample',
  }),
  values: Type.Array(NullableNumber, { description: 'null: no value' }),
  flags: Type.Array(Type.Integer()),
  publishedS: Type.Array(NullableInteger, { description: 'when the source showed it, where it says so' }),
  sides: Type.Array(Side),
});
export type ChangeShape = Static<typeof ChangeShape>;

export const FeedAnswer = Type.Object({
  meta: Meta,
  cursor: Type.String({ description: 'give it back as `since`; stays as it is while nothing more changed' }),
  more: Type.Boolean({ description: 'whether more is there already' }),
  flagMeanings: Type.Record(Type.String(), FlagsShape),
  results: Type.Array(
    Type.Object({
      seq: Type.Integer({ description: 'journal entry' }),
      changes: Type.Array(ChangeShape),
    }),
  ),
});

export interface FeedFilter {
  providers: ReadonlySet<string> | null;
  stations: ReadonlySet<string> | null;
  parameters: ReadonlySet<string> | null;
}

export interface FeedPage {
  cursor: string;
  more: boolean;
  entries: { seq: number; changes: ChangeShape[] }[];
}

/** Series changes asked of the store at a time, and readings after which a page ends. */
const changesPerLook = 256;
const mostReadings = 20_000;
/** Looks for one page: a reader who may see little of a long feed gets pages with little in them, and goes on at their cursor. */
const mostLooks = 32;
/** Entries whose readings are fetched together lie this close, and are this large in all, so that a gap costs little. */
const mostEntriesTogether = 16;
const mostRowsTogether = 20_000;

const nameOf = ({ station, parameter, averaging }: Omit<SeriesChange['key'], 'provider'>): string =>
  `${station}\n${parameter}\n${averaging}`;

/** Rows of a batch by series. */
function rowsBySeries(batch: ReadingBatch): Map<string, number[]> {
  const rows = batch.series.map((): number[] => []);
  for (let row = 0; row < batch.length; row++) rows[batch.seriesIndex[row] ?? 0]?.push(row);
  return new Map(batch.series.map((series, at) => [nameOf(series), rows[at] ?? []]));
}

function changeShape(
  change: SeriesChange,
  batch: ReadingBatch,
  rows: readonly number[],
  unit: string | null,
): ChangeShape {
  const { key, accepted, revised, superseded } = change;
  const sideOf = new Map([...batch.side.row].map((row, at) => [row, at]));
  const orNull = (value: number | undefined): number | null =>
    value === undefined || Number.isNaN(value) ? null : value;
  const sides = rows.flatMap((row, nth) => {
    const at = sideOf.get(row);
    if (at === undefined) return [];
    const [text, original] = [batch.side.originalText[at], batch.side.originalUnit[at]];
    const limit = orNull(batch.side.detectionLimit[at]);
    return {
      row: nth,
      ...(typeof text === 'string' ? { originalText: text } : {}),
      ...(typeof original === 'string' ? { originalUnit: original } : {}),
      ...(limit === null ? {} : { detectionLimit: limit }),
    };
  });
  return {
    ...key,
    unit,
    accepted,
    revised,
    superseded,
    timeS: rows.map((row) => batch.timeS[row] ?? 0),
    values: rows.map((row) => orNull(batch.value[row])),
    flags: rows.map((row) => batch.flags[row] ?? 0),
    publishedS: rows.map((row) => orNull(batch.publishedS[row])),
    sides,
  };
}

/** What these entries wrote: one look into the store for entries that lie together. */
async function writtenBy(
  readings: Readable,
  entries: readonly EntryChange[],
): Promise<Map<number, ReadingBatch>> {
  const written = new Map<number, ReadingBatch>();
  const sorted = entries.toSorted((a, b) => a.seq - b.seq);
  for (let from = 0; from < sorted.length;) {
    const first = sorted[from]?.seq ?? 0;
    let [through, rows] = [from, 0];
    for (let at = from; at < sorted.length; at++) {
      const entry = sorted[at];
      if (entry === undefined) break;
      rows += entry.accepted + entry.revised + entry.superseded;
      if (at > from && (entry.seq - first >= mostEntriesTogether || rows > mostRowsTogether)) break;
      through = at;
    }
    const batches = (await readings.written?.(first, sorted[through]?.seq ?? first)) ?? new Map();
    for (const [seq, batch] of batches) written.set(seq, batch);
    from = through + 1;
  }
  return written;
}

/** Remembers what of an entry is told in this page: the pieces of a long list of revisions name a series more than once. */
class Told {
  readonly #entries = new Map<number, Set<string>>();

  first(seq: number, name: string): boolean {
    const known = this.#entries.get(seq) ?? new Set();
    this.#entries.set(seq, known);
    if (known.has(name)) return false;
    known.add(name);
    return true;
  }
}

function wantedBy(filter: FeedFilter): (change: SeriesChange) => boolean {
  const { providers, stations, parameters } = filter;
  return ({ key }) =>
    (providers?.has(key.provider) ?? true) &&
    (stations?.has(key.station) ?? true) &&
    (parameters?.has(key.parameter) ?? true);
}

/**
 * One page of the change feed: changes in the order of the journal, each with the readings that it wrote, so that whoever applies
 * page after page has the same current values and the same past. Bounded by `limit` series changes and about 20,000 readings.
 */
export async function feedPage(
  seen: Seen,
  asked: { since: string | null; limit: number; filter: FeedFilter },
): Promise<FeedPage> {
  const { readings } = seen;
  if (readings.written === undefined)
    throw new MonitorError('E_STORE_UNSUPPORTED', 'this store does not tell what an entry wrote');
  const units = new Map(seen.config().parameters.map(({ id, unit }) => [id, unit]));
  const wanted = wantedBy(asked.filter);
  const told = new Told();
  const entries: FeedPage['entries'] = [];
  let cursor = asked.since;
  for (let [left, rowsTold, looks] = [asked.limit, 0, 1]; ; looks += 1) {
    const page = await readings.changesSince(cursor, Math.min(left, changesPerLook));
    cursor = page.cursor;
    const some = page.entries
      .map((entry) => ({ ...entry, series: entry.series.filter(wanted) }))
      .filter(({ series }) => series.length > 0);
    const written = await writtenBy(readings, some);
    for (const { seq, series } of some) {
      const batch = written.get(seq);
      if (batch === undefined) continue;
      const rowsOf = rowsBySeries(batch);
      const changes = series.flatMap((change): ChangeShape[] => {
        const name = nameOf(change.key);
        const rows = (rowsOf.get(name) ?? []).filter((row) => {
          const timeS = batch.timeS[row] ?? 0;
          return change.firstS <= timeS && timeS <= change.lastS;
        });
        if (rows.length === 0 || !told.first(seq, name)) return [];
        rowsTold += rows.length;
        return [changeShape(change, batch, rows, units.get(change.key.parameter) ?? null)];
      });
      if (changes.length > 0) entries.push({ seq, changes });
    }
    left -= page.entries.reduce((sum, { series }) => sum + series.length, 0);
    if (!page.more || left <= 0 || rowsTold >= mostReadings || looks === mostLooks)
      return { entries, cursor, more: page.more };
  }
}

/** Meanings of the flag words of a page. */
export function feedMeanings(page: FeedPage): Record<string, Static<typeof FlagsShape>> {
  const words = new Set(page.entries.flatMap(({ changes }) => changes.flatMap(({ flags }) => flags)));
  return Object.fromEntries([...words].sort((a, b) => a - b).map((bits) => [String(bits), flagsOf(bits)]));
}
