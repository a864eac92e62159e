import type { BodyType } from '../../domain/config/region.ts';
import type { WaterStandard } from '../../domain/config/standard.ts';
import { Decimal, roundHalfEven } from '../../domain/decimal.ts';
import { classOfItem, waterLimits, type ItemLimits, type WaterLimits } from './limits.ts';

/** A stored number stands for its shortest decimal text; null and absent both mean "no value". */
export type WaterValues = Readonly<Record<string, number | string | Decimal | null>>;

/** Why an item has no class. */
export type NoClassReason = 'not-classified-by-standard' | 'not-for-rivers' | 'type-unknown';

export interface ItemVerdict {
  parameter: string;
  value: Decimal;
  /** 1 best; null with a reason. */
  class: number | null;
  reason: NoClassReason | null;
  /** Both classes that are possible while the kind of water body is not known. */
  possible: { river: number | null; lake: number | null };
  /** Counts towards the class of the section; the others are reported on their own. */
  evaluated: boolean;
}

/** `multiple` is (C − S) / S, half-even to the standard's decimals; null for items that never have one. */
export interface OverTarget {
  item: string;
  multiple: string | null;
}

export interface WaterVerdict {
  standard: string;
  /** 1 best; null where it cannot be judged, with the reason. */
  class: number | null;
  /** Evaluated items with exactly that class, in the order of the values. */
  decidingItems: string[];
  items: ItemVerdict[];
  /** Reference items: total nitrogen, faecal coliform, temperature. */
  reference: Record<string, number | null>;
  /** Evaluated items of the standard without a value. */
  missing: string[];
  status: 'ok' | 'cannot-judge';
  reason: 'no-evaluated-item' | 'type-unknown' | null;
}

/** Class of every value that the standard knows, in the order given; unknown parameters and nulls are left out. */
export function classifyItems(
  values: WaterValues,
  bodyType: BodyType | null,
  standard: WaterStandard,
): ItemVerdict[] {
  const limits = waterLimits(standard);
  return Object.entries(values).flatMap(([parameter, given]) => {
    const entry = limits.byParameter.get(parameter);
    if (entry === undefined || given === null) return [];
    return [
      itemVerdict(
        entry,
        given instanceof Decimal ? given : new Decimal(given),
        bodyType,
        standard.worstClass,
      ),
    ];
  });
}

function itemVerdict(
  entry: ItemLimits,
  value: Decimal,
  bodyType: BodyType | null,
  worstClass: number,
): ItemVerdict {
  const river = classOfItem(entry, value, 'river', worstClass);
  const lake = entry.sameForBoth ? river : classOfItem(entry, value, 'lake', worstClass);
  const itemClass = bodyType === null ? (river === lake ? river : null) : bodyType === 'river' ? river : lake;
  return {
    parameter: entry.item.parameter,
    value,
    class: itemClass,
    reason: itemClass === null ? noClassReason(entry, bodyType) : null,
    possible: { river, lake },
    evaluated: entry.item.evaluated,
  };
}

function noClassReason(entry: ItemLimits, bodyType: BodyType | null): NoClassReason {
  if (entry.item.rule === 'none') return 'not-classified-by-standard';
  return bodyType === null ? 'type-unknown' : 'not-for-rivers';
}

/**
 * Class of one reading or of one set of period means: the worst class among the evaluated items (single-factor method).
 * With `bodyType` null both kinds of water body are tried; where they disagree the class is null, reason `type-unknown`.
 * Source: 环办〔2011〕22号, sections; GB 3838-2002.
 */
export function classifyReading(
  reading: { values: WaterValues; bodyType: BodyType | null },
  standard: WaterStandard,
): WaterVerdict {
  const items = classifyItems(reading.values, reading.bodyType, standard);
  const evaluated = items.filter((item) => item.evaluated);
  const present = new Set(evaluated.map((item) => item.parameter));
  const worst = (body: BodyType) => Math.max(0, ...evaluated.map((item) => item.possible[body] ?? 0));
  const river = worst(reading.bodyType ?? 'river');
  const lake = worst(reading.bodyType ?? 'lake');
  const sectionClass = river === lake && river > 0 ? river : null;
  return {
    standard: standard.id,
    class: sectionClass,
    decidingItems: sectionClass === null ? [] : decidingItems(evaluated, sectionClass, reading.bodyType),
    items,
    reference: Object.fromEntries(
      items.filter((item) => !item.evaluated).map((item) => [item.parameter, item.class]),
    ),
    missing: standard.items
      .filter((item) => item.evaluated && !present.has(item.parameter))
      .map((item) => item.parameter),
    status: sectionClass === null ? 'cannot-judge' : 'ok',
    reason: sectionClass !== null ? null : river === lake ? 'no-evaluated-item' : 'type-unknown',
  };
}

function decidingItems(
  evaluated: readonly ItemVerdict[],
  sectionClass: number,
  bodyType: BodyType | null,
): string[] {
  const decides = (item: ItemVerdict) =>
    bodyType === null
      ? item.possible.river === sectionClass && item.possible.lake === sectionClass
      : item.class === sectionClass;
  return evaluated.filter(decides).map((item) => item.parameter);
}

/**
 * Whether a result below its detection limit leaves the item's class open: somewhere between zero and the limit the class
 * changes, so the method cannot prove the better one.
 */
export function classLeftOpen(
  parameter: string,
  detectionLimit: Decimal,
  bodyType: BodyType | null,
  standard: WaterStandard,
): boolean {
  const classAt = (value: Decimal) => classifyItems({ [parameter]: value }, bodyType, standard)[0]?.possible;
  const [none, limit] = [classAt(new Decimal(0)), classAt(detectionLimit)];
  return bodyType === 'lake' ? none?.lake !== limit?.lake : none?.river !== limit?.river;
}

/** Limit of a target class; null where the standard has none for that kind of water body. */
export function targetLimit(entry: ItemLimits, bodyType: BodyType, targetClass: number): Decimal | null {
  return (bodyType === 'river' ? entry.river : entry.lake)?.[targetClass - 1] ?? null;
}

/** (C − S) / S, unrounded. */
export function exceedanceMultiple(value: Decimal, limit: Decimal): Decimal {
  return value.minus(limit).div(limit);
}

/**
 * Evaluated items worse than a target class, in the order of the values. `undetermined`: items that only one kind of water
 * body would put over the target while the kind is not known. Multiples refer to the limit of the target class.
 * Source: GB 3838-2002, section 5.
 */
export function overTarget(
  items: readonly ItemVerdict[],
  targetClass: number,
  bodyType: BodyType | null,
  standard: WaterStandard,
): { over: OverTarget[]; undetermined: string[] } {
  const limits = waterLimits(standard);
  const over: OverTarget[] = [];
  const undetermined: string[] = [];
  for (const item of items) {
    if (!item.evaluated) continue;
    const bodies: readonly BodyType[] = bodyType === null ? ['river', 'lake'] : [bodyType];
    const verdicts = bodies.map((body) => (item.possible[body] ?? 0) > targetClass);
    if (verdicts.every(Boolean)) {
      over.push({ item: item.parameter, multiple: multipleText(item, bodies, targetClass, limits) });
    } else if (verdicts.some(Boolean)) undetermined.push(item.parameter);
  }
  return { over, undetermined };
}

function multipleText(
  item: ItemVerdict,
  bodies: readonly BodyType[],
  targetClass: number,
  limits: WaterLimits,
): string | null {
  const entry = limits.byParameter.get(item.parameter);
  if (entry === undefined || !entry.item.multiple) return null;
  const texts = bodies.map((body) => {
    const limit = targetLimit(entry, body, targetClass);
    const decimals = limits.standard.multipleDecimals;
    return limit === null
      ? null
      : roundHalfEven(exceedanceMultiple(item.value, limit), decimals).toFixed(decimals);
  });
  return texts.every((text) => text === texts[0]) ? (texts[0] ?? null) : null;
}
