import { open } from 'node:fs/promises';
import { PlainFileSource, type ByteSource } from './byte-source.ts';
import { syncFolder } from './durable-file.ts';
import { commitSeqAt, decodeSegmentHeader, findFrameMagic, segmentHeaderBytes } from './frame.ts';
import { brokenAt, brokenDetails, type BrokenDetails } from './broken.ts';
import { hasCode } from './system-error.ts';
import { entriesPerMark, loadSealed, plainPath, walkFrames, type Segment } from './segments.ts';

/** An end that was being written when the process or the machine stopped. Nothing in it was ever acknowledged. */
export interface TornTail {
  /** The segment it was cut from. */
  file: string;
  offset: number;
  bytes: number;
  /** Entry that was being written. */
  seq: number;
  reason: string;
  /** Where the bytes are kept; null when nothing was changed (read-only). */
  keptIn: string | null;
}

export interface LoadedPlain {
  segment: Segment;
  /** Where the next entry goes. */
  endOffset: number;
  torn: TornTail | null;
}

/**
 * Reads a plain segment through, bodies included. A torn end is described, not cut; any other fault throws E_JOURNAL_BROKEN.
 * `segment` is null when even the segment's header is torn.
 */
export async function loadPlain(
  folder: string,
  firstSeq: number,
  options: { mayBeTorn: boolean },
): Promise<LoadedPlain | { segment: null; torn: TornTail }> {
  const file = plainPath(folder, firstSeq);
  const source = await PlainFileSource.open(file);
  try {
    const headerBytes = await source.read(0, segmentHeaderBytes);
    const decoded = decodeSegmentHeader(headerBytes);
    if ('fault' in decoded) {
      const unwritten = decoded.fault.short || headerBytes.every((byte) => byte === 0);
      if (!options.mayBeTorn || !unwritten) throw brokenAt({ file, offset: 0, seq: firstSeq }, decoded.fault);
      const { reason } = decoded.fault;
      return {
        segment: null,
        torn: { file, offset: 0, bytes: source.size, seq: firstSeq, reason, keptIn: null },
      };
    }
    if (decoded.header.firstSeq !== firstSeq) {
      const found = String(decoded.header.firstSeq);
      const fault = { reason: 'file holds another segment', expected: String(firstSeq), found };
      throw brokenAt({ file, offset: 0, seq: firstSeq }, fault);
    }
    const { salt, previous } = decoded.header;
    const segment: Segment = {
      firstSeq,
      lastSeq: firstSeq - 1,
      lastHash: previous,
      previous,
      salt,
      form: 'plain',
      marks: [],
    };
    return await readThrough(file, source, segment, options);
  } finally {
    await source.close();
  }
}

/** As {@link loadPlain}, for readers beside a writer: it may have sealed the segment since the folder was listed. */
export async function loadEitherForm(
  folder: string,
  firstSeq: number,
  options: { mayBeTorn: boolean },
): Promise<
  LoadedPlain | { segment: null; torn: TornTail } | { segment: Segment; endOffset: null; torn: null }
> {
  try {
    return await loadPlain(folder, firstSeq, options);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    return { segment: await loadSealed(folder, firstSeq), endOffset: null, torn: null };
  }
}

async function readThrough(
  file: string,
  source: ByteSource,
  segment: Segment,
  options: { mayBeTorn: boolean },
): Promise<LoadedPlain> {
  let endOffset = segmentHeaderBytes;
  const walk = { file, source, salt: segment.salt, offset: endOffset, seq: segment.firstSeq, withBody: true };
  try {
    for await (const { frame, offset } of walkFrames({ ...walk, previous: segment.previous })) {
      const { seq } = frame.header;
      if ((seq - segment.firstSeq) % entriesPerMark === 0) segment.marks.push({ seq, offset });
      segment.lastSeq = seq;
      segment.lastHash = frame.hash;
      endOffset = frame.next;
    }
  } catch (error) {
    const fault = brokenDetails(error);
    if (!options.mayBeTorn || !(await isTorn(source, fault, segment))) throw error;
    const bytes = source.size - endOffset;
    const torn = {
      file,
      offset: endOffset,
      bytes,
      seq: segment.lastSeq + 1,
      reason: fault.reason,
      keptIn: null,
    };
    return { segment, endOffset, torn };
  }
  return { segment, endOffset, torn: null };
}

const sectorBytes = 512;
const scanBytes = 1024 * 1024;

/**
 * Torn, that is never acknowledged: no later group commit follows (it would have waited for this one's fsync), and the bytes
 * end early or hold a sector that was never written. A complete entry with a changed byte is damage, not a torn end.
 */
async function isTorn(source: ByteSource, fault: BrokenDetails, segment: Segment): Promise<boolean> {
  const brokenSeq = segment.lastSeq + 1;
  let unwritten = false;
  let rest = 0;
  for (let offset = fault.offset; offset < source.size; offset += scanBytes) {
    // The overlap lets a frame prefix be found that straddles two scans.
    const bytes = await source.read(offset, scanBytes + 64);
    unwritten ||= holdsEmptySector(bytes, offset);
    if (bytes.some((byte) => byte !== 0)) rest += 1;
    for (let at = findFrameMagic(bytes, 0); at !== null; at = findFrameMagic(bytes, at + 1)) {
      const commitSeq = commitSeqAt(bytes, at, segment.salt);
      if (commitSeq !== null && commitSeq > brokenSeq) return false;
    }
  }
  return fault.short === true || unwritten || rest === 0;
}

function holdsEmptySector(bytes: Buffer, fileOffset: number): boolean {
  const first = (sectorBytes - (fileOffset % sectorBytes)) % sectorBytes;
  for (let at = first; at + sectorBytes <= bytes.length; at += sectorBytes) {
    if (bytes.subarray(at, at + sectorBytes).every((byte) => byte === 0)) return true;
  }
  return false;
}

/** Keeps the torn bytes in a file of their own, on disk, and then cuts them off the segment. */
export async function cutTornTail(folder: string, torn: TornTail): Promise<TornTail> {
  const keptIn = `${torn.file}.${torn.offset}.torn`;
  const source = await PlainFileSource.open(torn.file);
  const kept = await open(keptIn, 'w', 0o600);
  try {
    for (let at = torn.offset; at < source.size; at += scanBytes) {
      await kept.write(await source.read(at, Math.min(scanBytes, source.size - at)));
    }
    await kept.sync();
  } finally {
    await kept.close();
    await source.close();
  }
  await syncFolder(folder);
  const segment = await open(torn.file, 'r+');
  try {
    await segment.truncate(torn.offset);
    await segment.sync();
  } finally {
    await segment.close();
  }
  return { ...torn, keptIn };
}
