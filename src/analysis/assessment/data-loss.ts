import type { ItemMean } from './month-values.ts';
import { assessMeans, type AssessedSection, type SectionAssessment } from './section-assessment.ts';
import type { AssessmentPeriod } from './period.ts';
import type { WaterFacts } from './water-facts.ts';
import type { Decimal } from '../../domain/decimal.ts';

/** An item that a party's own station failed to deliver, and the value that stands in for it. */
export interface LostItem {
  parameter: string;
  valid: number;
  expected: number | null;
  /** The worse of what is left of the period and of the period before; null where there is neither. */
  standIn: string | null;
}

/** `guarded`: the verdict that counts for the party; never better than `asMeasured`, and no target is met where an item stays open. */
export interface LossGuard {
  asMeasured: SectionAssessment;
  guarded: SectionAssessment;
  lost: LostItem[];
}

/**
 * A loss of data at a station that a party operates cannot improve that party's result: each lost item takes the worse of its
 * remaining readings (`partial`) and of the period before, and a target with an item that has neither is not judged met.
 * `excused`: items that a decision took readings out of; what is missing there nobody lost.
 */
export function guardAgainstLoss(
  section: AssessedSection,
  period: AssessmentPeriod,
  of: {
    means: readonly ItemMean[];
    before: readonly ItemMean[];
    operatedByParty: boolean;
    excused?: readonly string[];
  },
  facts: WaterFacts,
): LossGuard {
  const asMeasured = assessMeans(section, period, of.means, facts);
  if (!of.operatedByParty) return { asMeasured, guarded: asMeasured, lost: [] };
  const excused = new Set(of.excused ?? []);
  const wanted = new Set(facts.method.automaticItems.items.filter((item) => !excused.has(item)));
  const before = new Map(of.before.map((one) => [one.parameter, one]));
  const names = new Set([...of.means, ...of.before].map((one) => one.parameter));
  const lost: LostItem[] = [];
  const means = [...names].flatMap((parameter): ItemMean[] => {
    const now = of.means.find((one) => one.parameter === parameter);
    const old = before.get(parameter);
    if (now !== undefined && (now.mean !== null || !wanted.has(parameter))) return [now];
    if (!wanted.has(parameter)) return [];
    const base = now ?? { ...old!, mean: null, partial: null, valid: 0, validDays: 0, observed: 0 };
    const standIn = worst(parameter, [now?.partial ?? null, old?.mean ?? null], section, period, facts);
    lost.push({ parameter, valid: base.valid, expected: base.expected, standIn: standIn?.toFixed() ?? null });
    return [{ ...base, mean: standIn, reason: standIn === null ? base.reason : null }];
  });
  const judged = assessMeans(section, period, means, facts);
  const open = lost.some((item) => item.standIn === null);
  const guarded = !open
    ? judged
    : {
        ...judged,
        targets: judged.targets.map((target) =>
          target.met === true ? { ...target, met: null, reason: 'no-value' as const } : target,
        ),
      };
  return { asMeasured, guarded, lost };
}

/** The value of the worst class; of one class the one further towards the worse side, which classes cannot tell apart, is the first. */
function worst(
  parameter: string,
  candidates: readonly (Decimal | null)[],
  section: AssessedSection,
  period: AssessmentPeriod,
  facts: WaterFacts,
): Decimal | null {
  let found: { value: Decimal; class: number } | null = null;
  for (const value of candidates) {
    if (value === null) continue;
    const mean = { ...emptyItem(parameter), mean: value };
    const waterClass = assessMeans(section, period, [mean], facts).class ?? 0;
    if (found === null || waterClass > found.class) found = { value, class: waterClass };
  }
  return found?.value ?? null;
}

function emptyItem(parameter: string): ItemMean {
  return {
    parameter,
    mean: null,
    partial: null,
    reason: null,
    provider: null,
    method: null,
    expected: null,
    observed: 0,
    valid: 0,
    validDays: 0,
    days: 0,
    belowDetection: 0,
    stage: 0,
  };
}
