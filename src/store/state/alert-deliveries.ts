import type { DeliveryView } from '../../domain/alerts.ts';
import type { DeliveryState } from '../../domain/notifications.ts';
import type { StateDatabase } from './tables.ts';

/** So many messages of a channel in trouble, with none delivered meanwhile, and it counts as down. */
const troubledMessages = 3;
/** Ids in one question; more are asked for in parts. */
const mostAsked = 1000;

/** What the outbox knows of messages, for the pipeline to choose another way. */
export function deliveryView(db: StateDatabase): DeliveryView {
  return {
    async states(notifications) {
      const found = new Map<string, DeliveryState>();
      for (let at = 0; at < notifications.length; at += mostAsked) {
        const rows = await db
          .selectFrom('notification')
          .select(['id', 'state'])
          .where('id', 'in', notifications.slice(at, at + mostAsked))
          .execute();
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table's check holds it to these
        for (const { id, state } of rows) found.set(id, state as DeliveryState);
      }
      return found;
    },
    async down(sinceS) {
      const rows = await db
        .selectFrom('notification')
        .select(['channel', 'state', 'delivered_s'])
        .where((where) =>
          where.or([
            where('delivered_s', '>=', sinceS),
            where.and([where('state', 'in', ['failed', 'dead']), where('created_s', '>=', sinceS)]),
          ]),
        )
        .execute();
      const works = new Set(rows.filter((row) => row.delivered_s !== null).map((row) => row.channel));
      const troubled = new Map<string, number>();
      for (const { channel, delivered_s: deliveredS } of rows)
        if (deliveredS === null) troubled.set(channel, (troubled.get(channel) ?? 0) + 1);
      return [...troubled].flatMap(([channel, count]) =>
        count >= troubledMessages && !works.has(channel) ? [channel] : [],
      );
    },
  };
}
