import type { Clock } from '../../domain/ports.ts';
import type { StateDatabase } from './tables.ts';

const keepS = 7 * 86_400;

/** True for exactly one caller of a (name, slot), over all replicas: what node-cron's `distributed` mode asks its coordinator. */
export async function claimSlot(
  db: StateDatabase,
  clock: Clock,
  name: string,
  slotIso: string,
): Promise<boolean> {
  const nowS = clock.nowS();
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('cron_slot')
    .values({ name, slot: slotIso, claimed_s: nowS })
    .onConflict((conflict) => conflict.columns(['name', 'slot']).doNothing())
    .executeTakeFirst();
  const claimed = numInsertedOrUpdatedRows === 1n;
  if (claimed)
    await db
      .deleteFrom('cron_slot')
      .where('claimed_s', '<', nowS - keepS)
      .execute();
  return claimed;
}
