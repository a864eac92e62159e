import type { Text } from '../../domain/config/facts.ts';
import type { WaterEvaluation } from '../../domain/config/standard.ts';
import { Decimal, roundHalfEven } from '../../domain/decimal.ts';
import { evaluationValue, periodMean } from './evaluation-value.ts';

export interface BasinShares {
  sections: number;
  /** Sections that meet the method's good class (I to III). */
  good: number;
  /** Sections worse than class V. */
  worst: number;
}

/** Verdict on a river or basin by the shares of its sections; null below the least number of sections, which take the means. */
export function basinVerdict(
  shares: BasinShares,
  method: WaterEvaluation,
): { status: Text; colour: string; goodPercent: Decimal; worstPercent: Decimal } | null {
  if (shares.sections < method.basin.minSections) return null;
  const goodPercent = new Decimal(shares.good).times(100).div(shares.sections);
  const worstPercent = new Decimal(shares.worst).times(100).div(shares.sections);
  const within = (value: Decimal, min?: string, below?: string) =>
    (min === undefined || value.gte(min)) && (below === undefined || value.lt(below));
  const found = method.basin.verdicts.find(
    (row) =>
      within(goodPercent, row.goodMin, row.goodBelow) && within(worstPercent, row.worstMin, row.worstBelow),
  );
  return found === undefined
    ? null
    : { status: found.status, colour: found.colour, goodPercent, worstPercent };
}

/** Mean of each item over the sections of a small basin, at the decimals of evaluation. Nulls are left out. */
export function meansOverSections(
  sectionValues: Readonly<Record<string, readonly (Decimal | null)[]>>,
  method: WaterEvaluation,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(sectionValues).flatMap(([parameter, values]) => {
      const mean = periodMean(
        parameter,
        values.filter((value) => value !== null),
        method,
      );
      return mean === null ? [] : [[parameter, evaluationValue(parameter, mean, method)]];
    }),
  );
}

/** Items by the share of sections above the reference class, largest first, at most the method's number; none at zero. */
export function basinMainPollutants(
  sections: number,
  sectionsAbove: Readonly<Record<string, number>>,
  method: WaterEvaluation,
): { item: string; exceedRatePercent: string }[] {
  const { max, rateDecimals } = method.basin.mainPollutants;
  return Object.entries(sectionsAbove)
    .filter(([, above]) => above > 0)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, max)
    .map(([item, above]) => {
      const percent = new Decimal(above).times(100).div(sections);
      return { item, exceedRatePercent: roundHalfEven(percent, rateDecimals).toFixed(rateDecimals) };
    });
}
