import { createTask, type ScheduledTask } from 'node-cron';
import type { SourceConfig } from '../domain/config/source.ts';
import type { Clock, CursorStore } from '../domain/ports.ts';

export interface ScheduledRun {
  source: string;
  /** The slot; of a first start, now. */
  slotS: number;
  trigger: 'schedule' | 'catch-up';
  /** Where the slot before this one stood, null for none. */
  sinceS: number | null;
  /** A catch-up stands for every slot after `sinceS` up to here. */
  throughS: number;
  /** One job a source and key, whoever enqueues it. */
  key: string;
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
  /** The clock went back by so much: the source is asked at once, and its slots go on by the clock as it is now. */
  onTurnedBack?: (source: string, byS: number) => void;
  /** A slot that nobody enqueued for so long is caught up, by whoever looks first; 15 when absent. */
  graceS?: number;
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
/** Cursor of the slot that comes next; when it lies in the past, it was missed. */
export const dueCursor = (source: string): string => `due:${source}`;

/**
 * Fires each enabled source on its cron expression in its own time zone; of several processes one claims the slot. node-cron never
 * runs a slot that passed while the process was busy or down, and a claimer may die before it enqueues: so due times are stored,
 * and a slot that is overdue is enqueued by whoever sees it first, under the key that it has anyway.
 */
export async function startSchedule(deps: ScheduleDeps): Promise<Schedule> {
  const enabled = deps.sources.filter((source) => source.enabled && source.push !== true);
  const watched = new Map<string, WatchedSource>();
  for (const source of enabled) {
    const one = new WatchedSource(source, deps);
    watched.set(source.id, one);
    await one.start();
  }
  const graceS = deps.graceS ?? GRACE_S;
  let sweeping: Promise<void> = Promise.resolve();
  const sweep = async (): Promise<void> => {
    for (const one of watched.values()) await one.catchUp(graceS);
  };
  const timer = setInterval(
    () => {
      sweeping = sweeping.then(sweep);
    },
    (graceS * 1000) / 3,
  ).unref();
  return {
    nextDueS: (source) => watched.get(source)?.nextDueS() ?? null,
    overdue: () => [...watched.values()].filter((one) => one.overdue()).map((one) => one.id),
    stop: async () => {
      clearInterval(timer);
      await sweeping;
      for (const one of watched.values()) await one.stop();
    },
  };
}

const GRACE_S = 15;

class WatchedSource {
  readonly id: string;
  readonly #source: SourceConfig;
  readonly #deps: ScheduleDeps;
  readonly #task: ScheduledTask;
  /** The last slot that is known to be enqueued, by whichever process. */
  #lastSlotS: number;
  #clockS: number;

  constructor(source: SourceConfig, deps: ScheduleDeps) {
    this.id = source.id;
    this.#source = source;
    this.#deps = deps;
    this.#lastSlotS = deps.clock.nowS();
    this.#clockS = this.#lastSlotS;
    this.#task = createTask(
      source.cron,
      async (context) => {
        await this.#tick(Math.floor(context.date.getTime() / 1000));
      },
      {
        name: source.id,
        timezone: source.timeZone,
        noOverlap: true,
        distributed: true,
        distributedLease: LEASE_MS,
        runCoordinator: { shouldRun: (key) => deps.claimSlot('ingest', key) },
      },
    );
  }

  async start(): Promise<void> {
    await this.catchUp(0);
    await this.#task.start();
    // A slot that is due now may be claimed by one that dies before it enqueues: its due time stays until it is done.
    if ((await this.#noted()).dueS === null) await this.#noteDue();
  }

  /**
   * Enqueues a slot, and before it the one that was due earlier and that nobody has enqueued: its claimer died, or all slept. If
   * its claimer is only slow, the key makes one job of both.
   */
  async #tick(slotS: number): Promise<void> {
    try {
      const { dueS } = await this.#noted();
      if (dueS !== null && dueS < slotS)
        await this.#enqueue({ slotS: dueS, trigger: 'catch-up', throughS: slotS - 1, key: String(dueS) });
    } catch (cause) {
      this.#deps.onError(this.id, cause);
    }
    await this.#enqueue({ slotS, trigger: 'schedule', throughS: slotS, key: String(slotS) });
  }

  /** Where the schedule stands, null before its first slot; and the slot due after that one as whoever enqueued it noted, null for none. */
  async #noted(): Promise<{ slotS: number | null; dueS: number | null }> {
    const { cursors } = this.#deps;
    const [slot, due] = [await cursors.get(slotCursor(this.id)), await cursors.get(dueCursor(this.id))];
    // A process may end between the two cursors: a due time that is no later than the slot says nothing.
    const says = slot !== null && due !== null && Number(due) > Number(slot);
    return { slotS: slot === null ? null : Number(slot), dueS: says ? Number(due) : null };
  }

  /** Enqueues the slot that was due and that nobody enqueued within the grace. */
  async catchUp(graceS: number): Promise<void> {
    const nowS = this.#deps.clock.nowS();
    try {
      await this.#rearmed(nowS);
      const { slotS, dueS: noted } = await this.#noted();
      if (slotS === null) {
        await this.#enqueue({ slotS: nowS, trigger: 'catch-up', throughS: nowS, key: 'first' });
        return;
      }
      if (slotS - nowS > Math.max(graceS, this.#source.cadenceSeconds / 2)) {
        await this.#goOnFrom(nowS, slotS);
        return;
      }
      this.#lastSlotS = slotS;
      const dueS = noted ?? slotS + this.#source.cadenceSeconds;
      if (dueS + graceS >= nowS) return;
      await this.#enqueue({ slotS: dueS, trigger: 'catch-up', throughS: nowS, key: String(dueS) });
    } catch (cause) {
      this.#deps.onError(this.id, cause);
    }
  }

  /** node-cron waits for the slot it has seen coming; after the clock went back that may be years away. */
  async #rearmed(nowS: number): Promise<void> {
    const before = this.#clockS;
    this.#clockS = nowS;
    if (nowS >= before || this.#task.getStatus() === 'stopped') return;
    await this.#task.stop();
    await this.#task.start();
  }

  /**
   * Slots that the clock has shown before stay claimed and are not run again. What happened since the clock went back is asked for
   * as after a first start, once for all processes: the key names where the schedule stood.
   */
  async #goOnFrom(nowS: number, stoodS: number): Promise<void> {
    const { cursors, enqueue, onTurnedBack } = this.#deps;
    onTurnedBack?.(this.id, stoodS - nowS);
    const run = { slotS: nowS, throughS: nowS, trigger: 'catch-up', sinceS: null } as const;
    await enqueue({ source: this.id, ...run, key: `after ${stoodS}` });
    await cursors.set(slotCursor(this.id), String(nowS));
    const dueS = this.nextDueS();
    if (dueS !== null) await cursors.set(dueCursor(this.id), String(dueS));
    this.#lastSlotS = nowS;
  }

  nextDueS(): number | null {
    const next = this.#task.getNextRun();
    return next === null ? null : Math.floor(next.getTime() / 1000);
  }

  overdue(): boolean {
    return this.#deps.clock.nowS() - this.#lastSlotS > 2 * this.#source.cadenceSeconds;
  }

  async stop(): Promise<void> {
    await this.#task.destroy();
  }

  async #enqueue(run: Omit<ScheduledRun, 'source' | 'sinceS'>): Promise<void> {
    const { cursors, enqueue, onError } = this.#deps;
    try {
      const cursor = await cursors.get(slotCursor(this.id));
      await enqueue({ source: this.id, sinceS: cursor === null ? null : Number(cursor), ...run });
      await cursors.raise(slotCursor(this.id), run.throughS);
      this.#lastSlotS = run.throughS;
      await this.#noteDue();
    } catch (cause) {
      onError(this.id, cause);
    }
  }

  async #noteDue(): Promise<void> {
    const dueS = this.nextDueS();
    if (dueS !== null) await this.#deps.cursors.raise(dueCursor(this.id), dueS);
  }
}
