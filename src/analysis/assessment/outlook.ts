import type { BodyType } from '../../domain/config/region.ts';
import { Decimal } from '../../domain/decimal.ts';
import { targetLimit } from '../water/classify.ts';
import { waterLimits } from '../water/limits.ts';
import { evaluationValue } from '../water/evaluation-value.ts';
import type { SectionMonths } from './month-values.ts';
import { cumulativePeriod } from './period.ts';
import { periodValues } from './period-values.ts';
import type { WaterFacts } from './water-facts.ts';

/**
 * Where an item stands towards the year's target. `shortOfTarget`: the year misses it if the months left stay at the mean so
 * far. `needed`: what they may average at most (oxygen: at least) for the target still to be met; below zero it cannot be.
 */
export interface ItemOutlook {
  parameter: string;
  soFar: string;
  limit: string;
  needed: string | null;
  monthsLeft: number;
  shortOfTarget: boolean;
}

/**
 * Items whose cumulative mean points past the target class of the year, after the months 1 to `month`. Items averaged as hydrogen
 * ions and items without a single limit are left out; so is one without a value in each of the months.
 */
export function cumulativeOutlook(
  months: SectionMonths,
  at: { year: number; month: number; targetClass: number; bodyType: BodyType },
  facts: WaterFacts,
): ItemOutlook[] {
  const monthsLeft = 12 - at.month;
  const limits = waterLimits(facts.standard).byParameter;
  return periodValues(months, cumulativePeriod(at.year, at.month)).flatMap(({ parameter, mean }) => {
    const entry = limits.get(parameter);
    if (mean === null || entry === undefined || !entry.item.evaluated) return [];
    const limit = targetLimit(entry, at.bodyType, at.targetClass);
    if (limit === null) return [];
    const printed = evaluationValue(parameter, mean, facts.method);
    const atLeast = entry.item.rule === 'at-least';
    const rounded = new Decimal(printed);
    const rest = limit.times(12).minus(mean.times(at.month));
    return [
      {
        parameter,
        soFar: printed,
        limit: limit.toFixed(),
        needed: monthsLeft === 0 ? null : rest.div(monthsLeft).toSignificantDigits(6).toFixed(),
        monthsLeft,
        shortOfTarget: atLeast ? rounded.lt(limit) : rounded.gt(limit),
      },
    ];
  });
}
