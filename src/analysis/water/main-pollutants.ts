import type { BodyType } from '../../domain/config/region.ts';
import type { WaterEvaluation, WaterStandard } from '../../domain/config/standard.ts';
import { roundHalfEven, type Decimal } from '../../domain/decimal.ts';
import { exceedanceMultiple, targetLimit, type ItemVerdict } from './classify.ts';
import { waterLimits } from './limits.ts';

export interface MainPollutant {
  item: string;
  class: number;
  /** Against the reference class; null for items that never have one. */
  multiple: string | null;
}

/**
 * Items that make a section worse than the reference class: priority items first, then by class, then by multiple; items
 * without a multiple last in their class. Empty for a section that meets the reference class. Source: 环办〔2011〕22号.
 */
export function mainPollutants(
  items: readonly ItemVerdict[],
  bodyType: BodyType,
  facts: { standard: WaterStandard; method: WaterEvaluation },
): MainPollutant[] {
  const { max, referenceClass, priorityItems, multipleDecimals } = facts.method.mainPollutants;
  const limits = waterLimits(facts.standard);
  const exceeding = items.flatMap((item) => {
    if (!item.evaluated || item.class === null || item.class <= referenceClass) return [];
    const entry = limits.byParameter.get(item.parameter);
    const limit = entry?.item.multiple === true ? targetLimit(entry, bodyType, referenceClass) : null;
    const multiple: Decimal | null = limit === null ? null : exceedanceMultiple(item.value, limit);
    return [
      { item: item.parameter, class: item.class, multiple, priority: priorityItems.includes(item.parameter) },
    ];
  });
  const byRank = exceeding.toSorted(
    (a, b) =>
      Number(b.priority) - Number(a.priority) ||
      b.class - a.class ||
      (b.multiple?.toNumber() ?? -1) - (a.multiple?.toNumber() ?? -1),
  );
  return byRank.slice(0, max).map((entry) => ({
    item: entry.item,
    class: entry.class,
    multiple:
      entry.multiple === null
        ? null
        : roundHalfEven(entry.multiple, multipleDecimals).toFixed(multipleDecimals),
  }));
}
