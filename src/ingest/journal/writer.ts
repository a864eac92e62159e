import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { MonitorError } from '../../domain/errors.ts';
import type { Journal, JournalEntry } from '../../domain/ports.ts';
import { encodeFrameHead, maxBodyBytes, maxHeaderBytes, type EntryHeader } from './frame.ts';
import { entriesPerMark, plainPath, type Segment } from './segments.ts';
import { messageOf } from './system-error.ts';

type NewEntry = Parameters<Journal['append']>[0];

/** An entry in its place in the chain, ready to be written. */
export interface PreparedEntry {
  entry: JournalEntry;
  head: Buffer;
}

/** Throws E_BAD_REQUEST for what the format cannot hold. */
export function checkNewEntry(entry: NewEntry): void {
  if (entry.body.length > maxBodyBytes) {
    throw new MonitorError(
      'E_BAD_REQUEST',
      `a journal entry holds up to ${maxBodyBytes} bytes, got ${entry.body.length}`,
      {
        details: { bytes: entry.body.length, most: maxBodyBytes },
      },
    );
  }
  if (!Number.isSafeInteger(entry.receivedS)) {
    throw new MonitorError('E_BAD_REQUEST', `receivedS must be whole epoch seconds, got ${entry.receivedS}`);
  }
  for (const [name, value] of Object.entries(entry.meta)) {
    const fits = value === undefined || typeof value === 'string' || Number.isFinite(value);
    if (!fits)
      throw new MonitorError(
        'E_BAD_REQUEST',
        `meta.${name} must be a string or a finite number, got ${String(value)}`,
      );
  }
  if (Buffer.byteLength(JSON.stringify(entry.meta)) > maxHeaderBytes - 1024) {
    throw new MonitorError(
      'E_BAD_REQUEST',
      `meta of a journal entry is limited to ${maxHeaderBytes - 1024} bytes`,
    );
  }
}

/** Received is never backdated: as-of by time and "published first" rely on it. What a clock that was turned back said stays in `meta`. */
export function receivedInOrder(entry: NewEntry, beforeS: number): NewEntry {
  if (entry.receivedS >= beforeS) return entry;
  return { ...entry, receivedS: beforeS, meta: { ...entry.meta, clockS: entry.receivedS } };
}

export function prepareEntry(
  entry: NewEntry,
  place: { seq: number; previous: string; commitSeq: number; salt: number },
): PreparedEntry {
  const { kind, receivedS, meta, body } = entry;
  const sha256 = createHash('sha256').update(body).digest('hex');
  const header: EntryHeader = {
    seq: place.seq,
    kind,
    receivedS,
    meta,
    length: body.length,
    sha256,
    previous: place.previous,
  };
  const { head, hash } = encodeFrameHead(header, place.commitSeq, place.salt);
  return {
    head,
    entry: { seq: place.seq, kind, receivedS, meta, sha256, previous: place.previous, hash, body },
  };
}

/** The open end of the journal: one plain segment that only grows, and only by whole group commits. */
export class SegmentWriter {
  readonly segment: Segment;
  readonly #file: FileHandle;
  #endOffset: number;
  #failed: unknown = null;

  private constructor(segment: Segment, file: FileHandle, endOffset: number) {
    this.segment = segment;
    this.#file = file;
    this.#endOffset = endOffset;
  }

  static async open(folder: string, segment: Segment, endOffset: number): Promise<SegmentWriter> {
    return new SegmentWriter(segment, await open(plainPath(folder, segment.firstSeq), 'r+'), endOffset);
  }

  get bytes(): number {
    return this.#endOffset;
  }

  /** Writes entries and waits for the disk; then they are part of the segment. A failed write leaves the segment as it was. */
  async commit(prepared: readonly PreparedEntry[]): Promise<void> {
    if (this.#failed !== null) throw this.#failed;
    const start = this.#endOffset;
    try {
      await this.#write(
        prepared.flatMap(({ head, entry }) => [head, entry.body]),
        start,
      );
    } catch (cause) {
      await this.#takeBack(start);
      throw new MonitorError('E_STORE_UNAVAILABLE', `the journal could not be written: ${messageOf(cause)}`, {
        cause,
      });
    }
    try {
      await this.#file.datasync();
    } catch (cause) {
      // After a failed fsync nobody knows what is on disk, and a second one may lie: only reopening and rereading helps.
      this.#failed = new MonitorError(
        'E_STORE_UNAVAILABLE',
        'the journal could not be made durable; restart to recover',
        { cause },
      );
      throw this.#failed;
    }
    this.#extend(prepared, start);
  }

  async #write(parts: readonly Uint8Array[], start: number): Promise<void> {
    let position = start;
    for (let at = 0; at < parts.length; at += 512) {
      const slice = parts.slice(at, at + 512).filter((part) => part.length > 0);
      const wanted = slice.reduce((sum, part) => sum + part.length, 0);
      const { bytesWritten } = await this.#file.writev(slice, position);
      if (bytesWritten !== wanted)
        await this.#writeRest(Buffer.concat(slice).subarray(bytesWritten), position + bytesWritten);
      position += wanted;
    }
  }

  async #writeRest(bytes: Buffer, position: number): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      at += (await this.#file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
    }
  }

  async #takeBack(size: number): Promise<void> {
    try {
      await this.#file.truncate(size);
    } catch (cause) {
      this.#failed = new MonitorError(
        'E_STORE_UNAVAILABLE',
        'the journal could not be cut back; restart to recover',
        { cause },
      );
    }
  }

  #extend(prepared: readonly PreparedEntry[], start: number): void {
    const { segment } = this;
    let offset = start;
    for (const { entry, head } of prepared) {
      if ((entry.seq - segment.firstSeq) % entriesPerMark === 0)
        segment.marks.push({ seq: entry.seq, offset });
      offset += head.length + entry.body.length;
      segment.lastSeq = entry.seq;
      segment.lastHash = entry.hash;
    }
    this.#endOffset = offset;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
