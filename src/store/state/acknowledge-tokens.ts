import type { AcknowledgeTokens } from '../../domain/deliveries.ts';
import type { StateDatabase } from './tables.ts';

export const acknowledgeTokenStatements = [
  `create table acknowledge_token (
     sha256 text primary key, notification_id text not null, alert_id text not null, contact text not null,
     created_s int8 not null, expires_s int8 not null, used_s int8, used_from text)`,
];

export interface AcknowledgeTokenTables {
  acknowledge_token: {
    sha256: string;
    notification_id: string;
    alert_id: string;
    contact: string;
    created_s: number;
    expires_s: number;
    used_s: number | null;
    used_from: string | null;
  };
}

export function acknowledgeTokens(db: StateDatabase): AcknowledgeTokens {
  return {
    async issue({ sha256, notificationId, alertId, contact, createdS, expiresS }) {
      await db
        .insertInto('acknowledge_token')
        .values({
          sha256,
          notification_id: notificationId,
          alert_id: alertId,
          contact,
          created_s: createdS,
          expires_s: expiresS,
          used_s: null,
          used_from: null,
        })
        .onConflict((conflict) => conflict.column('sha256').doNothing())
        .execute();
    },
    async find(sha256) {
      const row = await db
        .selectFrom('acknowledge_token')
        .selectAll()
        .where('sha256', '=', sha256)
        .executeTakeFirst();
      if (row === undefined) return null;
      return {
        notificationId: row.notification_id,
        alertId: row.alert_id,
        contact: row.contact,
        createdS: row.created_s,
        expiresS: row.expires_s,
        usedS: row.used_s,
      };
    },
    async use(sha256, { atS, from }) {
      const rows = await db
        .updateTable('acknowledge_token')
        .set({ used_s: atS, used_from: from })
        .where('sha256', '=', sha256)
        .where('used_s', 'is', null)
        .where('expires_s', '>', atS)
        .returning('sha256')
        .execute();
      return rows.length === 1;
    },
    async release(sha256) {
      await db
        .updateTable('acknowledge_token')
        .set({ used_s: null, used_from: null })
        .where('sha256', '=', sha256)
        .execute();
    },
  };
}
