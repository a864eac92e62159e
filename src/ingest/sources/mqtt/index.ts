import type { RawPayload, SourceAdapter } from '../../../domain/ports.ts';
import { unpack } from '../reply.ts';
import { parseMqtt } from './parse.ts';

/** A recorded file is cut into entries of about this size, at line ends. */
const PART_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/** Gateways that publish JSON to an MQTT broker. Nothing is pulled: `subscriber.ts` takes what arrives. See README.md. */
export const mqtt: SourceAdapter = {
  id: 'mqtt',
  // eslint-disable-next-line require-yield -- a subscriber has no upstream to ask
  async *fetch(): AsyncGenerator<RawPayload> {},
  split: splitRecorded,
  parse: parseMqtt,
};

function* splitRecorded(file: { name: string; bytes: Uint8Array }): Generator<RawPayload> {
  const bytes = Buffer.from(unpack(file));
  const mediaType = 'text/x-mqtt-messages';
  if (bytes.length === 0) yield { body: bytes, meta: { origin: file.name, mediaType, part: 'byte 0' } };
  for (let at = 0; at < bytes.length;) {
    const newline = at + PART_BYTES >= bytes.length ? -1 : bytes.indexOf(NEWLINE, at + PART_BYTES);
    const end = newline < 0 ? bytes.length : newline + 1;
    const meta = { origin: file.name, mediaType, part: `bytes ${at}-${end - 1}` };
    yield { body: bytes.subarray(at, end), meta };
    at = end;
  }
}
