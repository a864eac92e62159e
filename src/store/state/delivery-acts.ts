import { Type, type Static } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import { pending } from './notifications.ts';
import { actKind, strict, type ActKind } from './act-kind.ts';
import type { StateTransaction } from './tables.ts';

const name = Type.String({ minLength: 1, maxLength: 400, pattern: '^[^\\u0000-\\u001f]+$' });
const outcome = Type.Object(
  {
    notification: name,
    state: Type.Union([Type.Literal('delivered'), Type.Literal('dead')]),
    error: Type.Union([Type.String(), Type.Null()]),
  },
  strict,
);
const recordV1 = Type.Object({ deliveries: Type.Array(outcome, { minItems: 1, maxItems: 10_000 }) }, strict);
const resendV1 = Type.Object({ notification: name }, strict);

async function nextOrder(trx: StateTransaction): Promise<number> {
  const { last } = await trx
    .updateTable('delivery_order')
    .set((eb) => ({ last: eb('last', '+', 1) }))
    .where('id', '=', 1)
    .returning('last')
    .executeTakeFirstOrThrow();
  return last;
}

async function settle(trx: StateTransaction, of: Static<typeof outcome>, atS: number): Promise<void> {
  const { notification: id, state, error } = of;
  const row = await trx
    .selectFrom('notification')
    .select('id')
    .where('id', '=', id)
    .where('state', 'in', pending)
    .executeTakeFirst();
  if (row === undefined) return;
  const delivered = state === 'delivered';
  const order = delivered ? await nextOrder(trx) : null;
  await trx
    .updateTable('notification')
    .set((eb) => ({
      state,
      attempts: eb('attempts', '+', 1),
      last_error: error,
      // The time of the last attempt, from here on.
      next_try_s: atS,
      delivered_s: delivered ? atS : null,
      delivered_order: order,
    }))
    .where('id', '=', id)
    .execute();
}

/**
 * The ends of messages, and messages that are sent again. In a state that is made again from the journal a message may not have failed
 * yet: sending it again is no fault there. Throws E_NOT_FOUND for a message that is not known.
 */
export const deliveryKinds: Record<string, ActKind> = {
  'record-deliveries@1': actKind(recordV1, async (trx, { deliveries }, act) => {
    for (const one of deliveries) await settle(trx, one, act.atS);
  }),
  'resend-notification@1': actKind(resendV1, async (trx, { notification: id }, act) => {
    const row = await trx.selectFrom('notification').select('id').where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw new MonitorError('E_NOT_FOUND', `there is no message ${id}`);
    await trx
      .updateTable('notification')
      .set({ state: 'waiting', attempts: 0, next_try_s: act.atS })
      .where('id', '=', id)
      .where('state', 'in', ['dead', 'failed'])
      .execute();
  }),
};
