import { Type, type Static } from 'typebox';
import { entersStatistics, firstRowAt } from '../../analysis/assessment/index.ts';
import type { SeriesKey } from '../../domain/batch.ts';
import type { ApiDeps } from '../deps.ts';
import { flagsOf, FlagsShape } from './reading-shapes.ts';
import { Instant, NullableInteger, NullableNumber, NullableText } from '../http/schemas.ts';

/** One reading behind an item: `counted` false where its flags keep it out; `seq` is the journal entry that brought it. */
const ReadingNode = Type.Object({
  time: Instant,
  value: NullableNumber,
  flags: FlagsShape,
  counted: Type.Boolean(),
  seq: NullableInteger,
  journal: NullableText,
  versions: Type.String({ description: 'every value this point once had' }),
});

export const ReadingNodes = Type.Object({
  total: Type.Integer(),
  shown: Type.Array(ReadingNode),
  all: NullableText,
});
export type ReadingNodes = Static<typeof ReadingNodes>;

export const noReadings: ReadingNodes = { total: 0, shown: [], all: null };

/** Readings of one series in a span: the `limit` furthest from `around`, in order of time; the rest are under `all`. */
export async function readingNodes(
  deps: { readings: Pick<ApiDeps['readings'], 'past'> },
  of: {
    key: SeriesKey;
    series: { timeS: Float64Array; value: Float64Array; flags: Uint16Array };
    beginS: number;
    endS: number;
    asOfSeq: number;
  },
  at: { limit: number; around: number; iso: (atS: number) => string },
): Promise<ReadingNodes> {
  const { key, series, beginS, endS, asOfSeq } = of;
  const [first, end] = [firstRowAt(series.timeS, beginS), firstRowAt(series.timeS, endS)];
  const rows = Array.from({ length: end - first }, (_, row) => first + row);
  const far = (row: number) =>
    Number.isNaN(series.value[row]!) ? 0 : Math.abs(series.value[row]! - at.around);
  const chosen = rows
    .toSorted((a, b) => far(b) - far(a))
    .slice(0, at.limit)
    .toSorted((a, b) => a - b);
  const shown: ReadingNodes['shown'] = [];
  for (const row of chosen) {
    const timeS = series.timeS[row]!;
    const versions = await deps.readings.past({ ...key, timeS });
    // Held back from whoever asks: the verdict may be seen, the reading not.
    if (versions.length === 0) continue;
    const seq = Math.max(0, ...versions.map((one) => one.seq).filter((one) => one <= asOfSeq));
    const value = series.value[row]!;
    const time = at.iso(timeS);
    shown.push({
      time,
      value: Number.isNaN(value) ? null : value,
      flags: flagsOf(series.flags[row]!),
      counted: entersStatistics(value, series.flags[row]!),
      seq: seq === 0 ? null : seq,
      journal: seq === 0 ? null : `/api/v1/journal/${seq}`,
      versions: `/api/v1/readings/past?${new URLSearchParams({ ...key, time }).toString()}`,
    });
  }
  return { total: rows.length, shown, all: seriesUrl(key, of, { iso: at.iso, asOfSeq }) };
}

/** Where the readings of a series over a span are found, as known at a position. */
export function seriesUrl(
  { station, parameter, averaging, provider }: SeriesKey,
  { beginS, endS }: { beginS: number; endS: number },
  at: { iso: (atS: number) => string; asOfSeq: number },
): string {
  const span = { from: at.iso(beginS), to: at.iso(endS), asOf: String(at.asOfSeq) };
  const query = new URLSearchParams({ station, parameter, averaging, provider, ...span });
  return `/api/v1/series?${query.toString()}`;
}
