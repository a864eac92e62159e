import type { DeliveryQueue, DeliveryStore, DeliveryWake, StoredNotification } from '../domain/deliveries.ts';
import type { Clock } from '../domain/ports.ts';
import { later, never, type Channel, type Message, type Outcome } from './channels/channel.ts';
import type { DeliveryMeter } from './meter.ts';

/** What a channel's receivers bear; from its configuration. */
export interface ChannelPace {
  timeoutS: number;
  attempts: number;
  backoffS: number;
  /** Null: as fast as it goes. */
  perMinute: number | null;
}

export const usualPace: ChannelPace = { timeoutS: 20, attempts: 12, backoffS: 5, perMinute: null };
/** What was never tried for so long is history: a state that was rebuilt from its journal must not wake people for it. */
const oldestFirstTryS = 7 * 86_400;
const longestBackoffS = 1800;
/** After so many failures somebody should hear of it over another channel, although this one is still tried. */
const troubledAfter = 3;

export interface OutboxParts {
  store: DeliveryStore;
  queue: DeliveryQueue;
  channels: ReadonlyMap<string, { channel: Channel; pace: ChannelPace }>;
  compose(notification: StoredNotification): Promise<Message>;
  clock: Clock;
  meter: DeliveryMeter;
  /** Told once when a message keeps failing and once when it is given up (`final`): the pipeline chooses another way. */
  onTrouble?(notification: StoredNotification, trouble: { error: string; final: boolean }): Promise<void>;
  /** After it was noted. */
  onDelivered?(notification: StoredNotification): void;
  /** A fault of ours, not of a receiver. */
  onError?(error: unknown): void;
  concurrency?: number;
  /** Between safety sweeps; 0 for none. */
  sweepEveryS?: number;
}

export interface Outbox {
  /** Wakes what is due now, as a start does: rows whose job was lost. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Delivers what lies in the outbox: of one ordering key strictly in order and one at a time over all processes, at least once,
 * with growing waits. What a channel refuses for good, or `attempts` times, is dead: kept, counted and told to `onTrouble`.
 */
export async function startOutbox(parts: OutboxParts): Promise<Outbox> {
  const buckets = new Map<string, TokenBucket>();
  for (const [id, { pace }] of parts.channels)
    if (pace.perMinute !== null) buckets.set(id, new TokenBucket(pace.perMinute));
  const stopping = new AbortController();
  await parts.queue.work(
    (wake, signal) => drain(parts, buckets, wake, AbortSignal.any([signal, stopping.signal])),
    { concurrency: parts.concurrency ?? 8 },
  );
  const sweep = async (): Promise<void> => {
    await parts.queue.sweep(parts.clock.nowS());
  };
  await sweep();
  const everyMs = (parts.sweepEveryS ?? 60) * 1000;
  const timer =
    everyMs === 0
      ? null
      : setInterval(() => void sweep().catch((error: unknown) => parts.onError?.(error)), everyMs);
  timer?.unref();
  return {
    sweep,
    async close() {
      if (timer !== null) clearInterval(timer);
      stopping.abort(new Error('the process stops'));
    },
  };
}

/** Everything of one key that can go now. Thrown faults have the job run again. */
async function drain(
  parts: OutboxParts,
  buckets: ReadonlyMap<string, TokenBucket>,
  wake: DeliveryWake,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const head = await parts.store.head(wake.orderingKey);
    if (head === null) return;
    const nowS = parts.clock.nowS();
    // Its own wake is on the way; a wake that is its own may come a little early by another machine's clock.
    if (head.nextTryS > nowS && head.id !== wake.id) return;
    const waitS = buckets.get(head.channel)?.waitS(nowS) ?? 0;
    if (waitS > 0) return parts.queue.postpone(head.id, { atS: nowS, delayS: waitS, error: null });
    if (!(await attempt(parts, head, signal))) return;
  }
}

/** True where the next of the key may follow: this one is delivered or dead. */
async function attempt(parts: OutboxParts, head: StoredNotification, signal: AbortSignal): Promise<boolean> {
  const found = parts.channels.get(head.channel);
  const pace = found?.pace ?? usualPace;
  const startedMs = performance.now();
  const outcome = await tryOnce(parts, head, signal);
  const atS = parts.clock.nowS();
  parts.meter.attempted(head.channel, outcome.result, {
    seconds: (performance.now() - startedMs) / 1000,
    ageS: Math.max(0, atS - head.createdS),
  });
  if (outcome.result === 'delivered') {
    await parts.store.noteOutcome(head.id, { state: 'delivered', atS, error: null });
    parts.onDelivered?.(head);
    return true;
  }
  const attempts = head.attempts + 1;
  if (outcome.result === 'never' || attempts >= pace.attempts) {
    await parts.store.noteOutcome(head.id, { state: 'dead', atS, error: outcome.error });
    await tell(parts, head, { error: outcome.error, final: true });
    return true;
  }
  // A process that stops has not failed the message.
  const error = signal.aborted ? null : outcome.error;
  await parts.queue.postpone(head.id, { atS, delayS: delayOf(pace, attempts, outcome.afterS ?? 0), error });
  if (attempts === troubledAfter) await tell(parts, head, { error: outcome.error, final: false });
  return false;
}

async function tryOnce(parts: OutboxParts, head: StoredNotification, signal: AbortSignal): Promise<Outcome> {
  const found = parts.channels.get(head.channel);
  if (found === undefined) return never(`there is no channel ${head.channel}, or it is switched off`);
  if (head.attempts === 0 && parts.clock.nowS() - head.nextTryS > oldestFirstTryS)
    return never('older than seven days and never tried: not sent any more');
  const message = await parts.compose(head);
  const timeout = AbortSignal.timeout(found.pace.timeoutS * 1000);
  try {
    return await found.channel.deliver(message, AbortSignal.any([signal, timeout]));
  } catch (error) {
    parts.onError?.(error);
    return later(error instanceof Error ? error.message : String(error));
  }
}

async function tell(
  parts: OutboxParts,
  head: StoredNotification,
  trouble: { error: string; final: boolean },
): Promise<void> {
  try {
    await parts.onTrouble?.(head, trouble);
  } catch (error) {
    parts.onError?.(error);
  }
}

/** Doubles from `backoffS`, bounded, a fifth of jitter, never before the receiver asked for. Whole seconds, at least one. */
export function delayOf(pace: ChannelPace, attempts: number, afterS: number, random = Math.random()): number {
  const grown = Math.min(pace.backoffS * 2 ** (attempts - 1), longestBackoffS);
  return Math.max(1, Math.ceil(Math.max(afterS, grown * (0.8 + 0.4 * random))));
}

/** As many in a minute as a receiver takes, then spaced out. */
class TokenBucket {
  readonly #perMinute: number;
  #tokens: number;
  #atS = 0;

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
    this.#tokens = perMinute;
  }

  /** 0: one is taken. Else whole seconds until there is one. */
  waitS(nowS: number): number {
    const gained = this.#atS === 0 ? 0 : ((nowS - this.#atS) / 60) * this.#perMinute;
    this.#tokens = Math.min(this.#perMinute, this.#tokens + Math.max(0, gained));
    this.#atS = nowS;
    if (this.#tokens < 1) return Math.max(1, Math.ceil(((1 - this.#tokens) * 60) / this.#perMinute));
    this.#tokens -= 1;
    return 0;
  }
}
