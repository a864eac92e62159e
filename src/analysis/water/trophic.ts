import type { Text } from '../../domain/config/facts.ts';
import type { WaterEvaluation } from '../../domain/config/standard.ts';
import { Decimal } from '../../domain/decimal.ts';

export interface TrophicState {
  parts: Record<string, Decimal>;
  index: Decimal;
  grade: Text;
  /** Items of the method that had no value; the weights are those of the others. */
  missing: string[];
}

/** Trophic state index TLI(Σ) of a lake; null without any item. Values above zero, in the units of the method. */
export function trophicState(
  values: Readonly<Record<string, number | string | Decimal | null>>,
  method: WaterEvaluation,
): TrophicState | null {
  const used = method.trophic.items.flatMap((item) => {
    const given = values[item.parameter];
    if (given === undefined || given === null) return [];
    const part = new Decimal(given).ln().times(item.b).plus(item.a).times(10);
    return [{ parameter: item.parameter, part, weight: new Decimal(item.r).pow(2) }];
  });
  if (used.length === 0) return null;
  const total = used.reduce((sum, item) => sum.plus(item.weight), new Decimal(0));
  const index = used.reduce((sum, item) => sum.plus(item.part.times(item.weight)), new Decimal(0)).div(total);
  const present = new Set(used.map((item) => item.parameter));
  return {
    parts: Object.fromEntries(used.map((item) => [item.parameter, item.part])),
    index,
    grade: trophicGrade(index, method),
    missing: method.trophic.items
      .map((item) => item.parameter)
      .filter((parameter) => !present.has(parameter)),
  };
}

/** Name of the state that an index stands for. */
export function trophicGrade(index: Decimal, method: WaterEvaluation): Text {
  const found = method.trophic.grades.find(
    (grade) =>
      (grade.below === undefined || index.lt(grade.below)) &&
      (grade.upTo === undefined || index.lte(grade.upTo)),
  );
  if (found === undefined) throw new RangeError(`${method.id}: grades do not cover ${index.toFixed()}`);
  return found.name;
}
