import type { RawPayload } from '../../../domain/ports.ts';
import { instantOfCivil } from '../../../domain/time.ts';
import { unpack } from '../reply.ts';
import { captureColumns } from './parse.ts';

/** The recorder wrote Beijing time. */
const RECORDER_ZONE = 'Asia/Shanghai';

const NAMED_CAPTURE = /(\d{4}-\d{2}-\d{2})T(\d{2})(?:-(\d{2}))?/;
const NEWLINE = 0x0a;

/**
 * Cuts a recorded file. A captured table becomes one payload a distinct `first_captured`, oldest first: the header line and
 * its own lines, byte for byte. Anything else is one payload, shown at the time its name holds (`…2021-04-12T12-15…`).
 */
export function* splitRecorded(file: { name: string; bytes: Uint8Array }): Generator<RawPayload> {
  const bytes = unpack(file);
  const headerEnd = lineEnd(bytes, 0);
  const header = bytes.subarray(0, headerEnd);
  if (new TextDecoder().decode(header).startsWith(captureColumns.join(','))) {
    yield* splitCaptures(file.name, bytes, headerEnd);
    return;
  }
  const match = NAMED_CAPTURE.exec(file.name);
  const shown =
    match === null
      ? {}
      : { publishedS: instantOfCivil(`${match[1]}T${match[2]}:${match[3] ?? '00'}`, RECORDER_ZONE) };
  yield { body: bytes, meta: { origin: file.name, mediaType: mediaTypeOf(bytes), ...shown } };
}

interface Capture {
  lines: Uint8Array[];
  numbers: number[];
}

function* splitCaptures(name: string, bytes: Uint8Array, headerEnd: number): Generator<RawPayload> {
  const captures = new Map<string, Capture>();
  const decoder = new TextDecoder();
  let number = 2;
  for (let start = headerEnd; start < bytes.length; number++) {
    const end = lineEnd(bytes, start);
    const line = bytes.subarray(start, end);
    start = end;
    const comma = line.indexOf(0x2c);
    if (comma < 0 && line.length <= 2) continue;
    const key = decoder.decode(line.subarray(0, Math.max(comma, 0)));
    const capture = captures.get(key);
    if (capture === undefined) captures.set(key, { lines: [line], numbers: [number] });
    else {
      capture.lines.push(line);
      capture.numbers.push(number);
    }
  }
  for (const key of [...captures.keys()].sort()) {
    const { lines, numbers } = captures.get(key)!;
    const body = Buffer.concat([bytes.subarray(0, headerEnd), ...lines]);
    yield {
      body,
      meta: { origin: name, mediaType: 'text/csv', part: `lines ${ranges(numbers)}`, ...captureTime(key) },
    };
  }
}

/** Nothing for a line whose capture time cannot be read: the parser then judges its stamps by the time of receipt. */
function captureTime(text: string): { publishedS?: number } {
  try {
    return { publishedS: instantOfCivil(text.replace(' ', 'T'), RECORDER_ZONE) };
  } catch {
    return {};
  }
}

/** Index after the newline that ends the line at `start`, or the end of the file. */
function lineEnd(bytes: Uint8Array, start: number): number {
  const at = bytes.indexOf(NEWLINE, start);
  return at < 0 ? bytes.length : at + 1;
}

function ranges(numbers: readonly number[]): string {
  const parts: [number, number][] = [];
  for (const number of numbers) {
    const last = parts.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else parts.push([number, number]);
  }
  return parts.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}

function mediaTypeOf(bytes: Uint8Array): string {
  const first = new TextDecoder().decode(bytes.subarray(0, 16)).trimStart()[0];
  if (first === '{' || first === '[') return 'application/json';
  return first === '<' ? 'text/html' : 'text/csv';
}
