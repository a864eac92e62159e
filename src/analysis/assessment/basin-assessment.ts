import type { Text } from '../../domain/config/facts.ts';
import type { BodyType } from '../../domain/config/region.ts';
import { Decimal } from '../../domain/decimal.ts';
import { basinMainPollutants, basinVerdict, meansOverSections } from '../water/basin.ts';
import { classifyReading } from '../water/classify.ts';
import { waterLimits } from '../water/limits.ts';
import { mainPollutants, type MainPollutant } from '../water/main-pollutants.ts';
import { trendByShares } from '../water/trend.ts';
import { comparability, type Comparability } from './comparability.ts';
import type { SectionAssessment } from './section-assessment.ts';
import { fixed, type WaterFacts } from './water-facts.ts';

/** Sections of a river or basin over one period. Percentages to one decimal; counts are of the sections that were judged. */
export interface BasinAssessment {
  id: string;
  period: string;
  sections: number;
  judged: string[];
  /** Without a class: counted in no share. */
  notJudged: string[];
  byClass: Record<number, number>;
  goodPercent: string | null;
  worstPercent: string | null;
  condition: Text | null;
  colour: string | null;
  /** `shares` from the method's least number of sections on, `means` below it. */
  by: 'shares' | 'means' | null;
  mainPollutants: ({ item: string; exceedRatePercent: string } | MainPollutant)[];
  status: 'ok' | 'cannot-judge';
  reason: 'no-section-judged' | 'type-unknown' | 'no-evaluated-item' | null;
}

function itemsAbove(
  assessments: readonly SectionAssessment[],
  referenceClass: number,
): Record<string, number> {
  const above: Record<string, number> = {};
  for (const { items } of assessments) {
    for (const item of items) {
      if (item.evaluated && item.class !== null && item.class > referenceClass)
        above[item.parameter] = (above[item.parameter] ?? 0) + 1;
    }
  }
  return above;
}

/** Fewer sections than the method asks for shares: means over them, then the section method; lakes and rivers do not mix. */
function byMeans(
  assessments: readonly SectionAssessment[],
  bodyTypes: ReadonlySet<BodyType | null>,
  facts: WaterFacts,
): Pick<BasinAssessment, 'condition' | 'colour' | 'mainPollutants' | 'reason'> {
  const values: Record<string, (Decimal | null)[]> = {};
  for (const { items } of assessments) {
    for (const { parameter, unrounded } of items)
      (values[parameter] ??= []).push(unrounded === null ? null : new Decimal(unrounded));
  }
  const bodyType = bodyTypes.size === 1 ? ([...bodyTypes][0] ?? null) : null;
  const verdict = classifyReading(
    { values: meansOverSections(values, facts.method), bodyType },
    facts.standard,
  );
  const named = verdict.class === null ? undefined : waterLimits(facts.standard).classOf.get(verdict.class);
  return {
    condition: named?.status ?? null,
    colour: named?.colour ?? null,
    mainPollutants: bodyType === null ? [] : mainPollutants(verdict.items, bodyType, facts),
    reason: verdict.reason,
  };
}

/** A river or basin over one period. Source: 环办〔2011〕22号, rivers and basins. */
export function assessBasin(
  id: string,
  sections: readonly { assessment: SectionAssessment; bodyType: BodyType | null }[],
  facts: WaterFacts,
): BasinAssessment {
  const judged = sections.filter(({ assessment }) => assessment.class !== null);
  const assessments = judged.map(({ assessment }) => assessment);
  const { goodClass, mainPollutants: rule } = facts.method.basin;
  const byClass: Record<number, number> = {};
  for (const one of assessments) byClass[one.class!] = (byClass[one.class!] ?? 0) + 1;
  const shares = {
    sections: assessments.length,
    good: assessments.filter((one) => one.class! <= goodClass).length,
    worst: assessments.filter((one) => one.class === facts.standard.worstClass).length,
  };
  const share = (count: number) =>
    shares.sections === 0
      ? null
      : fixed(new Decimal(count).times(100).div(shares.sections), rule.rateDecimals);
  const found = basinVerdict(shares, facts.method);
  const verdict =
    found !== null
      ? {
          condition: found.status,
          colour: found.colour,
          mainPollutants: basinMainPollutants(
            shares.sections,
            itemsAbove(assessments, facts.method.mainPollutants.referenceClass),
            facts.method,
          ),
          reason: null,
        }
      : shares.sections === 0
        ? { condition: null, colour: null, mainPollutants: [], reason: 'no-section-judged' as const }
        : byMeans(assessments, new Set(judged.map(({ bodyType }) => bodyType)), facts);
  return {
    id,
    period: sections[0]?.assessment.period.id ?? '',
    sections: sections.length,
    judged: assessments.map((one) => one.section),
    notJudged: sections
      .filter(({ assessment }) => assessment.class === null)
      .map(({ assessment }) => assessment.section),
    byClass,
    goodPercent: share(shares.good),
    worstPercent: share(shares.worst),
    by: found !== null ? 'shares' : shares.sections === 0 ? null : 'means',
    status: verdict.condition === null ? 'cannot-judge' : 'ok',
    ...verdict,
  };
}

/** Change of a basin: by shares, and only where its sections can be compared. `points` = ΔG − ΔD, positive is better. */
export function compareBasin(
  before: BasinAssessment,
  after: BasinAssessment,
  sections: Comparability,
  facts: WaterFacts,
): Comparability & { points: string | null; verdict: Text | null } {
  const verdict =
    before.by === 'shares' && after.by === 'shares'
      ? sections
      : comparability([{ reason: 'not-judged', concerns: [] }]);
  if (!verdict.comparable) return { ...verdict, points: null, verdict: null };
  const sharesOf = (one: BasinAssessment) => {
    const count = one.judged.length;
    const good = Object.entries(one.byClass)
      .filter(([waterClass]) => Number(waterClass) <= facts.method.basin.goodClass)
      .reduce((sum, [, sections]) => sum + sections, 0);
    const worst = one.byClass[facts.standard.worstClass] ?? 0;
    return {
      goodPercent: new Decimal(good).times(100).div(count),
      worstPercent: new Decimal(worst).times(100).div(count),
    };
  };
  const trend = trendByShares(sharesOf(before), sharesOf(after), facts.method);
  return { ...verdict, points: fixed(trend.points, 1), verdict: trend.verdict };
}
