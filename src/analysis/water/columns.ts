import type { WaterStandard } from '../../domain/config/standard.ts';
import { waterLimits, type ItemLimits } from './limits.ts';

/** Code of a row's kind of water body. */
export const bodyCode = { unknown: 0, river: 1, lake: 2 } as const;
/** Code of a row's outcome. */
export const outcomeCode = { ok: 0, noEvaluatedItem: 1, typeUnknown: 2 } as const;

/** Columns of readings: NaN for no value, `targetClass` 0 for none. All of one length. */
export interface WaterColumns {
  length: number;
  values: Readonly<Record<string, Float64Array>>;
  bodyType: Uint8Array;
  targetClass?: Uint8Array;
}

/**
 * `class` 0 where it cannot be judged, `outcome` says why. `deciding` and `overTarget` are bit sets: bit i is
 * `items[i]`, the order of the standard.
 */
export interface WaterClassColumns {
  items: readonly string[];
  class: Uint8Array;
  outcome: Uint8Array;
  deciding: Uint32Array;
  overTarget: Uint32Array;
}

/**
 * Judges rows without an object a row; equal to `classifyReading` and `overTarget` on the same numbers. Doubles are compared
 * directly: a stored double stands for its shortest decimal, rounding to doubles keeps order, and a limit is such a decimal.
 */
export function classifyColumns(columns: WaterColumns, standard: WaterStandard): WaterClassColumns {
  const { items } = waterLimits(standard);
  const { length } = columns;
  const result: WaterClassColumns = {
    items: items.map((entry) => entry.item.parameter),
    class: new Uint8Array(length),
    outcome: new Uint8Array(length),
    deciding: new Uint32Array(length),
    overTarget: new Uint32Array(length),
  };
  const worstRiver = new Uint8Array(length);
  const worstLake = new Uint8Array(length);
  const scratch = items.map((entry, at) => {
    const values = columns.values[entry.item.parameter];
    if (values === undefined || !entry.item.evaluated) return null;
    const river = classColumn(entry, values, entry.riverNumbers, standard.worstClass);
    const lake = entry.sameForBoth
      ? river
      : classColumn(entry, values, entry.lakeNumbers, standard.worstClass);
    raise(worstRiver, river);
    raise(worstLake, lake);
    markOver(result.overTarget, { river, lake, bit: 1 << at }, columns);
    return { river, lake, bit: 1 << at };
  });
  settle(result, { worstRiver, worstLake }, columns.bodyType);
  for (const entry of scratch) if (entry !== null) markDeciding(result, entry, columns.bodyType);
  return result;
}

interface ItemClasses {
  river: Uint8Array;
  lake: Uint8Array;
  bit: number;
}

function classColumn(
  entry: ItemLimits,
  values: Float64Array,
  steps: Float64Array | null,
  worstClass: number,
): Uint8Array {
  const classes = new Uint8Array(values.length);
  const min = entry.within === null ? Number.NaN : entry.within.min.toNumber();
  const max = entry.within === null ? Number.NaN : entry.within.max.toNumber();
  const atLeast = entry.item.rule === 'at-least';
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (Number.isNaN(value)) continue;
    if (entry.within !== null) classes[row] = value >= min && value <= max ? 1 : worstClass;
    else if (steps !== null) {
      let met = 0;
      while (met < steps.length && (atLeast ? value < steps[met]! : value > steps[met]!)) met++;
      classes[row] = met === steps.length ? worstClass : met + 1;
    }
  }
  return classes;
}

function raise(worst: Uint8Array, classes: Uint8Array): void {
  for (let row = 0; row < worst.length; row++) {
    if (classes[row]! > worst[row]!) worst[row] = classes[row]!;
  }
}

function markOver(into: Uint32Array, item: ItemClasses, columns: WaterColumns): void {
  const targets = columns.targetClass;
  if (targets === undefined) return;
  for (let row = 0; row < into.length; row++) {
    const target = targets[row]!;
    if (target === 0) continue;
    const body = columns.bodyType[row];
    const river = item.river[row]! > target;
    const lake = item.lake[row]! > target;
    if (body === bodyCode.river ? river : body === bodyCode.lake ? lake : river && lake) {
      into[row] = (into[row]! | item.bit) >>> 0;
    }
  }
}

function settle(
  result: WaterClassColumns,
  worst: { worstRiver: Uint8Array; worstLake: Uint8Array },
  bodyType: Uint8Array,
): void {
  for (let row = 0; row < bodyType.length; row++) {
    const body = bodyType[row];
    const river = worst.worstRiver[row]!;
    const lake = worst.worstLake[row]!;
    const known =
      body === bodyCode.river ? river : body === bodyCode.lake ? lake : river === lake ? river : -1;
    if (known > 0) result.class[row] = known;
    else result.outcome[row] = known === -1 ? outcomeCode.typeUnknown : outcomeCode.noEvaluatedItem;
  }
}

function markDeciding(result: WaterClassColumns, item: ItemClasses, bodyType: Uint8Array): void {
  for (let row = 0; row < bodyType.length; row++) {
    const wanted = result.class[row]!;
    if (wanted === 0) continue;
    const body = bodyType[row];
    const river = item.river[row] === wanted;
    const lake = item.lake[row] === wanted;
    if (body === bodyCode.river ? river : body === bodyCode.lake ? lake : river && lake) {
      result.deciding[row] = (result.deciding[row]! | item.bit) >>> 0;
    }
  }
}
