import { sql, type Selectable } from 'kysely';
import type { FoundGap, Gap, GapLog, GapState } from '../../domain/gaps.ts';
import type { AveragingId } from '../../domain/time.ts';
import type { GapTables } from './gap-schema.ts';
import type { StateDatabase } from './tables.ts';

/** Rows of one statement: a server takes no more than 65,535 values. */
const CHUNK = 500;

export function gapLog(db: StateDatabase): GapLog {
  return {
    async note(source, window, found, atS) {
      await db.transaction().execute(async (trx) => {
        const known = await trx
          .selectFrom('gap')
          .select(['id', 'station', 'parameter', 'averaging', 'from_s'])
          .where('source', '=', source)
          .where('state', '!=', 'filled')
          .where('from_s', '>=', window.fromS)
          .where('to_s', '<=', window.toS)
          .execute();
        const still = new Set(found.map((gap) => keyOf({ ...gap, from_s: gap.fromS })));
        const filled = known.filter((gap) => !still.has(keyOf(gap))).map(({ id }) => id);
        for (let at = 0; at < filled.length; at += CHUNK)
          await trx
            .updateTable('gap')
            .set({ state: 'filled', decided_s: atS, reason: null })
            .where('id', 'in', filled.slice(at, at + CHUNK))
            .execute();
        for (let at = 0; at < found.length; at += CHUNK)
          await upsert(trx, source, found.slice(at, at + CHUNK), atS);
      });
    },
    async list({ source, state, after, limit }) {
      let query = db.selectFrom('gap').selectAll().where('source', '=', source);
      if (state !== undefined) query = query.where('state', '=', state);
      if (after !== undefined)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('from_s', 'id'), '>', tuple(after.fromS, after.id)),
        );
      const rows = await query.orderBy('from_s').orderBy('id').limit(limit).execute();
      return rows.map(gapOf);
    },
    async attempted(ids, atS, answered) {
      for (let at = 0; at < ids.length; at += CHUNK)
        await db
          .updateTable('gap')
          .set((row) => ({ last_attempt_s: atS, attempts: row('attempts', '+', answered ? 1 : 0) }))
          .where('id', 'in', ids.slice(at, at + CHUNK))
          .execute();
    },
    async giveUp(ids, atS, reason) {
      for (let at = 0; at < ids.length; at += CHUNK)
        await db
          .updateTable('gap')
          .set({ state: 'unfillable', decided_s: atS, reason })
          .where('id', 'in', ids.slice(at, at + CHUNK))
          .where('state', '=', 'open')
          .execute();
    },
  };
}

const keyOf = (gap: { station: string; parameter: string; averaging: string; from_s: number }): string =>
  `${gap.station}\n${gap.parameter}\n${gap.averaging}\n${gap.from_s}`;

/** One that was filled and is found again is open again; any other keeps its state and attempts. */
async function upsert(
  db: StateDatabase,
  source: string,
  found: readonly FoundGap[],
  atS: number,
): Promise<void> {
  const rows = found.map(({ station, parameter, averaging, fromS, toS }) => ({
    source,
    station,
    parameter,
    averaging,
    from_s: fromS,
    to_s: toS,
    state: 'open',
    attempts: 0,
    found_s: atS,
  }));
  await db
    .insertInto('gap')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['source', 'station', 'parameter', 'averaging', 'from_s']).doUpdateSet({
        to_s: sql`excluded.to_s`,
        state: sql`case when gap.state = 'filled' then 'open' else gap.state end`,
        attempts: sql`case when gap.state = 'filled' then 0 else gap.attempts end`,
        decided_s: sql`case when gap.state = 'filled' then null else gap.decided_s end`,
      }),
    )
    .execute();
}

const gapOf = (row: Selectable<GapTables['gap']>): Gap => ({
  id: row.id,
  source: row.source,
  station: row.station,
  parameter: row.parameter,
  averaging: row.averaging as AveragingId,
  fromS: row.from_s,
  toS: row.to_s,
  state: row.state as GapState,
  attempts: row.attempts,
  lastAttemptS: row.last_attempt_s,
  foundS: row.found_s,
  decidedS: row.decided_s,
  reason: row.reason,
});
