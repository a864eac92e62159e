import type { AirAssessment, AirStandard } from '../../domain/config/standard.ts';
import { Decimal, roundHalfEven } from '../../domain/decimal.ts';
import { airLimitOn, type AirAveraging, type Grade } from './attainment.ts';

/** Percentile with linear interpolation on n − 1; null without values. Source: HJ 663-2013, annex A. */
export function percentile(values: readonly Decimal[], p: number): Decimal | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a.comparedTo(b));
  const rank = new Decimal(values.length - 1).times(p).div(100);
  const whole = rank.floor().toNumber();
  const low = sorted[whole]!;
  const high = sorted[Math.min(whole + 1, sorted.length - 1)]!;
  return low.plus(high.minus(low).times(rank.minus(whole)));
}

export interface OzoneDay {
  validWindows: number;
  /** Largest valid 8 h mean, unrounded; null without a valid window. */
  maximum: Decimal | null;
  valid: boolean;
}

/**
 * Daily maximum 8 h mean. `hours[0]` is the mean of 00:00 to 01:00; windows end at the hours the rule names and use hours of
 * that day only. A day short of windows still counts when its maximum is above the limit. Source: HJ 663, 6.1.2.
 */
export function maximum8h(
  hours: readonly (Decimal | null)[],
  limit: Decimal,
  rule: AirAssessment['mda8'],
): OzoneDay {
  let maximum: Decimal | null = null;
  let validWindows = 0;
  for (let end = rule.firstEndHour; end <= rule.lastEndHour; end++) {
    const window = hours.slice(end - rule.windowHours, end).filter((hour) => hour !== null);
    if (window.length < rule.minHoursPerWindow) continue;
    validWindows++;
    const mean = window.reduce((sum, hour) => sum.plus(hour), new Decimal(0)).div(window.length);
    if (maximum === null || mean.gt(maximum)) maximum = mean;
  }
  const valid = maximum !== null && (validWindows >= rule.minWindows || maximum.gt(limit));
  return { validWindows, maximum, valid };
}

export interface CompositeIndex {
  indices: Record<string, string>;
  composite: string;
  /** Pollutants with the largest single index. */
  leading: string[];
}

/** Composite index of city rankings: each single index rounded first, then the sum. Null when a pollutant is missing. */
export function compositeIndex(
  values: Readonly<Record<string, Decimal | null>>,
  date: string,
  facts: { assessment: AirAssessment; airStandards: readonly AirStandard[] },
): CompositeIndex | null {
  const { items, grade, decimals } = facts.assessment.compositeIndex;
  const indices: [string, Decimal][] = [];
  for (const { parameter, limitOf } of items) {
    const value = values[parameter] ?? null;
    const limit =
      airLimitOn(facts.airStandards, { parameter, averaging: limitOf, grade, date })?.limit ?? null;
    if (value === null || limit === null) return null;
    indices.push([parameter, roundHalfEven(value.div(limit), decimals)]);
  }
  const sum = indices.reduce((total, [, index]) => total.plus(index), new Decimal(0));
  const largest = Decimal.max(...indices.map(([, index]) => index));
  return {
    indices: Object.fromEntries(indices.map(([parameter, index]) => [parameter, index.toFixed(decimals)])),
    composite: sum.toFixed(decimals),
    leading: indices.filter(([, index]) => index.eq(largest)).map(([parameter]) => parameter),
  };
}

export interface AnnualLine {
  evaluated: string;
  limit: string;
  meets: boolean;
}

/** `mean` null where the pollutant has no annual limit; `meets` only where every line that applies does. */
export interface AnnualVerdict {
  mean: AnnualLine | null;
  percentile: AnnualLine | null;
  meets: boolean;
}

/**
 * A pollutant over a year: annual mean and percentile of daily values, each rounded once to the decimals of attainment.
 * `date` is the last day of the year, or any day of the phase to judge by. Null when a figure or limit is missing.
 */
export function annualVerdict(
  year: { parameter: string; grade: Grade; date: string; mean: Decimal | null; percentile: Decimal | null },
  facts: { assessment: AirAssessment; airStandards: readonly AirStandard[] },
): AnnualVerdict | null {
  const item = facts.assessment.annualItems.items.find((entry) => entry.parameter === year.parameter);
  const decimals = facts.assessment.decimals.items.find(
    (entry) => entry.parameter === year.parameter,
  )?.attainment;
  if (item === undefined || decimals === undefined) return null;
  const line = (value: Decimal | null, averaging: AirAveraging): AnnualLine | null => {
    const { parameter, grade, date } = year;
    const limit = airLimitOn(facts.airStandards, { parameter, averaging, grade, date })?.limit ?? null;
    if (value === null || limit === null) return null;
    const evaluated = roundHalfEven(value, decimals);
    return { evaluated: evaluated.toFixed(decimals), limit: limit.toFixed(), meets: evaluated.lte(limit) };
  };
  const mean = item.mean ? line(year.mean, 'year') : null;
  const high = line(year.percentile, item.of);
  if ((item.mean && mean === null) || high === null) return null;
  return { mean, percentile: high, meets: (mean?.meets ?? true) && high.meets };
}

/** Whether enough of a city's points are valid for a city value. */
export function cityPointsSuffice(
  points: number,
  validPoints: number,
  rule: AirAssessment['cityPoints'],
): boolean {
  const share = points < rule.fewPoints ? rule.minShareOfFew : rule.minShare;
  return points > 0 && new Decimal(validPoints).div(points).gte(share);
}

/** Attaining days in percent of the valid ones; null without a valid day. */
export function complianceRate(
  attainingDays: number,
  validDays: number,
  assessment: AirAssessment,
): string | null {
  if (validDays === 0) return null;
  const decimals = assessment.decimals.compliancePercent;
  return roundHalfEven(new Decimal(attainingDays).times(100).div(validDays), decimals).toFixed(decimals);
}
