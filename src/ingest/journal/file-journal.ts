import { MonitorError } from '../../domain/errors.ts';
import type { Journal, JournalEntry, JournalHead } from '../../domain/ports.ts';
import { createSegment, sealSegment } from './folder.ts';
import { segmentHeaderBytes } from './frame.ts';
import { SegmentReader } from './reader.ts';
import { RecentEntries } from './recent.ts';
import type { TornTail } from './recovery.ts';
import type { Segment } from './segments.ts';
import { messageOf } from './system-error.ts';
import { checkNewEntry, prepareEntry, receivedInOrder, SegmentWriter, type PreparedEntry } from './writer.ts';
import { takeBatch, type Waiting } from './waiting.ts';

type NewEntry = Parameters<Journal['append']>[0];

const mostEntriesPerCommit = 1024;

/** The journal as segment files; see `docs/journal.md`. */
export class FileJournal implements Journal {
  /** What opening cut off the end: bytes of a write that a crash stopped. null when the end was whole. Show it to the operator. */
  readonly tornTail: TornTail | null;
  readonly #folder: string;
  readonly #segmentBytes: number;
  readonly #segments: Segment[];
  readonly #reader: SegmentReader;
  readonly #recent = new RecentEntries();
  readonly #unlock: () => void;
  readonly #listeners = new Set<(head: JournalHead) => void>();
  #writer: SegmentWriter;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | null = null;
  #sealing: Promise<void> = Promise.resolve();
  #sealFault: unknown = null;
  #head: JournalHead;
  #receivedS: number;
  #closed = false;

  constructor(opened: {
    folder: string;
    segmentBytes: number;
    segments: Segment[];
    writer: SegmentWriter;
    tornTail: TornTail | null;
    /** Of the last entry; -Infinity for none. */
    receivedS: number;
    unlock: () => void;
  }) {
    this.tornTail = opened.tornTail;
    this.#folder = opened.folder;
    this.#segmentBytes = opened.segmentBytes;
    this.#segments = opened.segments;
    this.#reader = new SegmentReader(opened.folder, opened.segments);
    this.#unlock = opened.unlock;
    this.#writer = opened.writer;
    this.#receivedS = opened.receivedS;
    this.#head = { seq: opened.writer.segment.lastSeq, hash: opened.writer.segment.lastHash };
    for (const segment of opened.segments.slice(0, -1))
      if (segment.form === 'plain') this.#sealLater(segment);
  }

  /** The body must not be changed any more: readers are given it. Throws E_BAD_REQUEST, E_STORE_UNAVAILABLE. */
  append(entry: NewEntry): Promise<JournalEntry> {
    return this.#append(entry, false);
  }

  /** As {@link append}, for an entry of another journal: its time of receipt stays, whatever it is. */
  copy(entry: NewEntry): Promise<JournalEntry> {
    return this.#append(entry, true);
  }

  read(after: number): AsyncIterable<JournalEntry> {
    return this.#entries(after, this.#head.seq);
  }

  /** What was just appended comes from memory, the rest from the segments. */
  async *#entries(after: number, through: number): AsyncGenerator<JournalEntry> {
    for (let seq = after + 1; seq <= through;) {
      const recent = this.#recent.get(seq);
      if (recent !== undefined) {
        yield recent;
        seq += 1;
        continue;
      }
      for await (const entry of this.#reader.read(seq - 1, through)) {
        yield entry;
        seq = entry.seq + 1;
        if (this.#recent.get(seq) !== undefined) break;
      }
    }
  }

  async get(seq: number): Promise<JournalEntry> {
    return this.#reader.get(seq);
  }

  head(): JournalHead {
    return this.#head;
  }

  onAppend(listener: (head: JournalHead) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Why the last full segment could not be sealed (disk full, say): it stays plain and is tried again at the next opening. */
  sealFault(): unknown {
    return this.#sealFault;
  }

  /** Resolves when every full segment is sealed. */
  sealed(): Promise<void> {
    return this.#sealing;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#flushing;
    await this.#sealing;
    await this.#writer.close();
    this.#unlock();
  }

  #append(entry: NewEntry, copied: boolean): Promise<JournalEntry> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw new MonitorError('E_STORE_UNAVAILABLE', 'the journal is closed');
      checkNewEntry(entry);
      this.#waiting.push({ entry, copied, resolve, reject });
      this.#flushing ??= Promise.resolve().then(() => this.#flush());
    });
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = takeBatch(this.#waiting, mostEntriesPerCommit);
      try {
        if (this.#writer.bytes >= this.#segmentBytes) await this.#startSegment();
        const prepared = this.#prepare(batch);
        await this.#writer.commit(prepared);
        this.#acknowledge(batch, prepared);
      } catch (cause) {
        const error = asUnavailable(cause);
        for (const waiting of batch) waiting.reject(error);
      }
    }
    this.#flushing = null;
  }

  #prepare(batch: readonly Waiting[]): PreparedEntry[] {
    const { salt } = this.#writer.segment;
    const commitSeq = this.#head.seq + 1;
    let previous = this.#head.hash;
    let receivedS = this.#receivedS;
    return batch.map(({ entry, copied }, index) => {
      const inOrder = copied === true ? entry : receivedInOrder(entry, receivedS);
      const prepared = prepareEntry(inOrder, { seq: commitSeq + index, previous, commitSeq, salt });
      previous = prepared.entry.hash;
      receivedS = prepared.entry.receivedS;
      return prepared;
    });
  }

  #acknowledge(batch: readonly Waiting[], prepared: readonly PreparedEntry[]): void {
    const last = prepared.at(-1);
    if (last === undefined) return;
    this.#head = { seq: last.entry.seq, hash: last.entry.hash };
    this.#receivedS = last.entry.receivedS;
    for (const [index, { entry }] of prepared.entries()) {
      this.#recent.add(entry);
      batch[index]?.resolve(entry);
    }
    for (const listener of this.#listeners) listener(this.#head);
  }

  async #startSegment(): Promise<void> {
    const full = this.#writer;
    const segment = await createSegment(this.#folder, this.#head);
    this.#writer = await SegmentWriter.open(this.#folder, segment, segmentHeaderBytes);
    this.#segments.push(segment);
    await full.close();
    this.#sealLater(full.segment);
  }

  #sealLater(segment: Segment): void {
    this.#sealing = this.#sealAfter(this.#sealing, segment);
  }

  async #sealAfter(earlier: Promise<void>, segment: Segment): Promise<void> {
    await earlier;
    try {
      await sealSegment(this.#folder, segment);
      this.#sealFault = null;
    } catch (error) {
      this.#sealFault = error;
    }
  }
}

function asUnavailable(cause: unknown): MonitorError {
  if (cause instanceof MonitorError) return cause;
  return new MonitorError('E_STORE_UNAVAILABLE', `the journal could not be written: ${messageOf(cause)}`, {
    cause,
  });
}
