import { Pool, type ClientConfig } from 'pg';
import { MonitorError } from '../../../domain/errors.ts';
import { headIn } from './entries.ts';
import { HeadListener } from './head-listener.ts';
import { PostgresJournal } from './postgres-journal.ts';
import { ensureSchema } from './schema.ts';

export interface PostgresJournalOptions {
  url: string;
}

/** `synchronous_commit` is asked for here, so that no setting of the server lets an answer come before the disk. */
export function connectionOf(url: string): ClientConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: 'jiehe-journal',
    options: '-c synchronous_commit=on -c statement_timeout=60000',
    keepAlive: true,
  };
}

/** A pool whose connections may die at any moment without ending the process. */
export function journalPool(url: string, connections: number): Pool {
  const pool = new Pool({ ...connectionOf(url), max: connections });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Opens the journal of a database, made when absent; several processes may at once. Throws E_STORE_UNAVAILABLE, E_STORE_UNSUPPORTED. */
export async function openPostgresJournal(options: PostgresJournalOptions): Promise<PostgresJournal> {
  const pool = journalPool(options.url, 4);
  const listener = new HeadListener(connectionOf(options.url));
  try {
    const client = await pool.connect();
    try {
      await ensureSchema(client);
    } finally {
      client.release();
    }
    await listener.open();
    return new PostgresJournal({ pool, listener, head: await headIn(pool) });
  } catch (cause) {
    await listener.close();
    await pool.end();
    if (cause instanceof MonitorError) throw cause;
    const { host, pathname } = new URL(options.url);
    throw new MonitorError(
      'E_STORE_UNAVAILABLE',
      `the journal in PostgreSQL at ${host}${pathname} does not answer`,
      {
        cause,
      },
    );
  }
}
