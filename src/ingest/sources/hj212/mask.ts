import { crcText, hj212Crc, modbusCrc, swapped } from './crc.ts';
import { claimedLength, HEAD_BYTES, TAIL_BYTES } from './frame.ts';

const STAR = 0x2a;
const HASH = 0x23;
const KEY_EXCHANGE = '1014';
/** The password of the head, and the one that command 1072 sets. */
const PASSWORDS = /(^|[;,&]|\d{4})((?:New)?PW=)([^;,&\r\n]+)/g;

/** Which of the two sums a sender used, by the text it sent; null for neither. */
function crcWriter(segment: Uint8Array, sent: string): ((masked: Uint8Array) => string) | null {
  const declared = Number.parseInt(sent, 16);
  if (declared === hj212Crc(segment)) return (masked) => crcText(hj212Crc(masked));
  const modbus = modbusCrc(segment);
  if (declared === modbus) return (masked) => crcText(modbusCrc(masked));
  if (declared === swapped(modbus)) return (masked) => crcText(swapped(modbusCrc(masked)));
  return null;
}

/** Overwrites secrets with as many asterisks; true where there were any. */
function maskSecrets(segment: Buffer): boolean {
  const text = segment.toString('latin1');
  let found = false;
  for (const match of text.matchAll(PASSWORDS)) {
    const from = match.index + match[1]!.length + match[2]!.length;
    segment.fill(STAR, from, from + match[3]!.length);
    found = true;
  }
  return maskKeys(segment, text) || found;
}

/** Whatever a key exchange carries may be a key: values of its data area go, names stay. */
function maskKeys(segment: Buffer, text: string): boolean {
  if (!new RegExp(`(?:^|;)CN=${KEY_EXCHANGE}(?:;|$)`).test(text.slice(0, 128))) return false;
  const area = text.indexOf('CP=&&');
  if (area < 0) return false;
  let found = false;
  for (const match of text.slice(area + 5).matchAll(/=([^;,&]+)/g)) {
    const from = area + 5 + match.index + 1;
    segment.fill(STAR, from, from + match[1]!.length);
    found = true;
  }
  return found;
}

/**
 * A whole frame with its passwords and keys overwritten by asterisks and the CRC of what it is then, by the sum its sender used.
 * `crc` is the text that arrived; undefined where there was nothing to mask and the frame is as it came.
 */
export function maskedFrame(frame: Buffer): { frame: Buffer; crc?: string } {
  const masked = Buffer.from(frame);
  const crcAt = masked.length - TAIL_BYTES;
  const crc = frame.toString('latin1', crcAt, crcAt + 4);
  const segment = masked.subarray(HEAD_BYTES, crcAt);
  if (!maskSecrets(segment)) return { frame };
  const write = crcWriter(frame.subarray(HEAD_BYTES, crcAt), crc);
  masked.write(write === null ? crc : write(segment), crcAt, 'latin1');
  return { frame: masked, crc };
}

/** A recorded file with every secret overwritten; a frame in it that had a right CRC has one afterwards. Length and everything else stay. */
export function maskedRecording(bytes: Uint8Array): Buffer {
  const out = Buffer.from(bytes);
  for (let at = out.indexOf('##'); at >= 0; at = out.indexOf('##', at)) {
    const length = at + HEAD_BYTES <= out.length ? claimedLength(out, at) : -1;
    const crcAt = at + HEAD_BYTES + length;
    const segment = length < 0 || crcAt + 4 > out.length ? null : out.subarray(at + HEAD_BYTES, crcAt);
    const write = segment === null ? null : crcWriter(segment, out.toString('latin1', crcAt, crcAt + 4));
    if (segment === null || write === null) at += 1;
    else {
      if (maskSecrets(segment)) out.write(write(segment), crcAt, 'latin1');
      at = crcAt + 4;
    }
    while (at < out.length && out[at] !== HASH) at += 1;
    if (at >= out.length) break;
  }
  maskSecrets(out);
  return out;
}
