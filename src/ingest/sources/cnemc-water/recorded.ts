import type { RawPayload } from '../../../domain/ports.ts';
import { instantOfCivil } from '../../../domain/time.ts';
import { mediaTypeOf, splitCaptured } from '../captured.ts';
import { unpack } from '../reply.ts';
import { captureColumns } from './parse.ts';

/** The recorder wrote Beijing time. */
const RECORDER_ZONE = 'Asia/Shanghai';

const NAMED_CAPTURE = /(\d{4}-\d{2}-\d{2})T(\d{2})(?:-(\d{2}))?/;

/**
 * Cuts a recorded file. A captured table becomes one payload a distinct `first_captured`, oldest first: the header line and
 * its own lines, byte for byte. Anything else is one payload, shown at the time its name holds (`…2021-04-12T12-15…`).
 */
export function* splitRecorded(file: { name: string; bytes: Uint8Array }): Generator<RawPayload> {
  const bytes = unpack(file);
  const captured = splitCaptured({ name: file.name, bytes }, captureColumns.join(','), RECORDER_ZONE);
  if (captured !== null) {
    yield* captured;
    return;
  }
  const match = NAMED_CAPTURE.exec(file.name);
  const shown =
    match === null
      ? {}
      : { publishedS: instantOfCivil(`${match[1]}T${match[2]}:${match[3] ?? '00'}`, RECORDER_ZONE) };
  yield { body: bytes, meta: { origin: file.name, mediaType: mediaTypeOf(bytes), ...shown } };
}
