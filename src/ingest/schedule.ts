import { createTask, type ScheduledTask } from 'node-cron';
import type { SourceConfig } from '../domain/config/source.ts';
import type { Clock, CursorStore } from '../domain/ports.ts';

export interface ScheduledRun {
  source: string;
  slotS: number;
  trigger: 'schedule' | 'catch-up';
  sinceS: number | null;
}

/** node-cron only says "now"; the queue runs the job. A slot has one key, so a doubled tick enqueues once. */
export interface ScheduleDeps {
  sources: readonly SourceConfig[];
  clock: Clock;
  cursors: CursorStore;
  /** `sinceS`: where the slot before this one stood, null for none. */
  enqueue: (job: ScheduledRun) => Promise<void>;
  /** True for the one process that may run this slot. */
  claimSlot: (name: string, slotIso: string) => Promise<boolean>;
  onError: (source: string, cause: unknown) => void;
}

export interface Schedule {
  nextDueS(source: string): number | null;
  /** Sources whose last tick is overdue by more than twice their cadence: the schedule itself stands still. */
  overdue(): string[];
  stop(): Promise<void>;
}

const LEASE_MS = 30_000;

/** Cursor of the last slot that was enqueued for a source, epoch seconds as text. */
export const slotCursor = (source: string): string => `schedule:${source}`;

/**
 * Fires each enabled source on its cron expression in its own time zone. node-cron never runs a slot that passed while the
 * process was busy or down, so a slot older than the source's cadence is caught up from the stored cursor at start.
 */
export async function startSchedule(deps: ScheduleDeps): Promise<Schedule> {
  const tasks = new Map<string, ScheduledTask>();
  const lastTickS = new Map<string, number>();
  const enabled = deps.sources.filter((source) => source.enabled);

  const enqueue = async (source: string, slotS: number, trigger: ScheduledRun['trigger']): Promise<void> => {
    lastTickS.set(source, slotS);
    try {
      const cursor = await deps.cursors.get(slotCursor(source));
      await deps.enqueue({ source, slotS, trigger, sinceS: cursor === null ? null : Number(cursor) });
      await deps.cursors.set(slotCursor(source), String(slotS));
    } catch (cause) {
      deps.onError(source, cause);
    }
  };

  for (const source of enabled) {
    const task = createTask(
      source.cron,
      (context) => enqueue(source.id, Math.floor(context.date.getTime() / 1000), 'schedule'),
      {
        name: source.id,
        timezone: source.timeZone,
        noOverlap: true,
        distributed: true,
        distributedLease: LEASE_MS,
        runCoordinator: { shouldRun: (key) => deps.claimSlot('ingest', key) },
      },
    );
    tasks.set(source.id, task);
    const nowS = deps.clock.nowS();
    const cursor = await deps.cursors.get(slotCursor(source.id));
    if (cursor === null || nowS - Number(cursor) > source.cadenceSeconds)
      await enqueue(source.id, nowS, 'catch-up');
    else lastTickS.set(source.id, Number(cursor));
    await task.start();
  }

  return {
    nextDueS: (source) => {
      const next = tasks.get(source)?.getNextRun() ?? null;
      return next === null ? null : Math.floor(next.getTime() / 1000);
    },
    overdue: () =>
      enabled
        .filter((source) => deps.clock.nowS() - (lastTickS.get(source.id) ?? 0) > 2 * source.cadenceSeconds)
        .map((source) => source.id),
    stop: async () => {
      for (const task of tasks.values()) await task.destroy();
    },
  };
}
