import { patienceOf, wayOfRung } from '../alert/ways.ts';
import type { System } from '../main.ts';
import type { Notice } from '../domain/settlement-notices.ts';
import { findChanges } from '../settle/changed-inputs.ts';
import { sendReminders } from '../settle/notices.ts';
import { deliveryStore, settlementStore } from '../store/state/index.ts';
import { startPasses } from './passes.ts';
import { deskOf, followUpOf } from './settlement.ts';

/** Terms are days; a reminder of the office is in the outbox within minutes. */
const everyMs = 300_000;

/** Tells the finance desks what they have not been told, over the channels that are up; the outbox delivers it. */
export async function remindDesks(
  system: Pick<System, 'state' | 'readings' | 'journal' | 'config' | 'clock' | 'synthetic'>,
): Promise<Notice[]> {
  const { state, readings, config, clock, synthetic } = system;
  const { channels } = config();
  const down = await deliveryStore(state.db, state.acts).down(patienceOf(channels, clock.nowS()));
  const store = settlementStore(state.db);
  const { circumstances, cursors } = state;
  return sendReminders({
    store,
    acts: state.acts,
    arrears: (agreement) => followUpOf(system).arrears(agreement),
    changes: () =>
      findChanges({
        store,
        readings,
        circumstances,
        cursors,
        config,
        clock,
        changeOf: (statement) => deskOf(system).changeOf(statement),
      }),
    config,
    clock,
    synthetic,
    wayTo: (contact) => wayOfRung(contact, 0, { channels, down }),
  });
}

/** Does so for as long as the process runs; answers how to stop. */
export function startReminders(system: System): () => Promise<void> {
  return startPasses(system, {
    everyMs,
    async pass() {
      await remindDesks(system);
    },
    failed: 'reminders of settlements failed; the next pass tries again',
  });
}
