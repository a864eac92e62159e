import { sql, type Selectable } from 'kysely';
import type { Backfill, BackfillLog } from '../../domain/gaps.ts';
import type { GapTables } from './gap-schema.ts';
import { storedText } from './stored-text.ts';
import type { StateDatabase } from './tables.ts';

export function backfillLog(db: StateDatabase): BackfillLog {
  return {
    async resume({ source, fromS, toS, nowS }) {
      let query = db
        .selectFrom('backfill')
        .selectAll()
        .where('source', '=', source)
        .where('from_s', '=', fromS)
        .where('finished_s', 'is', null);
      if (toS !== null) query = query.where('to_s', '=', toS);
      const known = await query.orderBy('id', 'desc').limit(1).executeTakeFirst();
      if (known !== undefined) return backfillOf(known);
      const made = await db
        .insertInto('backfill')
        .values({ source, from_s: fromS, to_s: toS ?? nowS, done_s: fromS, started_s: nowS })
        .returningAll()
        .executeTakeFirstOrThrow();
      return backfillOf(made);
    },
    async advance(id, doneS) {
      // A process that slept does not turn it back.
      const set = { done_s: sql<number>`greatest(done_s, ${doneS}::int8)` };
      await db.updateTable('backfill').set(set).where('id', '=', id).execute();
    },
    async end(id, finishedS, message) {
      const set = { finished_s: finishedS, message: message === null ? null : storedText(message) };
      await db.updateTable('backfill').set(set).where('id', '=', id).execute();
    },
    async recent({ source, limit }) {
      let query = db.selectFrom('backfill').selectAll();
      if (source !== undefined) query = query.where('source', '=', source);
      return (await query.orderBy('id', 'desc').limit(limit).execute()).map(backfillOf);
    },
  };
}

const backfillOf = (row: Selectable<GapTables['backfill']>): Backfill => ({
  id: row.id,
  source: row.source,
  fromS: row.from_s,
  toS: row.to_s,
  doneS: row.done_s,
  startedS: row.started_s,
  finishedS: row.finished_s,
  message: row.message,
});
