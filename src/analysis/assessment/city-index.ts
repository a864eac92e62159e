import type { BodyType } from '../../domain/config/region.ts';
import type { WaterStandard } from '../../domain/config/standard.ts';
import type { CityWaterIndex } from '../../domain/config/water-periods.ts';
import { Decimal } from '../../domain/decimal.ts';
import { targetLimit } from '../water/classify.ts';
import { waterLimits } from '../water/limits.ts';
import { fixed } from './water-facts.ts';

/** Means of the sections of one city and period, unrounded, by item. */
export interface CitySection {
  section: string;
  bodyType: BodyType;
  values: Readonly<Record<string, Decimal | null>>;
}

/** `index` null without any item. `missing`: evaluated items that no section of that kind of water has; cities with other lists do not rank together. */
export interface CityIndex {
  index: string | null;
  rivers: { sections: number; index: Decimal; items: Record<string, string>; missing: string[] } | null;
  lakes: { sections: number; index: Decimal; items: Record<string, string>; missing: string[] } | null;
  exact: Decimal | null;
}

function itemIndex(
  parameter: string,
  value: Decimal,
  bodyType: BodyType,
  facts: { rule: CityWaterIndex; standard: WaterStandard },
): Decimal | null {
  const { rule, standard } = facts;
  const entry = waterLimits(standard).byParameter.get(parameter);
  if (entry === undefined) return null;
  if (parameter === rule.neutral.parameter && entry.within !== null) {
    const end = value.lte(rule.neutral.value) ? entry.within.min : entry.within.max;
    return value.minus(rule.neutral.value).div(end.minus(rule.neutral.value));
  }
  const limit = targetLimit(entry, bodyType, rule.limitsOfClass);
  if (limit === null) return null;
  return entry.item.rule === 'at-least' ? limit.div(value) : value.div(limit);
}

function waterIndex(
  sections: readonly CitySection[],
  bodyType: BodyType,
  facts: { rule: CityWaterIndex; standard: WaterStandard },
): CityIndex['rivers'] {
  const mine = sections.filter((one) => one.bodyType === bodyType);
  if (mine.length === 0) return null;
  const items: Record<string, string> = {};
  const missing: string[] = [];
  let total = new Decimal(0);
  for (const { item } of waterLimits(facts.standard).items) {
    if (!item.evaluated) continue;
    const present = mine.map((one) => one.values[item.parameter] ?? null).filter((value) => value !== null);
    const sum = present.reduce((all, value) => all.plus(value), new Decimal(0));
    const mean = present.length === 0 ? null : sum.div(present.length);
    const index =
      mean === null || (item.rule === 'at-least' && mean.lte(0))
        ? null
        : itemIndex(item.parameter, mean, bodyType, facts);
    if (index === null) missing.push(item.parameter);
    else {
      items[item.parameter] = fixed(index, facts.rule.decimals);
      total = total.plus(index);
    }
  }
  if (missing.length === Object.keys(items).length + missing.length) return null;
  return { sections: mine.length, index: total, items, missing };
}

/**
 * City water index: for each kind of water the items' means over the sections against the limit of one class, summed; rivers and
 * lakes weighted by their number of sections. Smaller is better. Source: 环办监测〔2017〕51号.
 */
export function cityWaterIndex(
  sections: readonly CitySection[],
  facts: { rule: CityWaterIndex; standard: WaterStandard },
): CityIndex {
  const rivers = waterIndex(sections, 'river', facts);
  const lakes = waterIndex(sections, 'lake', facts);
  const parts = [rivers, lakes].filter((part) => part !== null);
  const count = parts.reduce((sum, part) => sum + part.sections, 0);
  const weighted = parts.reduce((sum, part) => sum.plus(part.index.times(part.sections)), new Decimal(0));
  const exact = count === 0 ? null : weighted.div(count);
  return { index: exact === null ? null : fixed(exact, facts.rule.decimals), rivers, lakes, exact };
}

/** Change of the index in percent of the earlier one; negative is better. Null where one is missing or the items differ. */
export function cityIndexChange(before: CityIndex, after: CityIndex, rule: CityWaterIndex): string | null {
  const itemsOf = (one: CityIndex) =>
    [one.rivers, one.lakes].map((part) => Object.keys(part?.items ?? {}).join()).join('|');
  if (before.exact === null || after.exact === null || before.exact.isZero()) return null;
  if (itemsOf(before) !== itemsOf(after)) return null;
  const change = after.exact.minus(before.exact).div(before.exact).times(100);
  return fixed(change, rule.changeDecimals);
}

/** Cities from best to worst; equal printed indices share a rank. Cities that lack items of the others come back apart. */
export function rankCities(cities: readonly { city: string; index: CityIndex }[]): {
  ranked: { city: string; rank: number; index: string }[];
  notRanked: string[];
} {
  const counts = (one: CityIndex) =>
    [one.rivers, one.lakes].flatMap((part) => (part === null ? [] : [Object.keys(part.items).length]));
  const most = Math.max(0, ...cities.flatMap(({ index }) => counts(index)));
  const full = cities.filter(
    ({ index }) => index.index !== null && counts(index).every((count) => count === most),
  );
  const sorted = full.toSorted((a, b) => new Decimal(a.index.index!).cmp(b.index.index!));
  const ranked = sorted.map(({ city, index }) => ({
    city,
    index: index.index!,
    rank: sorted.findIndex((other) => other.index.index === index.index) + 1,
  }));
  const names = new Set(full.map(({ city }) => city));
  return { ranked, notRanked: cities.map(({ city }) => city).filter((city) => !names.has(city)) };
}
