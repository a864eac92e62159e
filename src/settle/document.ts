import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** Canonical JSON (RFC 8785): the only form in which anything is hashed or signed. Throws TypeError for what JSON cannot say. */
export function canonicalText(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('no canonical form');
  return text;
}

/** SHA-256 of the UTF-8 bytes, hex. */
export function sha256Of(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Names an act by what it is about: about the same things it is the same act. */
export const namedBy = (ids: readonly string[]): string => sha256Of(ids.join('\n')).slice(0, 40);

export const hashOf = (value: unknown): string => sha256Of(canonicalText(value));
