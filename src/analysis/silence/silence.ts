import type { Network, Patience } from '../../domain/config/network.ts';
import type { EpochS } from '../../domain/time.ts';
import { Temporal } from 'temporal-polyfill';

/** How long the next reading of a series may take after the newest one. */
export interface Waiting {
  patienceS: number;
  from: 'learned' | 'configured';
  intervals: number;
}

/**
 * Patience from a series' own key times (sorted, distinct): a multiple of the interval that the configured share of its past
 * intervals did not exceed, within the configured bounds of cadences. With too little history: the lower bound.
 */
export function patienceOf(timeS: ArrayLike<number>, cadenceS: number, patience: Patience): Waiting {
  const least = patience.atLeastCadences * cadenceS;
  const intervals = Math.max(0, timeS.length - 1);
  if (intervals < patience.minimumIntervals) return { patienceS: least, from: 'configured', intervals };
  const lengths = Float64Array.from({ length: intervals }, (_, at) => timeS[at + 1]! - timeS[at]!).sort();
  const usual = lengths[Math.min(intervals - 1, Math.ceil(patience.quantile * intervals) - 1)]!;
  const most = patience.atMostCadences * cadenceS;
  const patienceS = Math.min(most, Math.max(least, patience.factor * usual));
  return { patienceS, from: 'learned', intervals };
}

/**
 * Of a series sampled by months: when the value of the next expected month is overdue. `lastMonthS`: begin of the newest month
 * with a value, null for none. Expected months and the days of grace after their end are the sampling calendar's.
 */
export function monthDueS(
  calendar: NonNullable<Network['sampling']>,
  lastMonthS: EpochS | null,
  of: { sinceS: EpochS; timeZone: string },
): EpochS {
  const start = lastMonthS ?? of.sinceS;
  let month = Temporal.Instant.fromEpochMilliseconds(start * 1000)
    .toZonedDateTimeISO(of.timeZone)
    .with({ day: 1 })
    .startOfDay();
  if (lastMonthS !== null) month = month.add({ months: 1 });
  while (!calendar.months.includes(month.month)) month = month.add({ months: 1 });
  return month.add({ months: 1 }).add({ days: calendar.graceDays }).epochMilliseconds / 1000;
}
