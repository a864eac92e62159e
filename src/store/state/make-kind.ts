import type { Static, TSchema } from 'typebox';
import type { Act } from '../../domain/ports.ts';
import type { StateTransaction } from './tables.ts';

/** Makes a kind of act from the shape of its payload and what it does; the act queue gives it. */
export type MakeKind<K> = <S extends TSchema>(
  schema: S,
  apply: (trx: StateTransaction, payload: Static<S>, act: Act) => Promise<void>,
) => K;

/** A payload holds its members and nothing else. */
export const strict = { additionalProperties: false };
