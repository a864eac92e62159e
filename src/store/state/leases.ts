import { sql } from 'kysely';
import type { Lease, LeaseTable } from '../../domain/ports.ts';
import type { StateDatabase } from './tables.ts';

/** Leases by the clock of the database, so that the clocks of the replicas need not agree. */
export function leaseTable(db: StateDatabase): LeaseTable {
  return {
    take: (name, holder, ttlS) => take(db, { name, holder, ttlS }),
    async renew({ name, token }, { ttlS, safeSeq }) {
      const row = await db
        .updateTable('lease')
        .set({ expires_at: until(ttlS), safe_seq: safeSeq })
        .where('name', '=', name)
        .where('token', '=', token)
        .returning('repair_seq')
        .executeTakeFirst();
      return { held: row !== undefined, repairSeq: row?.repair_seq ?? null };
    },
    async repaired({ name, token }, repairSeq) {
      await db
        .updateTable('lease')
        .set({ repair_seq: null })
        .where('name', '=', name)
        .where('token', '=', token)
        .where('repair_seq', '>=', repairSeq)
        .execute();
    },
    async release({ name, token }, safeSeq) {
      await db
        .updateTable('lease')
        .set({ expires_at: sql<Date>`clock_timestamp()`, safe_seq: safeSeq, clean: true })
        .where('name', '=', name)
        .where('token', '=', token)
        .execute();
    },
    async reportLate({ name, token }, seq) {
      await db
        .updateTable('lease')
        .set({ repair_seq: sql<number>`least(coalesce(repair_seq, ${seq}), ${seq})` })
        .where('name', '=', name)
        .where('token', '>', token)
        .execute();
    },
    async holder(name) {
      const row = await db
        .selectFrom('lease')
        .select([
          'holder',
          'token',
          sql<number>`extract(epoch from expires_at - clock_timestamp())::float8`.as('left'),
        ])
        .where('name', '=', name)
        .executeTakeFirst();
      return row === undefined ? null : { holder: row.holder, token: row.token, expiresInS: row.left };
    },
  };
}

const until = (ttlS: number) => sql<Date>`clock_timestamp() + make_interval(secs => ${ttlS})`;

async function take(
  db: StateDatabase,
  { name, holder, ttlS }: { name: string; holder: string; ttlS: number },
): Promise<Lease | null> {
  const row = await db
    .insertInto('lease')
    .values({
      name,
      holder,
      token: 1,
      expires_at: until(ttlS),
      safe_seq: 0,
      repair_seq: null,
      clean: true,
    })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({ holder, token: sql<number>`lease.token + 1`, expires_at: until(ttlS) })
        .where(sql<boolean>`lease.expires_at <= clock_timestamp()`),
    )
    .returning(['token', 'safe_seq', 'repair_seq', 'clean'])
    .executeTakeFirst();
  if (row === undefined) return null;
  await db
    .updateTable('lease')
    .set({ clean: false })
    .where('name', '=', name)
    .where('token', '=', row.token)
    .execute();
  const safeSeq = Math.min(row.safe_seq, (row.repair_seq ?? Infinity) - 1);
  return { name, holder, token: row.token, safeSeq, clean: row.clean && row.repair_seq === null };
}
