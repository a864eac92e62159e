import type { Decimal } from '../../domain/decimal.ts';
import { trophicState } from '../water/trophic.ts';
import { emptyMean, type ItemMean } from './month-values.ts';
import type { AssessmentPeriod } from './period.ts';
import { assessMeans, type AssessedSection, type SectionAssessment } from './section-assessment.ts';
import { fixed, type WaterFacts } from './water-facts.ts';

/** One point of a lake: its values over a period, each a mean over time already. */
export interface LakePoint {
  section: string;
  means: readonly ItemMean[];
}

/** A lake, or one zone of it, over one period. `points` by item: how many of its points had a value. */
export interface LakeAssessment {
  points: string[];
  pointsByItem: Record<string, number>;
  assessment: SectionAssessment;
  /** Trophic state index at the decimals of the method; null without any of its items. */
  trophic: { index: string; grade: { zh: string; en: string }; missing: string[] } | null;
}

/**
 * Values of a lake: over the points, of the unrounded means over time of each; pH through hydrogen ions again. Points without a value
 * of an item are left out of it. Items in the order in which the points name them. Source: 环办〔2011〕22号, lakes.
 */
export function lakeMeans(points: readonly LakePoint[], facts: WaterFacts): ItemMean[] {
  const items = new Set(points.flatMap(({ means }) => means.map(({ parameter }) => parameter)));
  return [...items].map((parameter): ItemMean => {
    const all = points.flatMap(({ means }) => means.filter((one) => one.parameter === parameter));
    const present = all.filter((one) => one.mean !== null);
    const mean = emptyMean(parameter, facts);
    for (const one of present) mean.addDecimal(one.mean!);
    const partial = emptyMean(parameter, facts);
    for (const one of all) if (one.partial !== null) partial.addDecimal(one.partial);
    const total = (of: (one: ItemMean) => number) => all.reduce((sum, one) => sum + of(one), 0);
    const same = <T>(of: (one: ItemMean) => T): T | null =>
      present.length > 0 && present.every((one) => of(one) === of(present[0]!)) ? of(present[0]!) : null;
    return {
      parameter,
      mean: mean.mean(),
      partial: partial.mean(),
      reason: present.length > 0 ? null : (all[0]?.reason ?? 'no-data'),
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

/** A lake over one period: means over its points, then the method of sections with lake limits. Source: 环办〔2011〕22号, lakes. */
export function assessLake(
  lake: Pick<AssessedSection, 'id' | 'name' | 'targets'>,
  points: readonly LakePoint[],
  period: AssessmentPeriod,
  facts: WaterFacts,
): LakeAssessment {
  const means = lakeMeans(points, facts);
  const provenance = { source: 'points of a lake', confidence: 'confirmed' } as const;
  const section: AssessedSection = {
    ...lake,
    bodyType: { value: 'lake', origin: 'official', provenance },
    hydraulics: null,
  };
  const positive = means.filter(({ mean }) => mean !== null && mean.gt(0));
  const values = Object.fromEntries(positive.map(({ parameter, mean }) => [parameter, mean as Decimal]));
  const state = trophicState(values, facts.method);
  const count = (parameter: string) =>
    points.filter(({ means: of }) => of.some((one) => one.parameter === parameter && one.mean !== null))
      .length;
  return {
    points: points.map(({ section: id }) => id),
    pointsByItem: Object.fromEntries(means.map(({ parameter }) => [parameter, count(parameter)])),
    assessment: assessMeans(section, period, means, facts),
    trophic:
      state === null
        ? null
        : {
            index: fixed(state.index, facts.method.trophic.decimals),
            grade: state.grade,
            missing: state.missing,
          },
  };
}
