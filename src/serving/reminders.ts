import { fallbackOf } from '../alert/messages.ts';
import { patienceOf, wayOfRung } from '../alert/ways.ts';
import type { System } from '../main.ts';
import type { DeliveryStore } from '../domain/deliveries.ts';
import type { Notice } from '../domain/settlement-notices.ts';
import { findChanges } from '../settle/changed-inputs.ts';
import { namedBy } from '../settle/document.ts';
import { sendReminders } from '../settle/notices.ts';
import { deliveryStore, settlementStore } from '../store/state/index.ts';
import { startPasses } from './passes.ts';
import { deskOf, followUpOf } from './settlement.ts';

/** Terms are days; a reminder of the office is in the outbox within minutes. */
const everyMs = 300_000;

/** How long the same fault of an agreement is not noted again. */
const faultFreshS = 86_400;

type Reminding = Pick<System, 'state' | 'readings' | 'journal' | 'config' | 'clock' | 'synthetic' | 'log'>;

/** Notes an agreement whose desks could not be told, once a day as long as it is the same. */
async function noteFault({ state, clock, log }: Reminding, agreement: string, error: unknown): Promise<void> {
  const code = 'REMINDERS_FAILED' as const;
  const message = error instanceof Error ? error.message : String(error);
  const [last] = await state.issues.list({ code, source: agreement, limit: 1 });
  const nowS = clock.nowS();
  if (last !== undefined && last.message === message && nowS - last.atS < faultFreshS) return;
  log.error({ err: error, agreement }, 'the desks of an agreement could not be reminded');
  const source = { id: agreement, record: '' };
  await state.issues.record(null, nowS, [{ code, path: agreement, message, source }]);
}

/** Reminders that do not arrive go another way, once each way, as alerts do. */
async function redirect(system: Reminding, deliveries: DeliveryStore, down: string[]): Promise<void> {
  const { state, config, clock } = system;
  const nowS = clock.nowS();
  const stuck = await deliveries.stuckReminders(patienceOf(config().channels, nowS));
  const notifications = stuck
    .map((one) => fallbackOf(one, { config: config(), nowS, down }))
    .filter((one) => one !== null);
  if (notifications.length === 0) return;
  await state.acts.perform({
    kind: 'redirect-reminders',
    version: 1,
    id: `redirect:${namedBy(notifications.map(({ id }) => id))}`,
    actor: 'system',
    atS: nowS,
    payload: { notifications },
  });
}

/** Tells the finance desks what they have not been told, over the channels that are up; the outbox delivers it. */
export async function remindDesks(system: Reminding): Promise<Notice[]> {
  const { state, readings, config, clock, synthetic } = system;
  const { channels } = config();
  const deliveries = deliveryStore(state.db, state.acts);
  const down = await deliveries.down(patienceOf(channels, clock.nowS()));
  await redirect(system, deliveries, down);
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
    onFault: (agreement, error) => noteFault(system, agreement, error),
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
