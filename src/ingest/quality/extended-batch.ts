import type { BatchSeries, ReadingBatch } from '../../domain/batch.ts';

/** A stored reading that is shown to the store again with other marks; it keeps its published time and its side values. */
export interface ExtraRow {
  series: BatchSeries;
  timeS: number;
  value: number;
  flags: number;
}

/** The batch with these flags, and further rows after its own; its side table is that of its own rows. */
export function extended(batch: ReadingBatch, flags: Uint16Array, extra: readonly ExtraRow[]): ReadingBatch {
  if (extra.length === 0) return { ...batch, flags };
  const series = [...batch.series];
  const keyOf = ({ station, parameter, averaging }: BatchSeries): string =>
    `${station}\n${parameter}\n${averaging}`;
  const indexOf = new Map(series.map((one, index) => [keyOf(one), index]));
  const length = batch.length + extra.length;
  const more = <T extends Uint32Array | Float64Array | Uint16Array>(into: T, from: T): T => {
    into.set(from);
    return into;
  };
  const longer: ReadingBatch = {
    ...batch,
    series,
    length,
    seriesIndex: more(new Uint32Array(length), batch.seriesIndex),
    timeS: more(new Float64Array(length), batch.timeS),
    value: more(new Float64Array(length), batch.value),
    flags: more(new Uint16Array(length), flags),
    publishedS: more(new Float64Array(length), batch.publishedS),
  };
  for (const [at, one] of extra.entries()) {
    const row = batch.length + at;
    const key = keyOf(one.series);
    let index = indexOf.get(key);
    if (index === undefined) {
      index = series.push(one.series) - 1;
      indexOf.set(key, index);
    }
    longer.seriesIndex[row] = index;
    longer.timeS[row] = one.timeS;
    longer.value[row] = one.value;
    longer.flags[row] = one.flags;
    longer.publishedS[row] = Number.NaN;
  }
  return longer;
}
