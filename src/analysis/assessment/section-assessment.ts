import type { Text } from '../../domain/config/facts.ts';
import type { Section, Target } from '../../domain/config/region.ts';
import type { MeasuringMethod } from '../../domain/config/water-periods.ts';
import { Decimal } from '../../domain/decimal.ts';
import { overLimitList, type OverLimit } from '../exceedance/over-limit.ts';
import type { Standing } from '../exceedance/wording.ts';
import { classifyReading, overTarget, type OverTarget, type WaterVerdict } from '../water/classify.ts';
import { evaluationValue } from '../water/evaluation-value.ts';
import { waterLimits } from '../water/limits.ts';
import { mainPollutants, type MainPollutant } from '../water/main-pollutants.ts';
import type { ItemMean, InsufficientReason, SectionMonths } from './month-values.ts';
import type { AssessmentPeriod } from './period.ts';
import { periodValues } from './period-values.ts';
import { agreedDefaults, type AgreedDefault, type WaterFacts } from './water-facts.ts';

/** What the assessment needs to know of a section. */
export type AssessedSection = Pick<Section, 'id' | 'name' | 'bodyType' | 'targets' | 'hydraulics'>;

/** One item of a section over a period: evaluation value as printed, class, and what it rests on. */
export interface AssessedItem {
  parameter: string;
  /** At the decimals of evaluation; null with a reason. */
  value: string | null;
  /** To 12 decimals, for the reader. */
  unrounded: string | null;
  class: number | null;
  evaluated: boolean;
  reason: InsufficientReason | null;
  provider: string | null;
  method: MeasuringMethod | null;
  expected: number | null;
  observed: number;
  valid: number;
  validDays: number;
  days: number;
  belowDetection: number;
}

/** One target against the period. `met` null: cannot be judged, and `reason` says why. */
export interface TargetAssessment {
  kind: Target['kind'];
  targetClass: number;
  met: boolean | null;
  reason: 'no-value' | 'type-unknown' | null;
  over: OverTarget[];
  /** The only wording that may be shown for what is over. */
  wording: OverLimit[];
}

/** Which of the evaluated items the verdict rests on; `text` says it in a sentence. */
export interface ItemCoverage {
  evaluated: number;
  present: number;
  automatic: number;
  text: Text;
}

export interface SectionAssessment {
  section: string;
  period: AssessmentPeriod;
  edition: string;
  method: string;
  periodRules: string;
  class: number | null;
  className: Text | null;
  condition: Text | null;
  colour: string | null;
  /** 定类项目: of every class, the best one included. */
  decidingItems: string[];
  items: AssessedItem[];
  reference: Record<string, number | null>;
  mainPollutants: MainPollutant[];
  targets: TargetAssessment[];
  coverage: ItemCoverage;
  standing: Standing;
  defaults: AgreedDefault[];
  status: 'ok' | 'cannot-judge';
  reason: WaterVerdict['reason'] | InsufficientReason | 'edition-missing';
}

function standingOf(period: AssessmentPeriod, reviewed: boolean): Standing {
  const mark = reviewed ? 'reviewed' : 'unreviewed';
  if (period.kind === 'single') return `single-${mark}`;
  if (period.kind === 'day') return `day-${mark}`;
  if (period.kind === 'month') return `monthly-${mark}`;
  return period.kind === 'cumulative' ? `cumulative-${mark}` : `period-${mark}`;
}

function coverageOf(verdict: WaterVerdict, means: readonly ItemMean[], facts: WaterFacts): ItemCoverage {
  const evaluated = facts.standard.items.filter((item) => item.evaluated).length;
  const present = evaluated - verdict.missing.length;
  const counted = new Set(verdict.items.filter((item) => item.evaluated).map((item) => item.parameter));
  const automatic = means.filter(
    (one) => one.mean !== null && one.method === 'automatic' && counted.has(one.parameter),
  ).length;
  const alone = automatic === present;
  const text = alone
    ? {
        zh: `自动监测数据覆盖${evaluated}项评价指标中的${present}项`,
        en: `Automatic data covers ${present} of the ${evaluated} items`,
      }
    : {
        zh: `覆盖${evaluated}项评价指标中的${present}项，其中自动监测${automatic}项`,
        en: `Data covers ${present} of the ${evaluated} items, ${automatic} of them automatic`,
      };
  return { evaluated, present, automatic, text };
}

function targetAssessment(
  section: AssessedSection,
  target: Target,
  judged: { verdict: WaterVerdict; values: Record<string, string>; standing: Standing },
  facts: WaterFacts,
): TargetAssessment {
  const bodyType = section.bodyType?.value ?? null;
  const { verdict, values, standing } = judged;
  const { over, undetermined } = overTarget(verdict.items, target.class, bodyType, facts.standard);
  const any = verdict.items.some((item) => item.evaluated);
  const reason = over.length > 0 ? null : !any ? 'no-value' : undetermined.length > 0 ? 'type-unknown' : null;
  const input = { station: section.id, atS: 0, values, bodyType, targetClass: target.class, standing };
  return {
    kind: target.kind,
    targetClass: target.class,
    met: over.length > 0 ? false : reason === null ? true : null,
    reason,
    over,
    wording: overLimitList(input, facts),
  };
}

/** Why a section without a class has none: the reason of its items where they agree on one. */
function missingReason(verdict: WaterVerdict, means: readonly ItemMean[]): SectionAssessment['reason'] {
  if (verdict.reason !== 'no-evaluated-item') return verdict.reason;
  return means.find((one) => one.reason !== null && one.reason !== 'no-data')?.reason ?? 'no-data';
}

/**
 * Verdict on a section from the values of a period: rounded once to the decimals of evaluation, a single reading as it is stored; then
 * the worst item decides.
 * Targets are those in force on the last day. Source: GB 3838-2002; 环办〔2011〕22号; 环办监测函〔2020〕82号.
 */
export function assessMeans(
  section: AssessedSection,
  period: AssessmentPeriod,
  means: readonly ItemMean[],
  facts: WaterFacts,
): SectionAssessment {
  const bodyType = section.bodyType?.value ?? null;
  const printed = (parameter: string, mean: Decimal) =>
    period.kind === 'single' ? mean.toFixed() : evaluationValue(parameter, mean, facts.method);
  const values = Object.fromEntries(
    means.flatMap(({ parameter, mean }) =>
      mean === null ? [] : [[parameter, printed(parameter, mean)] as const],
    ),
  );
  const verdict = classifyReading({ values, bodyType }, facts.standard);
  const classes = new Map(verdict.items.map((item) => [item.parameter, item]));
  const used = means.filter((one) => one.mean !== null);
  const standing = standingOf(period, used.length > 0 && used.every((one) => one.stage > 0));
  const named = verdict.class === null ? undefined : waterLimits(facts.standard).classOf.get(verdict.class);
  const targets = section.targets.filter(
    (target) => (target.from ?? period.to) <= period.to && period.to <= (target.to ?? period.to),
  );
  return {
    section: section.id,
    period,
    edition: facts.standard.id,
    method: facts.method.id,
    periodRules: facts.periods.id,
    class: verdict.class,
    className: named?.name ?? null,
    condition: named?.status ?? null,
    colour: named?.colour ?? null,
    decidingItems: verdict.decidingItems,
    items: means.map((one) => assessedItem(one, values[one.parameter] ?? null, classes)),
    reference: verdict.reference,
    mainPollutants: bodyType === null ? [] : mainPollutants(verdict.items, bodyType, facts),
    targets: targets.map((target) => targetAssessment(section, target, { verdict, values, standing }, facts)),
    coverage: coverageOf(verdict, means, facts),
    standing,
    defaults: agreedDefaults(period.kind, facts.periods),
    status: verdict.status,
    reason: missingReason(verdict, means),
  };
}

function assessedItem(
  one: ItemMean,
  value: string | null,
  classes: ReadonlyMap<string, WaterVerdict['items'][number]>,
): AssessedItem {
  const judged = classes.get(one.parameter);
  return {
    parameter: one.parameter,
    value,
    unrounded: one.mean === null ? null : one.mean.toDecimalPlaces(12, Decimal.ROUND_HALF_EVEN).toFixed(),
    class: judged?.class ?? null,
    evaluated: judged?.evaluated ?? false,
    reason: one.reason,
    provider: one.provider,
    method: one.method,
    expected: one.expected,
    observed: one.observed,
    valid: one.valid,
    validDays: one.validDays,
    days: one.days,
    belowDetection: one.belowDetection,
  };
}

/** Verdict on a section over any period, from the shared values of its months. */
export function assessSection(
  section: AssessedSection,
  months: SectionMonths,
  period: AssessmentPeriod,
  facts: WaterFacts,
): SectionAssessment {
  return assessMeans(section, period, periodValues(months, period), facts);
}
