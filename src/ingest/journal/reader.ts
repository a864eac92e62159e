import { MonitorError } from '../../domain/errors.ts';
import type { JournalEntry } from '../../domain/ports.ts';
import { brokenAt, type JournalBroken } from './broken.ts';
import { segmentHeaderBytes, type Frame } from './frame.ts';
import { openBytes, pathOf, walkFrames, type Segment } from './segments.ts';

/** Reads entries of a list of segments that may grow meanwhile. One body (and one block) is in memory at a time. */
export class SegmentReader {
  readonly #folder: string;
  readonly #segments: readonly Segment[];

  constructor(folder: string, segments: readonly Segment[]) {
    this.#folder = folder;
    this.#segments = segments;
  }

  /** Entries with `after < seq <= through`, in order, chain checked across segments. Throws E_JOURNAL_BROKEN. */
  async *read(after: number, through: number): AsyncGenerator<JournalEntry> {
    let seq = after + 1;
    let previous: string | null = null;
    while (seq <= through) {
      const segment = this.#segmentOf(seq);
      for await (const frame of this.#frames(segment, seq, previous)) {
        yield entryOf(frame);
        previous = frame.hash;
        seq = frame.header.seq + 1;
        if (seq > through) return;
      }
      if (seq <= segment.lastSeq) throw this.#shortSegment(segment, seq);
    }
  }

  async get(seq: number): Promise<JournalEntry> {
    const segment = this.#segmentOf(seq);
    for await (const frame of this.#frames(segment, seq, null)) return entryOf(frame);
    throw this.#shortSegment(segment, seq);
  }

  async *#frames(segment: Segment, fromSeq: number, previous: string | null): AsyncGenerator<Frame> {
    const source = await openBytes(this.#folder, segment);
    try {
      const file = pathOf(this.#folder, segment);
      const mark = lastMarkUpTo(segment, fromSeq);
      const walk = { file, source, salt: segment.salt, ...mark };
      let { offset } = mark;
      const atStart = mark.seq === segment.firstSeq ? segment.previous : null;
      if (mark.seq < fromSeq) {
        for await (const { frame } of walkFrames({ ...walk, previous: atStart, withBody: false })) {
          offset = frame.next;
          previous = frame.hash;
          if (frame.header.seq === fromSeq - 1) break;
        }
      }
      const from = { ...walk, offset, seq: fromSeq, previous: previous ?? atStart, withBody: true };
      for await (const { frame } of walkFrames(from)) yield frame;
    } finally {
      await source.close();
    }
  }

  #segmentOf(seq: number): Segment {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const segment = this.#segments[middle];
      if (segment === undefined) break;
      if (seq < segment.firstSeq) high = middle - 1;
      else if (seq > segment.lastSeq) low = middle + 1;
      else return segment;
    }
    throw new MonitorError('E_NOT_FOUND', `the journal has no entry ${seq}`, { details: { seq } });
  }

  #shortSegment(segment: Segment, seq: number): JournalBroken {
    const expected = `entries up to ${segment.lastSeq}`;
    const where = { file: pathOf(this.#folder, segment), offset: 0, seq };
    return brokenAt(where, { reason: 'segment ends early', expected, found: `entry ${seq - 1} as the last` });
  }
}

function lastMarkUpTo(segment: Segment, seq: number): { seq: number; offset: number } {
  const mark = segment.marks.findLast((candidate) => candidate.seq <= seq);
  return mark ?? { seq: segment.firstSeq, offset: segmentHeaderBytes };
}

function entryOf(frame: Frame): JournalEntry {
  const { seq, kind, receivedS, meta, sha256, previous } = frame.header;
  return {
    seq,
    kind,
    receivedS,
    meta,
    sha256,
    previous,
    hash: frame.hash,
    body: frame.body ?? new Uint8Array(0),
  };
}
