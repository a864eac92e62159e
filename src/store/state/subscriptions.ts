import type { Generated } from 'kysely';
import { Type } from 'typebox';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { MonitorError } from '../../domain/errors.ts';
import {
  eventKinds,
  type Subscription,
  type SubscriptionProgress,
  type SubscriptionStore,
} from '../../domain/subscriptions.ts';
import { roles } from '../../domain/roles.ts';
import { sealedPattern } from './stored-text.ts';
import type { StateDatabase, StateTransaction } from './tables.ts';
import { actKind, strict, type ActKind } from './act-kind.ts';

export interface SubscriptionTables {
  subscription: {
    id: string;
    subscription: string;
    created_s: number;
    disabled_s: number | null;
    deleted_s: number | null;
  };
  subscription_progress: { subscription: string; progress: string };
  webhook_delivery: {
    id: Generated<number>;
    subscription: string;
    at_s: number;
    message: string;
    event: string;
    status: number | null;
    error: string | null;
    milliseconds: number;
  };
}

export const subscriptionStatements = [
  `create table subscription (
     id text primary key, subscription text not null, created_s int8 not null, disabled_s int8, deleted_s int8)`,
  `create table subscription_progress (subscription text primary key, progress text not null)`,
  `create table webhook_delivery (
     id int8 generated always as identity primary key, subscription text not null, at_s int8 not null, message text not null,
     event text not null, status int8, error text, milliseconds int8 not null)`,
  `create index webhook_delivery_by_subscription on webhook_delivery (subscription, id desc)`,
];

const id = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,119}$' });
const ids = Type.Union([
  Type.Array(Type.String({ minLength: 1, maxLength: 120 }), { maxItems: 256 }),
  Type.Null(),
]);
const line = Type.String({ minLength: 1, maxLength: 200 });

const createV1 = Type.Object(
  {
    url: Type.String({ pattern: '^https?://[^\\s\\u0000]{1,2000}$' }),
    events: Type.Array(Type.Enum([...eventKinds]), { minItems: 1 }),
    stations: ids,
    parameters: ids,
    owner: Type.Object(
      {
        id: line,
        role: Type.Enum([...roles]),
        jurisdiction: Type.Union([line, Type.Null()]),
        scopes: Type.Array(line, { maxItems: 100 }),
      },
      strict,
    ),
    sealedSecret: Type.String({ pattern: sealedPattern }),
    afterSeq: Type.Integer({ minimum: 0 }),
  },
  strict,
);
const ofOneV1 = Type.Object({ subscription: id, reason: line }, strict);

async function change(
  trx: StateTransaction,
  subscription: string,
  values: { disabled_s?: number | null; deleted_s?: number },
): Promise<void> {
  const { numUpdatedRows } = await trx
    .updateTable('subscription')
    .set(values)
    .where('id', '=', subscription)
    .where('deleted_s', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n)
    throw new MonitorError('E_NOT_FOUND', `there is no subscription ${subscription}`);
}

/** Acts on subscriptions. The secret arrives sealed. Throws E_NOT_FOUND, E_CONFLICT. */
export const subscriptionKinds: Record<string, ActKind> = {
  'create-subscription@1': actKind(createV1, async (trx, made, act) => {
    await trx
      .insertInto('subscription')
      .values({
        id: act.id,
        subscription: canonicalJson(made),
        created_s: act.atS,
        disabled_s: null,
        deleted_s: null,
      })
      .execute();
  }),
  'delete-subscription@1': actKind(ofOneV1, (trx, { subscription }, act) =>
    change(trx, subscription, { deleted_s: act.atS }),
  ),
  'disable-subscription@1': actKind(ofOneV1, (trx, { subscription }, act) =>
    change(trx, subscription, { disabled_s: act.atS }),
  ),
  'enable-subscription@1': actKind(ofOneV1, (trx, { subscription }) =>
    change(trx, subscription, { disabled_s: null }),
  ),
};

function subscriptionOfRow(row: SubscriptionTables['subscription']): Subscription {
  const made = JSON.parse(row.subscription) as Omit<Subscription, 'id' | 'createdS' | 'disabledS'>;
  return { ...made, id: row.id, createdS: row.created_s, disabledS: row.disabled_s };
}

const kept = 200;

export function subscriptionStore(db: StateDatabase): SubscriptionStore {
  const present = () => db.selectFrom('subscription').selectAll().where('deleted_s', 'is', null);
  return {
    async list() {
      const rows = await present().orderBy('created_s').orderBy('id').execute();
      return rows.map(subscriptionOfRow);
    },
    async get(wanted) {
      const row = await present().where('id', '=', wanted).executeTakeFirst();
      return row === undefined ? null : subscriptionOfRow(row);
    },
    async progress(subscription) {
      const row = await db
        .selectFrom('subscription_progress')
        .select('progress')
        .where('subscription', '=', subscription)
        .executeTakeFirst();
      return row === undefined ? null : (JSON.parse(row.progress) as SubscriptionProgress);
    },
    async setProgress(subscription, to) {
      const progress = JSON.stringify(to);
      await db
        .insertInto('subscription_progress')
        .values({ subscription, progress })
        .onConflict((conflict) => conflict.column('subscription').doUpdateSet({ progress }))
        .execute();
    },
    async note(subscription, { atS, message, event, status, error, milliseconds }) {
      const { id: newest } = await db
        .insertInto('webhook_delivery')
        .values({ subscription, at_s: atS, message, event, status, error, milliseconds })
        .returning('id')
        .executeTakeFirstOrThrow();
      if (newest % kept !== 0) return;
      const oldest = await db
        .selectFrom('webhook_delivery')
        .select('id')
        .where('subscription', '=', subscription)
        .orderBy('id', 'desc')
        .offset(kept)
        .limit(1)
        .executeTakeFirst();
      if (oldest !== undefined)
        await db
          .deleteFrom('webhook_delivery')
          .where('subscription', '=', subscription)
          .where('id', '<=', oldest.id)
          .execute();
    },
    async deliveries(subscription, { after, limit }) {
      let query = db
        .selectFrom('webhook_delivery')
        .selectAll()
        .where('subscription', '=', subscription)
        .orderBy('id', 'desc')
        .limit(limit);
      if (after !== undefined) query = query.where('id', '<', after.id);
      return (await query.execute()).map(({ at_s: atS, subscription: _of, ...delivery }) => ({
        atS,
        ...delivery,
      }));
    },
  };
}
