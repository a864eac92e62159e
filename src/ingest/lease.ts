import { setTimeout as wait } from 'node:timers/promises';
import { MonitorError } from '../domain/errors.ts';
import type { Lease, LeaseTable, ProjectionLog } from '../domain/ports.ts';
import type { EntryOutcome } from './project-entry.ts';

export interface WriterLeaseOptions {
  leases: LeaseTable;
  projections: ProjectionLog;
  /** What is written alone, and what its outcomes are logged under: "readings:influx". */
  name: string;
  holder: string;
  ttlS: number;
  /** The longest that one write of a former holder can still be under way. */
  writeDeadlineMs: number;
  /** False: this process never asks for the lease (an api replica, one with another configuration). */
  wanted: () => boolean;
  /** Taken a moment ago: what this process remembers of the store is old. */
  onTaken: () => Promise<void>;
  /** Makes good what a holder before may have left undone or undone again: entries after `safeSeq`, up to the store's position. */
  repair: (afterSeq: number) => Promise<void>;
  /** Called when the lease was gained and all is made good, and when it was lost. */
  onChange: () => void;
  onError: (cause: unknown) => void;
}

/** A position is safe when it was the store's this long ago: by then each write before it is over and was followed by others. */
const SAFE_AGE_MS = 60_000;
/** Share of the lease after which this process stops writing, in case its clock runs slower than the database's. */
const TRUSTED = 0.8;

/**
 * The right to project into a store that several processes reach. Held by one at a time; whoever cannot renew it in time stops
 * before it expires. A holder that slept meanwhile finds out at its next write, and says so for the entry it was at.
 */
export class WriterLease {
  readonly name: string;
  readonly #options: WriterLeaseOptions;
  #lease: Lease | null = null;
  /** The last one held, and the first entry whose write may have come after it was lost; told until it is heard. */
  #former: Lease | null = null;
  #lateSeq: number | null = null;
  #validUntilMs = 0;
  #ready = false;
  #positions: { atMs: number; seq: number }[] = [];
  #closed = false;
  #loop: Promise<void> | null = null;
  readonly #stop = new AbortController();

  constructor(options: WriterLeaseOptions) {
    this.name = options.name;
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Whether this process holds the lease for the next moments, and all is made good. */
  mayApply(): boolean {
    return this.#ready && this.#valid();
  }

  holds(): boolean {
    return this.#lease !== null && this.#valid();
  }

  /** Throws when a write must not be sent any more. */
  beforeWrite(): void {
    if (this.#valid()) return;
    throw new MonitorError('E_CONFLICT', `this process does not hold the lease "${this.name}"`);
  }

  /** The entry is in the store; what became of it is told to the others. */
  async applied(outcome: EntryOutcome): Promise<void> {
    this.#positions.push({ atMs: performance.now(), seq: outcome.seq });
    await this.#options.projections.record(this.name, outcome.seq, outcome);
  }

  /** Outcomes of entries that another process applied. */
  async outcomes(seqs: readonly number[]): Promise<EntryOutcome[]> {
    const found = await this.#options.projections.find(this.name, seqs);
    return [...found.values()] as EntryOutcome[];
  }

  /** After a write: if the lease was lost meanwhile, the new holder is told to look at this entry again. */
  wrote(seq: number): void {
    if (!this.#valid()) this.#lateSeq = Math.min(this.#lateSeq ?? seq, seq);
  }

  async close(appliedSeq: number): Promise<void> {
    this.#closed = true;
    this.#stop.abort();
    await this.#loop;
    this.#ready = false;
    if (this.#lease !== null && this.#valid()) await this.#options.leases.release(this.#lease, appliedSeq);
    this.#lease = null;
  }

  #valid(): boolean {
    return performance.now() < this.#validUntilMs;
  }

  async #run(): Promise<void> {
    const everyMs = (this.#options.ttlS * 1000) / 4;
    while (!this.#closed) {
      try {
        await this.#turn();
      } catch (cause) {
        this.#options.onError(cause);
      }
      await wait(everyMs, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined);
    }
  }

  async #turn(): Promise<void> {
    if (this.#lateSeq !== null && this.#former !== null) {
      await this.#options.leases.reportLate(this.#former, this.#lateSeq);
      this.#lateSeq = null;
    }
    if (this.#lease !== null) {
      if (!this.#options.wanted()) await this.#giveBack(this.#lease);
      else await this.#renew(this.#lease);
    }
    if (this.#lease === null && this.#options.wanted()) await this.#take();
  }

  async #take(): Promise<void> {
    const { leases, name, holder, ttlS } = this.#options;
    const askedMs = performance.now();
    const lease = await leases.take(name, holder, ttlS);
    if (lease === null) return;
    this.#lease = lease;
    this.#former = lease;
    this.#validUntilMs = askedMs + ttlS * 1000 * TRUSTED;
    this.#positions = [{ atMs: askedMs, seq: lease.safeSeq }];
    await this.#options.onTaken();
    if (!lease.clean) await this.#makeGood(lease, lease.safeSeq, { afterMs: this.#options.writeDeadlineMs });
    if (this.#lease !== lease) return;
    this.#ready = true;
    this.#options.onChange();
  }

  /** Waits until no write of another can be under way, then shows the entries again; renewing meanwhile. */
  async #makeGood(lease: Lease, safeSeq: number, { afterMs }: { afterMs: number }): Promise<void> {
    let done = false;
    const work = (async () => {
      await wait(afterMs, undefined, { signal: this.#stop.signal });
      await this.#options.repair(safeSeq);
      await this.#options.leases.repaired(lease, safeSeq + 1);
    })().finally(() => (done = true));
    const renewing = (async () => {
      while (!done && this.#lease === lease && !this.#closed) {
        await wait((this.#options.ttlS * 1000) / 8, undefined, { ref: false });
        if (!done) await this.#renew(lease).catch(this.#options.onError);
      }
    })();
    try {
      await work;
    } catch (cause) {
      // Not made good: given back, so that this process or another one begins again.
      this.#lose();
      throw cause;
    } finally {
      done = true;
      await renewing;
    }
  }

  async #renew(lease: Lease): Promise<void> {
    const { leases, ttlS } = this.#options;
    const askedMs = performance.now();
    const { held, repairSeq } = await leases.renew(lease, { ttlS, safeSeq: this.#safeSeq(askedMs) });
    if (!held) return this.#lose();
    this.#validUntilMs = askedMs + ttlS * 1000 * TRUSTED;
    if (repairSeq === null || !this.#ready) return;
    this.#ready = false;
    await this.#makeGood(lease, repairSeq - 1, { afterMs: 0 });
    this.#ready = this.#lease === lease;
    this.#options.onChange();
  }

  #safeSeq(nowMs: number): number {
    while ((this.#positions[1]?.atMs ?? Infinity) <= nowMs - SAFE_AGE_MS) this.#positions.shift();
    // One position a second is enough to know what was a minute ago.
    if (this.#positions.length > 600) this.#positions = this.#positions.filter((_, at) => at % 2 === 0);
    return this.#positions[0]?.seq ?? 0;
  }

  async #giveBack(lease: Lease): Promise<void> {
    await this.#options.leases.release(lease, this.#safeSeq(performance.now()));
    this.#lose();
  }

  #lose(): void {
    this.#lease = null;
    this.#ready = false;
    this.#validUntilMs = 0;
    this.#options.onChange();
  }
}
