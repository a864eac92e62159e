import { nextReadings, switchReadings, type DataFolder } from './data-folder.ts';
import type { Environment } from '../config/index.ts';
import { MonitorError } from '../domain/errors.ts';
import type { CursorStore, Journal, JournalEntry, ReadingStore } from '../domain/ports.ts';
import { projectEntry, type EntryFacts } from '../ingest/project-entry.ts';
import type { WriterLease } from '../ingest/lease.ts';
import type { Projector } from '../ingest/projector.ts';
import { replaySelected, selects, type EntrySelection } from './rebuild-selected.ts';
import { bindReadings } from './journal-binding.ts';
import { archiveRoot, openInfluxDatabase, readingsDatabaseCursor } from './open-stores.ts';
import { withArchive } from '../store/readings/archive/index.ts';
import { openDuckdbReadings } from '../store/readings/duckdb/index.ts';

export interface RebuildResult {
  entries: number;
  readings: number;
  past: number;
  /** The database of the server that is read from now on; absent for a file. */
  database?: string;
}

/** Which entries an extract takes; what is absent takes all. */
export interface RebuildSelection extends EntrySelection {
  /** A new DuckDB file. */
  file: string;
}

/** The store in use, behind one name: a rebuild exchanges what stands behind it. */
export interface StoreHolder {
  current(): ReadingStore;
  exchange(next: ReadingStore): void;
}

export interface RebuildParts {
  folder: DataFolder;
  journal: Journal;
  projector: Projector;
  holder: StoreHolder;
  facts: EntryFacts;
  environment: Environment;
  cursors: CursorStore;
  lease: WriterLease | null;
}

type Progress = (done: number, total: number) => void;

/** A fresh store and how it becomes the one in use. */
interface Successor {
  database: string | null;
  store: ReadingStore;
  /** Makes it the one that a start opens; `before` is closed. */
  adopt(): Promise<void>;
}

/**
 * Projects the journal into a fresh store as far as the one in use has come, while the projector rests at last, then switches.
 * What arrives meanwhile is the projector's, for whoever waits for it. Interrupted, the store in use is as it was.
 * With a selection only those entries are parsed anew (see {@link replaySelected}).
 * Throws E_CONFLICT where another replica projects: it has to be asked.
 */
export async function rebuildReadings(
  parts: RebuildParts,
  onProgress: Progress,
  selection: EntrySelection | null = null,
): Promise<RebuildResult> {
  const { projector, holder } = parts;
  if (parts.lease !== null && !parts.lease.mayApply())
    throw new MonitorError(
      'E_CONFLICT',
      'another replica projects the readings; run the rebuild beside that one',
    );
  const successor = parts.environment.influx === null ? await freshFile(parts) : await freshDatabase(parts);
  let switched = false;
  try {
    const throughSeq = projector.progress().appliedSeq;
    if (selection === null) await catchUp(parts, successor.store, throughSeq, onProgress);
    else
      await replaySelected({ ...parts, before: holder.current() }, successor.store, selection, {
        throughSeq,
        onProgress,
      });
    return await projector.paused(async () => {
      const before = holder.current();
      const entries = await before.position();
      await catchUp(parts, successor.store, entries, onProgress);
      await bindReadings(parts.journal, successor.store, successor.database ?? 'the rebuilt file');
      const { readings, past } = await successor.store.counts();
      // Readers go to the new store before the old one closes.
      holder.exchange(successor.store);
      switched = true;
      await before.close();
      await successor.adopt();
      return {
        entries,
        readings,
        past,
        ...(successor.database === null ? {} : { database: successor.database }),
      };
    });
  } catch (error) {
    if (!switched) await successor.store.close().catch(() => undefined);
    throw error;
  }
}

/** The readings of selected entries in a file of their own, to look at or to compare; nothing is switched. */
export async function extractReadings(
  parts: Pick<RebuildParts, 'journal' | 'facts'>,
  selection: RebuildSelection,
  onProgress: Progress,
): Promise<RebuildResult> {
  const store = await openDuckdbReadings({ path: selection.file });
  try {
    if ((await store.position()) > 0)
      throw new MonitorError('E_USAGE', `${selection.file} holds readings already; name a new file`);
    await catchUp(parts, store, parts.journal.head().seq, onProgress, (entry) => selects(selection, entry));
    const { readings, past } = await store.counts();
    return { entries: await store.position(), readings, past };
  } finally {
    await store.close();
  }
}

async function catchUp(
  parts: Pick<RebuildParts, 'journal' | 'facts'>,
  store: ReadingStore,
  throughSeq: number,
  onProgress: Progress,
  wanted: (entry: JournalEntry) => boolean = () => true,
): Promise<void> {
  const doneSeq = await store.position();
  if (doneSeq >= throughSeq) return;
  for await (const entry of parts.journal.read(doneSeq)) {
    if (wanted(entry)) await projectEntry(entry, parts.facts, store);
    else await store.apply({ seq: entry.seq, receivedS: entry.receivedS }, null);
    onProgress(entry.seq, throughSeq);
    if (entry.seq >= throughSeq) return;
  }
}

async function freshFile({ folder, environment }: RebuildParts): Promise<Successor> {
  const file = nextReadings(folder.dir);
  return {
    database: null,
    store: withArchive(await openDuckdbReadings({ path: file }), archiveRoot(folder, environment)),
    adopt: async () => switchReadings(folder.dir, file),
  };
}

/** The database that was in use stays on the server until someone drops it: it is the way back. */
async function freshDatabase({ folder, environment, cursors, lease }: RebuildParts): Promise<Successor> {
  const base = environment.influx?.database ?? '';
  const cursor = readingsDatabaseCursor(environment);
  const inUse = (await cursors.get(cursor)) ?? base;
  const beforeWrite = lease === null ? undefined : () => lease.beforeWrite();
  for (let number = Number(/_g(\d+)$/.exec(inUse)?.[1] ?? '1') + 1; ; number += 1) {
    const name = `${base}_g${number}`;
    const store = withArchive(
      await openInfluxDatabase(environment, name, beforeWrite),
      archiveRoot(folder, environment),
    );
    // Left by a rebuild that was interrupted: its readings may be of another version of the parsers.
    if ((await store.position()) > 0) await store.close();
    else return { database: name, store, adopt: () => cursors.set(cursor, name) };
  }
}
