import type { EpochS } from './time.ts';

export type EntryKind = 'raw' | 'config' | 'act' | 'aborted';

/** What is known of an entry besides its bytes. Strings and numbers only: it is hashed in canonical form. */
export interface EntryMeta {
  /** Source id for `raw`; otherwise absent. */
  source?: string;
  mediaType?: string;
  /** File name or address the bytes came from; never a credential. */
  origin?: string;
  /** Which slice of the origin: "lines 2-227", "page 3". */
  part?: string;
  /** When the source or its archive showed these bytes, epoch seconds. */
  publishedS?: EpochS;
  /** What the clock said, where that was before the entry before: a clock that was turned back. */
  clockS?: EpochS;
  /** HTTP status of a pulled reply. */
  status?: number;
  [key: string]: string | number | undefined;
}

export interface JournalEntry {
  /** Position, 1 for the first; never reused. */
  seq: number;
  kind: EntryKind;
  /** Never before that of the entry before. */
  receivedS: EpochS;
  meta: EntryMeta;
  /** SHA-256 of `body`, hex. */
  sha256: string;
  /** Hash of the entry before, hex; 64 zeros for the first. */
  previous: string;
  /** Hash of this entry's header, which names `sha256` and `previous`. */
  hash: string;
  body: Uint8Array;
}

export interface JournalHead {
  seq: number;
  hash: string;
}

/** Append-only, content-hashed, chained. `append` resolves when the entry is on disk; concurrent calls share one fsync. */
export interface Journal {
  /** A time before that of the entry before becomes that one, and what was given is kept as `meta.clockS`. */
  append(entry: {
    kind: EntryKind;
    receivedS: EpochS;
    meta: EntryMeta;
    body: Uint8Array;
  }): Promise<JournalEntry>;
  /** Entries with seq > `after`, in order, up to the head at the time of the call. */
  read(after: number): AsyncIterable<JournalEntry>;
  get(seq: number): Promise<JournalEntry>;
  head(): JournalHead;
  /**
   * Entries of these kinds with seq > `after`, up to the head as it is on the server now. Present exactly where other
   * processes append to the same journal.
   */
  readKinds?(after: number, kinds: readonly EntryKind[]): AsyncIterable<JournalEntry>;
  /** Called after each durable append, by whichever process; returns the unsubscribe. */
  onAppend(listener: (head: JournalHead) => void): () => void;
  close(): Promise<void>;
}
