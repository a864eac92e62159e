import type { AirAssessment, AirStandard } from '../../domain/config/standard.ts';
import { Decimal, roundHalfEven } from '../../domain/decimal.ts';
import { maximum8h } from '../air/assessment.ts';
import { airLimitOn, type Grade } from '../air/attainment.ts';
import { ExactSum } from './exact-sum.ts';
import { entersStatistics, firstRowAt, type TalliedSeries } from './month-values.ts';
import { dayBounds } from './period.ts';

/** Hourly means of one pollutant at one station, keyed by the begin of the hour, sorted. µg/m³, CO mg/m³. */
export interface HourSeries {
  parameter: string;
  timeS: Float64Array;
  value: Float64Array;
  flags: Uint16Array;
}

/** Values of civil days, unrounded, null for a day that is not valid; `validHours` of ozone counts the valid 8 h windows. */
export interface DaySeries {
  parameter: string;
  dates: readonly string[];
  values: (Decimal | null)[];
  validHours: number[];
}

export interface AirFacts {
  airStandards: readonly AirStandard[];
  assessment: AirAssessment;
  timeZone: string;
}

const HOUR_S = 3600;

const knownDates = new Map<string, readonly string[]>();
const SPANS_KEPT = 2048;

/** Civil dates of a span, both ends inclusive; shared by all who ask for the same span and not to be changed. */
export function datesOf(span: { from: string; to: string }): readonly string[] {
  const key = `${span.from} ${span.to}`;
  const known = knownDates.get(key);
  if (known !== undefined) return known;
  const day = (text: string) => Date.parse(`${text}T00:00:00Z`) / 86_400_000;
  const first = day(span.from);
  const dates = Array.from({ length: day(span.to) - first + 1 }, (_, at) =>
    new Date((first + at) * 86_400_000).toISOString().slice(0, 10),
  );
  if (knownDates.size >= SPANS_KEPT) knownDates.clear();
  knownDates.set(key, dates);
  return dates;
}

/** Hours of each day in the order of the clock, null where the hour has no valid value. */
function hoursByDay(hours: HourSeries, bounds: Float64Array): (number | null)[][] {
  let row = firstRowAt(hours.timeS, bounds[0]!);
  return Array.from({ length: bounds.length - 1 }, (_, day) => {
    const [beginS, endS] = [bounds[day]!, bounds[day + 1]!];
    const slots = Array.from<number | null>({ length: Math.round((endS - beginS) / HOUR_S) }).fill(null);
    for (; row < hours.timeS.length && hours.timeS[row]! < endS; row++) {
      const value = hours.value[row]!;
      const slot = Math.floor((hours.timeS[row]! - beginS) / HOUR_S);
      if (entersStatistics(value, hours.flags[row]!)) slots[slot] = value;
    }
    return slots;
  });
}

/**
 * 24 h means of one pollutant at one station, from at least as many hours as the standard of the day asks.
 * Source: GB 3095, table 4.
 */
export function dayMeans(
  hours: HourSeries | TalliedSeries,
  span: { from: string; to: string },
  facts: { airStandards: readonly AirStandard[]; timeZone: string; decimals: number },
): DaySeries {
  const bounds = dayBounds(span, facts.timeZone);
  const sums =
    'dayS' in hours
      ? talliedSums(hours, bounds, facts.decimals)
      : hoursByDay(hours, bounds).map((slots) => {
          const sum = new ExactSum(facts.decimals);
          for (const hour of slots) if (hour !== null) sum.add(hour);
          return sum;
        });
  const dates = datesOf(span);
  const values = sums.map((sum, at) => {
    const standard = facts.airStandards.findLast((edition) => edition.inForce.from <= dates[at]!);
    return standard !== undefined && sum.count >= standard.validity.hoursPerDay ? sum.mean() : null;
  });
  return { parameter: hours.parameter, dates, values, validHours: sums.map(({ count }) => count) };
}

/** Of each day what entered; hours of a day are told apart by nobody here. */
function talliedSums(hours: TalliedSeries, bounds: Float64Array, decimals: number): ExactSum[] {
  let row = firstRowAt(hours.dayS, bounds[0]!);
  return Array.from({ length: bounds.length - 1 }, (_, day) => {
    const sum = new ExactSum(decimals);
    for (; row < hours.dayS.length && hours.dayS[row]! < bounds[day + 1]!; row++) {
      const values = hours.values[row]!;
      if (values > 0 && entersStatistics(0, hours.flags[row]!)) sum.addSum(hours.scaledSum[row]!, values);
    }
    return sum;
  });
}

/** Daily maximum 8 h means of ozone at one station; a day short of windows counts where its maximum is above the limit. Source: HJ 663, 6.1.2. */
export function dayMaxima8h(
  hours: HourSeries,
  span: { from: string; to: string },
  grade: Grade,
  facts: AirFacts,
): DaySeries {
  const dates = datesOf(span);
  const validHours: number[] = [];
  const values = hoursByDay(hours, dayBounds(span, facts.timeZone)).map((slots, at) => {
    const limit = airLimitOn(facts.airStandards, {
      parameter: hours.parameter,
      averaging: '8h-max',
      grade,
      date: dates[at]!,
    })?.limit;
    const decimals = slots.map((hour) => (hour === null ? null : new Decimal(hour)));
    if (limit === null || limit === undefined) {
      validHours.push(0);
      return null;
    }
    const day = maximum8h(decimals, limit, facts.assessment.mda8);
    validHours.push(day.validWindows);
    return day.valid ? day.maximum : null;
  });
  return { parameter: hours.parameter, dates, values, validHours };
}

/** Sliding means, stamped by the end of the window; NaN where too few of its hours are valid. */
export interface SlidingSeries {
  timeS: Float64Array;
  value: Float64Array;
  validHours: Uint8Array;
}

/**
 * Means over the last `windowHours` hours at every full hour of the span of the data, rounded half to even to `decimals` in whole
 * numbers. `storedDecimals` of the pollutant make the running sum exact.
 */
export function slidingMeans(
  hours: HourSeries,
  window: { hours: number; minValid: number; storedDecimals: number; decimals: number },
): SlidingSeries {
  const count = hours.timeS.length;
  const first = count === 0 ? 0 : hours.timeS[0]!;
  const length = count === 0 ? 0 : Math.floor((hours.timeS[count - 1]! - first) / HOUR_S) + 1;
  const factor = 10 ** window.storedDecimals;
  const units = new Float64Array(length).fill(Number.NaN);
  for (let row = 0; row < count; row++) {
    if (!entersStatistics(hours.value[row]!, hours.flags[row]!)) continue;
    units[Math.floor((hours.timeS[row]! - first) / HOUR_S)] = Math.round(hours.value[row]! * factor);
  }
  const result: SlidingSeries = {
    timeS: new Float64Array(length),
    value: new Float64Array(length).fill(Number.NaN),
    validHours: new Uint8Array(length),
  };
  let [sum, valid] = [0, 0];
  for (let at = 0; at < length; at++) {
    const [entering, leaving] = [units[at]!, at >= window.hours ? units[at - window.hours]! : Number.NaN];
    if (!Number.isNaN(entering)) [sum, valid] = [sum + entering, valid + 1];
    if (!Number.isNaN(leaving)) [sum, valid] = [sum - leaving, valid - 1];
    result.timeS[at] = first + (at + 1) * HOUR_S;
    result.validHours[at] = valid;
    if (valid >= window.minValid) result.value[at] = roundedQuotient(sum, valid * factor, window.decimals);
  }
  return result;
}

/** `numerator / denominator` at `decimals`, half to even; whole numbers, so that ties are seen as ties. */
function roundedQuotient(numerator: number, denominator: number, decimals: number): number {
  const scaled = numerator * 10 ** decimals;
  if (!Number.isSafeInteger(scaled)) {
    return roundHalfEven(new Decimal(numerator).div(denominator), decimals).toNumber();
  }
  let whole = Math.floor(scaled / denominator);
  let rest = scaled - whole * denominator;
  if (rest < 0) [whole, rest] = [whole - 1, rest + denominator];
  const up = rest * 2 > denominator || (rest * 2 === denominator && whole % 2 !== 0);
  return (up ? whole + 1 : whole) / 10 ** decimals;
}
