import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Journal } from '../../../src/domain/ports.ts';
import { openFileJournal } from '../../../src/ingest/journal/index.ts';
import { openPostgresJournal } from '../../../src/ingest/journal/postgres/index.ts';
import { openEngine } from '../../../src/store/state/engine.ts';
import { createKey, openState } from '../../../src/store/state/index.ts';
import { freePort } from '../../servers/port.ts';
import { postgresAvailable, startPostgres, type PostgresServer } from '../../servers/postgres.ts';
import { temporaryFolder } from '../../ingest/journal/temporary-folder.ts';
import { HeldClock, stateContract } from './contract.ts';

describe.skipIf(!postgresAvailable)('a real PostgreSQL server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  stateContract('PostgreSQL', async () => ({ kind: 'postgres', url: await server.database() }));

  test('gets its schema once, whoever of three comes first', async () => {
    const url = await server.database();
    const journal = await openFileJournal({ dir: temporaryFolder() });
    const parts = { journal, clock: new HeldClock() };
    const states = await Promise.all([1, 2, 3].map(() => openState({ kind: 'postgres', url }, parts)));
    const claims = await Promise.all(states.map((state) => state.claimSlot('water', '2026-03-01T00:00:00Z')));
    expect(claims.filter(Boolean)).toHaveLength(1);
    for (const state of states) await state.close();
    await journal.close();
  });

  test('that goes away between the journal and the commit leaves the outcome open, and the act is applied when it is back', async () => {
    const url = await server.database();
    const database = new URL(url).pathname.slice(1);
    const admin = new Client({ connectionString: url.replace(/[^/]+$/, 'postgres') });
    await admin.connect();
    const inner = await openFileJournal({ dir: temporaryFolder() });
    let away = false;
    const journal: Journal = {
      head: () => inner.head(),
      read: (after) => inner.read(after),
      get: (seq) => inner.get(seq),
      onAppend: (listener) => inner.onAppend(listener),
      close: () => inner.close(),
      async append(entry) {
        const appended = await inner.append(entry);
        if (away) {
          await admin.query(`alter database ${database} with allow_connections false`);
          await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
            database,
          ]);
        }
        return appended;
      },
    };
    const state = await openState({ kind: 'postgres', url }, { journal, clock: new HeldClock() });
    await createKey(state.acts, { actor: 'chen', role: 'viewer', name: 'before', atS: 1 });
    away = true;
    const during = createKey(state.acts, { actor: 'chen', role: 'viewer', name: 'during', atS: 2 });
    await expect(during).rejects.toMatchObject({
      code: 'E_STORE_UNAVAILABLE',
      details: { seq: 2, outcome: 'unknown' },
    });
    away = false;
    await admin.query(`alter database ${database} with allow_connections true`);
    await createKey(state.acts, { actor: 'chen', role: 'viewer', name: 'after', atS: 3 });
    expect((await state.keys.list()).map(({ name }) => name)).toEqual(['before', 'during', 'after']);
    await state.close();
    await inner.close();
    await admin.end();
  });

  test('that does not answer is named, without the password of its address', async () => {
    const journal = await openFileJournal({ dir: temporaryFolder() });
    const url = `postgres://jiehe:s3cret@127.0.0.1:${await freePort()}/state`;
    const error: unknown = await openState(
      { kind: 'postgres', url },
      { journal, clock: new HeldClock() },
    ).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'E_STORE_UNAVAILABLE', retryable: true });
    expect(String(error)).toContain('127.0.0.1');
    expect(String(error)).not.toContain('s3cret');
    await journal.close();
  });

  test('whose address is that of another product is named at once, for the state and for the journal', async () => {
    const other = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const url = `postgres://jiehe:s3cret@127.0.0.1:${port}/state`;
    for (const opening of [openEngine({ kind: 'postgres', url }), openPostgresJournal({ url })]) {
      const error: unknown = await opening.catch((e: unknown) => e);
      expect(error).toMatchObject({ code: 'E_STORE_UNAVAILABLE' });
      expect(String(error)).toContain(`PostgreSQL at 127.0.0.1:${port}/state`);
      expect(String(error)).not.toContain('s3cret');
    }
    other.closeAllConnections();
    other.close();
  });
});
