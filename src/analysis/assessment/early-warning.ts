import type { Text } from '../../domain/config/facts.ts';
import type { WaterEarlyWarning } from '../../domain/config/water-periods.ts';
import type { SectionAssessment } from './section-assessment.ts';

/** `level` null: no warning, or cannot be judged with a reason. */
export interface EarlyWarning {
  method: string;
  level: number | null;
  name: Text | null;
  reason: 'cannot-judge' | 'no-target' | null;
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

/**
 * Warning level of a section: month and cumulative class both so many classes worse than a year before and below the class of the
 * method, and the cumulative target missed. The most severe level that holds. Source: 长江流域水环境质量监测预警办法(试行).
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
  const reason = target === undefined ? 'no-target' : target.met === null ? 'cannot-judge' : null;
  const below = Math.min(input.month.class!, input.cumulative.class!) > method.worseThanClass;
  const holds = (classesDown: number) =>
    below && target?.met === false && monthDown >= classesDown && cumulativeDown >= classesDown;
  const level = method.levels.find(({ classesDown }) => holds(classesDown));
  return { ...base, level: level?.level ?? null, name: level?.name ?? null, reason };
}
