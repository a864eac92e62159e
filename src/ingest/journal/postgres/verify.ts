import type { JournalHead } from '../../../domain/ports.ts';
import { brokenAt, brokenDetails, type BrokenDetails } from '../broken.ts';
import { zeroHash } from '../frame.ts';
import { messageOf } from '../system-error.ts';
import type { JournalCheck } from '../verify.ts';
import { entryOf, headerOf, headIn, place, rowsBetween } from './entries.ts';
import { journalPool } from './open.ts';

/** Reads every row of the journal of a database, changing none: hashes of headers and bodies, the chain, the anchor. Goes on after a fault. */
export async function verifyPostgresJournal(
  options: { url: string },
  { anchor }: { anchor?: JournalHead } = {},
): Promise<JournalCheck> {
  const pool = journalPool(options.url, 1);
  try {
    const head = await headIn(pool);
    const faults: BrokenDetails[] = [];
    const sentences: string[] = [];
    const note = (error: unknown): void => {
      faults.push(brokenDetails(error));
      sentences.push(messageOf(error));
    };
    let entries = 0;
    let expected: JournalHead = { seq: 1, hash: zeroHash };
    let anchored: string | null = null;
    for await (const { row, body } of rowsBetween(pool, { after: 0, through: head.seq })) {
      const { seq, previous } = headerOf(row);
      try {
        if (seq !== expected.seq || previous !== expected.hash)
          note(
            brokenAt(place(expected.seq), {
              reason: 'chain is broken',
              expected: `entry ${expected.seq} after ${expected.hash}`,
              found: `entry ${seq} after ${previous}`,
            }),
          );
        entryOf(row, body);
        entries += 1;
      } catch (error) {
        note(error);
      }
      if (seq === anchor?.seq) anchored = row.hash;
      expected = { seq: seq + 1, hash: row.hash };
    }
    if (anchor !== undefined && anchor.seq > 0 && anchored !== anchor.hash)
      note(anchorFault(anchor, head, anchored));
    return { entries, segments: 1, head, faults: sentences, broken: faults, torn: null };
  } finally {
    await pool.end();
  }
}

function anchorFault(anchor: JournalHead, head: JournalHead, found: string | null): unknown {
  const cut = head.seq < anchor.seq;
  return brokenAt(place(anchor.seq), {
    reason: cut
      ? 'the tail was cut: the journal ends before the anchored head'
      : 'the anchored entry has another hash',
    expected: `entry ${anchor.seq} with hash ${anchor.hash}`,
    found: cut ? `entry ${head.seq} as the last` : (found ?? 'no such entry'),
  });
}
