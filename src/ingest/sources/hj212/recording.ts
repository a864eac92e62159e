import { decodeFrame } from './frame.ts';
import type { Message, Profile, Refusal } from './profile.ts';
import { FrameReader } from './reader.ts';

export interface Recorded {
  judged: Message | Refusal;
  /** The bytes judged, quoted; a long one is cut. */
  excerpt: string;
  /** Line or number of the frame within the file, from 1. */
  at: number;
}

const EXCERPT_LENGTH = 200;

/** Reads bytes as they came over a connection. */
export function readStream(
  bytes: Uint8Array,
  profileOf: (mn: string) => Profile,
  maxSegmentBytes: number,
): Recorded[] {
  const reader = new FrameReader({ maxSegmentBytes, profileOf });
  return [...reader.push(bytes), ...reader.giveUp()].map((event, index) => ({
    judged: event.kind === 'frame' ? event.message : event.refusal,
    excerpt: quoted(event.bytes.toString('utf8', 0, EXCERPT_LENGTH)),
    at: index + 1,
  }));
}

/** Reads a text file that holds one frame a line, whose line end stands for the CR LF of the frame. Empty lines are skipped. */
export function* readLines(text: string, profileOf: (mn: string) => Profile): Generator<Recorded> {
  let at = 0;
  for (const line of text.split('\n')) {
    at += 1;
    const frame = line.replace(/\r+$/, '');
    if (frame === '') continue;
    const mn = /[;\d]MN=([^;]*)/.exec(frame)?.[1] ?? '';
    const judged = decodeFrame(Buffer.from(`${frame}\r\n`, 'utf8'), profileOf(mn));
    yield { judged, excerpt: quoted(frame.slice(0, EXCERPT_LENGTH)), at };
  }
}

/** A record for an issue or a log: the password never shows. */
export function quoted(text: string): string {
  return text.replace(/([;\d]|^)PW=[^;]*/, '$1PW=***');
}
