import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { Environment } from '../config/index.ts';
import { MonitorError } from '../domain/errors.ts';
import type { ReadingStore } from '../domain/ports.ts';
import { WriterLease } from '../ingest/lease.ts';
import type { Projector } from '../ingest/projector.ts';
import { openInfluxDatabase, readingsDatabaseCursor, writeDeadlineMs } from './open-stores.ts';
import { withArchive } from '../store/readings/archive/index.ts';
import type { OpenState } from '../store/state/index.ts';

export interface Exchangeable {
  store: ReadingStore;
  current: () => ReadingStore;
  exchange: (next: ReadingStore) => void;
}

/** The store in use, behind one name: a rebuild exchanges what stands behind it. */
export function exchangeable(first: ReadingStore): Exchangeable {
  let current = first;
  const store: ReadingStore = {
    get kind() {
      return current.kind;
    },
    get place() {
      return current.place ?? '';
    },
    get archive() {
      return current.archive!;
    },
    position: () => current.position(),
    apply: (entry, batch) => current.apply(entry, batch),
    series: (query) => current.series(query),
    entries: (query) => current.entries(query),
    latest: (query) => current.latest(query),
    past: (point) => current.past(point),
    sums: (query) => current.sums(query),
    tallies: (query) => current.tallies(query),
    changesSince: (...since) => current.changesSince(...since),
    async written(fromSeq, throughSeq) {
      if (current.written !== undefined) return current.written(fromSeq, throughSeq);
      throw new MonitorError(
        'E_STORE_UNSUPPORTED',
        `a ${current.kind} store does not tell what an entry wrote`,
      );
    },
    counts: () => current.counts(),
    binding: () => current.binding(),
    bind: (binding) => current.bind(binding),
    close: () => current.close(),
  };
  return {
    store,
    current: () => current,
    exchange: (next) => {
      current = next;
    },
  };
}

/** Asked before each write to shared readings. The store is opened before there is a lease; until then nothing is written. */
export class WriteGuard {
  lease: WriterLease | null = null;
  readonly #shared: boolean;

  constructor(shared: boolean) {
    this.#shared = shared;
  }

  ofStore(): { beforeWrite?: () => void } {
    return this.#shared ? { beforeWrite: () => this.lease?.beforeWrite() } : {};
  }
}

/** The right of this process to project into the readings that the others reach too. */
export function writerLease(parts: {
  state: OpenState;
  environment: Environment;
  holder: Exchangeable;
  wanted: () => boolean;
  log: Logger;
  projector: () => Projector | null;
}): WriterLease {
  const { state, environment, holder, log } = parts;
  const { leases, projections } = state;
  const projector = (): Projector => {
    const running = parts.projector();
    if (running === null) throw new MonitorError('E_NOT_READY', 'the projector has not started');
    return running;
  };
  const lease = new WriterLease({
    leases,
    projections,
    name: `readings:${environment.influx?.database ?? ''}`,
    holder: `${hostname()}:${process.pid}:${randomUUID()}`,
    ttlS: environment.leaseSeconds,
    writeDeadlineMs: writeDeadlineMs(environment),
    wanted: parts.wanted,
    onTaken: async () => holder.current().forget?.(),
    repair: (afterSeq) => projector().repair(afterSeq),
    onChange: () => {
      log.info({ projecting: lease.mayApply() }, 'the right to project has changed hands');
      parts.projector()?.wake();
    },
    onError: (cause) => log.error({ err: cause }, 'the lease of the readings'),
  });
  return lease;
}

const SWITCH_LOOK_MS = 2000;

/** Another replica has rebuilt the readings into another database: this one reads that from now on. Answers how to stop looking. */
export function followSwitch(parts: {
  environment: Environment;
  state: OpenState;
  holder: Exchangeable;
  guard: WriteGuard;
  log: Logger;
  archiveRoot: string;
}): () => Promise<void> {
  const { environment, state, holder, guard, log } = parts;
  const cursor = readingsDatabaseCursor(environment);
  let looking: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    const name = await state.cursors.get(cursor);
    if (name === null || name === holder.current().place) return;
    const before = holder.current();
    const next = await openInfluxDatabase(environment, name, guard.ofStore().beforeWrite);
    holder.exchange(withArchive(next, parts.archiveRoot));
    await before.close();
    log.info({ database: name }, 'readings are read from the database of the last rebuild');
  };
  const timer = setInterval(() => {
    looking = looking.then(look).catch((cause: unknown) => log.error({ err: cause }, 'the rebuilt readings'));
  }, SWITCH_LOOK_MS).unref();
  return async () => {
    clearInterval(timer);
    await looking;
  };
}

export async function closeProjector(projector: Projector, lease: WriterLease | null): Promise<void> {
  await projector.close();
  await lease?.close(projector.progress().appliedSeq);
}
