import type { WaterPeriods } from '../../domain/config/water-periods.ts';
import { emptyMean, type ItemMean, type SectionMonths } from './month-values.ts';
import type { AssessmentPeriod } from './period.ts';

/** Months that a period must have values of. `ice`: where ice keeps samplers from the water. */
export function monthsNeeded(period: AssessmentPeriod, rules: WaterPeriods, ice: boolean): number {
  if (period.kind === 'quarter') return rules.quarter.minMonths;
  if (period.kind === 'year') return ice ? rules.year.minMonthsWithIce : rules.year.minMonths;
  return period.kind === 'cumulative' && !rules.cumulative.everyMonth ? 1 : period.months.length;
}

/**
 * Every item of a section over a period. Single readings, days and months come from readings; longer periods are means of month values, each
 * unrounded, pH through hydrogen ions again. Items in the order of the section's sources.
 */
export function periodValues(months: SectionMonths, period: AssessmentPeriod, ice = false): ItemMean[] {
  if (period.kind === 'single') return months.single(period);
  if (period.kind === 'day') return months.day(period.id);
  if (period.kind === 'month') return months.of(period.id);
  const perMonth = period.months.map((month) => months.of(month));
  const items = perMonth[0]?.map(({ parameter }) => parameter) ?? [];
  const needed = monthsNeeded(period, months.facts.periods, ice);
  return items.map((parameter) => {
    const all = perMonth.map((values) => values.find((one) => one.parameter === parameter)!);
    const present = all.filter((one) => one.mean !== null);
    const mean = emptyMean(parameter, months.facts);
    for (const one of present) mean.addDecimal(one.mean!);
    const enough = present.length > 0 && present.length >= needed;
    const total = (of: (one: ItemMean) => number) => all.reduce((sum, one) => sum + of(one), 0);
    const same = <T>(of: (one: ItemMean) => T): T | null =>
      present.length > 0 && present.every((one) => of(one) === of(present[0]!)) ? of(present[0]!) : null;
    return {
      parameter,
      mean: enough ? mean.mean() : null,
      partial: mean.mean(),
      reason: enough ? null : present.length === 0 ? 'no-data' : 'too-few-months',
      provider: same((one) => one.provider),
      method: same((one) => one.method),
      expected: all.every((one) => one.expected !== null) ? total((one) => one.expected!) : null,
      observed: total((one) => one.observed),
      valid: total((one) => one.valid),
      validDays: total((one) => one.validDays),
      days: total((one) => one.days),
      belowDetection: total((one) => one.belowDetection),
      stage: present.length === 0 ? 0 : Math.min(...present.map((one) => one.stage)),
    };
  });
}
