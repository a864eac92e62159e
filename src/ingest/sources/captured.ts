import type { RawPayload } from '../../domain/ports.ts';
import { instantOfCivil } from '../../domain/time.ts';

const NEWLINE = 0x0a;

interface Capture {
  lines: Uint8Array[];
  numbers: number[];
}

/**
 * Cuts a table whose first column says when its rows were captured into one payload a distinct capture, oldest first: the header
 * line and its own lines, byte for byte. `timeZone` is the recorder's. Null where the first header is another.
 */
export function splitCaptured(
  file: { name: string; bytes: Uint8Array },
  firstHeader: string,
  timeZone: string,
): RawPayload[] | null {
  const { bytes } = file;
  const headerEnd = lineEnd(bytes, 0);
  const header = bytes.subarray(0, headerEnd);
  const decoder = new TextDecoder();
  if (!decoder.decode(header).startsWith(`${firstHeader},`)) return null;
  const captures = new Map<string, Capture>();
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
  return [...captures.keys()].sort().map((key) => {
    const { lines, numbers } = captures.get(key)!;
    const part = `lines ${ranges(numbers)}`;
    const meta = { origin: file.name, mediaType: 'text/csv', part, ...captureTime(key, timeZone) };
    return { body: Buffer.concat([header, ...lines]), meta };
  });
}

/** Nothing for a line whose capture time cannot be read: the parser then judges its stamps by the time of receipt. */
function captureTime(text: string, timeZone: string): { publishedS?: number } {
  try {
    const stamp = text.replace(' ', 'T');
    return { publishedS: instantOfCivil(stamp.length === 13 ? `${stamp}:00` : stamp, timeZone) };
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

/** What the first bytes of a recorded file look like. */
export function mediaTypeOf(bytes: Uint8Array): string {
  const first = new TextDecoder().decode(bytes.subarray(0, 16)).trimStart()[0];
  if (first === '{' || first === '[') return 'application/json';
  return first === '<' ? 'text/html' : 'text/csv';
}
