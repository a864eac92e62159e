import { Type, type Static } from 'typebox';
import { circumstanceKinds } from '../circumstance.ts';
import { Provenance, Text, strict } from './facts.ts';
import { InForce } from './in-force.ts';

/** Effects that an agreement may admit; a hold waits for one of them and follows its kind. */
export const admissibleEffects = ['exclude-interval', 'exclude-item', 'replace-by-make-up-sample'] as const;

/**
 * Which decided circumstances count in a settlement, by the first day of them in the period settled. An absent list admits all of
 * them, an empty one none. `decidedBy`: deciding bodies as they sign. What is not admitted changes nothing and is listed with the clause.
 */
export const CircumstanceTerms = Type.Object(
  {
    inForce: InForce,
    kinds: Type.Optional(Type.Array(Type.Enum([...circumstanceKinds]), { uniqueItems: true })),
    effects: Type.Optional(Type.Array(Type.Enum([...admissibleEffects]), { uniqueItems: true })),
    decidedBy: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 200, pattern: '^\\S(.*\\S)?$' }), {
        uniqueItems: true,
      }),
    ),
    /** As the agreement has it; printed beside what it keeps out. */
    clause: Text,
    provenance: Provenance,
  },
  strict,
);
export type CircumstanceTerms = Static<typeof CircumstanceTerms>;
