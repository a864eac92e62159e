import { MonitorError } from '../../domain/errors.ts';

/** A page's cursor: opaque to clients, a small JSON value to us. */
export function encodeCursor(key: Record<string, number | string>): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** The member `name` of a cursor; null without a cursor. Throws E_BAD_REQUEST for one that we did not make. */
function cursorMember<T>(
  cursor: string | undefined,
  name: string,
  fits: (value: unknown) => value is T,
): T | null {
  if (cursor === undefined) return null;
  let value: unknown;
  try {
    value = (
      JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as Record<string, unknown> | null
    )?.[name];
  } catch {
    value = undefined;
  }
  if (fits(value)) return value;
  const faults = [
    { field: 'querystring.cursor', value: cursor, expected: '`meta.next` of the page before, unchanged' },
  ];
  throw new MonitorError('E_BAD_REQUEST', 'the request cannot be understood: querystring.cursor', {
    details: { faults },
  });
}

/** The number under `name` in a cursor; null without a cursor. Throws E_BAD_REQUEST for one that we did not make. */
export function cursorNumber(cursor: string | undefined, name: string): number | null {
  return cursorMember(cursor, name, (value): value is number => Number.isSafeInteger(value));
}

/** As {@link cursorNumber}, for a text. */
export function cursorText(cursor: string | undefined, name: string): string | null {
  return cursorMember(cursor, name, (value): value is string => typeof value === 'string');
}

/** Target of a `Link: rel="next"` header: the same request with this cursor. */
export function nextLink(url: string, cursor: string): string {
  const at = new URL(url, 'http://localhost');
  at.searchParams.set('cursor', cursor);
  return `<${at.pathname}${at.search}>; rel="next"`;
}
