import { createHash } from 'node:crypto';
import {
  fromKysely,
  fromPglite,
  PgBoss,
  type ConstructorOptions,
  type Queue,
  type SendOptions,
} from 'pg-boss';
import type { OpenState } from './open.ts';
import type { StateTransaction } from './tables.ts';

export interface SendChoices {
  /**
   * At most one job a key: a second `send` with the same key does nothing, also after the first was done,
   * for as long as the first is remembered (seven days).
   */
  singletonKey?: string;
  /** In a queue made by `inTurn`: jobs of one key run one after another, over all processes. */
  inTurnKey?: string;
  /** Not before; seconds from now, or an instant. */
  startAfter?: number | Date;
  priority?: number;
  retryLimit?: number;
  retryDelayS?: number;
  /** Sends as part of this transaction: the job exists exactly when it commits. Only to a queue that `inTurn` made or that was sent to before. */
  within?: StateTransaction;
}

export interface WorkChoices {
  /** Jobs of this queue that this process runs at once; 1 when absent. */
  concurrency?: number;
}

export interface Job {
  id: string;
  /** 0 at the first attempt. */
  attempt: number;
  /** Aborted when the job's time is up or the process stops. */
  signal: AbortSignal;
}

export interface Jobs {
  /** Makes a queue whose jobs run in turn by key. Call it before the first `send` or `work` of that queue. */
  inTurn(queue: string): Promise<void>;
  send(queue: string, data: object, choices?: SendChoices): Promise<void>;
  /** A handler that throws has its job retried with growing delay; after the last attempt it lies in the queue `<name>.dead`. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names what it sent
  work<T extends object>(
    queue: string,
    handler: (data: T, job: Job) => Promise<void>,
    choices?: WorkChoices,
  ): Promise<void>;
  /** Jobs that failed for good, newest first. */
  dead(queue: string): Promise<{ id: string; data: object }[]>;
  claimSlot(name: string, slotIso: string): Promise<boolean>;
  /** Waits for running handlers, up to `timeoutS` (10), and takes no new jobs. Jobs that were cut off are run again by whoever is next. */
  stop(timeoutS?: number): Promise<void>;
}

export interface JobsOptions {
  /** Faults of the queue itself (its database is away, say); it goes on trying. */
  onError?: (error: unknown) => void;
}

const pollS = 2;
const noJob = '00000000-0000-0000-0000-000000000000';

const queueDefaults: Omit<Queue, 'name'> = {
  notify: true,
  retryLimit: 3,
  retryDelay: 5,
  retryBackoff: true,
  retryDelayMax: 600,
  // A process that dies is noticed by its missing heartbeat, so a job may take as long as a backfill does.
  expireInSeconds: 6 * 3600,
  heartbeatSeconds: 60,
  deleteAfterSeconds: 7 * 86_400,
};

/** A failed job would hold back every later one of its key, so none of these ever counts as failed. */
const inTurnDefaults: Partial<Queue> = {
  policy: 'key_strict_fifo',
  retryLimit: 1_000_000,
  retryDelay: 1,
  retryDelayMax: 60,
};

/** pg-boss on the database of the state. Workers are woken by LISTEN/NOTIFY; polling every two seconds is the floor below it. */
export async function openJobs(
  state: Pick<OpenState, 'engine' | 'claimSlot'>,
  options: JobsOptions = {},
): Promise<Jobs> {
  const boss = new PgBoss(bossOptions(state.engine));
  boss.on('error', (error) => options.onError?.(error));
  await boss.start();
  const known = new Map<string, Promise<void>>();
  const ensure = (queue: string): Promise<void> => {
    const made = known.get(queue) ?? createQueues(boss, queue);
    known.set(queue, made);
    return made;
  };
  return {
    async inTurn(queue) {
      known.set(queue, createQueues(boss, queue, inTurnDefaults));
      await ensure(queue);
    },
    async send(queue, data, choices = {}) {
      await ensure(queue);
      await boss.send(queue, data, sendOptions(queue, choices));
    },
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as declared above
    async work<T extends object>(
      queue: string,
      handler: (data: T, job: Job) => Promise<void>,
      choices: WorkChoices = {},
    ): Promise<void> {
      await ensure(queue);
      const workOptions = {
        pollingIntervalSeconds: pollS,
        notifyPollingIntervalSeconds: pollS,
        localConcurrency: choices.concurrency ?? 1,
      };
      await boss.work<T>(queue, workOptions, async (batch) => {
        for (const job of batch)
          await handler(job.data, { id: job.id, attempt: job.retryCount, signal: job.signal });
      });
    },
    async dead(queue) {
      await ensure(queue);
      return (await boss.findJobs<object>(deadQueue(queue)))
        .map(({ id, data }) => ({ id, data }))
        .toReversed();
    },
    claimSlot: (name, slotIso) => state.claimSlot(name, slotIso),
    stop: (timeoutS = 10) => boss.stop({ graceful: true, close: true, timeout: timeoutS * 1000 }),
  };
}

function bossOptions(engine: OpenState['engine']): ConstructorOptions {
  const shared: ConstructorOptions = {
    useListenNotify: true,
    schedule: false,
    application_name: 'jiehe-jobs',
  };
  if (engine.kind === 'postgres') return { ...shared, connectionString: engine.url, max: 4 };
  return {
    ...shared,
    db: fromPglite(engine.pglite),
    backend: 'pglite',
    reindex: false,
    monitorVacuum: false,
  };
}

async function createQueues(boss: PgBoss, queue: string, own: Partial<Queue> = {}): Promise<void> {
  await boss.createQueue(deadQueue(queue), { deleteAfterSeconds: 0, retentionSeconds: 365 * 86_400 });
  await boss.createQueue(queue, { ...queueDefaults, ...own, deadLetter: deadQueue(queue) });
  // Now pg-boss remembers what it knows of the queue. Else its first `send` would ask the database, outside of the transaction that it is
  // part of: the embedded engine has one connection, which that transaction holds.
  await boss.findJobs(queue, { id: noJob });
}

function deadQueue(queue: string): string {
  return `${queue}.dead`;
}

function sendOptions(queue: string, choices: SendChoices): SendOptions {
  const options: SendOptions = {};
  if (choices.singletonKey !== undefined) {
    options.singletonKey = choices.singletonKey;
    options.id = jobIdOf(queue, choices.singletonKey);
  }
  if (choices.inTurnKey !== undefined) options.singletonKey = choices.inTurnKey;
  if (choices.startAfter !== undefined) options.startAfter = choices.startAfter;
  if (choices.priority !== undefined) options.priority = choices.priority;
  if (choices.retryLimit !== undefined) options.retryLimit = choices.retryLimit;
  if (choices.retryDelayS !== undefined) options.retryDelay = choices.retryDelayS;
  if (choices.within !== undefined) options.db = fromKysely(choices.within);
  return options;
}

/** pg-boss forgets a singleton key when its job is done; an id derived from the key stays taken while the job is remembered. */
function jobIdOf(queue: string, key: string): string {
  const hex = createHash('sha256').update(`${queue}\n${key}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
