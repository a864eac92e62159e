import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import type { Page } from '../../domain/paging.ts';
import { rejectIfAny } from './faults.ts';

/** What the members of a key are, in the order in which they stand in a cursor. */
type Kinds = Readonly<Record<string, 'number' | 'text'>>;
type KeyOf<K extends Kinds> = { [Name in keyof K]: K[Name] extends 'number' ? number : string };

/** A request of a list, as far as pages need it. */
export interface PagedRequest {
  url: string;
  query: { cursor?: string };
}

/** Which list a cursor belongs to: lists are told apart by their addresses, not by what filters them. */
function listOf({ url }: PagedRequest): string {
  return createHash('sha256')
    .update(url.split('?', 1)[0] ?? '')
    .digest('base64url')
    .slice(0, 8);
}

const fits = {
  number: (value: unknown) => Number.isSafeInteger(value),
  // No text of a store holds a NUL, and PostgreSQL refuses one in a question.
  text: (value: unknown) => typeof value === 'string' && !value.includes('\0'),
};

/** The cursor behind a row of the list that is asked for: opaque to clients, the list and the key of the row to us. */
export function encodeCursor<const K extends Kinds>(request: PagedRequest, kinds: K, row: KeyOf<K>): string {
  const names = Object.keys(kinds) as (keyof K)[];
  return Buffer.from(JSON.stringify([listOf(request), ...names.map((name) => row[name])])).toString(
    'base64url',
  );
}

/** The key that the request goes on behind; undefined without a cursor. Throws E_BAD_REQUEST for one that this list did not give. */
export function cursorKey<const K extends Kinds>(request: PagedRequest, kinds: K): KeyOf<K> | undefined {
  const { cursor } = request.query;
  if (cursor === undefined) return undefined;
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    parts = null;
  }
  const [list, ...values]: unknown[] = Array.isArray(parts) ? parts : [];
  const expected = Object.entries(kinds);
  const isOurs =
    values.length === expected.length && expected.every(([, kind], at) => fits[kind](values[at]));
  if (list !== listOf(request) || !isOurs)
    rejectIfAny([
      {
        field: 'querystring.cursor',
        value: cursor,
        expected: '`meta.next` of the page before of this same list, unchanged',
      },
    ]);
  return Object.fromEntries(expected.map(([name], at) => [name, values[at]])) as KeyOf<K>;
}

/** Says in the `Link` header where the next page is: the same request with this cursor. Null: there is none. */
export function linkNext(request: Pick<PagedRequest, 'url'>, reply: FastifyReply, next: string | null): void {
  if (next === null) return;
  const at = new URL(request.url, 'http://localhost');
  at.searchParams.set('cursor', next);
  reply.header('link', `<${at.pathname}${at.search}>; rel="next"`);
}

/**
 * The page of a list that a request asks for. `read` gives rows in the order of the list from behind a key; `next` null: nothing comes
 * after. Throws E_BAD_REQUEST for a cursor of another list; rejects as `read` does.
 */
export async function pageOf<const K extends Kinds, Row extends KeyOf<K>>(
  request: PagedRequest & { query: { limit: number } },
  reply: FastifyReply,
  { key, read }: { key: K; read(page: Page<KeyOf<K>>): Promise<readonly Row[]> },
): Promise<{ rows: readonly Row[]; next: string | null }> {
  const { limit } = request.query;
  // One more than is shown tells whether there is a next page.
  const found = await read({ limit: limit + 1, after: cursorKey(request, key) });
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  const next = found.length > limit && last !== undefined ? encodeCursor(request, key, last) : null;
  linkNext(request, reply, next);
  return { rows, next };
}
