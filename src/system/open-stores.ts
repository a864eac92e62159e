import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { currentReadings, type DataFolder } from './data-folder.ts';
import type { Environment } from '../config/index.ts';
import { MonitorError } from '../domain/errors.ts';
import type { Clock, CursorStore, Journal, JournalHead, ReadingStore } from '../domain/ports.ts';
import { openFileJournal, readJournal, verifyJournal, type JournalCheck } from '../ingest/journal/index.ts';
import { lockFolder } from '../ingest/journal/lock.ts';
import { openPostgresJournal, verifyPostgresJournal } from '../ingest/journal/postgres/index.ts';
import { withArchive } from '../store/readings/archive/index.ts';
import { openDuckdbReadings } from '../store/readings/duckdb/index.ts';
import { openInfluxReadings } from '../store/readings/influx/index.ts';
import type { StatePlace } from '../store/state/index.ts';

const SEGMENT_MIB = 64;
/** Share of a lease that one write may take: a new holder waits as long. */
const WRITE_SHARE = 0.6;

/** Several processes reach these stores: journal and state on PostgreSQL, readings on a server of the InfluxDB API. */
export function isShared(environment: Pick<Environment, 'databaseUrl' | 'influx'>): boolean {
  return environment.databaseUrl !== null && environment.influx !== null;
}

export const writeDeadlineMs = (environment: Pick<Environment, 'leaseSeconds'>): number =>
  environment.leaseSeconds * 1000 * WRITE_SHARE;

export function statePlace(folder: DataFolder, environment: Environment): StatePlace {
  if (environment.databaseUrl === null)
    return { kind: 'pglite', dir: folder.stateDir, template: environment.stateTemplate };
  return { kind: 'postgres', url: environment.databaseUrl.reveal() };
}

/**
 * The journal in files or, where a database is given, in its table. Throws E_CONFIG for a data folder whose own journal would be
 * passed over, E_LOCKED when another process has the folder open.
 */
export async function openJournal(
  folder: DataFolder,
  environment: Environment,
  clock: Clock,
): Promise<Journal> {
  if (environment.databaseUrl === null)
    return openFileJournal({ dir: folder.journalDir, segmentMiB: SEGMENT_MIB, clock });
  // Without a journal of files, whose lock it is otherwise, the folder itself is locked: one process a folder.
  const unlock = lockFolder(folder.dir, clock.nowS());
  try {
    const journal = await openPostgresJournal({ url: environment.databaseUrl.reveal() });
    const close = journal.close.bind(journal);
    journal.close = async () => {
      await close();
      unlock();
    };
    await requireMoved(folder, journal.head()).catch(async (cause: unknown) => {
      await close();
      throw cause;
    });
    return journal;
  } catch (cause) {
    unlock();
    throw cause;
  }
}

async function requireMoved(folder: DataFolder, head: JournalHead): Promise<void> {
  if (head.seq > 0 || !existsSync(folder.journalDir)) return;
  const files = (await readJournal(folder.journalDir)).head();
  if (files.seq === 0) return;
  throw new MonitorError(
    'E_CONFIG',
    `the data folder ${folder.dir} holds a journal of ${files.seq} entries and the database of JIEHE_DATABASE_URL none; ` +
      `bring it there first: jiehe backup without JIEHE_DATABASE_URL, then jiehe restore with it (docs/operations.md)`,
  );
}

export function checkJournal(
  folder: DataFolder,
  environment: Environment,
  anchor: JournalHead | null,
): Promise<JournalCheck> {
  const against = anchor === null ? {} : { anchor };
  if (environment.databaseUrl === null) return verifyJournal(folder.journalDir, against);
  return verifyPostgresJournal({ url: environment.databaseUrl.reveal() }, against);
}

/** Names the InfluxDB database in use; a rebuild writes another and then turns this. */
export const readingsDatabaseCursor = (environment: Pick<Environment, 'influx'>): string =>
  `readings:influx-database:${environment.influx?.database ?? ''}`;

/** The reading store in use. `beforeWrite` throws when this process may not write. */
export async function openReadings(
  folder: DataFolder,
  environment: Environment,
  options: { cursors?: Pick<CursorStore, 'get'>; beforeWrite?: () => void },
): Promise<ReadingStore> {
  const { influx } = environment;
  const root = archiveRoot(folder, environment);
  if (influx === null)
    return withArchive(await openDuckdbReadings({ path: currentReadings(folder.dir) }), root);
  const database = (await options.cursors?.get(readingsDatabaseCursor(environment))) ?? influx.database;
  return withArchive(await openInfluxDatabase(environment, database, options.beforeWrite), root);
}

/** Where archived readings lie. Processes that share a store need one that they share, too: JIEHE_ARCHIVE. */
export const archiveRoot = (
  folder: Pick<DataFolder, 'dir'>,
  environment: Pick<Environment, 'archiveDir'>,
): string => environment.archiveDir ?? path.join(folder.dir, 'archive');

/** Where readings lie, for people. */
export function readingsPlace(
  folder: Pick<DataFolder, 'dir'>,
  environment: Pick<Environment, 'influx'>,
  store: Pick<ReadingStore, 'place'>,
): string {
  const { influx } = environment;
  return influx === null ? currentReadings(folder.dir) : `database ${store.place ?? ''} of ${influx.url}`;
}

export function openInfluxDatabase(
  environment: Environment,
  database: string,
  beforeWrite?: () => void,
): Promise<ReadingStore> {
  if (environment.influx === null)
    throw new MonitorError('E_USAGE', 'no InfluxDB server is named: set JIEHE_INFLUX_URL');
  const { url, retentionPolicy, user, password, caFile } = environment.influx;
  const credentials = user === null ? {} : { username: user, password: password?.reveal() ?? '' };
  const fenced =
    beforeWrite === undefined ? {} : { beforeWrite, timeoutMs: writeDeadlineMs(environment), retries: 2 };
  const trusted = caFile === null ? {} : { ca: certificatesOf(caFile) };
  return openInfluxReadings({ url, database, retentionPolicy, ...credentials, ...trusted, ...fenced });
}

function certificatesOf(file: string): string {
  const expected = 'JIEHE_INFLUX_CA_FILE names a file of certificates in PEM form';
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new MonitorError('E_CONFIG', `${file} cannot be read (${expected}): ${(cause as Error).message}`, {
      cause,
    });
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new MonitorError('E_CONFIG', `${file} holds no certificate (${expected})`);
}
