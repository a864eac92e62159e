import { createCipheriv, createDecipheriv } from 'node:crypto';
import { MonitorError } from '../../../domain/errors.ts';

const OPENING = 'CP=&&';
const BLOCK_BYTES = 16;

/** Commands whose data area HJ 212-2025 encrypts: 2000-2999, 1014 and 3020. */
export function isEncrypted(command: string): boolean {
  return /^2\d{3}$/.test(command) || command === '1014' || command === '3020';
}

/** The whole 16-byte groups between `CP=&&` and the last `&&`; null where there is no data area or less than a group. */
function wholeGroups(segment: Buffer): { from: number; to: number } | null {
  const opening = segment.indexOf(OPENING, 0, 'latin1');
  const from = opening + OPENING.length;
  const end = segment.length - 2;
  if (opening < 0 || end - from < BLOCK_BYTES || segment[end] !== 0x26 || segment[end + 1] !== 0x26)
    return null;
  return { from, to: from + Math.floor((end - from) / BLOCK_BYTES) * BLOCK_BYTES };
}

function replaced(
  segment: Buffer,
  key: Uint8Array,
  cipher: typeof createCipheriv | typeof createDecipheriv,
): Buffer {
  const groups = wholeGroups(segment);
  if (groups === null) return segment;
  const engine = cipher('sm4-ecb', key, null);
  engine.setAutoPadding(false);
  const out = Buffer.from(segment);
  engine.update(segment.subarray(groups.from, groups.to)).copy(out, groups.from);
  return out;
}

/** Segment with its data area encrypted; a rest shorter than 16 bytes stays plain, the length does not change. */
export function encryptSegment(segment: Buffer, key: Uint8Array): Buffer {
  return replaced(segment, key, createCipheriv);
}

/** The inverse of {@link encryptSegment}. */
export function decryptSegment(segment: Buffer, key: Uint8Array): Buffer {
  return replaced(segment, key, createDecipheriv);
}

/** True where the first group of the data area cannot be the printable ASCII that every data area begins with. */
export function looksEncrypted(segment: Buffer): boolean {
  const groups = wholeGroups(segment);
  if (groups === null) return false;
  return segment.subarray(groups.from, groups.from + BLOCK_BYTES).some((byte) => byte < 0x20 || byte > 0x7e);
}

/** A key of 16 bytes from 32 hex digits. Throws E_CONFIG for any other text, without showing it. */
export function sm4Key(hex: string, name: string): Uint8Array {
  if (!/^[0-9a-fA-F]{32}$/.test(hex))
    throw new MonitorError('E_CONFIG', `${name} must hold an SM4 key of 32 hex digits`);
  return Buffer.from(hex, 'hex');
}
