import { Type, type Static } from 'typebox';
import type { SectionAssessment, TargetAssessment } from '../../analysis/assessment/index.ts';
import { circumstanceKinds, circumstanceNames } from '../../domain/circumstance.ts';
import {
  NullableBoolean,
  NullableInteger,
  NullableText,
  NullableTextPair,
  oneOf,
  TextPair,
} from '../http/schemas.ts';
import type { CountedFigure, JudgedSection } from './section-verdicts.ts';

export const PeriodShape = Type.Object({
  kind: Type.String({ description: 'single, day, month, cumulative, quarter or year' }),
  id: Type.String(),
  from: Type.String({ description: 'civil date, inclusive' }),
  to: Type.String({ description: 'civil date, inclusive' }),
});

/** One item over a period. `value` at the decimals of evaluation; null with a reason. */
export const AssessedItemShape = Type.Object({
  parameter: Type.String(),
  value: NullableText,
  unrounded: NullableText,
  class: NullableInteger,
  evaluated: Type.Boolean(),
  reason: NullableText,
  provider: NullableText,
  method: NullableText,
  expected: NullableInteger,
  observed: Type.Integer(),
  valid: Type.Integer(),
  validDays: Type.Integer(),
  days: Type.Integer(),
  belowDetection: Type.Integer(),
});

export const TargetShape = Type.Object({
  kind: Type.String(),
  targetClass: Type.Integer(),
  met: NullableBoolean,
  reason: NullableText,
  over: Type.Array(
    Type.Object({ item: Type.String(), limit: Type.String(), multiple: NullableText, text: TextPair }),
  ),
});

/** The figures of a verdict that differ by what is left out or stands in. Values by item, at the decimals of evaluation. */
const FiguresShape = Type.Object({
  class: NullableInteger,
  className: NullableTextPair,
  decidingItems: Type.Array(Type.String()),
  values: Type.Record(Type.String(), NullableText),
  targets: Type.Array(TargetShape),
  status: Type.String(),
  reason: NullableText,
});
type FiguresShape = Static<typeof FiguresShape>;
const NullableFigures = (description: string) =>
  Type.Unsafe<FiguresShape | null>({ anyOf: [FiguresShape, { type: 'null' }], description });

/** What was applied for or decided about a section, and what it did to this verdict. */
const CircumstanceShape = Type.Object({
  id: Type.String(),
  kind: oneOf(circumstanceKinds),
  name: TextPair,
  state: Type.String({ description: 'applied, decided or withdrawn' }),
  effect: Type.String(),
  decidedBy: NullableText,
  documentNumber: NullableText,
  took: Type.String({ description: 'effect, hold, or none with the reason in `why`' }),
  why: NullableText,
  items: Type.Array(Type.String(), { description: 'items whose readings it left out or replaced' }),
  readings: Type.Integer({ description: 'how many readings it left out or replaced' }),
});

const LossShape = Type.Object({
  party: Type.String({ description: 'jurisdiction that operates the station and whose result this is' }),
  lost: Type.Array(
    Type.Object({
      parameter: Type.String(),
      valid: Type.Integer(),
      expected: NullableInteger,
      standIn: NullableText,
    }),
  ),
  text: TextPair,
});

/** A section over a period. `id` null: nothing was measured that it could be recomputed from. */
export const AssessmentShape = Type.Object({
  id: Type.String({ description: 'ask /verdicts/{id}/why' }),
  section: Type.String(),
  period: PeriodShape,
  asOfSeq: Type.Integer(),
  edition: Type.String(),
  method: Type.String(),
  periodRules: Type.String(),
  class: NullableInteger,
  className: NullableTextPair,
  condition: NullableTextPair,
  colour: NullableText,
  decidingItems: Type.Array(Type.String()),
  items: Type.Array(AssessedItemShape),
  reference: Type.Record(Type.String(), NullableInteger),
  mainPollutants: Type.Array(
    Type.Object({ item: Type.String(), class: Type.Integer(), multiple: NullableText }),
  ),
  targets: Type.Array(TargetShape),
  coverage: Type.Object({
    evaluated: Type.Integer(),
    present: Type.Integer(),
    automatic: Type.Integer(),
    text: TextPair,
  }),
  standing: Type.String(),
  defaults: Type.Array(
    Type.Object({
      name: Type.String(),
      value: Type.String(),
      confidence: Type.String(),
      source: Type.String(),
      label: TextPair,
    }),
  ),
  status: Type.String(),
  reason: NullableText,
  counts: oneOf(['measured', 'decided', 'guarded'] satisfies CountedFigure[], {
    description: 'which figures count: those beside `id` (as measured), `decided` or `guarded`',
  }),
  decided: NullableFigures('as special circumstances leave it; null: none took effect'),
  guarded: NullableFigures(
    'with stand-ins for what a party lost; null: nothing was lost at a station of a party',
  ),
  held: Type.Array(Type.String(), { description: 'circumstances on hold: the verdict is not final' }),
  circumstances: Type.Array(CircumstanceShape),
  dataLoss: Type.Unsafe<Static<typeof LossShape> | null>({ anyOf: [LossShape, { type: 'null' }] }),
});
export type AssessmentShape = Static<typeof AssessmentShape>;

function targetShape(target: TargetAssessment): Static<typeof TargetShape> {
  const { kind, targetClass, met, reason, wording } = target;
  const over = wording.map((one) => ({
    item: one.parameter,
    limit: one.limit,
    multiple: one.multiple,
    text: one.wording,
  }));
  return { kind, targetClass, met, reason, over };
}

function figures(assessment: SectionAssessment): FiguresShape {
  const { class: waterClass, className, decidingItems, items, targets, status, reason } = assessment;
  return {
    class: waterClass,
    className,
    decidingItems,
    values: Object.fromEntries(items.map(({ parameter, value }) => [parameter, value])),
    targets: targets.map(targetShape),
    status,
    reason,
  };
}

function circumstanceShapes({ both, circumstances }: JudgedSection): Static<typeof CircumstanceShape>[] {
  return circumstances.map(({ id, kind, state, effect, decidedBy, documentNumber }) => {
    const applied = both.applied.find((one) => one.id === id);
    const ignored = both.ignored.find((one) => one.id === id)?.reason ?? null;
    const why = state === 'withdrawn' ? 'withdrawn' : state === 'applied' ? 'not-decided' : ignored;
    return {
      id,
      kind,
      name: circumstanceNames[kind],
      state,
      effect,
      decidedBy,
      documentNumber,
      took: applied !== undefined ? 'effect' : both.held.includes(id) ? 'hold' : 'none',
      why: applied === undefined && !both.held.includes(id) ? why : null,
      items: applied?.items ?? [],
      readings: applied?.readings ?? 0,
    };
  });
}

const lossText = {
  zh: '一方负责运维的站点缺失数据：以所余读数与上期中较差者代替，缺失不得使结果变好(约定缺省)',
  en: 'Data lost at a station of the party: the worse of what is left and of the period before stands in (agreed default)',
};

/** As answered: the figures as measured, and beside them those that circumstances or a loss of data leave. */
export function assessmentShape(verdict: JudgedSection): AssessmentShape {
  const { assessment, both, guard, counts, key, id } = verdict;
  const { kind, id: period, from, to } = assessment.period;
  return {
    ...assessment,
    id,
    asOfSeq: key.asOfSeq,
    period: { kind, id: period, from, to },
    targets: assessment.targets.map(targetShape),
    counts,
    decided: both.applied.length === 0 ? null : figures(both.asDecided),
    guarded: counts === 'guarded' && guard !== null ? figures(guard.guarded) : null,
    held: both.held,
    circumstances: circumstanceShapes(verdict),
    dataLoss:
      guard === null || guard.lost.length === 0
        ? null
        : { party: guard.party, lost: guard.lost, text: lossText },
  };
}
