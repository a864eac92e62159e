import type { EpochS } from '../../domain/time.ts';

/** What a listener knows of one thing that was pushed to it, besides its bytes; written as a line of JSON before them. */
export interface RecordLine {
  atS: EpochS;
}

/** One thing that was pushed: a frame, a message. */
export interface PushedRecord<L extends RecordLine = RecordLine> {
  line: L;
  body: Uint8Array;
}

const NEWLINE = 0x0a;

/** Records that share one journal entry: before each a line of JSON that ends with how many bytes follow. */
export function bundleOf(records: readonly PushedRecord[]): Buffer {
  const parts = records.flatMap(({ line, body }) => [
    Buffer.from(`${JSON.stringify({ ...line, bytes: body.length })}\n`, 'utf8'),
    body,
  ]);
  return Buffer.concat(parts);
}

export function isBundle(body: Uint8Array): boolean {
  return Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, 7)).toString('latin1') === '{"atS":';
}

/** The records of a bundle. Throws for bytes that {@link bundleOf} did not write. */
export function* recordsOf<L extends RecordLine>(body: Uint8Array): Generator<PushedRecord<L>> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(NEWLINE, at);
    if (end < 0) throw new Error(`byte ${at}: a line about a record was expected`);
    const { bytes: length, ...line } = JSON.parse(bytes.toString('utf8', at, end)) as { bytes: number };
    if (!Number.isInteger(length) || length < 0 || end + 1 + length > bytes.length)
      throw new Error(`byte ${at}: ${length} bytes do not follow`);
    yield { line: line as unknown as L, body: bytes.subarray(end + 1, end + 1 + length) };
    at = end + 1 + length;
  }
}
