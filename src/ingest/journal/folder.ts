import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import type { JournalHead } from '../../domain/ports.ts';
import { brokenAt, type JournalBroken } from './broken.ts';
import { PlainFileSource } from './byte-source.ts';
import { syncFolder, writeDurably } from './durable-file.ts';
import { encodeSegmentHeader, segmentHeaderBytes, zeroHash } from './frame.ts';
import { cutTornTail, loadEitherForm, loadPlain, type TornTail } from './recovery.ts';
import { seal } from './sealed.ts';
import {
  listSegments,
  loadSealed,
  pathOf,
  plainPath,
  sealedPath,
  walkFrames,
  type Segment,
  type SegmentFile,
} from './segments.ts';

export interface LoadedFolder {
  segments: Segment[];
  /** End of the last segment where it is plain; null where there is none to append to. */
  endOffset: number | null;
  torn: TornTail | null;
}

export const emptyHead: JournalHead = { seq: 0, hash: zeroHash };

/**
 * Loads every segment and checks that they join without a gap: sealed ones by their table, plain ones entry by entry.
 * Only the last may end torn. Throws E_JOURNAL_BROKEN.
 */
export async function loadFolder(folder: string): Promise<LoadedFolder> {
  const files = await listSegments(folder);
  const segments: Segment[] = [];
  let endOffset: number | null = null;
  let torn: TornTail | null = null;
  for (const [index, file] of files.entries()) {
    const head = headOf(segments);
    if (file.firstSeq !== head.seq + 1) throw missingSegment(folder, head.seq + 1, file.firstSeq);
    if (file.sealed) {
      segments.push(joined(folder, await loadSealed(folder, file.firstSeq), head));
      endOffset = null;
      continue;
    }
    const loaded = await loadEitherForm(folder, file.firstSeq, { mayBeTorn: index === files.length - 1 });
    torn = loaded.torn;
    if (loaded.segment === null) break;
    segments.push(joined(folder, loaded.segment, head));
    endOffset = loaded.endOffset;
  }
  return { segments, endOffset, torn };
}

export function headOf(segments: readonly Segment[]): JournalHead {
  const last = segments.at(-1);
  return last === undefined ? emptyHead : { seq: last.lastSeq, hash: last.lastHash };
}

function joined(folder: string, segment: Segment, head: JournalHead): Segment {
  if (segment.previous === head.hash) return segment;
  const where = { file: pathOf(folder, segment), offset: 0, seq: segment.firstSeq };
  throw brokenAt(where, {
    reason: 'chain is broken between segments',
    expected: head.hash,
    found: segment.previous,
  });
}

function missingSegment(folder: string, expected: number, found: number): JournalBroken {
  const file = plainPath(folder, expected);
  const reason = 'a segment is missing';
  return brokenAt(
    { file, offset: 0, seq: expected },
    { reason, expected: `entry ${expected}`, found: `entry ${found}` },
  );
}

/** Removes what a crash left half done: temporary files, and the plain form of segments whose sealed form is complete. */
export async function removeLeftovers(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) if (name.endsWith('.tmp')) await rm(`${folder}/${name}`, { force: true });
  for (const file of await listSegments(folder))
    if (file.plain && file.sealed) await keepOneForm(folder, file);
  await syncFolder(folder);
}

async function keepOneForm(folder: string, { firstSeq }: SegmentFile): Promise<void> {
  try {
    const sealed = await loadSealed(folder, firstSeq);
    const plain = await loadPlain(folder, firstSeq, { mayBeTorn: false });
    if (plain.segment?.lastHash !== sealed.lastHash) throw new Error('the two forms differ');
  } catch {
    // The plain form is the original: should it be the damaged one, loading it says so.
    await rm(sealedPath(folder, firstSeq));
    return;
  }
  await rm(plainPath(folder, firstSeq));
}

/** A torn segment header is set aside whole (nothing was ever acknowledged in it); a torn end is cut off and kept. */
export async function repairTorn(folder: string, torn: TornTail): Promise<TornTail> {
  if (torn.offset > 0) return cutTornTail(folder, torn);
  const keptIn = `${torn.file}.0.torn`;
  await rename(torn.file, keptIn);
  await syncFolder(folder);
  return { ...torn, keptIn };
}

export async function createSegment(folder: string, head: JournalHead): Promise<Segment> {
  const firstSeq = head.seq + 1;
  const salt = randomBytes(4).readUInt32LE();
  const header = { firstSeq, previous: head.hash, salt };
  await writeDurably(plainPath(folder, firstSeq), encodeSegmentHeader(header), folder);
  return { ...header, lastSeq: head.seq, lastHash: head.hash, form: 'plain', marks: [] };
}

/** Replaces the plain form of a full segment by its sealed one; readers that have it open go on with the old bytes. */
export async function sealSegment(folder: string, segment: Segment): Promise<void> {
  const file = plainPath(folder, segment.firstSeq);
  const source = await PlainFileSource.open(file);
  const frameOffsets: { seq: number; offset: number }[] = [];
  try {
    const walk = {
      file,
      source,
      salt: segment.salt,
      offset: segmentHeaderBytes,
      seq: segment.firstSeq,
      withBody: true,
    };
    for await (const { frame, offset } of walkFrames({ ...walk, previous: segment.previous })) {
      frameOffsets.push({ seq: frame.header.seq, offset });
    }
    const { firstSeq, lastSeq, lastHash } = segment;
    await seal(source, sealedPath(folder, firstSeq), { firstSeq, lastSeq, lastHash, frameOffsets });
  } finally {
    await source.close();
  }
  segment.form = 'sealed';
  await rm(file);
  await syncFolder(folder);
}
