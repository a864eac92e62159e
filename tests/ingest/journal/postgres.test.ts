import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Journal, JournalEntry } from '../../../src/domain/ports.ts';
import { openFileJournal, verifyJournal } from '../../../src/ingest/journal/index.ts';
import {
  copyJournal,
  openPostgresJournal,
  verifyPostgresJournal,
} from '../../../src/ingest/journal/postgres/index.ts';
import { createKey, openState } from '../../../src/store/state/index.ts';
import { postgresAvailable, startPostgres, type PostgresServer } from '../../servers/postgres.ts';
import { journalContract, plain } from './contract.ts';
import { collect, raw } from './folder.ts';
import { temporaryFolder } from './temporary-folder.ts';

journalContract('files', async () => {
  const dir = temporaryFolder();
  return {
    open: () => openFileJournal({ dir, segmentMiB: 8 }),
    verify: (anchor) => verifyJournal(dir, anchor === undefined ? {} : { anchor }),
  };
});

describe.skipIf(!postgresAvailable)('on a real PostgreSQL server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  journalContract('PostgreSQL', async () => {
    const url = await server.database();
    return {
      open: () => openPostgresJournal({ url }),
      verify: (anchor) => verifyPostgresJournal({ url }, anchor === undefined ? {} : { anchor }),
    };
  });

  const admin = async (url: string): Promise<Client> => {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    onTestFinished(() => client.end());
    return client;
  };

  test('several processes append to one chain, and each hears of the others', async () => {
    const url = await server.database();
    const journals = await Promise.all([1, 2, 3].map(() => openPostgresJournal({ url })));
    const heard = journals.map(() => 0);
    journals.forEach((journal, at) => journal.onAppend(({ seq }) => (heard[at] = seq)));
    const each = 60;
    const entries = await Promise.all(
      journals.flatMap((journal, at) =>
        Array.from({ length: each }, (_, n) => journal.append(raw(at * each + n, 50))),
      ),
    );
    const seqs = entries.map(({ seq }) => seq).toSorted((a, b) => a - b);
    expect(seqs).toEqual(Array.from({ length: 3 * each }, (_, n) => n + 1));
    await vi.waitFor(() => expect(heard).toEqual([180, 180, 180]));
    expect((await collect(journals[2]!.read(0))).map(({ seq }) => seq)).toEqual(seqs);
    expect(await verifyPostgresJournal({ url })).toMatchObject({ entries: 180, faults: [] });
    for (const journal of journals) await journal.close();
  });

  test('a listener whose connection was cut hears of what came meanwhile', async () => {
    const url = await server.database();
    const [one, two] = [await openPostgresJournal({ url }), await openPostgresJournal({ url })];
    const client = await admin(url);
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'jiehe-journal' and datname = current_database()`,
    );
    await vi.waitFor(() => one.append(raw(1, 10)));
    await vi.waitFor(() => expect(two.head().seq).toBe(1), { timeout: 10_000 });
    await one.close();
    await two.close();
  });

  test('rows cannot be changed, deleted or emptied by statements', async () => {
    const url = await server.database();
    const journal = await openPostgresJournal({ url });
    await journal.append(raw(1, 10));
    await journal.close();
    const client = await admin(url);
    for (const statement of [
      `update journal_entry set kind = 'act'`,
      'delete from journal_entry',
      'truncate journal_entry',
    ])
      await expect(client.query(statement)).rejects.toThrow('append-only');
  });

  test('a changed byte, a changed header, a missing row and a cut tail are each found by name', async () => {
    const url = await server.database();
    const journal = await openPostgresJournal({ url });
    for (let seed = 1; seed <= 6; seed += 1) await journal.append(raw(seed, 20));
    const anchor = journal.head();
    const client = await admin(url);
    await client.query('alter table journal_entry disable trigger all');
    await client.query(
      `update journal_entry set body = set_byte(body, 3, (get_byte(body, 3) + 1) % 256) where seq = 2`,
    );
    await client.query(`update journal_entry set received_s = received_s + 1 where seq = 3`);
    await client.query('delete from journal_entry where seq in (5, 6)');
    await expect(journal.get(2)).rejects.toMatchObject({ code: 'E_JOURNAL_BROKEN' });
    await expect(collect(journal.read(0))).rejects.toMatchObject({ code: 'E_JOURNAL_BROKEN' });
    const check = await verifyPostgresJournal({ url }, { anchor });
    expect(check.entries).toBe(2);
    expect(check.broken.map(({ seq, reason }) => `${seq} ${reason}`)).toEqual([
      '2 body differs from its hash',
      '3 entry header differs from its hash',
      '6 the tail was cut: the journal ends before the anchored head',
    ]);
    await journal.close();
  });

  test('a journal of files moves into the table with its hashes, and on from where a copy stopped', async () => {
    const url = await server.database();
    const dir = path.join(temporaryFolder(), 'journal');
    const files = await openFileJournal({ dir });
    for (let seed = 1; seed <= 40; seed += 1) await files.append(raw(seed, 100));
    await copyJournal(files, url);
    for (let seed = 41; seed <= 50; seed += 1) await files.append(raw(seed, 100));
    expect(await copyJournal(files, url)).toEqual(files.head());
    const journal = await openPostgresJournal({ url });
    const [there, here] = [await collect(journal.read(0)), await collect(files.read(0))];
    expect(there.map(plain)).toEqual(here.map(plain));
    await journal.append(raw(51, 10));
    await expect(copyJournal(files, url)).rejects.toMatchObject({ code: 'E_CONFLICT' });
    await journal.close();
    await files.close();
  });

  test('an act that a process journaled and did not live to commit is applied by the next process that acts', async () => {
    const url = await server.database();
    const clock = { nowS: () => 1_750_000_000 };
    const [one, two] = [await openPostgresJournal({ url }), await openPostgresJournal({ url })];
    let hang = false;
    const dead = Promise.withResolvers<JournalEntry>();
    const killed = Promise.withResolvers<void>();
    const dying: Journal = {
      head: () => one.head(),
      read: (after) => one.read(after),
      readKinds: (after, kinds) => one.readKinds(after, kinds),
      get: (seq) => one.get(seq),
      onAppend: (listener) => one.onAppend(listener),
      close: () => one.close(),
      async append(entry) {
        const appended = await one.append(entry);
        if (!hang) return appended;
        // Like kill -9 between the journal and the commit: the connection that holds the transaction ends, nobody goes on.
        const client = await admin(url);
        await client.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`,
        );
        killed.resolve();
        return dead.promise;
      },
    };
    const first = await openState({ kind: 'postgres', url }, { journal: dying, clock });
    const second = await openState({ kind: 'postgres', url }, { journal: two, clock });
    await first.acts.recover();
    await second.acts.recover();
    hang = true;
    void createKey(first.acts, { actor: 'a', role: 'viewer', name: 'orphan', atS: 1 }).catch(() => undefined);
    await vi.waitFor(async () => expect(await collect(two.readKinds(0, ['act']))).toHaveLength(1));
    // Else the second's own transaction could be the one that is ended.
    await killed.promise;
    await createKey(second.acts, { actor: 'b', role: 'viewer', name: 'next', atS: 2 });
    expect((await second.keys.list()).map(({ name }) => name)).toEqual(['orphan', 'next']);
    expect(await second.acts.appliedThrough()).toBe(2);
    await second.close();
    await two.close();
    dead.reject(new Error('the process is gone'));
    await first.engine.close();
    await one.close();
  });
});
