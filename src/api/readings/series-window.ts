import type { ReadingStore, SeriesColumns, SeriesQuery } from '../../domain/ports.ts';
import { averagings, type AveragingId, type EpochS } from '../../domain/time.ts';
import { intervals } from './reading-shapes.ts';
import { keptRows } from './whole-series.ts';

/** Longest civil period, with an hour for a change of offset. */
const longestCivilSeconds = 31 * 86_400 + 3600;

/**
 * Key times whose readings belong to `[fromS, toS)`. A reading belongs where its last moment lies: an hour that ends at
 * midnight to the day before, a sample taken at midnight to the day that begins. Civil periods get a wider window, to be
 * cut by {@link belongs}.
 */
export function keyWindow(
  averaging: AveragingId,
  window: { fromS: EpochS; toS: EpochS },
): { fromS: EpochS; toS: EpochS } {
  const { seconds, sliding } = averagings[averaging];
  if (seconds === null) return { fromS: window.fromS - longestCivilSeconds, toS: window.toS };
  if (seconds === 0) return window;
  const shift = sliding ? 1 : 1 - seconds;
  return { fromS: window.fromS + shift, toS: window.toS + shift };
}

/** Whether a reading with this key time belongs to `[fromS, toS)`, by its last moment. */
export function belongs(
  averaging: AveragingId,
  timeZone: string,
): (keyS: EpochS, window: { fromS: EpochS; toS: EpochS }) => boolean {
  const interval = intervals(averaging, timeZone);
  return (keyS, { fromS, toS }) => {
    const { beginS, endS } = interval(keyS);
    return endS === beginS ? endS >= fromS && endS < toS : endS > fromS && endS <= toS;
  };
}

export interface SeriesRequest extends Omit<SeriesQuery, 'limitPerSeries'> {
  timeZone: string;
  /** Most values in one page, over all its series. */
  limit: number;
  /** Key time from which this page starts; null for the first one. */
  startS: EpochS | null;
}

export interface SeriesPage {
  series: SeriesColumns[];
  /** Key time from which the next page starts; null: there is none. */
  nextS: EpochS | null;
}

/** One page: all series cut at the same time, so that pages line up and no value is lost or repeated between them. */
export async function seriesPage(
  store: Pick<ReadingStore, 'series'>,
  request: SeriesRequest,
): Promise<SeriesPage> {
  const { timeZone, limit, startS, fromS, toS, ...query } = request;
  const window = keyWindow(query.averaging, { fromS, toS });
  const wanted = query.stations.length * query.parameters.length;
  const limitPerSeries = Math.max(1, Math.floor(limit / Math.max(1, wanted)));
  const start = Math.max(window.fromS, startS ?? window.fromS);
  const found = await store.series({
    ...query,
    fromS: start,
    toS: window.toS,
    limitPerSeries: limitPerSeries + 1,
  });
  let nextS: EpochS | null = null;
  for (const { timeS } of found) {
    const first = timeS[limitPerSeries];
    if (first !== undefined && (nextS === null || first < nextS)) nextS = first;
  }
  const within = belongs(query.averaging, timeZone);
  const keep = (keyS: EpochS) => (nextS === null || keyS < nextS) && within(keyS, { fromS, toS });
  return { series: found.map((columns) => keptRows(columns, keep)), nextS };
}
