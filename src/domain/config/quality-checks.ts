import { Type, type Static } from 'typebox';
import { DecimalText, Provenance, Text, strict } from './facts.ts';

const ParameterId = Type.String({ pattern: '^[a-z][a-z0-9_]*$' });

export const checkKinds = [
  'zero-check',
  'span-check',
  'zero-drift',
  'span-drift',
  'spike-recovery',
  'standard-sample',
  'manual-comparison',
  'maintenance',
] as const;
export type CheckKind = (typeof checkKinds)[number];

/**
 * How a check is judged. `absolute`: |measured - expected| at most the limit, in the unit of the item; `relative`: at most that
 * percentage of the expected value; `recovery`: measured as a percentage of expected, between `least` and `most`.
 */
const Limit = Type.Union([
  Type.Object(
    { parameter: Type.Optional(ParameterId), absolute: DecimalText, upTo: Type.Optional(DecimalText) },
    strict,
  ),
  Type.Object({ parameter: Type.Optional(ParameterId), relativePercent: DecimalText }, strict),
  Type.Object(
    { parameter: Type.Optional(ParameterId), leastPercent: DecimalText, mostPercent: DecimalText },
    strict,
  ),
]);
export type CheckLimit = Static<typeof Limit>;

/**
 * Limits of the checks of station instruments. A limit without `parameter` is for the items that no other one of the kind names;
 * an absolute limit with `upTo` holds for expected values up to it. `manual-comparison` is judged by `comparison`.
 * `longestHours`: how far back readings are put under review where no passed check is known.
 */
export const QualityChecks = Type.Object(
  {
    limits: Type.Array(
      Type.Object(
        {
          check: Type.Enum([...checkKinds]),
          name: Text,
          limits: Type.Array(Limit),
          provenance: Provenance,
        },
        strict,
      ),
    ),
    longestHours: Type.Integer({ minimum: 1, maximum: 9600 }),
    provenance: Provenance,
  },
  strict,
);
export type QualityChecks = Static<typeof QualityChecks>;
