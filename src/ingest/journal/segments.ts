import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { brokenAt } from './broken.ts';
import { PlainFileSource, type ByteSource } from './byte-source.ts';
import { decodeSegmentHeader, readFrame, segmentHeaderBytes, type Frame } from './frame.ts';
import { SealedFileSource } from './sealed.ts';
import { hasCode } from './system-error.ts';

/** A mark every so many entries of a plain segment keeps `get` from walking all of it. */
export const entriesPerMark = 64;

export interface Segment {
  firstSeq: number;
  /** `firstSeq - 1` while it is empty. */
  lastSeq: number;
  lastHash: string;
  previous: string;
  salt: number;
  form: 'plain' | 'sealed';
  /** Sparse, ascending: where some of its entries begin in the plain bytes. */
  marks: { seq: number; offset: number }[];
}

export interface SegmentFile {
  firstSeq: number;
  plain: boolean;
  sealed: boolean;
}

export function plainPath(folder: string, firstSeq: number): string {
  return path.join(folder, `${String(firstSeq).padStart(12, '0')}.jnl`);
}

export function sealedPath(folder: string, firstSeq: number): string {
  return path.join(folder, `${String(firstSeq).padStart(12, '0')}.sealed`);
}

export function pathOf(folder: string, segment: Pick<Segment, 'firstSeq' | 'form'>): string {
  return segment.form === 'plain'
    ? plainPath(folder, segment.firstSeq)
    : sealedPath(folder, segment.firstSeq);
}

/** The segments a folder has files of, by first entry. A folder that does not exist has none. */
export async function listSegments(folder: string): Promise<SegmentFile[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  });
  const found = new Map<number, SegmentFile>();
  for (const name of names) {
    const match = /^(\d{12})\.(jnl|sealed)$/.exec(name);
    if (match === null) continue;
    const firstSeq = Number(match[1]);
    const file = found.get(firstSeq) ?? { firstSeq, plain: false, sealed: false };
    if (match[2] === 'jnl') file.plain = true;
    else file.sealed = true;
    found.set(firstSeq, file);
  }
  return [...found.values()].sort((a, b) => a.firstSeq - b.firstSeq);
}

/** Opens the bytes of a segment; a plain file that was sealed meanwhile is opened in its new form. */
export async function openBytes(
  folder: string,
  segment: Pick<Segment, 'firstSeq' | 'form'>,
): Promise<ByteSource> {
  if (segment.form === 'sealed') return SealedFileSource.open(sealedPath(folder, segment.firstSeq));
  try {
    return await PlainFileSource.open(plainPath(folder, segment.firstSeq));
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    return SealedFileSource.open(sealedPath(folder, segment.firstSeq));
  }
}

/** What a sealed segment says of itself; its entries are checked when they are read. Throws E_JOURNAL_BROKEN. */
export async function loadSealed(folder: string, firstSeq: number): Promise<Segment> {
  const file = sealedPath(folder, firstSeq);
  const source = await SealedFileSource.open(file);
  try {
    const decoded = decodeSegmentHeader(await source.read(0, segmentHeaderBytes));
    if ('fault' in decoded) throw brokenAt({ file, offset: 0, seq: firstSeq }, decoded.fault);
    const { content } = source;
    if (decoded.header.firstSeq !== firstSeq || content.firstSeq !== firstSeq) {
      throw brokenAt(
        { file, offset: 0, seq: firstSeq },
        {
          reason: 'file holds another segment',
          expected: String(firstSeq),
          found: String(decoded.header.firstSeq),
        },
      );
    }
    return { ...decoded.header, ...content, form: 'sealed' };
  } finally {
    await source.close();
  }
}

export interface Walk {
  file: string;
  source: ByteSource;
  salt: number;
  offset: number;
  seq: number;
  /** Expected hash of the entry before; null where the walk starts in the middle. */
  previous: string | null;
  withBody: boolean;
}

/** Frames in order, each checked in itself and against the one before. Throws E_JOURNAL_BROKEN at the first that fails. */
export async function* walkFrames(walk: Walk): AsyncGenerator<{ frame: Frame; offset: number }> {
  let { offset, seq, previous } = walk;
  for (;;) {
    const step = await readFrame(walk.source, offset, walk);
    if ('end' in step) return;
    if ('fault' in step) throw brokenAt({ file: walk.file, offset, seq }, step.fault);
    const { header } = step.frame;
    if (header.seq !== seq) {
      const fault = { reason: 'entry is out of order', expected: String(seq), found: String(header.seq) };
      throw brokenAt({ file: walk.file, offset, seq }, fault);
    }
    if (previous !== null && header.previous !== previous) {
      const fault = { reason: 'chain is broken', expected: previous, found: header.previous };
      throw brokenAt({ file: walk.file, offset, seq }, fault);
    }
    yield { frame: step.frame, offset };
    ({ next: offset, hash: previous } = step.frame);
    seq += 1;
  }
}
