import type { RawPayload, SourceAdapter } from '../../../domain/ports.ts';
import { unpack } from '../reply.ts';
import { maskedRecording } from './mask.ts';
import { parseHj212, quarantinedFrames } from './parse.ts';

/** A recorded file is cut into entries of about this size, at line ends. */
const PART_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/** Field loggers that speak HJ 212 over TCP. Nothing is pulled: `listener.ts` takes what they push. See README.md. */
export const hj212: SourceAdapter = {
  id: 'hj212',
  // eslint-disable-next-line require-yield -- a listener has no upstream to ask
  async *fetch(): AsyncGenerator<RawPayload> {},
  split: splitRecorded,
  parse: parseHj212,
  heldBack: quarantinedFrames,
};

function* splitRecorded(file: { name: string; bytes: Uint8Array }): Generator<RawPayload> {
  const bytes = maskedRecording(unpack(file));
  const mediaType = 'application/x-hj212';
  if (bytes.length === 0) yield { body: bytes, meta: { origin: file.name, mediaType, part: 'byte 0' } };
  for (let at = 0; at < bytes.length;) {
    const newline = at + PART_BYTES >= bytes.length ? -1 : bytes.indexOf(NEWLINE, at + PART_BYTES);
    const end = newline < 0 ? bytes.length : newline + 1;
    yield {
      body: bytes.subarray(at, end),
      meta: { origin: file.name, mediaType, part: `bytes ${at}-${end - 1}` },
    };
    at = end;
  }
}
