import type { ProjectionLog } from '../../domain/ports.ts';
import type { StateDatabase } from './tables.ts';

/** Entries behind the newest whose outcome is kept; nobody waits longer for one. */
const kept = 10_000;

export function projectionLog(db: StateDatabase): ProjectionLog {
  return {
    async record(store, seq, outcome) {
      await db
        .insertInto('projection_log')
        .values({ store, seq, outcome: JSON.stringify(outcome) })
        .onConflict((conflict) => conflict.columns(['store', 'seq']).doNothing())
        .execute();
      if (seq % 1000 === 0)
        await db
          .deleteFrom('projection_log')
          .where('store', '=', store)
          .where('seq', '<', seq - kept)
          .execute();
    },
    async find(store, seqs) {
      if (seqs.length === 0) return new Map();
      const rows = await db
        .selectFrom('projection_log')
        .select(['seq', 'outcome'])
        .where('store', '=', store)
        .where('seq', 'in', seqs)
        .execute();
      return new Map(rows.map(({ seq, outcome }): [number, unknown] => [seq, JSON.parse(outcome)]));
    },
  };
}
