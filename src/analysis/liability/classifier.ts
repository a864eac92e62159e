import type { WaterItem, WaterStandard } from '../../domain/config/standard.ts';
import { Exact } from './exact.ts';
import type { Classifier } from './steps.ts';
import { Missing } from './value.ts';

function limitsOf(item: WaterItem, bodyType: string): readonly string[] | null {
  return bodyType === 'lake' ? (item.lake ?? item.river) : item.river;
}

/**
 * Class of a single value by a standard's limits, one more than the last class when it meets none.
 * Missing where the standard, the item or the limits are not there.
 */
export function classifierOf(standards: readonly WaterStandard[]): Classifier {
  return (standardId, parameter, bodyType, value) => {
    const standard = standards.find((one) => one.id === standardId);
    const item = standard?.items.find((one) => one.parameter === parameter);
    if (standard === undefined || item === undefined)
      return new Missing([`limits of ${parameter} in ${standardId}`]);
    if (item.rule === 'within' && item.within !== undefined) {
      const inside =
        value.compare(Exact.of(item.within.min)) >= 0 && value.compare(Exact.of(item.within.max)) <= 0;
      return new Exact(inside ? 1n : BigInt(standard.worstClass));
    }
    const limits = limitsOf(item, bodyType);
    if (limits === null || item.rule === 'none')
      return new Missing([`limits of ${parameter} for a ${bodyType}`]);
    const met = limits.findIndex((limit) => {
      const order = value.compare(Exact.of(limit));
      return item.rule === 'at-least' ? order >= 0 : order <= 0;
    });
    return new Exact(met < 0 ? BigInt(standard.worstClass) : BigInt(met + 1));
  };
}
