import { Ajv, type ValidateFunction } from 'ajv';
import type { Static, TSchema } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import type { Act } from '../../domain/ports.ts';
import type { StateTransaction } from './tables.ts';

/** How one kind and version of act is checked and applied. `apply` takes ids and times from the act only, so that replaying gives the same rows. */
export interface ActKind {
  schema: TSchema;
  check(payload: unknown): readonly string[];
  apply(trx: StateTransaction, act: Act): Promise<void>;
}

/** A payload holds its members and nothing else. */
export const strict = { additionalProperties: false };

export const ajv = new Ajv({ allErrors: true, code: { optimize: false } });

/** Makes a kind of act from the shape of its payload and what it does. */
export function actKind<S extends TSchema>(
  schema: S,
  apply: (trx: StateTransaction, payload: Static<S>, act: Act) => Promise<void>,
): ActKind {
  // Compiled at the first act of the kind: a process meets few of them.
  let compiled: ValidateFunction<Static<S>> | null = null;
  const validator = (): ValidateFunction<Static<S>> => (compiled ??= ajv.compile<Static<S>>(schema));
  return {
    schema,
    check(payload) {
      const validate = validator();
      if (validate(payload)) return [];
      return (validate.errors ?? []).map(
        (error) => `payload${error.instancePath} ${error.message ?? 'is wrong'}`,
      );
    },
    async apply(trx, act) {
      const payload: unknown = act.payload;
      if (!validator()(payload))
        throw new MonitorError('E_BAD_REQUEST', `act ${act.id}: payload does not fit ${act.kind}`);
      await apply(trx, payload, act);
    },
  };
}
