import { setTimeout as wait } from 'node:timers/promises';
import type { LeaseTable } from '../domain/ports.ts';

export interface TurnOptions {
  leases: Pick<LeaseTable, 'take' | 'renew' | 'release'>;
  /** What is done by one process at a time. */
  name: string;
  holder: string;
  ttlS: number;
  /** The work; ends soon after `signal` aborts. */
  work: (signal: AbortSignal) => Promise<void>;
  onError: (cause: unknown) => void;
}

/** Share of the lease after which a holder that cannot renew it stops, in case its clock runs slower than the database's. */
const TRUSTED = 0.8;
const TRIES_IN_A_LEASE = 3;

/** Does a work in one of the processes that share a state: whoever holds the lease works, another takes over when it stops or dies. */
export class Turn {
  readonly #options: TurnOptions;
  readonly #stop = new AbortController();
  readonly #loop: Promise<void>;
  #mine = false;

  constructor(options: TurnOptions) {
    this.#options = options;
    this.#loop = this.#run();
  }

  get mine(): boolean {
    return this.#mine;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#once();
      } catch (cause) {
        this.#options.onError(cause);
      }
      await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    const ms = (this.#options.ttlS * 1000) / TRIES_IN_A_LEASE;
    await wait(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }

  async #once(): Promise<void> {
    const { leases, name, holder, ttlS } = this.#options;
    let untilMs = performance.now() + ttlS * 1000 * TRUSTED;
    const lease = await leases.take(name, holder, ttlS);
    if (lease === null) return;
    const lost = new AbortController();
    const ended = AbortSignal.any([this.#stop.signal, lost.signal]);
    this.#mine = true;
    const working = this.#options.work(ended).catch((cause: unknown) => {
      this.#options.onError(cause);
      lost.abort();
    });
    while (!ended.aborted) {
      await wait((ttlS * 1000) / TRIES_IN_A_LEASE, undefined, { signal: ended }).catch(() => undefined);
      if (ended.aborted) break;
      const askedMs = performance.now();
      const held = await leases.renew(lease, { ttlS, safeSeq: 0 }).then(
        (renewal) => renewal.held,
        () => null,
      );
      if (held === true) untilMs = askedMs + ttlS * 1000 * TRUSTED;
      else if (held === false || performance.now() >= untilMs) lost.abort();
    }
    await working;
    this.#mine = false;
    await leases.release(lease, 0).catch(this.#options.onError);
  }
}
