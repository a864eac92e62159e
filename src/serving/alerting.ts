import { randomUUID } from 'node:crypto';
import { Registry } from 'prom-client';
import { drillOf } from '../alert/drill.ts';
import { AlertEngine, type EngineParts } from '../alert/engine.ts';
import { stageMeter } from '../alert/stage-meter.ts';
import type { LastSlot } from '../analysis/alerting/index.ts';
import type { Severity } from '../domain/notifications.ts';
import type { EpochS } from '../domain/time.ts';
import { deliveryStore } from '../store/state/index.ts';
import { slotCursor } from '../ingest/schedule.ts';
import type { System } from '../main.ts';
import { isProjecting } from './passes.ts';

/** Between a change of the journal and the pass that looks at it: what arrives together is looked at together. */
const settleMs = 250;
/** Groups, escalations and digests come with time. */
const tickMs = 5000;
const graceS = 600;

type Parts = Pick<System, 'config' | 'readings' | 'state' | 'clock' | 'synthetic' | 'environment'>;

async function lastSlots(system: Pick<Parts, 'config' | 'state'>, startedS: EpochS): Promise<LastSlot[]> {
  const slots: LastSlot[] = [];
  for (const source of system.config().sources) {
    if (!source.enabled || source.push === true) continue;
    const last = await system.state.cursors.get(slotCursor(source.id));
    // One that has never fired is silent since the start.
    slots.push({ source: source.id, lastSlotS: Math.max(Number(last ?? 0), startedS) });
  }
  return slots;
}

/** The engine on an open system. */
export function alertEngine(system: Parts, more: Pick<EngineParts, 'meter'> = {}): AlertEngine {
  const startedS = system.clock.nowS();
  return new AlertEngine({
    config: system.config,
    readings: system.readings,
    store: system.state.alerts,
    acts: system.state.acts,
    cursors: system.state.cursors,
    clock: system.clock,
    synthetic: system.synthetic,
    timedFromS: startedS + graceS,
    lastSlots: () => lastSlots(system, startedS),
    deliveries: deliveryStore(system.state.db, system.state.acts),
    ...more,
  });
}

export interface Alerting {
  metrics(): Promise<string>;
  close(): Promise<void>;
}

/**
 * Runs the engine when readings were applied and with time, one pass at a time; of processes that share the stores, in the one that
 * writes readings. A pass that fails is logged, and the next one does its work.
 */
export function startAlerting(system: System): Alerting {
  const registry = new Registry();
  const engine = alertEngine(system, { meter: stageMeter(registry) });
  let wanted = false;
  let closed = false;
  let running: Promise<void> = Promise.resolve();
  let soon: NodeJS.Timeout | null = null;
  const pass = async (): Promise<void> => {
    wanted = false;
    if (closed || !isProjecting(system)) return;
    try {
      await engine.pass();
    } catch (error) {
      system.log.error({ err: error }, 'a pass over the alerts failed; the next one tries again');
    }
  };
  const wake = (): void => {
    if (wanted || closed) return;
    wanted = true;
    soon = setTimeout(() => void (running = running.then(pass)), settleMs);
  };
  const unsubscribe = system.journal.onAppend(wake);
  const ticking = setInterval(wake, tickMs);
  ticking.unref();
  wake();
  return {
    metrics: () => registry.metrics(),
    async close() {
      closed = true;
      unsubscribe();
      clearInterval(ticking);
      if (soon !== null) clearTimeout(soon);
      await running;
    },
  };
}

/** Sends a marked drill the whole way of a real alert; resolves with the alert's id. */
export async function startDrill(
  system: Pick<System, 'config' | 'state' | 'clock' | 'synthetic'>,
  drill: { station: string; severity: Severity; actor: string },
): Promise<string> {
  const nowS = system.clock.nowS();
  const record = drillOf({ ...drill, synthetic: system.synthetic }, system.config(), nowS);
  const act = { version: 1, id: `drill:${randomUUID()}`, actor: drill.actor, atS: nowS } as const;
  await system.state.acts.perform({ ...act, kind: 'record-alerts', payload: { ...record } });
  return record.changes[0]!.alert.id;
}
