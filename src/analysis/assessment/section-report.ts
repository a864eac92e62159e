import type { Text } from '../../domain/config/facts.ts';
import type { WaterEarlyWarning } from '../../domain/config/water-periods.ts';
import { waterLimits } from '../water/limits.ts';
import { trendByLevels } from '../water/trend.ts';
import { compareSection, type Comparability } from './comparability.ts';
import { earlyWarning, type EarlyWarning } from './early-warning.ts';
import type { SectionMonths } from './month-values.ts';
import { cumulativeOutlook, type ItemOutlook } from './outlook.ts';
import { cumulativePeriod, monthBefore, monthPeriod, yearBefore, type AssessmentPeriod } from './period.ts';
import { assessSection, type AssessedSection, type SectionAssessment } from './section-assessment.ts';
import type { WaterFacts } from './water-facts.ts';

/** Change against another period; `verdict` null where they cannot be compared. */
export interface SectionChange extends Comparability {
  against: string;
  classesWorse: number | null;
  verdict: Text | null;
}

/** What a monthly report prints of one section: five periods, their changes, and what the year heads for. */
export interface SectionReport {
  section: string;
  month: SectionAssessment;
  lastMonth: SectionAssessment;
  sameMonthLastYear: SectionAssessment;
  cumulative: SectionAssessment;
  cumulativeLastYear: SectionAssessment;
  changes: { onMonth: SectionChange; onYear: SectionChange; cumulativeOnYear: SectionChange };
  /** By target in force. */
  outlook: { kind: string; targetClass: number; items: ItemOutlook[] }[];
  earlyWarning: EarlyWarning | null;
}

/** Rank of a class among the verdicts (优, 良好, …), 0 the best; classes with one name share a rank. */
function rankOf(waterClass: number, facts: WaterFacts): number {
  const names = [...new Set(facts.standard.classes.map(({ status }) => status.zh))];
  return names.indexOf(waterLimits(facts.standard).classOf.get(waterClass)?.status.zh ?? '');
}

/** Change of one section between two periods, by verdicts. Source: 环办〔2011〕22号, trends. */
export function changeOf(
  before: SectionAssessment,
  after: SectionAssessment,
  facts: WaterFacts,
): SectionChange {
  const comparable = compareSection(before, after);
  const both = before.class !== null && after.class !== null;
  return {
    ...comparable,
    against: before.period.id,
    classesWorse: both ? after.class! - before.class! : null,
    verdict: comparable.comparable
      ? trendByLevels(rankOf(before.class!, facts), rankOf(after.class!, facts), facts.method)
      : null,
  };
}

/**
 * Report of one section for one month. `factsOn`: editions in force on a civil date; each period is judged by those of its last day.
 * Null where the month has no edition.
 */
export function sectionReport(
  section: AssessedSection,
  sections: { months: SectionMonths; warning: WaterEarlyWarning | null },
  at: { year: number; month: number },
  factsOn: (date: string) => WaterFacts | null,
): SectionReport | null {
  const month = monthPeriod(at.year, at.month);
  const cumulative = cumulativePeriod(at.year, at.month);
  const facts = factsOn(month.to);
  if (facts === null) return null;
  const assess = (period: AssessmentPeriod) =>
    assessSection(section, sections.months, period, factsOn(period.to) ?? facts);
  const periods = {
    month: assess(month),
    lastMonth: assess(monthBefore(month)),
    sameMonthLastYear: assess(yearBefore(month)),
    cumulative: assess(cumulative),
    cumulativeLastYear: assess(yearBefore(cumulative)),
  };
  const bodyType = section.bodyType?.value ?? null;
  const { warning } = sections;
  return {
    section: section.id,
    ...periods,
    changes: {
      onMonth: changeOf(periods.lastMonth, periods.month, facts),
      onYear: changeOf(periods.sameMonthLastYear, periods.month, facts),
      cumulativeOnYear: changeOf(periods.cumulativeLastYear, periods.cumulative, facts),
    },
    outlook:
      bodyType === null
        ? []
        : periods.month.targets.map(({ kind, targetClass }) => ({
            kind,
            targetClass,
            items: cumulativeOutlook(sections.months, { ...at, targetClass, bodyType }, facts),
          })),
    earlyWarning:
      warning === null
        ? null
        : earlyWarning({ ...periods, monthLastYear: periods.sameMonthLastYear }, warning),
  };
}
