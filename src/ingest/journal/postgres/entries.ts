import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import { canonicalJson } from '../../../domain/canonical-json.ts';
import type { EntryKind, EntryMeta, JournalEntry, JournalHead } from '../../../domain/ports.ts';
import { brokenAt } from '../broken.ts';
import { sha256Hex, zeroHash, type EntryHeader } from '../frame.ts';

/** How bodies are fetched: together up to here, a larger one in slices of this size (a driver's text has an end). */
const bytesPerFetch = 8 * 1024 * 1024;
const headersPerFetch = 500;

export interface HeaderRow {
  seq: string;
  kind: EntryKind;
  received_s: string;
  meta: string;
  length: string;
  sha256: string;
  previous: string;
  hash: string;
}

export const headerColumns = 'seq, kind, received_s, meta, length, sha256, previous, hash';

/** The same hash as in the files: an entry keeps it wherever it is stored. */
export function headerHash(header: EntryHeader): string {
  return createHash('sha256').update(canonicalJson(header)).digest('hex');
}

export function headerOf(row: HeaderRow): EntryHeader {
  const meta: EntryMeta = JSON.parse(row.meta);
  return {
    seq: Number(row.seq),
    kind: row.kind,
    receivedS: Number(row.received_s),
    meta,
    length: Number(row.length),
    sha256: row.sha256,
    previous: row.previous,
  };
}

export const place = (seq: number): { file: string; offset: number; seq: number } => ({
  file: 'table journal_entry',
  offset: 0,
  seq,
});

/** The entry of a row and its body. Throws E_JOURNAL_BROKEN when a hash does not fit. */
export function entryOf(row: HeaderRow, body: Uint8Array): JournalEntry {
  const header = headerOf(row);
  const hash = headerHash(header);
  if (hash !== row.hash)
    throw brokenAt(place(header.seq), {
      reason: 'entry header differs from its hash',
      expected: row.hash,
      found: hash,
    });
  const sha256 = sha256Hex(body);
  if (sha256 !== header.sha256)
    throw brokenAt(place(header.seq), {
      reason: 'body differs from its hash',
      expected: header.sha256,
      found: sha256,
    });
  const { seq, kind, receivedS, meta, previous } = header;
  return { seq, kind, receivedS, meta, sha256, previous, hash, body };
}

export type Queries = Pick<Pool, 'query'>;

export async function headIn(queries: Queries): Promise<JournalHead> {
  const { seq, hash } = await lastIn(queries);
  return { seq, hash };
}

/** The head, and when its entry was received; -Infinity for none. */
export async function lastIn(queries: Queries): Promise<JournalHead & { receivedS: number }> {
  const { rows } = await queries.query<{ seq: string; hash: string; received_s: string }>(
    'select seq, hash, received_s from journal_entry order by seq desc limit 1',
  );
  const row = rows[0];
  if (row === undefined) return { seq: 0, hash: zeroHash, receivedS: -Infinity };
  return { seq: Number(row.seq), hash: row.hash, receivedS: Number(row.received_s) };
}

export async function bodyAt(queries: Queries, seq: number, length: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let at = 0; at < length; at += bytesPerFetch) {
    const { rows } = await queries.query<{ part: Buffer }>(
      'select substring(body from $2 for $3) as part from journal_entry where seq = $1',
      [seq, at + 1, bytesPerFetch],
    );
    if (rows[0] !== undefined) parts.push(rows[0].part);
  }
  return Buffer.concat(parts);
}

/** Headers with `after` < seq <= `through`, bodies with them, in order; at most some megabytes are in memory at a time. */
export async function* rowsBetween(
  queries: Queries,
  range: { after: number; through: number; kinds?: readonly EntryKind[] },
): AsyncGenerator<{ row: HeaderRow; body: Buffer }> {
  let after = range.after;
  const kinds = range.kinds ?? null;
  // Worded like the partial index, so that acts are found without passing the raw entries.
  const notRaw = kinds !== null && !kinds.includes('raw') ? `and kind <> 'raw'` : '';
  for (;;) {
    const { rows } = await queries.query<HeaderRow>(
      `select ${headerColumns} from journal_entry where seq > $1 and seq <= $2 ${notRaw}
         and ($3::text[] is null or kind = any($3)) order by seq limit ${headersPerFetch}`,
      [after, range.through, kinds],
    );
    for (let from = 0, to = 0; from < rows.length; from = to) {
      let bytes = 0;
      while (to < rows.length && (to === from || bytes + Number(rows[to]!.length) <= bytesPerFetch))
        bytes += Number(rows[to++]!.length);
      yield* withBodies(queries, rows.slice(from, to), bytes);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < headersPerFetch) return;
    after = Number(last.seq);
  }
}

async function* withBodies(
  queries: Queries,
  rows: readonly HeaderRow[],
  bytes: number,
): AsyncGenerator<{ row: HeaderRow; body: Buffer }> {
  const [only] = rows;
  if (only !== undefined && bytes > bytesPerFetch) {
    yield { row: only, body: await bodyAt(queries, Number(only.seq), Number(only.length)) };
    return;
  }
  const found = await queries.query<{ seq: string; body: Buffer }>(
    'select seq, body from journal_entry where seq = any($1::int8[])',
    [rows.map((row) => row.seq)],
  );
  const bodies = new Map(found.rows.map(({ seq, body }) => [seq, body]));
  for (const row of rows) yield { row, body: bodies.get(row.seq) ?? Buffer.alloc(0) };
}
