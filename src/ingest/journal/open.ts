import { mkdir, readdir } from 'node:fs/promises';
import type { Clock, Journal, JournalHead } from '../../domain/ports.ts';
import { createSegment, headOf, loadFolder, removeLeftovers, repairTorn } from './folder.ts';
import { FileJournal } from './file-journal.ts';
import { segmentHeaderBytes } from './frame.ts';
import { lockFolder } from './lock.ts';
import { SegmentReader } from './reader.ts';
import type { TornTail } from './recovery.ts';
import { SegmentWriter } from './writer.ts';

export interface FileJournalOptions {
  dir: string;
  /** Size at which a segment is closed and sealed; 64 when absent. */
  segmentMiB?: number;
  clock?: Clock;
}

/**
 * Opens a journal folder for writing, made when absent. An end that a crash tore is kept in a `.torn` file, cut off and reported as
 * `tornTail`. Throws E_LOCKED when another process has it open, E_JOURNAL_BROKEN for any other byte that is not as it was written.
 */
export async function openFileJournal(options: FileJournalOptions): Promise<FileJournal> {
  const folder = options.dir;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const unlock = lockFolder(folder, options.clock?.nowS() ?? null);
  try {
    await removeLeftovers(folder, await readdir(folder));
    const { segments, endOffset, torn } = await loadFolder(folder);
    const tornTail = torn === null ? null : await repairTorn(folder, torn);
    let last = segments.at(-1);
    let end = endOffset;
    if (last === undefined || end === null || tornTail?.offset === 0) {
      last = await createSegment(folder, headOf(segments));
      end = segmentHeaderBytes;
      segments.push(last);
    }
    const { seq } = headOf(segments);
    const receivedS = seq === 0 ? -Infinity : (await new SegmentReader(folder, segments).get(seq)).receivedS;
    const writer = await SegmentWriter.open(folder, last, end);
    return new FileJournal({
      folder,
      segmentBytes: (options.segmentMiB ?? 64) * 1024 * 1024,
      segments,
      writer,
      tornTail,
      receivedS,
      unlock,
    });
  } catch (error) {
    unlock();
    throw error;
  }
}

/** A journal read by a tool, beside a process that may be writing it: entries up to the head at the time of opening. */
export interface JournalReader extends Pick<Journal, 'read' | 'get' | 'head'> {
  readonly tornTail: TornTail | null;
}

/** Opens without a lock and without changing a byte. Throws E_JOURNAL_BROKEN. */
export async function readJournal(dir: string): Promise<JournalReader> {
  const { segments, torn } = await loadFolder(dir);
  const reader = new SegmentReader(dir, segments);
  const head: JournalHead = headOf(segments);
  return {
    tornTail: torn,
    head: () => head,
    read: (after) => reader.read(after, head.seq),
    get: (seq) => reader.get(seq),
  };
}
