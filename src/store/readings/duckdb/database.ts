import { realpathSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { MonitorError } from '../../../domain/errors.ts';

const formatVersion = 2;

const schema = [
  'CREATE TABLE IF NOT EXISTS series (id INTEGER, station VARCHAR, parameter VARCHAR, averaging VARCHAR, provider VARCHAR)',
  `CREATE TABLE IF NOT EXISTS reading (series_id INTEGER, time_s BIGINT, value DOUBLE, flags USMALLINT, seq BIGINT,
     rev INTEGER, published_s BIGINT)`,
  `CREATE TABLE IF NOT EXISTS past (series_id INTEGER, time_s BIGINT, value DOUBLE, flags USMALLINT, seq BIGINT,
     seq_end BIGINT, published_s BIGINT, original_text VARCHAR, original_unit VARCHAR, detection_limit DOUBLE)`,
  `CREATE TABLE IF NOT EXISTS side (series_id INTEGER, time_s BIGINT, original_text VARCHAR, original_unit VARCHAR,
     detection_limit DOUBLE)`,
  // The projection log: a row for each applied entry, more for a long list of changes. The newest `seq` is the position.
  `CREATE TABLE IF NOT EXISTS applied (seq BIGINT, part INTEGER, received_s BIGINT, accepted INTEGER, unchanged INTEGER,
     revised INTEGER, superseded INTEGER, provider VARCHAR, changes VARCHAR)`,
  'CREATE TABLE IF NOT EXISTS binding (first VARCHAR, seq BIGINT, hash VARCHAR)',
  'CREATE TABLE IF NOT EXISTS archived (id VARCHAR, mark VARCHAR)',
  'CREATE TABLE IF NOT EXISTS format (version INTEGER)',
];

/**
 * Of the writing connection, gone with it: keys to look up, and rows to overwrite. They are emptied by being made anew: rows
 * deleted from a temporary table are never given back, and it would grow with every entry.
 */
export const emptyStage =
  'CREATE OR REPLACE TEMP TABLE stage (row INTEGER, series_id INTEGER, time_s BIGINT);';
export const emptyChange = `CREATE OR REPLACE TEMP TABLE change (series_id INTEGER, time_s BIGINT, value DOUBLE, flags USMALLINT,
  seq BIGINT, rev INTEGER, published_s BIGINT);`;

/** Files open in this process. Two instances of one file in one process are not refused by the engine and lose data. */
const openFiles = new Set<string>();

/** One file, one instance, one writing connection and a few reading ones. */
export interface Database {
  writer: DuckDBConnection;
  /** Runs `work` on a reading connection of its own, so that reads neither wait for the writer nor for each other. */
  read<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T>;
  close(): void;
}

export interface DuckdbOptions {
  path: string;
  memoryLimitMiB: number;
  threads: number;
}

/** Throws E_LOCKED (another process, or a second open in this one), E_STORE_UNSUPPORTED (not our file), E_STORE_UNAVAILABLE. */
export async function openDatabase(options: DuckdbOptions): Promise<Database> {
  const file = canonicalPath(options.path);
  if (openFiles.has(file)) {
    throw new MonitorError('E_LOCKED', `${file} is already open in this process (process ${process.pid})`, {
      details: { path: file, pid: process.pid },
    });
  }
  openFiles.add(file);
  try {
    return await connect(file, options);
  } catch (cause) {
    openFiles.delete(file);
    throw openFault(file, cause);
  }
}

/** The file's own name whatever link or relative path leads to it; the file itself need not exist yet. */
function canonicalPath(given: string): string {
  const full = path.resolve(given);
  try {
    return realpathSync(full);
  } catch {
    return path.join(realpathSync(path.dirname(full)), path.basename(full));
  }
}

async function connect(file: string, options: DuckdbOptions): Promise<Database> {
  const instance = await DuckDBInstance.create(file, {
    memory_limit: `${options.memoryLimitMiB}MiB`,
    threads: String(options.threads),
    // At the default of 16 MiB every fifth large batch waits for a checkpoint; replaying this much at open takes under a second.
    checkpoint_threshold: '64MiB',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  try {
    const writer = await instance.connect();
    // The session zone follows the TZ variable otherwise.
    await writer.run("SET GLOBAL TimeZone='UTC'");
    await checkFormat(writer);
    for (const statement of schema) await writer.run(statement);
    await writer.run(`${emptyStage}${emptyChange}`);
    await writer.run(`INSERT INTO format SELECT ${formatVersion} WHERE NOT EXISTS (FROM format)`);
    return database(instance, writer, file);
  } catch (cause) {
    instance.closeSync();
    throw cause;
  }
}

/** A file without tables is a new one; format 1 kept its number elsewhere. */
async function checkFormat(writer: DuckDBConnection): Promise<void> {
  const tables = (
    await writer.runAndReadAll('SELECT table_name FROM duckdb_tables() WHERE NOT temporary')
  ).getRows();
  const names = tables.map(([name]) => String(name));
  if (names.length === 0) return;
  const rows = names.includes('format')
    ? (await writer.runAndReadAll('SELECT version FROM format')).getRows()
    : [[names.includes('position') ? 1 : 'unknown']];
  // A file whose first opening was cut off has the tables and no number yet.
  const format = rows[0]?.[0] ?? formatVersion;
  if (format === formatVersion) return;
  throw new MonitorError(
    'E_STORE_UNSUPPORTED',
    `the readings file has format ${String(format)}, this program reads ${formatVersion}: use the program that wrote it, or rebuild`,
  );
}

function database(instance: DuckDBInstance, writer: DuckDBConnection, file: string): Database {
  const idle: DuckDBConnection[] = [];
  return {
    writer,
    async read(work) {
      const connection = idle.pop() ?? (await instance.connect());
      try {
        return await work(connection);
      } finally {
        idle.push(connection);
      }
    },
    close() {
      for (const connection of idle) connection.closeSync();
      writer.closeSync();
      instance.closeSync();
      openFiles.delete(file);
    },
  };
}

function openFault(file: string, cause: unknown): MonitorError {
  if (cause instanceof MonitorError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  const holder = /\(PID (\d+)\)/.exec(text)?.[1];
  if (holder !== undefined || text.includes('Could not set lock')) {
    const who = holder === undefined ? 'another process' : `process ${holder}`;
    return new MonitorError(
      'E_LOCKED',
      `${file} is in use by ${who}: stop it, or let the command run inside it`,
      {
        cause,
        details: { path: file, ...(holder === undefined ? {} : { pid: Number(holder) }) },
      },
    );
  }
  if (/not a valid DuckDB database|newer version|older version|version number/i.test(text)) {
    return new MonitorError(
      'E_STORE_UNSUPPORTED',
      `${file} is not a readings file of this program: ${text}`,
      { cause },
    );
  }
  return new MonitorError('E_STORE_UNAVAILABLE', `${file} cannot be opened: ${text}`, { cause });
}
