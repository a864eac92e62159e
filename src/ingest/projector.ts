import type { Journal, JournalEntry, ReadingStore } from '../domain/ports.ts';
import type { WriterLease } from './lease.ts';
import { projectEntry, type EntryFacts, type EntryOutcome } from './project-entry.ts';

export interface ProjectorDeps extends EntryFacts {
  journal: Journal;
  /** The store may be exchanged while running (rebuild), so it is asked for each time. */
  store: () => ReadingStore;
  /** Where several processes reach the store: only the holder applies, the others follow. Absent: this process alone. */
  lease?: Pick<WriterLease, 'mayApply' | 'applied' | 'outcomes' | 'wrote'>;
  /** Called when an entry cannot be applied; the projector tries again. */
  onError: (seq: number, cause: unknown) => void;
}

/** Outcomes kept for one who asks after the entry was applied; more than a run ever has in flight. */
const RECENT_OUTCOMES = 64;
const RETRY_MS = 1000;
/** How often a follower looks how far the holder is: while someone waits for an entry, and otherwise. */
const FOLLOW_MS = 200;
const FOLLOW_IDLE_MS = 2000;
/** A follower that sees no entry applied for so long, though there are some, says that the store stands still. */
const STALLED_MS = 30_000;

interface Waiter {
  resolve: (outcome: EntryOutcome) => void;
  reject: (cause: unknown) => void;
}

/**
 * Applies journal entries to one store, in journal order, from the store's own position. The only writer of readings:
 * outage, catch-up, rebuild and replicas are this one loop.
 */
export class Projector {
  readonly #deps: ProjectorDeps;
  readonly #waiters = new Map<number, Waiter[]>();
  readonly #recent = new Map<number, EntryOutcome>();
  readonly #unsubscribe: () => void;
  #appliedSeq: number;
  /** Whether the store can have moved, or been exchanged, since this projector last moved it. */
  #askPosition = false;
  #closed = false;
  #wanted = false;
  #running: Promise<void> | null = null;
  #pausing: Promise<unknown> | null = null;
  #retry: NodeJS.Timeout | undefined;
  #failing = false;
  #movedMs = performance.now();

  /** Use {@link startProjector}. */
  constructor(deps: ProjectorDeps, position: number) {
    this.#deps = deps;
    this.#appliedSeq = position;
    this.#unsubscribe = deps.journal.onAppend(() => this.#wake());
    this.#wake();
  }

  progress(): { journalSeq: number; appliedSeq: number } {
    return { journalSeq: this.#deps.journal.head().seq, appliedSeq: this.#appliedSeq };
  }

  /** Resolves when the entry is in the store. Rejects when the projector is closed first. */
  applied(seq: number): Promise<EntryOutcome> {
    const outcome = this.#recent.get(seq);
    if (outcome !== undefined) return Promise.resolve(outcome);
    if (this.#closed) return Promise.reject(new Error('the projector is closed'));
    return new Promise((resolve, reject) => {
      this.#waiters.set(seq, [...(this.#waiters.get(seq) ?? []), { resolve, reject }]);
      this.#wake();
    });
  }

  /** Whether the store does not take entries now; the journal goes on. */
  stalled(): boolean {
    if (this.#failing) return true;
    const { journalSeq, appliedSeq } = this.progress();
    return (
      this.#deps.lease !== undefined &&
      journalSeq > appliedSeq &&
      performance.now() - this.#movedMs > STALLED_MS
    );
  }

  /** Nobody waits for these entries any more; their promises stay open. */
  forget(seqs: Iterable<number>): void {
    for (const seq of seqs) this.#waiters.delete(seq);
  }

  /** Looks again at once: the right to write was gained or lost. */
  wake(): void {
    this.#askPosition = true;
    this.#wake();
  }

  /** Shows entries after `afterSeq`, up to the store's position, to the store again; it makes good what lacks. */
  async repair(afterSeq: number): Promise<void> {
    const { journal, store, lease } = this.#deps;
    const position = await store().position();
    const target = store();
    const { repair } = target;
    if (repair === undefined) return;
    for await (const entry of journal.read(afterSeq)) {
      if (entry.seq > position || this.#closed) return;
      const outcome = await projectEntry(entry, this.#deps, { ...target, apply: repair });
      await lease?.applied(outcome);
    }
  }

  /** Rests while `work` has the store to itself (the switch of a rebuild, a backup). */
  async paused<T>(work: () => Promise<T>): Promise<T> {
    while (this.#pausing !== null) await this.#pausing;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#pausing = promise;
    try {
      await this.#running;
      return await work();
    } finally {
      this.#pausing = null;
      this.#askPosition = true;
      resolve();
      this.#wake();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    clearTimeout(this.#retry);
    await this.#running;
    for (const waiter of [...this.#waiters.values()].flat())
      waiter.reject(new Error('the projector is closed'));
    this.#waiters.clear();
  }

  #wake(): void {
    this.#wanted = true;
    if (this.#running !== null || this.#closed || this.#pausing !== null) return;
    clearTimeout(this.#retry);
    this.#running = this.#drain()
      .catch((cause: unknown) => {
        this.#failing = true;
        this.#askPosition = true;
        this.#deps.onError(this.#appliedSeq + 1, cause);
        this.#wanted = false;
        // The journal goes on while the store is away; the projection catches up in order.
        if (!this.#closed) this.#retry = setTimeout(() => this.#wake(), RETRY_MS);
      })
      .finally(() => {
        this.#running = null;
        if (this.#wanted) this.#wake();
      });
  }

  async #drain(): Promise<void> {
    const { journal, store, lease } = this.#deps;
    while (this.#wanted && !this.#closed && this.#pausing === null) {
      this.#wanted = false;
      if (this.#askPosition) {
        this.#askPosition = false;
        this.#moved(await store().position());
      }
      if (lease !== undefined && !lease.mayApply()) return this.#follow(lease);
      for await (const entry of journal.read(this.#appliedSeq)) {
        if (this.#closed || this.#pausing !== null) return;
        if (lease !== undefined && !lease.mayApply()) return this.#follow(lease);
        const outcome = await this.#project(entry);
        this.#moved(entry.seq);
        this.#settle(outcome);
      }
      this.#failing = false;
    }
  }

  async #project(entry: JournalEntry): Promise<EntryOutcome> {
    const { store, lease } = this.#deps;
    try {
      const outcome = await projectEntry(entry, this.#deps, store());
      await lease?.applied(outcome);
      return outcome;
    } finally {
      lease?.wrote(entry.seq);
    }
  }

  #moved(seq: number): void {
    if (seq === this.#appliedSeq) return;
    this.#appliedSeq = seq;
    this.#movedMs = performance.now();
    this.#failing = false;
  }

  /** Another process applies; what became of the entries that someone here waits for is read from what it tells. */
  async #follow(lease: NonNullable<ProjectorDeps['lease']>): Promise<void> {
    this.#failing = false;
    this.#askPosition = true;
    const asked = [...this.#waiters.keys()].filter((seq) => seq <= this.#appliedSeq);
    for (const outcome of await lease.outcomes(asked)) this.#settle(outcome);
    this.#wanted = false;
    const delayMs = this.#waiters.size > 0 ? FOLLOW_MS : FOLLOW_IDLE_MS;
    clearTimeout(this.#retry);
    if (!this.#closed) this.#retry = setTimeout(() => this.#wake(), delayMs).unref();
  }

  #settle(outcome: EntryOutcome): void {
    for (const waiter of this.#waiters.get(outcome.seq) ?? []) waiter.resolve(outcome);
    this.#waiters.delete(outcome.seq);
    this.#recent.set(outcome.seq, outcome);
    this.#recent.delete(outcome.seq - RECENT_OUTCOMES);
  }
}

/** Starts from the store's own position; rejects when the store cannot say it. */
export async function startProjector(deps: ProjectorDeps): Promise<Projector> {
  return new Projector(deps, await deps.store().position());
}
