import type { ReadingStore, SeriesColumns, SeriesQuery } from '../../domain/ports.ts';
import type { EpochS } from '../../domain/time.ts';

const rowsPerPage = 10_000;

export interface WholeQuery extends Omit<SeriesQuery, 'limitPerSeries'> {
  /** Which rows of the window count; absent: all. */
  keep?: (keyS: EpochS) => boolean;
}

/**
 * Every row of every series of a query, series after series, at most 10,000 rows at a time: the next page is read when the one
 * before is taken, so a reader that is slow holds one page. Rejects as the store does.
 */
export async function* wholeSeries(
  store: Pick<ReadingStore, 'series'>,
  { keep, ...query }: WholeQuery,
): AsyncGenerator<SeriesColumns> {
  for (const station of query.stations) {
    for (const parameter of query.parameters) {
      for (let { fromS } = query; fromS < query.toS;) {
        const page = { ...query, stations: [station], parameters: [parameter], fromS };
        const [columns] = await store.series({ ...page, limitPerSeries: rowsPerPage });
        if (columns === undefined) break;
        const kept = keep === undefined ? columns : keptRows(columns, keep);
        if (kept.timeS.length > 0) yield kept;
        if (columns.timeS.length < rowsPerPage) break;
        fromS = (columns.timeS.at(-1) ?? query.toS) + 1;
      }
    }
  }
}

/** The rows whose key time is kept; the same columns where that is all of them. */
export function keptRows(columns: SeriesColumns, keep: (keyS: EpochS) => boolean): SeriesColumns {
  const { key, timeS, value, flags } = columns;
  if (timeS.every((keyS) => keep(keyS))) return columns;
  const at = Array.from(timeS.keys()).filter((index) => keep(timeS[index]!));
  return {
    key,
    timeS: Float64Array.from(at, (index) => timeS[index]!),
    value: Float64Array.from(at, (index) => value[index]!),
    flags: Uint16Array.from(at, (index) => flags[index]!),
  };
}
