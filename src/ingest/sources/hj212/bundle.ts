import type { EpochS } from '../../../domain/time.ts';

/** Why a frame that was well formed brings no readings. */
export const quarantineReasons = ['unknown-mn', 'wrong-pw', 'wrong-address'] as const;
export type Disposition = 'accepted' | (typeof quarantineReasons)[number];

/** One frame in a journal entry: when and from where it came, what the listener decided, and its bytes. */
export interface FrameRecord {
  atS: EpochS;
  peer: string;
  is: Disposition;
  /** True where the frame came encrypted: `frame` is what it was before encryption, with the same length and CRC. */
  sm4?: true;
  frame: Uint8Array;
}

const NEWLINE = 0x0a;

/** Frames that share one journal entry: before each a line of JSON that says how many bytes follow. */
export function bundleOf(records: readonly FrameRecord[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const { atS, peer, is, sm4, frame } of records) {
    const line = JSON.stringify({ atS, peer, is, ...(sm4 === true ? { sm4 } : {}), bytes: frame.length });
    parts.push(Buffer.from(`${line}\n`, 'utf8'), frame);
  }
  return Buffer.concat(parts);
}

export function isBundle(body: Uint8Array): boolean {
  return Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, 7)).toString('latin1') === '{"atS":';
}

/** The records of a bundle. Throws for bytes that {@link bundleOf} did not write. */
export function* recordsOf(body: Uint8Array): Generator<FrameRecord> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(NEWLINE, at);
    if (end < 0) throw new Error(`byte ${at}: a line about a frame was expected`);
    const line = JSON.parse(bytes.toString('utf8', at, end)) as Omit<FrameRecord, 'frame'> & {
      bytes: number;
    };
    const { bytes: length, ...about } = line;
    if (!Number.isInteger(length) || end + 1 + length > bytes.length)
      throw new Error(`byte ${at}: ${length} bytes do not follow`);
    yield { ...about, frame: bytes.subarray(end + 1, end + 1 + length) };
    at = end + 1 + length;
  }
}
