import type { JournalHead } from '../../domain/ports.ts';
import { brokenAt, brokenDetails, type BrokenDetails } from './broken.ts';
import { emptyHead } from './folder.ts';
import { decodeSegmentHeader, segmentHeaderBytes } from './frame.ts';
import { loadEitherForm, type TornTail } from './recovery.ts';
import { messageOf } from './system-error.ts';
import {
  listSegments,
  loadSealed,
  openBytes,
  pathOf,
  plainPath,
  walkFrames,
  type Segment,
  type SegmentFile,
} from './segments.ts';

export interface JournalCheck {
  /** Entries whose bytes and place in the chain are right. */
  entries: number;
  segments: number;
  head: JournalHead;
  /** Each fault in a sentence, and below it taken apart. */
  faults: string[];
  broken: BrokenDetails[];
  /** An end that a crash tore; not a fault, nothing in it was acknowledged. */
  torn: TornTail | null;
}

/**
 * Reads every byte of a journal, changing none: hashes of headers and bodies, the chain, the joints of segments. With `anchor`
 * (a head that the state or a statement once recorded) a tail cut off whole is found too. After a fault it goes on at the next segment.
 */
export async function verifyJournal(
  dir: string,
  options: { anchor?: JournalHead } = {},
): Promise<JournalCheck> {
  const files = await listSegments(dir);
  const check: JournalCheck = {
    entries: 0,
    segments: files.length,
    head: emptyHead,
    faults: [],
    broken: [],
    torn: null,
  };
  const anchor = { ...options.anchor, found: null as string | null };
  for (const [index, file] of files.entries()) {
    try {
      await verifySegment({ dir, file, check, anchor, isLast: index === files.length - 1 });
    } catch (error) {
      note(check, error);
    }
  }
  if (options.anchor !== undefined) checkAnchor(dir, options.anchor, anchor.found, check);
  return check;
}

interface SegmentTask {
  dir: string;
  file: SegmentFile;
  check: JournalCheck;
  anchor: { seq?: number; found: string | null };
  isLast: boolean;
}

async function verifySegment(task: SegmentTask): Promise<void> {
  const { dir, check } = task;
  const { firstSeq } = task.file;
  const expected = check.head;
  if (firstSeq !== expected.seq + 1) {
    const where = { file: plainPath(dir, expected.seq + 1), offset: 0, seq: expected.seq + 1 };
    const fault = {
      reason: 'a segment is missing',
      expected: `entry ${expected.seq + 1}`,
      found: `entry ${firstSeq}`,
    };
    note(check, brokenAt(where, fault));
  }
  const form = task.file.sealed ? 'sealed' : 'plain';
  const file = pathOf(dir, { firstSeq, form });
  const claimed = form === 'sealed' ? await loadSealed(dir, firstSeq) : await plainClaim(task);
  if (claimed === null) return;
  check.head = { seq: claimed.lastSeq, hash: claimed.lastHash };
  if (firstSeq === expected.seq + 1 && claimed.previous !== expected.hash) {
    const fault = {
      reason: 'chain is broken between segments',
      expected: expected.hash,
      found: claimed.previous,
    };
    note(check, brokenAt({ file, offset: 0, seq: firstSeq }, fault));
  }
  await walkSegment({ ...task, claimed, file, form });
}

async function plainClaim(task: SegmentTask): Promise<Segment | null> {
  const loaded = await loadEitherForm(task.dir, task.file.firstSeq, { mayBeTorn: task.isLast });
  task.check.torn = loaded.torn;
  return loaded.segment;
}

async function walkSegment(
  task: Omit<SegmentTask, 'file'> & { claimed: Segment; file: string; form: 'plain' | 'sealed' },
): Promise<void> {
  const { dir, claimed, file, check, anchor } = task;
  const source = await openBytes(dir, { firstSeq: claimed.firstSeq, form: task.form });
  try {
    const decoded = decodeSegmentHeader(await source.read(0, segmentHeaderBytes));
    if ('fault' in decoded) throw brokenAt({ file, offset: 0, seq: claimed.firstSeq }, decoded.fault);
    const walk = {
      file,
      source,
      salt: claimed.salt,
      offset: segmentHeaderBytes,
      seq: claimed.firstSeq,
      withBody: true,
    };
    let head: JournalHead = { seq: claimed.firstSeq - 1, hash: claimed.previous };
    if (claimed.lastSeq >= claimed.firstSeq) {
      for await (const { frame } of walkFrames({ ...walk, previous: claimed.previous })) {
        head = { seq: frame.header.seq, hash: frame.hash };
        check.entries += 1;
        if (head.seq === anchor.seq) anchor.found = head.hash;
        if (head.seq === claimed.lastSeq) break;
      }
    }
    if (head.hash !== claimed.lastHash) {
      const fault = {
        reason: 'segment ends elsewhere',
        expected: `entry ${claimed.lastSeq}`,
        found: `entry ${head.seq}`,
      };
      throw brokenAt({ file, offset: source.size, seq: head.seq + 1 }, fault);
    }
  } finally {
    await source.close();
  }
}

function checkAnchor(dir: string, anchor: JournalHead, found: string | null, check: JournalCheck): void {
  if (anchor.seq === 0 || found === anchor.hash) return;
  const cut = check.head.seq < anchor.seq;
  const fault = {
    reason: cut
      ? 'the tail was cut: the journal ends before the anchored head'
      : 'the anchored entry has another hash',
    expected: `entry ${anchor.seq} with hash ${anchor.hash}`,
    found: cut ? `entry ${check.head.seq} as the last` : (found ?? 'an entry that cannot be read'),
  };
  note(check, brokenAt({ file: dir, offset: 0, seq: anchor.seq }, fault));
}

function note(check: JournalCheck, error: unknown): void {
  check.broken.push(brokenDetails(error));
  check.faults.push(messageOf(error));
}
