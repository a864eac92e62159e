import { MonitorError } from '../../../domain/errors.ts';
import type { JournalEntry, JournalHead } from '../../../domain/ports.ts';
import { entryOf, headIn } from './entries.ts';
import { journalPool } from './open.ts';
import { insert } from './postgres-journal.ts';
import { appendLock, channel, ensureSchema } from './schema.ts';
import { canonicalJson } from '../../../domain/canonical-json.ts';
import { mostBytesPerCommit } from '../waiting.ts';

const mostEntriesPerCommit = 256;

/**
 * Copies entries verbatim, hashes included, behind what the table holds already (an interrupted copy goes on): the chain stays the
 * same one. Throws E_CONFLICT when the table holds another journal, E_JOURNAL_BROKEN for an entry that does not fit its hash.
 */
export async function copyJournal(
  from: {
    read(after: number): AsyncIterable<JournalEntry>;
    get(seq: number): Promise<JournalEntry>;
    head(): JournalHead;
  },
  url: string,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<JournalHead> {
  const pool = journalPool(url, 1);
  try {
    const client = await pool.connect();
    try {
      await ensureSchema(client);
      // Held over all commits: nobody appends in between.
      await client.query('select pg_advisory_lock($1)', [appendLock]);
      const held = await headIn(client);
      await requireSame(from, held);
      let batch: JournalEntry[] = [];
      let bytes = 0;
      const flush = async (): Promise<void> => {
        if (batch.length === 0) return;
        await insert(client, batch);
        onProgress(batch.at(-1)?.seq ?? 0, from.head().seq);
        batch = [];
        bytes = 0;
      };
      for await (const entry of from.read(held.seq)) {
        checkEntry(entry);
        if (batch.length === mostEntriesPerCommit || bytes + entry.body.length > mostBytesPerCommit)
          await flush();
        batch.push(entry);
        bytes += entry.body.length;
      }
      await flush();
      const head = await headIn(client);
      await client.query('select pg_notify($1, $2)', [channel, `${head.seq} ${head.hash}`]);
      return head;
    } finally {
      client.release(true);
    }
  } finally {
    await pool.end();
  }
}

async function requireSame(
  from: { get(seq: number): Promise<JournalEntry>; head(): JournalHead },
  held: JournalHead,
): Promise<void> {
  if (held.seq === 0) return;
  const here = held.seq <= from.head().seq ? (await from.get(held.seq)).hash : null;
  if (here === held.hash) return;
  throw new MonitorError(
    'E_CONFLICT',
    `the database holds another journal (${held.seq} entries, head ${held.hash})`,
    {
      details: { held },
    },
  );
}

function checkEntry(entry: JournalEntry): void {
  const { seq, kind, receivedS, meta, sha256, previous, hash, body } = entry;
  entryOf(
    {
      seq: String(seq),
      kind,
      received_s: String(receivedS),
      meta: canonicalJson(meta),
      length: String(body.length),
      sha256,
      previous,
      hash,
    },
    body,
  );
}
