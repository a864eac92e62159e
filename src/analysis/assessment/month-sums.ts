import type { MeasuringMethod } from '../../domain/config/water-periods.ts';
import { Decimal } from '../../domain/decimal.ts';
import type { SumColumns } from '../../domain/ports.ts';
import { ExactSum } from './exact-sum.ts';
import { firstRowAt, type ItemMean, type MeanFacts } from './month-values.ts';
import { boundsOf, periodOf } from './period.ts';

/**
 * Month values of one section and item from sums by civil day, computed in the engine: equal to those from the readings themselves.
 * Only where readings are averaged plainly: null for an item averaged as hydrogen ions, for month means of day means, and where a sum
 * is not exact. The sums must leave out results below detection and readings of instruments under maintenance, calibration or fault.
 */
export function monthFromDaySums(
  sums: SumColumns,
  month: string,
  source: { provider: string; method: MeasuringMethod; stage: number },
  facts: MeanFacts,
): ItemMean | null {
  if (facts.method.meanByHydrogenIon.items.includes(sums.parameter)) return null;
  if (facts.periods.month.meanOf !== 'readings') return null;
  const { beginS, endS } = boundsOf(periodOf(month), facts.timeZone);
  const { minValid, ofExpected } = facts.periods.day;
  let [observed, valid, validDays, expected, days] = [0, 0, 0, 0, 0];
  const decimals = facts.parameters.find((one) => one.id === sums.parameter)?.decimals ?? 0;
  const sum = new ExactSum(decimals);
  const end = firstRowAt(sums.beginS, endS);
  for (let day = firstRowAt(sums.beginS, beginS); day < end; day++) {
    const [count, due] = [sums.valid[day]!, sums.expected[day]!];
    days++;
    observed += sums.observed[day]!;
    expected += due;
    if (count === 0) continue;
    if (sums.exact[day] !== 1) return null;
    valid += count;
    sum.add(sums.sum[day]!);
    if (count * ofExpected >= minValid * due) validDays++;
  }
  const enough =
    valid > 0 &&
    new Decimal(facts.periods.month.minDayShare).times(days).lte(validDays) &&
    !Number.isNaN(expected);
  const partial = valid === 0 ? null : sum.sum().div(valid);
  return {
    parameter: sums.parameter,
    mean: enough ? partial : null,
    partial,
    reason: enough
      ? null
      : valid === 0
        ? 'no-data'
        : Number.isNaN(expected)
          ? 'cadence-unknown'
          : 'too-few-days',
    provider: source.provider,
    method: source.method,
    expected: Number.isNaN(expected) ? null : expected,
    observed,
    valid,
    validDays,
    days,
    belowDetection: 0,
    stage: valid === 0 ? 0 : source.stage,
  };
}
