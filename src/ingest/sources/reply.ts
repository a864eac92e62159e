import { gunzipSync } from 'node:zlib';
import { MonitorError } from '../../domain/errors.ts';
import type { EntryMeta } from '../../domain/ports.ts';
import type { Collector } from './collector.ts';

/** A recorded file may unpack to this much; one capture of a whole nation is about 1 MiB, a year of one region 70 MiB. */
const UNPACKED_LIMIT_BYTES = 512 * 1024 * 1024;

/** The bytes themselves, or what a gzip file holds. Throws E_BAD_REQUEST for a damaged file or one past the bound. */
export function unpack(file: { name: string; bytes: Uint8Array }): Uint8Array {
  const { bytes } = file;
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: UNPACKED_LIMIT_BYTES });
  } catch (cause) {
    const message = `${file.name}: cannot be unpacked (expected gzip of at most ${UNPACKED_LIMIT_BYTES} bytes)`;
    throw new MonitorError('E_BAD_REQUEST', message, { cause });
  }
}

/** The reply as text; null when its status or its form says that it holds no data, which is then an issue. */
export function replyText(body: Uint8Array, meta: EntryMeta, into: Collector): string | null {
  const decoded = utf8(body);
  const text = (decoded ?? new TextDecoder('latin1').decode(body.subarray(0, 400))).trimStart();
  const quoted = text.slice(0, 200);
  if (meta.status !== undefined && meta.status !== 200) {
    into.issue('REPLY_STATUS', 'reply', `HTTP status ${meta.status}, expected 200`, quoted);
    return null;
  }
  if (text === '') {
    into.issue('REPLY_TRUNCATED', 'reply', 'the reply is empty', '');
    return null;
  }
  if (text.startsWith('<')) {
    into.issue('REPLY_IS_HTML', 'reply', 'an HTML page where data was expected', quoted);
    return null;
  }
  if (decoded === null) {
    into.issue('REPLY_NOT_READABLE', 'reply', 'the bytes are not text in UTF-8', quoted);
    return null;
  }
  return text;
}

/** The text, null where the bytes are no UTF-8; a character that the end cuts off is left to whoever reads the text. */
function utf8(body: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body, { stream: true });
  } catch {
    return null;
  }
}

/** Whether an answer without pages is whole enough to go on from: a table or document with status 200, and no page of HTML. */
export function holdsData({ body, meta }: { body: Uint8Array; meta: EntryMeta }): boolean {
  const first = new TextDecoder().decode(body.subarray(0, 64)).trimStart()[0];
  return meta.status === 200 && first !== undefined && first !== '<';
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Text of a cell that should hold text or a number; anything else in its JSON form, so that nothing is hidden. */
export function plainText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

export const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** The JSON document; null with an issue where it breaks off (REPLY_TRUNCATED) or is none (REPLY_NOT_READABLE). */
export function replyJson(text: string, into: Collector): { document: unknown } | null {
  try {
    return { document: JSON.parse(text) as unknown };
  } catch (cause) {
    const message = messageOf(cause);
    const at = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
    const cut = /end of JSON|Unterminated/.test(message) || at >= text.length;
    into.issue(
      cut ? 'REPLY_TRUNCATED' : 'REPLY_NOT_READABLE',
      `character ${at}`,
      message,
      text.slice(Math.max(0, at - 80), at + 40),
    );
    return null;
  }
}
