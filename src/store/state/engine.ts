import { cpSync, existsSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect, PostgresDialect } from 'kysely';
import { Pool, types as pgTypes, type CustomTypesConfig } from 'pg';
import { MonitorError } from '../../domain/errors.ts';
import { withNamedFaults } from './engine-faults.ts';
import type { StateTables, StateDatabase } from './tables.ts';

/**
 * Where the state lives: a folder of the embedded engine, or a PostgreSQL server (15 or later). A folder that does not exist yet
 * begins as a copy of `template`, where one is given: an empty state that was closed, of this version or an earlier one.
 */
export type StatePlace =
  | { kind: 'pglite'; dir: string; template?: string | null }
  | { kind: 'postgres'; url: string; connections?: number };

export type StateEngine = { db: StateDatabase; close(): Promise<void> } & (
  { kind: 'pglite'; pglite: PGlite } | { kind: 'postgres'; url: string }
);

type EmbeddedPlace = Extract<StatePlace, { kind: 'pglite' }>;

const int8Oid = pgTypes.builtins.INT8;

/** Throws E_STORE_UNAVAILABLE when the engine does not answer, E_STORE_UNSUPPORTED for a server that is too old. */
export async function openEngine(place: StatePlace): Promise<StateEngine> {
  return place.kind === 'pglite' ? openPglite(place) : openPostgres(place);
}

async function openPglite({ dir, template = null }: EmbeddedPlace): Promise<StateEngine> {
  try {
    if (template !== null && !existsSync(dir)) cpSync(template, dir, { recursive: true });
    const pglite = await PGlite.create({ dataDir: dir, parsers: { [int8Oid]: wholeNumber } });
    const db = new Kysely<StateTables>({ dialect: withNamedFaults(new PGliteDialect({ pglite })) });
    return { kind: 'pglite', db, pglite, close: () => pglite.close() };
  } catch (cause) {
    throw new MonitorError('E_STORE_UNAVAILABLE', `the embedded state in ${dir} could not be opened`, {
      cause,
      details: { dir },
    });
  }
}

async function openPostgres(place: { url: string; connections?: number }): Promise<StateEngine> {
  const types: CustomTypesConfig = {
    getTypeParser: (oid, format) =>
      oid === int8Oid && format !== 'binary' ? wholeNumber : pgTypes.getTypeParser(oid, format),
  };
  const pool = new Pool({
    connectionString: place.url,
    max: place.connections ?? 8,
    connectionTimeoutMillis: 10_000,
    application_name: 'jiehe',
    types,
  });
  // A connection that dies while idle is replaced at the next query; unheard, its error would end the process.
  pool.on('error', () => undefined);
  // So does one that dies while a transaction holds it but no query runs, as during the journal's fsync: its next query fails.
  pool.on('connect', (client) => client.on('error', () => undefined));
  try {
    const { rows } = await pool.query<Record<string, string>>('show server_version_num');
    requireVersion(Number(Object.values(rows[0] ?? {})[0]));
  } catch (cause) {
    await pool.end();
    if (cause instanceof MonitorError) throw cause;
    const { host, pathname } = new URL(place.url);
    throw new MonitorError('E_STORE_UNAVAILABLE', `PostgreSQL at ${host}${pathname} does not answer`, {
      cause,
    });
  }
  const db = new Kysely<StateTables>({ dialect: withNamedFaults(new PostgresDialect({ pool })) });
  return { kind: 'postgres', db, url: place.url, close: () => db.destroy() };
}

function requireVersion(versionNumber: number): void {
  if (versionNumber >= 150_000) return;
  throw new MonitorError(
    'E_STORE_UNSUPPORTED',
    `PostgreSQL 15 or later is needed, the server reports ${versionNumber}`,
  );
}

/** int8 of both drivers as a number; beyond 2^53 it would be rounded silently, so that throws. */
function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} is beyond 2^53`);
  return value;
}
