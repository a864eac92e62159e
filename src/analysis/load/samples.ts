import { Decimal } from '../../domain/decimal.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { EpochS } from '../../domain/time.ts';
import { ExactSum } from '../assessment/exact-sum.ts';
import type { CivilPeriods } from '../statistics/civil-periods.ts';

/** One concentration in g/m³ (mg/L). `flowM3s` is the discharge at that moment, null where only the day's is known. */
export interface LoadSample {
  timeS: EpochS;
  gM3: Decimal;
  belowDetection: boolean;
  flowM3s: Decimal | null;
}

/** Mean discharge of neighbouring steps (days) in m³/s; null where nothing was reported. */
export interface FlowSteps {
  beginS: Float64Array;
  endS: Float64Array;
  m3s: (Decimal | null)[];
  /** Readings of zero in each step that the source means as "not reported". */
  zeroNotReported: number[];
}

/** What a source means by a discharge of zero: below small hydropower a river does run dry. */
export type ZeroDischarge = 'not-reported' | 'measured';

const gramsPerM3: Readonly<Record<string, string>> = {
  'mg/L': '1',
  'μg/L': '0.001',
  'µg/L': '0.001',
  'g/m³': '1',
};

/** Grams per cubic metre for one of a parameter's unit. Throws E_BAD_REQUEST for a unit that is no concentration by mass. */
export function gramsPerM3Of(parameter: string, unit: string | null): Decimal {
  const factor = unit === null ? undefined : gramsPerM3[unit];
  if (factor !== undefined) return new Decimal(factor);
  throw new MonitorError(
    'E_BAD_REQUEST',
    `${parameter} has no load: its unit is ${unit ?? 'none'}, expected one of ${Object.keys(gramsPerM3).join(', ')}`,
  );
}

/** Throws E_BAD_REQUEST unless the unit is the one that discharge is computed in. */
export function checkFlowUnit(unit: string | null): void {
  if (unit === 'm³/s' || unit === 'm3/s') return;
  throw new MonitorError('E_BAD_REQUEST', `discharge is in ${unit ?? 'no unit'}, expected m³/s`);
}

export interface FlowReadings {
  timeS: ArrayLike<EpochS>;
  /** m³/s; NaN: no value. */
  value: ArrayLike<number>;
}

/** Discharge seldom has more; sums are exact with any number of them. */
const usualDecimals = 4;

/**
 * Mean discharge of each day from readings sorted by time: the plain mean of the day's readings, times the declared transfer
 * from the gauging station to the section. Negative flow (tide, backflow) keeps its sign.
 */
export function flowSteps(
  readings: FlowReadings,
  days: CivilPeriods,
  rule: { zero: ZeroDischarge; transfer?: Decimal },
): FlowSteps {
  const m3s: (Decimal | null)[] = [];
  const zeroNotReported: number[] = [];
  let at = 0;
  for (let day = 0; day < days.beginS.length; day++) {
    const sum = new ExactSum(usualDecimals);
    let zeros = 0;
    for (; at < readings.timeS.length && readings.timeS[at]! < days.endS[day]!; at++) {
      const value = readings.value[at]!;
      if (readings.timeS[at]! < days.beginS[day]! || !Number.isFinite(value)) continue;
      if (value === 0 && rule.zero === 'not-reported') {
        zeros += 1;
        continue;
      }
      sum.add(value);
    }
    zeroNotReported.push(zeros);
    m3s.push(sum.mean()?.times(rule.transfer ?? 1) ?? null);
  }
  return { beginS: days.beginS, endS: days.endS, m3s, zeroNotReported };
}

/** Index of the step that holds an instant; -1 outside. */
export function stepAt(steps: Pick<FlowSteps, 'beginS' | 'endS'>, atS: EpochS): number {
  let [low, high] = [0, steps.beginS.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (atS < steps.beginS[middle]!) high = middle - 1;
    else if (atS >= steps.endS[middle]!) low = middle + 1;
    else return middle;
  }
  return -1;
}

/** Sum of exact decimals. */
export function total(values: readonly Decimal[]): Decimal {
  return values.reduce((sum, value) => sum.plus(value), new Decimal(0));
}

/** Null for an empty list. */
export function meanOf(values: readonly Decimal[]): Decimal | null {
  return values.length === 0 ? null : total(values).div(values.length);
}
