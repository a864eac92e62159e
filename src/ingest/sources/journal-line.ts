import type { Clock, Journal } from '../../domain/ports.ts';
import { bundleOf, type PushedRecord } from './bundle.ts';

/** What one entry holds at most. */
const ENTRY_BYTES = 1024 * 1024;

interface Waiting {
  record: PushedRecord;
  resolve: (seq: number) => void;
  reject: (cause: unknown) => void;
}

/** What was pushed, on its way to the disk: records that arrive while an append is under way share the next one, and its fsync. */
export interface JournalLine {
  /** Resolves with the journal position when the record is durable. Rejects when the journal cannot be written, or is full up. */
  add(record: PushedRecord): Promise<number>;
  waitingBytes(): number;
  /** Resolves when everything added before is durable or refused. */
  drained(): Promise<void>;
}

export function openJournalLine(options: {
  journal: Pick<Journal, 'append'>;
  clock: Clock;
  sourceId: string;
  origin: () => string;
  mediaType: string;
  /** What the records are, for `part` of the entry: "frames". */
  noun: string;
  lingerMs: number;
  /** Records beyond this are refused instead of kept waiting: whoever sent them sends them again. */
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
      (count === 0 || bytes + waiting[count]!.record.body.length <= ENTRY_BYTES)
    )
      bytes += waiting[count++]!.record.body.length;
    return waiting.splice(0, count);
  }

  async function write(batch: readonly Waiting[]): Promise<void> {
    try {
      const entry = await options.journal.append({
        kind: 'raw',
        receivedS: options.clock.nowS(),
        meta: {
          source: options.sourceId,
          mediaType: options.mediaType,
          origin: options.origin(),
          part: `${batch.length} ${options.noun}`,
        },
        body: bundleOf(batch.map(({ record }) => record)),
      });
      for (const one of batch) one.resolve(entry.seq);
    } catch (cause) {
      for (const one of batch) one.reject(cause);
    }
    for (const one of batch) waitingBytes -= one.record.body.length;
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
      if (waitingBytes + record.body.length > options.maximumWaitingBytes)
        return Promise.reject(new Error('too much waits for the journal'));
      waitingBytes += record.body.length;
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
