import type { Pool, PoolClient } from 'pg';
import { canonicalJson } from '../../../domain/canonical-json.ts';
import { MonitorError } from '../../../domain/errors.ts';
import type { EntryKind, Journal, JournalEntry, JournalHead } from '../../../domain/ports.ts';
import { brokenAt } from '../broken.ts';
import { sha256Hex, type EntryHeader } from '../frame.ts';
import { messageOf } from '../system-error.ts';
import { checkNewEntry, receivedInOrder } from '../writer.ts';
import {
  bodyAt,
  entryOf,
  headerColumns,
  headerHash,
  headIn,
  lastIn,
  place,
  rowsBetween,
  type HeaderRow,
} from './entries.ts';
import type { HeadListener } from './head-listener.ts';
import { appendLock, channel } from './schema.ts';
import { takeBatch, type Waiting } from '../waiting.ts';

type NewEntry = Parameters<Journal['append']>[0];

const mostEntriesPerCommit = 256;

/** The journal as an append-only table that several processes share; see `docs/journal.md`. */
export class PostgresJournal implements Journal {
  readonly #pool: Pool;
  readonly #listener: HeadListener;
  readonly #listeners = new Set<(head: JournalHead) => void>();
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | null = null;
  #head: JournalHead;
  #closed = false;

  constructor(opened: { pool: Pool; listener: HeadListener; head: JournalHead }) {
    this.#pool = opened.pool;
    this.#listener = opened.listener;
    this.#head = opened.head;
    this.#listener.onHead((head) => this.#advance(head));
  }

  /**
   * The body must not be changed before this resolves. Throws E_BAD_REQUEST, E_STORE_UNAVAILABLE; its `details.outcome` is
   * `unknown` when the server went away during the commit and cannot be asked: the entry may be in the journal.
   */
  append(entry: NewEntry): Promise<JournalEntry> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw new MonitorError('E_STORE_UNAVAILABLE', 'the journal is closed');
      checkNewEntry(entry);
      this.#waiting.push({ entry, resolve, reject });
      this.#flushing ??= Promise.resolve().then(() => this.#flush());
    });
  }

  read(after: number): AsyncIterable<JournalEntry> {
    return this.#chained(after, this.#head.seq);
  }

  /** Asks the server for its head, so that what other processes appended is among them. */
  async *readKinds(after: number, kinds: readonly EntryKind[]): AsyncGenerator<JournalEntry> {
    const { seq: through } = await this.refresh();
    for await (const { row, body } of rowsBetween(this.#pool, { after, through, kinds }))
      yield entryOf(row, body);
  }

  async get(seq: number): Promise<JournalEntry> {
    const { rows } = await this.#pool.query<HeaderRow>(
      `select ${headerColumns} from journal_entry where seq = $1`,
      [seq],
    );
    const [row] = rows;
    if (row === undefined)
      throw new MonitorError('E_NOT_FOUND', `the journal has no entry ${seq}`, { details: { seq } });
    return entryOf(row, await bodyAt(this.#pool, seq, Number(row.length)));
  }

  /** The newest this process has heard of; another process may be further by a moment. */
  head(): JournalHead {
    return this.#head;
  }

  /** The head as the server has it now. Throws E_STORE_UNAVAILABLE. */
  async refresh(): Promise<JournalHead> {
    try {
      this.#advance(await headIn(this.#pool));
    } catch (cause) {
      throw unavailable(cause);
    }
    return this.#head;
  }

  onAppend(listener: (head: JournalHead) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#flushing;
    await this.#listener.close();
    await this.#pool.end();
  }

  async *#chained(after: number, through: number): AsyncGenerator<JournalEntry> {
    let previous: string | null = null;
    let expected = after + 1;
    for await (const { row, body } of rowsBetween(this.#pool, { after, through })) {
      const entry = entryOf(row, body);
      if (entry.seq !== expected || (previous !== null && entry.previous !== previous))
        throw brokenAt(place(expected), {
          reason: 'chain is broken',
          expected: `entry ${expected} after ${previous ?? 'any'}`,
          found: `entry ${entry.seq} after ${entry.previous}`,
        });
      previous = entry.hash;
      expected += 1;
      yield entry;
    }
  }

  #advance(head: JournalHead): void {
    if (head.seq <= this.#head.seq) return;
    this.#head = head;
    for (const listener of this.#listeners) listener(head);
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = takeBatch(this.#waiting, mostEntriesPerCommit);
      try {
        const entries = await this.#commit(batch.map(({ entry }) => entry));
        entries.forEach((entry, index) => batch[index]?.resolve(entry));
        const last = entries.at(-1);
        if (last !== undefined) this.#advance({ seq: last.seq, hash: last.hash });
      } catch (cause) {
        const error = unavailable(cause);
        for (const waiting of batch) waiting.reject(error);
      }
    }
    this.#flushing = null;
  }

  async #commit(batch: readonly NewEntry[]): Promise<JournalEntry[]> {
    const client = await this.#pool.connect();
    let entries: JournalEntry[] = [];
    let committing = false;
    try {
      await client.query('begin');
      await client.query('select pg_advisory_xact_lock($1)', [appendLock]);
      entries = chain(batch, await lastIn(client));
      await insert(client, entries);
      const last = entries.at(-1);
      await client.query('select pg_notify($1, $2)', [channel, `${last?.seq} ${last?.hash}`]);
      committing = true;
      await client.query('commit');
      client.release();
      return entries;
    } catch (cause) {
      // The connection may be in any state: dropped, it rolls back what is not committed.
      client.release(true);
      if (!committing) throw cause;
      if (await this.#holds(entries, cause)) return entries;
      throw cause;
    }
  }

  /** A commit can fail on the way back although the server did it: the last row of the batch tells. */
  async #holds(entries: readonly JournalEntry[], cause: unknown): Promise<boolean> {
    const last = entries.at(-1);
    if (last === undefined) return true;
    try {
      // Waiting for the lock: a session that is still committing holds it.
      const { rows } = await this.#pool.query<{ hash: string }>(
        `with waited as materialized (select pg_advisory_xact_lock($2)) select hash from waited, journal_entry where seq = $1`,
        [last.seq, appendLock],
      );
      return rows[0]?.hash === last.hash;
    } catch {
      throw new MonitorError(
        'E_STORE_UNAVAILABLE',
        'the journal server went away during a commit; the entry may be in the journal',
        { cause, details: { outcome: 'unknown', seq: last.seq } },
      );
    }
  }
}

function chain(batch: readonly NewEntry[], last: JournalHead & { receivedS: number }): JournalEntry[] {
  let { seq, hash: previous, receivedS: beforeS } = last;
  return batch.map((given) => {
    const { kind, receivedS, meta, body } = receivedInOrder(given, beforeS);
    beforeS = receivedS;
    seq += 1;
    const sha256 = sha256Hex(body);
    const header: EntryHeader = { seq, kind, receivedS, meta, length: body.length, sha256, previous };
    const hash = headerHash(header);
    const entry: JournalEntry = { seq, kind, receivedS, meta, sha256, previous, hash, body };
    previous = hash;
    return entry;
  });
}

/** Rows as they are, hashes included; used by appending and by copying a journal from elsewhere. */
export async function insert(
  client: Pick<PoolClient, 'query'>,
  entries: readonly JournalEntry[],
): Promise<void> {
  const columns = 9;
  const values = entries.flatMap(({ seq, kind, receivedS, meta, sha256, previous, hash, body }) => [
    seq,
    kind,
    receivedS,
    canonicalJson(meta),
    body.length,
    sha256,
    previous,
    hash,
    Buffer.from(body.buffer, body.byteOffset, body.byteLength),
  ]);
  const rows = entries.map(
    (_, row) =>
      `(${Array.from({ length: columns }, (__, column) => `$${row * columns + column + 1}`).join(', ')})`,
  );
  await client.query(`insert into journal_entry (${headerColumns}, body) values ${rows.join(', ')}`, values);
}

export function unavailable(cause: unknown): MonitorError {
  if (cause instanceof MonitorError) return cause;
  return new MonitorError('E_STORE_UNAVAILABLE', `the journal server failed: ${messageOf(cause)}`, { cause });
}
