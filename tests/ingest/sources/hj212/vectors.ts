import { readFileSync } from 'node:fs';
import path from 'node:path';

interface FrameVector {
  id: string;
  frame?: string;
  frameHex?: string;
  expect: { ok: boolean };
}

const file = path.resolve(import.meta.dirname, '../../../../config/conformance/hj212.json');

/** The vectors that ship. */
export const vectors = JSON.parse(readFileSync(file, 'utf8')) as {
  frames: FrameVector[];
  encrypted: { keyHex: string; wireFrameHex: string }[];
  crcCollision: { frames: string[] };
};

export const bytesOf = (vector: FrameVector): Buffer =>
  vector.frame === undefined ? Buffer.from(vector.frameHex ?? '', 'hex') : Buffer.from(vector.frame, 'utf8');

/** Every frame that a strict receiver takes. */
export const goodFrames: readonly Buffer[] = vectors.frames
  .filter((vector) => vector.expect.ok)
  .map((vector) => bytesOf(vector));

/** CRC of the standard, bit by bit as the annex words it: the tests' own, to judge the project's with. */
export function crcByAnnex(bytes: Uint8Array): number {
  let register = 0xffff;
  for (const byte of bytes) {
    register = (register >> 8) ^ byte;
    for (let bit = 0; bit < 8; bit++) {
      const lowest = register & 1;
      register >>= 1;
      if (lowest === 1) register ^= 0xa001;
    }
  }
  return register;
}

/** Whether bytes are one whole frame by length, tail and CRC, judged apart from the project's code. */
export function isWholeFrame(bytes: Buffer): boolean {
  const head = /^##(\d{4})$/.exec(bytes.toString('latin1', 0, 6));
  if (head === null) return false;
  const length = Number(head[1]);
  if (bytes.length !== length + 12 || bytes.toString('latin1', bytes.length - 2) !== '\r\n') return false;
  const declared = bytes.toString('latin1', bytes.length - 6, bytes.length - 2);
  const crc = crcByAnnex(bytes.subarray(6, 6 + length))
    .toString(16)
    .padStart(4, '0');
  return declared.toLowerCase() === crc;
}
