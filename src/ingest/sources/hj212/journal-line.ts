import type { Clock, Journal } from '../../../domain/ports.ts';
import { bundleOf, type FrameRecord } from './bundle.ts';

const MEDIA_TYPE = 'application/x-hj212-bundle';

/** What one entry holds at most. */
const ENTRY_BYTES = 1024 * 1024;

interface Waiting {
  record: FrameRecord;
  resolve: (seq: number) => void;
  reject: (cause: unknown) => void;
}

/** Frames on their way to the disk: those that arrive while an append is under way share the next one, and its fsync. */
export interface JournalLine {
  /** Resolves with the journal position when the frame is durable. Rejects when the journal cannot be written, or is full up. */
  add(record: FrameRecord): Promise<number>;
  waitingBytes(): number;
  /** Resolves when everything added before is durable or refused. */
  drained(): Promise<void>;
}

export function openJournalLine(options: {
  journal: Pick<Journal, 'append'>;
  clock: Clock;
  sourceId: string;
  origin: () => string;
  lingerMs: number;
  /** Frames beyond this are refused instead of kept waiting: the logger sends them again. */
  maximumWaitingBytes: number;
}): JournalLine {
  let waiting: Waiting[] = [];
  let waitingBytes = 0;
  let running: Promise<void> | null = null;

  function take(): Waiting[] {
    let bytes = 0;
    let count = 0;
    while (
      count < waiting.length &&
      (count === 0 || bytes + waiting[count]!.record.frame.length <= ENTRY_BYTES)
    )
      bytes += waiting[count++]!.record.frame.length;
    return waiting.splice(0, count);
  }

  async function write(batch: readonly Waiting[]): Promise<void> {
    try {
      const entry = await options.journal.append({
        kind: 'raw',
        receivedS: options.clock.nowS(),
        meta: {
          source: options.sourceId,
          mediaType: MEDIA_TYPE,
          origin: options.origin(),
          part: `${batch.length} frames`,
        },
        body: bundleOf(batch.map(({ record }) => record)),
      });
      for (const one of batch) one.resolve(entry.seq);
    } catch (cause) {
      for (const one of batch) one.reject(cause);
    }
    for (const one of batch) waitingBytes -= one.record.frame.length;
  }

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      if (options.lingerMs > 0) await new Promise((resolve) => setTimeout(resolve, options.lingerMs));
      await write(take());
    }
    running = null;
  }

  return {
    add(record) {
      if (waitingBytes + record.frame.length > options.maximumWaitingBytes)
        return Promise.reject(new Error('too many frames wait for the journal'));
      waitingBytes += record.frame.length;
      return new Promise((resolve, reject) => {
        waiting.push({ record, resolve, reject });
        running ??= run();
      });
    },
    waitingBytes: () => waitingBytes,
    async drained() {
      while (running !== null) await running;
    },
  };
}
