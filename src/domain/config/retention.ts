import { Type, type Static } from 'typebox';
import { averagings, type AveragingId } from '../time.ts';
import { InForce } from './in-force.ts';
import { Id, Text, strict } from './facts.ts';

/**
 * Readings of these averagings (and parameters; absent: all) move into the archive when their civil month ended more than
 * `keepDays` ago. The policies in force on the day of a run decide. `archive` is a folder below the archive's place.
 */
export const RetentionPolicy = Type.Object(
  {
    id: Id,
    name: Text,
    averagings: Type.Array(Type.Enum(Object.keys(averagings) as AveragingId[]), {
      minItems: 1,
      uniqueItems: true,
    }),
    parameters: Type.Optional(Type.Array(Id, { minItems: 1, uniqueItems: true })),
    keepDays: Type.Integer({ minimum: 90, maximum: 36_500 }),
    archive: Id,
    inForce: InForce,
  },
  strict,
);
export type RetentionPolicy = Static<typeof RetentionPolicy>;
export const RetentionFile = Type.Object(
  { kind: Type.Literal('retention'), retention: Type.Array(RetentionPolicy) },
  strict,
);
