import { editionInForce, type Config } from '../../domain/config/config.ts';
import type { Text } from '../../domain/config/facts.ts';
import type { Section } from '../../domain/config/region.ts';
import type { WaterEarlyWarning } from '../../domain/config/water-periods.ts';
import { compareSection } from './comparability.ts';
import type { SectionAssessment } from './section-assessment.ts';

/** `level` null: no warning, or cannot be judged with a reason. */
export interface EarlyWarning {
  method: string;
  level: number | null;
  name: Text | null;
  reason: 'cannot-judge' | 'not-comparable' | 'no-target' | null;
  monthDown: number | null;
  cumulativeDown: number | null;
  cumulativeTargetMet: boolean | null;
}

export interface WarningInput {
  month: SectionAssessment;
  monthLastYear: SectionAssessment;
  cumulative: SectionAssessment;
  cumulativeLastYear: SectionAssessment;
}

/** Whether a section lies in a basin that the method names. */
export function warnsIn(
  method: WaterEarlyWarning,
  section: Pick<Section, 'reach'>,
  rivers: Config['rivers'],
): boolean {
  const river = rivers.find(({ reaches }) => reaches.some(({ id }) => id === section.reach?.id));
  return river !== undefined && method.basins.includes(river.basin.zh);
}

/** The early-warning method of the section's basin on a date; null where none applies. */
export function warningMethodOf(
  config: Pick<Config, 'waterEarlyWarnings' | 'rivers'>,
  section: Pick<Section, 'reach'>,
  date: string,
): WaterEarlyWarning | null {
  const method = editionInForce(config.waterEarlyWarnings, date);
  return method !== null && warnsIn(method, section, config.rivers) ? method : null;
}

/**
 * Warning level of a section: month and cumulative class both so many classes worse than a year before and below the class of the
 * method, and the cumulative target missed. The most severe level that holds; years that cannot be compared warn of nothing. Source: 长江流域水环境质量监测预警办法(试行).
 */
export function earlyWarning(input: WarningInput, method: WaterEarlyWarning): EarlyWarning {
  const down = (before: SectionAssessment, after: SectionAssessment) =>
    before.class === null || after.class === null ? null : after.class - before.class;
  const monthDown = down(input.monthLastYear, input.month);
  const cumulativeDown = down(input.cumulativeLastYear, input.cumulative);
  const target = input.cumulative.targets.find((one) => one.kind === method.target);
  const base = { method: method.id, monthDown, cumulativeDown, cumulativeTargetMet: target?.met ?? null };
  if (monthDown === null || cumulativeDown === null) {
    return { ...base, level: null, name: null, reason: 'cannot-judge' };
  }
  const comparable =
    compareSection(input.monthLastYear, input.month).comparable &&
    compareSection(input.cumulativeLastYear, input.cumulative).comparable;
  if (!comparable) return { ...base, level: null, name: null, reason: 'not-comparable' };
  const reason = target === undefined ? 'no-target' : target.met === null ? 'cannot-judge' : null;
  const below = Math.min(input.month.class!, input.cumulative.class!) > method.worseThanClass;
  const holds = (classesDown: number) =>
    below && target?.met === false && monthDown >= classesDown && cumulativeDown >= classesDown;
  const level = method.levels.find(({ classesDown }) => holds(classesDown));
  return { ...base, level: level?.level ?? null, name: level?.name ?? null, reason };
}
