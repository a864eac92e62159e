import { claimedLength, claimedMn, decodeSegment, HEAD_BYTES, TAIL_BYTES } from './frame.ts';
import type { Message, Profile, Refusal } from './profile.ts';
import { refusal } from './segment.ts';

/** What a stream holds: frames, and stretches that are none. `bytes` is a view into the reader's buffer until the next push. */
export type StreamEvent =
  { kind: 'frame'; message: Message; bytes: Buffer } | { kind: 'refused'; refusal: Refusal; bytes: Buffer };

const HASH = 0x23;
const CR = 0x0d;
const LF = 0x0a;
const NOT_A_HEAD = -1;
/** A refused stretch is quoted up to this length. */
const EXCERPT_BYTES = 200;

/**
 * Cuts a byte stream into frames by their length, whatever pieces it arrives in. After a refused header it goes on one byte
 * later. A stretch of noise is one refusal, told when it begins. Memory: one frame of the largest size, and the piece pushed last.
 */
export class FrameReader {
  readonly #profileOf: (mn: string) => Profile;
  readonly #maxSegmentBytes: number;
  #buffer: Buffer = Buffer.alloc(0);
  /** Bytes before this have been judged. */
  #at = 0;
  /** A refusal has been told for the bytes just before; what follows up to the next frame is part of it. */
  #inNoise = false;

  constructor(options: { maxSegmentBytes: number; profileOf: (mn: string) => Profile }) {
    this.#profileOf = options.profileOf;
    this.#maxSegmentBytes = options.maxSegmentBytes;
  }

  /** Bytes that wait for more. */
  get pendingBytes(): number {
    return this.#buffer.length - this.#at;
  }

  push(chunk: Uint8Array): StreamEvent[] {
    const rest = this.#buffer.subarray(this.#at);
    this.#buffer = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    this.#at = 0;
    return this.#judge();
  }

  /** Gives up the frame that is waiting for more: its header was a lie, or the sender is gone. What follows is judged. */
  giveUp(): StreamEvent[] {
    const events: StreamEvent[] = [];
    while (this.pendingBytes > 0) {
      events.push(...this.#skip(refusal('LENGTH', 'the rest of the frame did not come')), ...this.#judge());
    }
    return events;
  }

  #judge(): StreamEvent[] {
    const events: StreamEvent[] = [];
    const buffer = this.#buffer;
    while (this.#at < buffer.length) {
      if (buffer[this.#at] !== HASH) {
        events.push(...this.#skip(refusal('HEADER', 'bytes that belong to no frame')));
        const next = buffer.indexOf(HASH, this.#at);
        this.#at = next < 0 ? buffer.length : next;
        continue;
      }
      const short = buffer.length - this.#at < HEAD_BYTES;
      if (short && mayBeHead(buffer, this.#at)) break;
      const length = short ? NOT_A_HEAD : claimedLength(buffer, this.#at);
      if (length < 0 || length > this.#maxSegmentBytes) {
        events.push(...this.#skip(badHead(length, this.#maxSegmentBytes)));
        continue;
      }
      const end = this.#at + HEAD_BYTES + length + TAIL_BYTES;
      if (end > buffer.length) break;
      events.push(this.#judgeWhole(length, end));
    }
    return events;
  }

  #judgeWhole(length: number, end: number): StreamEvent {
    const bytes = this.#buffer.subarray(this.#at, end);
    const judged = this.#judgeFrame(bytes, length);
    const broken = !judged.ok && (judged.error === 'TAIL' || judged.error === 'CRC');
    this.#at = broken ? this.#at + 1 : end;
    this.#inNoise = broken;
    return judged.ok
      ? { kind: 'frame', message: judged, bytes }
      : { kind: 'refused', refusal: judged, bytes };
  }

  #judgeFrame(bytes: Buffer, length: number): Message | Refusal {
    const crcAt = HEAD_BYTES + length;
    if (bytes[crcAt + 4] !== CR || bytes[crcAt + 5] !== LF)
      return refusal('TAIL', 'no CR LF where the length says the frame ends');
    const segment = bytes.subarray(HEAD_BYTES, crcAt);
    return decodeSegment(
      segment,
      bytes.toString('latin1', crcAt, crcAt + 4),
      this.#profileOf(claimedMn(segment)),
    );
  }

  /** Goes on one byte later; tells why unless this stretch has been told of. */
  #skip(why: Refusal): StreamEvent[] {
    const bytes = this.#buffer.subarray(this.#at, this.#at + EXCERPT_BYTES);
    this.#at += 1;
    if (this.#inNoise) return [];
    this.#inNoise = true;
    return [{ kind: 'refused', refusal: why, bytes }];
  }
}

/** True where the few bytes left could still become a header. */
function mayBeHead(buffer: Buffer, at: number): boolean {
  if (buffer.length - at > 1 && buffer[at + 1] !== HASH) return false;
  return buffer.subarray(at + 2).every((byte) => byte >= 0x30 && byte <= 0x39);
}

function badHead(length: number, most: number): Refusal {
  if (length === -1) return refusal('HEADER', 'a frame begins with ##');
  if (length === -2) return refusal('LENGTH_FIELD', 'after ## come four digits');
  return refusal('LENGTH', `a segment of ${length} bytes, at most ${most}`);
}
