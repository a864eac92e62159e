import {
  cpSync,
  createReadStream,
  createWriteStream,
  existsSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { MonitorError } from '../domain/errors.ts';
import type { Journal, JournalEntry, JournalHead } from '../domain/ports.ts';
import type { System } from '../main.ts';
import { copyJournal } from '../ingest/journal/postgres/index.ts';
import { openFileJournal, readJournal, verifyJournal, type FileJournal } from '../ingest/journal/index.ts';

/** What a backup folder says of itself; `journal/`, `config/` and `state.ndjson` lie beside it. */
export interface BackupManifest {
  format: 1;
  version: string;
  createdAt: string;
  region: string;
  synthetic: boolean;
  head: JournalHead;
  stateRows: number;
}

const MANIFEST = 'backup.json';
const STATE = 'state.ndjson';
const APPENDED_AT_ONCE = 256;
const MIB_AT_ONCE = 16;

/** How long each step took, seconds. */
export type Steps = Record<string, number>;

export interface BackupResult {
  entries: number;
  added: number;
  stateRows: number;
  seconds: Steps;
}

type Progress = (step: string, done: number, total: number) => void;

async function timed<T>(steps: Steps, name: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  try {
    return await work();
  } finally {
    steps[name] = Math.round(performance.now() - began) / 1000;
  }
}

/**
 * The journal entry by entry with the same hashes, wherever it lies, the files of the configuration, and the part of the state that
 * does not follow from the journal. Again into the same folder, only what is new is added. Throws E_CONFLICT for a folder that
 * holds the backup of another journal.
 */
export async function backup(
  system: System,
  dir: string,
  version: string,
  onProgress: Progress,
): Promise<BackupResult> {
  const seconds: Steps = {};
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const target = await openFileJournal({ dir: path.join(dir, 'journal') });
  try {
    const held = target.head();
    await requireSame(system.journal, held, dir);
    const through = system.journal.head();
    await timed(seconds, 'journal', () => addEntries(system.journal, target, through.seq, onProgress));
    await target.sealed();
    cpSync(system.configDir, path.join(dir, 'config'), { recursive: true });
    const stateRows = await timed(seconds, 'state', () => dumpState(system, path.join(dir, STATE)));
    const manifest: BackupManifest = {
      format: 1,
      version,
      createdAt: new Date(system.clock.nowS() * 1000).toISOString(),
      region: system.config().region.id,
      synthetic: system.synthetic,
      head: target.head(),
      stateRows,
    };
    // Last, and whole or not at all: without it the folder is no backup.
    writeFileSync(path.join(dir, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
    return { entries: target.head().seq, added: target.head().seq - held.seq, stateRows, seconds };
  } finally {
    await target.close();
  }
}

async function requireSame(journal: Journal, held: JournalHead, dir: string): Promise<void> {
  if (held.seq === 0) return;
  const here = held.seq <= journal.head().seq ? (await journal.get(held.seq)).hash : null;
  if (here !== held.hash)
    throw new MonitorError(
      'E_CONFLICT',
      `${dir} holds the backup of another journal (${held.seq} entries); name another folder`,
    );
}

async function addEntries(
  from: Journal,
  to: FileJournal,
  throughSeq: number,
  onProgress: Progress,
): Promise<void> {
  const underWay: Promise<void>[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    await Promise.all(underWay.splice(0));
    bytes = 0;
  };
  for await (const entry of from.read(to.head().seq)) {
    if (entry.seq > throughSeq) break;
    const { seq, body } = entry;
    underWay.push(copyEntry(entry, to));
    bytes += body.length;
    onProgress('journal', seq, throughSeq);
    if (underWay.length === APPENDED_AT_ONCE || bytes > MIB_AT_ONCE * 1024 * 1024) await flush();
  }
  await flush();
}

async function copyEntry(entry: JournalEntry, to: FileJournal): Promise<void> {
  const { seq, kind, receivedS, meta, body, hash } = entry;
  const copy = await to.copy({ kind, receivedS, meta, body });
  if (copy.hash === hash) return;
  throw new MonitorError('E_JOURNAL_BROKEN', `entry ${seq} has hash ${copy.hash} in the copy, ${hash} here`);
}

/** What the journal does not hold: reports of runs, faults before anything was journaled, where things stand, use of keys. */
const dumped = {
  run: 'run_id',
  issue: 'id',
  unknown_station: 'provider',
  cursor: 'name',
  key_use: 'key_id',
} as const;
type Dumped = keyof typeof dumped;

async function dumpState(system: System, file: string): Promise<number> {
  const { db } = system.state;
  const out = createWriteStream(file, { mode: 0o600, flush: true });
  let rows = 0;
  for (const table of Object.keys(dumped) as Dumped[]) {
    let query = db.selectFrom(table).selectAll().orderBy(dumped[table]);
    // An issue of an entry comes again when the entry is projected.
    if (table === 'issue') query = query.where('seq' as never, 'is', null);
    for (const row of await query.execute()) {
      if (!out.write(`${JSON.stringify({ table, row })}\n`)) await once(out, 'drain');
      rows += 1;
    }
  }
  out.end();
  await once(out, 'close');
  return rows;
}

export function readManifest(dir: string): BackupManifest {
  const file = path.join(dir, MANIFEST);
  if (!existsSync(file))
    throw new MonitorError('E_USAGE', `${dir} holds no finished backup (${MANIFEST} is missing)`);
  return JSON.parse(readFileSync(file, 'utf8')) as BackupManifest;
}

/** Reads every byte of the backup's journal and compares its head. Throws E_JOURNAL_BROKEN with the first fault. */
export async function verifyBackup(dir: string, manifest: BackupManifest): Promise<void> {
  const check = await verifyJournal(path.join(dir, 'journal'), { anchor: manifest.head });
  if (check.faults.length > 0)
    throw new MonitorError('E_JOURNAL_BROKEN', `the backup is damaged: ${check.faults[0]}`, {
      details: { faults: check.faults },
    });
}

/** Puts the verified journal of a backup where a start finds it: into the folder, or into the table of a database. */
export async function placeJournal(
  dir: string,
  target: { journalDir: string; databaseUrl: string | null },
  onProgress: Progress,
): Promise<void> {
  const source = path.join(dir, 'journal');
  if (target.databaseUrl !== null) {
    const files = await readJournal(source);
    await copyJournal(files, target.databaseUrl, (done, total) => onProgress('journal', done, total));
    return;
  }
  if (existsSync(target.journalDir) && (await readJournal(target.journalDir)).head().seq > 0)
    throw new MonitorError(
      'E_CONFLICT',
      `${target.journalDir} holds a journal already; restore into an empty data folder`,
    );
  // The lock names a process of the machine that made the backup.
  cpSync(source, target.journalDir, { recursive: true, filter: (name) => path.basename(name) !== 'lock' });
}

/** The dumped rows; what is there already stays. */
export async function loadState(system: System, dir: string): Promise<number> {
  const { db } = system.state;
  let rows = 0;
  for await (const line of createInterface({ input: createReadStream(path.join(dir, STATE)) })) {
    const { table, row } = JSON.parse(line) as { table: Dumped; row: Record<string, unknown> };
    if (!Object.hasOwn(dumped, table))
      throw new MonitorError('E_USAGE', `${STATE} names an unknown table "${table}"`);
    if (table === 'issue') delete row.id;
    await db
      .insertInto(table)
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    rows += 1;
  }
  return rows;
}
