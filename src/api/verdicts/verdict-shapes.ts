import { Type, type Static } from 'typebox';
import {
  NullableBoolean,
  NullableInteger,
  NullableText,
  NullableTextPair,
  TextPair,
} from '../http/schemas.ts';

/** One value outside a limit. Numbers are exact decimals as text. `text` is the only wording that may be shown for it. */
export const OverLimit = Type.Object({
  parameter: Type.String(),
  value: Type.String(),
  limit: Type.String(),
  /** What the limit belongs to: the kind of target, or the air grade. */
  against: Type.String(),
  /** Class of the target, or grade of the zone. */
  grade: Type.Integer(),
  multiple: NullableText,
  standing: Type.String(),
  text: TextPair,
});
export type OverLimit = Static<typeof OverLimit>;

/** One target of a section against one row; `met` null: cannot be judged. */
export const TargetVerdict = Type.Object({
  kind: Type.String(),
  targetClass: Type.Integer(),
  met: NullableBoolean,
});

export type TargetVerdict = Static<typeof TargetVerdict>;

/** Something the verdict takes for granted because nobody publishes it. */
export const Assumption = Type.Object({
  name: Type.String(),
  concerns: Type.Array(Type.String()),
  source: Type.String(),
  confidence: Type.String(),
  note: NullableText,
});
export type Assumption = Static<typeof Assumption>;

const verdict = {
  status: Type.String(),
  reason: NullableText,
  edition: NullableText,
  standing: Type.String(),
  assumptions: Type.Optional(Type.Array(Assumption)),
  overLimits: Type.Array(OverLimit),
};

/** Our class of one row of a section. `class` null: cannot be judged, and `reason` says why, by name. */
export const WaterVerdict = Type.Object({
  kind: Type.Literal('water'),
  class: NullableInteger,
  className: NullableTextPair,
  decidingItems: Type.Array(Type.String()),
  /** Class of each item that was judged; null with a reason. Reference items do not count towards the class. */
  items: Type.Optional(
    Type.Array(
      Type.Object({
        parameter: Type.String(),
        class: NullableInteger,
        reason: NullableText,
        evaluated: Type.Boolean(),
      }),
    ),
  ),
  targets: Type.Array(TargetVerdict),
  ...verdict,
});
export type WaterVerdict = Static<typeof WaterVerdict>;

/** Our hourly index of one row of an air station. `aqi` null: cannot be judged, and `reason` says why, by name. */
export const AirVerdict = Type.Object({
  kind: Type.Literal('air'),
  aqi: NullableInteger,
  level: NullableInteger,
  levelName: NullableTextPair,
  primary: Type.Array(Type.String()),
  iaqi: Type.Record(Type.String(), NullableInteger),
  ...verdict,
});
export type AirVerdict = Static<typeof AirVerdict>;
