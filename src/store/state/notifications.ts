import { createHash } from 'node:crypto';
import { sql, type Generated } from 'kysely';
import { Type } from 'typebox';
import type { Act, ActLog } from '../../domain/acts.ts';
import type { RecordAlerts } from '../../domain/alerts.ts';
import type {
  DeliveryPatience,
  DeliveryQueue,
  DeliveryStore,
  DeliveryWake,
  StoredNotification,
} from '../../domain/deliveries.ts';
import type { DeliveryState, Notification, NotificationFacts } from '../../domain/notifications.ts';
import type { WithAct } from './act-queue.ts';
import type { Jobs } from './jobs.ts';
import { storedText } from './stored-text.ts';
import type { StateDatabase, StateTransaction } from './tables.ts';

export const notificationStatements = [
  `create table notification (
     position int8 generated always as identity primary key, id text not null unique, alert_id text not null, kind text not null,
     contact text not null, channel text not null, address text not null, language text not null, ordering_key text not null,
     created_s int8 not null, facts text not null,
     state text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed', 'dead')),
     attempts int8 not null default 0, next_try_s int8 not null, delivered_s int8, last_error text)`,
  `create index notification_pending on notification (ordering_key, position) where state in ('waiting', 'failed')`,
  `create index notification_by_alert on notification (alert_id, position)`,
  `create index notification_by_state on notification (state, position)`,
  `create index notification_by_channel on notification (channel, position) where state = 'delivered'`,
];

/** The counter's row is locked until its transaction commits: numbers are in the order of the commits. */
export const deliveryOrderStatements = [
  `create table delivery_order (id int8 primary key check (id = 1), last int8 not null)`,
  `alter table notification add column delivered_order int8`,
  `update notification set delivered_order = position where state = 'delivered'`,
  `insert into delivery_order (id, last) select 1, coalesce(max(position), 0) from notification`,
  `create unique index notification_by_delivery on notification (delivered_order) where delivered_order is not null`,
];

export interface NotificationTables {
  delivery_order: { id: 1; last: number };
  notification: {
    position: Generated<number>;
    id: string;
    alert_id: string;
    kind: string;
    contact: string;
    channel: string;
    address: string;
    language: string;
    ordering_key: string;
    created_s: number;
    facts: string;
    state: Generated<string>;
    attempts: Generated<number>;
    next_try_s: number;
    delivered_s: number | null;
    last_error: string | null;
    delivered_order: number | null;
  };
}

const name = Type.String({ minLength: 1, maxLength: 400, pattern: '^[^\\u0000-\\u001f]+$' });
/** What an act must say of a message at least. */
export const notificationShape = Type.Object({
  id: name,
  kind: name,
  contact: name,
  channel: name,
  address: Type.String(),
  facts: Type.Object({ alertId: name }),
});

const queue = 'deliver';
/** Neither delivered nor dead. */
export const pending: DeliveryState[] = ['waiting', 'failed'];

/** Adds notifications to the outbox as part of a transaction; one whose id is known is left as it is, so an act applied again repeats nothing. */
export type AddNotifications = (trx: StateTransaction, added: readonly Notification[]) => Promise<void>;

/** The rows only: their jobs come with `withAct`, or where no queue is open with the next sweep of the outbox. */
export const addNotifications: AddNotifications = async (trx, added) => {
  for (const notification of added) {
    await trx
      .insertInto('notification')
      .values({
        id: notification.id,
        alert_id: notification.facts.alertId,
        kind: notification.kind,
        contact: notification.contact,
        channel: notification.channel,
        address: notification.address,
        language: notification.language,
        ordering_key: notification.orderingKey,
        created_s: notification.createdS,
        facts: storedText(JSON.stringify(notification.facts)),
        next_try_s: notification.createdS,
        delivered_s: null,
        last_error: null,
        delivered_order: null,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
  }
};

/** Ordering keys that an act has something new for. */
async function keysOf(trx: StateTransaction, { kind, payload }: Act): Promise<string[]> {
  if (kind === 'record-alerts' || kind === 'send-reminders' || kind === 'redirect-reminders') {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the act was applied: its payload was checked
    const { notifications } = payload as unknown as Pick<RecordAlerts, 'notifications'>;
    return notifications.map(({ orderingKey }) => orderingKey);
  }
  if (kind !== 'resend-notification') return [];
  const row = trx.selectFrom('notification').select('ordering_key');
  const { ordering_key: key } = await row
    .where('id', '=', String(payload['notification']))
    .executeTakeFirstOrThrow();
  return [key];
}

/**
 * The outbox of this database. `withAct`, for `OpenState.withEachAct`, adds the jobs that deliver the rows of an act, in the transaction
 * that adds the rows.
 */
export async function openOutbox(
  db: StateDatabase,
  jobs: Pick<Jobs, 'inTurn' | 'send' | 'work'>,
): Promise<{ withAct: WithAct; queue: DeliveryQueue }> {
  await jobs.inTurn(queue);
  const wake = (wakes: DeliveryWake, choices: { within?: StateTransaction; startAfter?: number } = {}) =>
    jobs.send(queue, wakes, { inTurnKey: wakes.orderingKey, ...choices });
  return {
    async withAct(trx, act) {
      const keys = new Set(await keysOf(trx, act));
      for (const orderingKey of keys) await wake({ orderingKey }, { within: trx });
    },
    queue: {
      work: (handler, { concurrency }) =>
        jobs.work<DeliveryWake>(queue, (data, job) => handler(data, job.signal), { concurrency }),
      postpone: (id, { atS, delayS, error }) =>
        db.transaction().execute(async (trx) => {
          const row = await trx
            .updateTable('notification')
            .set((eb) => ({
              next_try_s: atS + delayS,
              ...(error === null
                ? {}
                : { state: 'failed', last_error: storedText(error), attempts: eb('attempts', '+', 1) }),
            }))
            .where('id', '=', id)
            .where('state', 'in', pending)
            .returning('ordering_key')
            .executeTakeFirst();
          if (row !== undefined)
            await wake({ orderingKey: row.ordering_key, id }, { within: trx, startAfter: delayS });
        }),
      async sweep(nowS) {
        const rows = await db
          .selectFrom('notification')
          .select('ordering_key')
          .distinct()
          .where('state', 'in', pending)
          .where('next_try_s', '<=', nowS)
          .execute();
        for (const row of rows) await wake({ orderingKey: row.ordering_key });
        return rows.length;
      },
    },
  };
}

/** Rows of the outbox; their ends are acts. */
export function deliveryStore(db: StateDatabase, acts: Pick<ActLog, 'perform'>): DeliveryStore {
  return {
    ...deliveryReads(db),
    ...deliveryTallies(db),
    async noteOutcome(notification, { state, atS, error }) {
      const of = createHash('sha256').update(`${notification}\n${state}\n${atS}`).digest('hex');
      await acts.perform({
        kind: 'record-deliveries',
        version: 1,
        id: `delivery:${of.slice(0, 40)}`,
        actor: 'system',
        atS,
        payload: { deliveries: [{ notification, state, error: error === null ? null : storedText(error) }] },
      });
    },
  };
}

type Tally = 'stuck' | 'stuckReminders' | 'down' | 'counts' | 'oldestPendingS';

function deliveryReads(db: StateDatabase): Omit<DeliveryStore, Tally | 'noteOutcome'> {
  const rows = () => db.selectFrom('notification').selectAll();
  return {
    async get(id) {
      const row = await rows().where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : notificationOf(row);
    },
    async list({ alertId, state, after, limit }) {
      let query = rows().orderBy('position', 'desc').limit(limit);
      if (alertId !== undefined) query = query.where('alert_id', '=', alertId);
      if (state !== undefined) query = query.where('state', '=', state);
      if (after !== undefined) query = query.where('position', '<', after.position);
      return (await query.execute()).map(notificationOf);
    },
    async head(orderingKey) {
      const row = await rows()
        .where('ordering_key', '=', orderingKey)
        .where('state', 'in', pending)
        .orderBy('position')
        .limit(1)
        .executeTakeFirst();
      return row === undefined ? null : notificationOf(row);
    },
    async published({ channels, alertId, afterOrder, limit }) {
      if (channels.length === 0) return [];
      let query = rows().where('channel', 'in', channels);
      if (alertId !== undefined) query = query.where('alert_id', '=', alertId);
      query = query.where('delivered_order', '>', afterOrder).orderBy('delivered_order').limit(limit);
      return (await query.execute()).map(notificationOf);
    },
    async newest({ channels, limit }) {
      if (channels.length === 0) return [];
      const query = rows().where('channel', 'in', channels).where('delivered_order', 'is not', null);
      return (await query.orderBy('delivered_order', 'desc').limit(limit).execute()).map(notificationOf);
    },
  };
}

/** Ids in one question; more are asked for in parts. */
const mostAsked = 1000;
/** What was given up longer ago says nothing of a channel now. */
const troubleS = 900;

/** A reminder that was given up longer ago is no news. */
const reminderFreshS = 7 * 86_400;

interface Failing {
  channel: string;
  state: string;
  created_s: number;
}

const isStuck = ({ channel, state, created_s: createdS }: Failing, of: DeliveryPatience): boolean =>
  state === 'dead' || createdS <= of.nowS - of.failingS(channel);

async function stuckReminders(db: StateDatabase, patience: DeliveryPatience): Promise<StoredNotification[]> {
  const rows = await db
    .selectFrom('notification as failing')
    .selectAll()
    .where('kind', '=', 'reminder')
    .where('state', 'in', ['failed', 'dead'])
    .where('next_try_s', '>=', patience.nowS - reminderFreshS)
    .where(
      sql<boolean>`not exists (select 1 from notification as next
        where next.alert_id = failing.alert_id and starts_with(next.id, failing.id || '>'))`,
    )
    .orderBy('position')
    .execute();
  return rows.filter((row) => isStuck(row, patience)).map(notificationOf);
}

function deliveryTallies(db: StateDatabase): Pick<DeliveryStore, Tally> {
  return {
    async stuck(ids, patience) {
      const found = new Set<string>();
      for (let at = 0; at < ids.length; at += mostAsked) {
        const rows = await db
          .selectFrom('notification')
          .select(['id', 'channel', 'state', 'created_s'])
          .where('id', 'in', ids.slice(at, at + mostAsked))
          .where('state', 'in', ['failed', 'dead'])
          .execute();
        for (const row of rows) if (isStuck(row, patience)) found.add(row.id);
      }
      return found;
    },
    stuckReminders: (patience) => stuckReminders(db, patience),
    async down(patience) {
      const rows = await db
        .selectFrom('notification as failing')
        .select(['failing.channel', 'failing.state', 'failing.created_s'])
        .where((eb) =>
          eb.or([
            eb('failing.state', '=', 'failed'),
            eb.and([eb('failing.state', '=', 'dead'), eb('failing.attempts', '>', 1)]),
          ]),
        )
        .where('failing.next_try_s', '>=', patience.nowS - troubleS)
        .where((eb) =>
          eb.not(
            eb.exists(
              eb
                .selectFrom('notification as done')
                .select('done.position')
                .whereRef('done.channel', '=', 'failing.channel')
                .where('done.state', '=', 'delivered')
                .whereRef('done.delivered_s', '>=', 'failing.created_s'),
            ),
          ),
        )
        .execute();
      const down = rows.filter((row) => isStuck(row, patience)).map(({ channel }) => channel);
      return [...new Set(down)].toSorted();
    },
    async oldestPendingS() {
      const row = await db
        .selectFrom('notification')
        .select((eb) => eb.fn.min('created_s').as('oldest'))
        .where('state', 'in', pending)
        .executeTakeFirst();
      return row?.oldest ?? null;
    },
    async counts() {
      const found = await db
        .selectFrom('notification')
        .select(['state', sql<number>`count(*)`.as('count')])
        .groupBy('state')
        .execute();
      const counts = { waiting: 0, delivered: 0, failed: 0, dead: 0 };
      return Object.assign(counts, Object.fromEntries(found.map((row) => [row.state, row.count])));
    },
  };
}

function notificationOf(row: {
  [K in keyof NotificationTables['notification']]: NotificationTables['notification'][K] extends Generated<
    infer T
  >
    ? T
    : NotificationTables['notification'][K];
}): StoredNotification {
  return {
    position: row.position,
    id: row.id,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only `addNotifications` writes these columns
    kind: row.kind as Notification['kind'],
    contact: row.contact,
    channel: row.channel,
    address: row.address,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
    language: row.language as Notification['language'],
    orderingKey: row.ordering_key,
    createdS: row.created_s,
    facts: JSON.parse(row.facts) as NotificationFacts,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table's check holds it to these
    state: row.state as DeliveryState,
    attempts: row.attempts,
    nextTryS: row.next_try_s,
    deliveredS: row.delivered_s,
    deliveredOrder: row.delivered_order,
    lastError: row.last_error,
  };
}
