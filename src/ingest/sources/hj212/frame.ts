import { crcText, hj212Crc, modbusCrc, NOT_ASCII, scan, swapped } from './crc.ts';
import type { Message, Profile, Refusal } from './profile.ts';
import { parseSegment, refusal } from './segment.ts';
import { decryptSegment, isEncrypted, looksEncrypted } from './sm4.ts';

export const HEAD_BYTES = 6;
/** CRC and CR LF. */
export const TAIL_BYTES = 6;

const HASH = 0x23;
const CR = 0x0d;
const LF = 0x0a;
const SEMICOLON = 0x3b;
/** No number is longer; a longer one is no key of the registry. */
const MN_BYTES = 64;

const decoders = {
  'utf-8': new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }),
  gb18030: new TextDecoder('gb18030', { fatal: true, ignoreBOM: true }),
};

/** Length that the header at `at` claims; -1 for no `##`, -2 for a length that is not four digits. Needs six bytes. */
export function claimedLength(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== HASH || bytes[at + 1] !== HASH) return -1;
  let length = 0;
  for (let offset = 2; offset < HEAD_BYTES; offset++) {
    const digit = bytes[at + offset]! - 0x30;
    if (!(digit >= 0 && digit <= 9)) return -2;
    length = length * 10 + digit;
  }
  return length;
}

/** MN of a segment whose CRC nobody has looked at yet: only for choosing the profile. */
export function claimedMn(segment: Buffer): string {
  const inside = segment.indexOf(';MN=', 0, 'latin1');
  const from = inside >= 0 ? inside + 4 : segment.indexOf('MN=', 0, 'latin1') === 0 ? 3 : -1;
  if (from < 0) return '';
  const end = segment.indexOf(SEMICOLON, from);
  return segment.toString('latin1', from, Math.min(end < 0 ? segment.length : end, from + MN_BYTES));
}

/**
 * Judges exactly one frame, tail included. Pure; never throws for what it is given.
 * Order of checks: header, length field, length, tail, CRC, then encoding, data area, fields, packet numbers, times, values.
 */
export function decodeFrame(frame: Uint8Array, profile: Profile): Message | Refusal {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.length);
  if (bytes[0] !== HASH || bytes[1] !== HASH) return refusal('HEADER', 'a frame begins with ##');
  const length = claimedLength(bytes, 0);
  if (length < 0) return refusal('LENGTH_FIELD', 'after ## come four digits');
  if (length > profile.maxSegmentBytes)
    return refusal('LENGTH', `a segment of ${length} bytes, at most ${profile.maxSegmentBytes}`);
  const crcAt = HEAD_BYTES + length;
  if (bytes.length < crcAt + 5)
    return refusal('LENGTH', `the length says ${length} bytes, the frame ends before`);
  if (bytes[crcAt + 4] !== CR || bytes[crcAt + 5] !== LF)
    return refusal('TAIL', 'no CR LF where the length says the frame ends');
  if (bytes.length > crcAt + TAIL_BYTES) return refusal('LENGTH', 'bytes after the end of the frame');
  return decodeSegment(
    bytes.subarray(HEAD_BYTES, crcAt),
    bytes.toString('latin1', crcAt, crcAt + 4),
    profile,
  );
}

/** Checks the CRC of a segment as it came, decrypting it first where the profile says so, and reads it. */
export function decodeSegment(segment: Buffer, crc: string, profile: Profile): Message | Refusal {
  if (!/^[0-9A-Fa-f]{4}$/.test(crc)) return refusal('CRC', 'the CRC is not four hex digits');
  const { plain } = decrypted(segment, crc, profile);
  const scanned = scan(plain);
  const declared = Number.parseInt(crc, 16);
  const warnings: string[] = [];
  if (declared !== (scanned & 0xffff)) {
    const modbus = modbusCrc(plain);
    const isModbus = declared === modbus || declared === swapped(modbus);
    if (!isModbus || profile.crc !== 'or-modbus')
      return refusal(
        'CRC',
        isModbus ? 'the CRC is CRC-16/MODBUS' : `expected ${crcText(scanned)}, got ${crc}`,
      );
    warnings.push('crc-modbus');
  }
  const text = textOf(plain, (scanned & NOT_ASCII) === 0, profile);
  if (text === null) return refusal('ENCODING', `the text is not ${profile.encoding}`);
  return parseSegment(text, { segmentLength: segment.length, crc: crc.toUpperCase() }, profile, warnings);
}

/** The bytes between length and CRC as they were before encryption, and the key that gave them; null where none was needed. */
export function decrypted(
  segment: Buffer,
  crc: string,
  profile: Profile,
): { plain: Buffer; key: Uint8Array | null } {
  const { sm4 } = profile;
  if (sm4 === null || (sm4.when === 'if-not-text' && !looksEncrypted(segment)))
    return { plain: segment, key: null };
  const command = /(?:^|;)CN=(\d{4})/.exec(segment.toString('latin1', 0, 128))?.[1] ?? '';
  if (!isEncrypted(command)) return { plain: segment, key: null };
  const plain = decryptSegment(segment, sm4.key);
  if (sm4.next === undefined || hj212Crc(plain) === Number.parseInt(crc, 16)) return { plain, key: sm4.key };
  // After a change of keys the CRC tells which one was used; a wrong one passes in 1 of 256, and then fails as text.
  const other = decryptSegment(segment, sm4.next);
  return hj212Crc(other) === Number.parseInt(crc, 16)
    ? { plain: other, key: sm4.next }
    : { plain, key: sm4.key };
}

function textOf(plain: Buffer, ascii: boolean, profile: Profile): string | null {
  if (ascii) return plain.toString('latin1', 0, plain.length);
  try {
    return decoders[profile.encoding].decode(plain);
  } catch {
    return null;
  }
}
