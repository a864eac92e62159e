import { Type, type Static } from 'typebox';
import type { SectionAssessment } from '../analysis/assessment/index.ts';
import { NullableInteger, NullableText, TextPair } from './schemas.ts';

const NullableTextPair = Type.Unsafe<Static<typeof TextPair> | null>({ anyOf: [TextPair, { type: 'null' }] });
const NullableBoolean = Type.Unsafe<boolean | null>({ type: ['boolean', 'null'] });

export const PeriodShape = Type.Object({
  kind: Type.String({ description: 'day, month, cumulative, quarter or year' }),
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
  over: Type.Array(Type.Object({ item: Type.String(), multiple: NullableText, text: TextPair })),
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
});
export type AssessmentShape = Static<typeof AssessmentShape>;

/** As answered; `key` names the verdict and the state it was computed on. */
export function assessmentShape(
  assessment: SectionAssessment,
  key: { id: string; asOfSeq: number },
): AssessmentShape {
  const { kind, id, from, to } = assessment.period;
  return {
    ...assessment,
    ...key,
    period: { kind, id, from, to },
    targets: assessment.targets.map((target) => ({
      kind: target.kind,
      targetClass: target.targetClass,
      met: target.met,
      reason: target.reason,
      over: target.wording.map((over) => ({
        item: over.parameter,
        multiple: over.multiple,
        text: over.wording,
      })),
    })),
  };
}
