import type { BodyType } from '../../domain/config/region.ts';
import type { WaterItem, WaterStandard } from '../../domain/config/standard.ts';
import { Decimal } from '../../domain/decimal.ts';

/** Limits of one item, read once: decimals for the exact path, the nearest doubles for columns. */
export interface ItemLimits {
  item: WaterItem;
  river: readonly Decimal[] | null;
  lake: readonly Decimal[] | null;
  within: { min: Decimal; max: Decimal } | null;
  riverNumbers: Float64Array | null;
  lakeNumbers: Float64Array | null;
  /** Both kinds of water body are judged alike. */
  sameForBoth: boolean;
}

export interface WaterLimits {
  standard: WaterStandard;
  items: readonly ItemLimits[];
  byParameter: ReadonlyMap<string, ItemLimits>;
  /** Class by number, 1 first. */
  classOf: ReadonlyMap<number, WaterStandard['classes'][number]>;
}

const compiled = new WeakMap<WaterStandard, WaterLimits>();

/** The limits of a standard in computable form; the same object for the same standard. */
export function waterLimits(standard: WaterStandard): WaterLimits {
  const known = compiled.get(standard);
  if (known !== undefined) return known;
  const items = standard.items.map(itemLimits);
  const limits: WaterLimits = {
    standard,
    items,
    byParameter: new Map(items.map((entry) => [entry.item.parameter, entry])),
    classOf: new Map(standard.classes.map((entry) => [entry.class, entry])),
  };
  compiled.set(standard, limits);
  return limits;
}

function itemLimits(item: WaterItem): ItemLimits {
  const decimals = (texts: readonly string[] | null) => texts?.map((text) => new Decimal(text)) ?? null;
  const numbers = (texts: readonly string[] | null) =>
    texts === null ? null : Float64Array.from(texts, Number);
  return {
    item,
    river: decimals(item.river),
    lake: decimals(item.lake),
    within: item.within ? { min: new Decimal(item.within.min), max: new Decimal(item.within.max) } : null,
    riverNumbers: numbers(item.river),
    lakeNumbers: numbers(item.lake),
    sameForBoth: JSON.stringify(item.river) === JSON.stringify(item.lake),
  };
}

/**
 * Class of one value: the best class whose limit it meets, `worstClass` when it meets none, null where the standard has no
 * limits for that kind of water body. All limits are inclusive. Source: GB 3838-2002, table 1.
 */
export function classOfItem(
  limits: ItemLimits,
  value: Decimal,
  bodyType: BodyType,
  worstClass: number,
): number | null {
  const { rule } = limits.item;
  if (rule === 'none') return null;
  if (limits.within !== null)
    return value.gte(limits.within.min) && value.lte(limits.within.max) ? 1 : worstClass;
  const steps = bodyType === 'river' ? limits.river : limits.lake;
  if (steps === null) return null;
  const met = steps.findIndex((limit) => (rule === 'at-least' ? value.gte(limit) : value.lte(limit)));
  return met === -1 ? worstClass : met + 1;
}
