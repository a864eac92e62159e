import path from 'node:path';
import pLimit from 'p-limit';
import { MonitorError } from '../../../domain/errors.ts';
import type { ReadingStore } from '../../../domain/ports.ts';
import { nothingApplied } from '../rows.ts';
import { duckdbAgeing } from './ageing.ts';
import { applyEntry } from './apply.ts';
import { readBinding, writeBinding } from './binding.ts';
import { Catalogue } from './catalogue.ts';
import { openDatabase, type Database } from './database.ts';
import { readChanges, readEntries, readLatest, readPast, readSeries } from './read.ts';
import { readSums } from './sums.ts';
import { readTallies } from './tallies.ts';
import { readWritten } from './written.ts';

export interface DuckdbReadingsOptions {
  /** The file; its folder exists. */
  path: string;
  /** The engine's own default is four fifths of the machine. Beyond it, it spills to disk. */
  memoryLimitMiB?: number;
  threads?: number;
}

/**
 * Readings in one local file. One process at a time: E_LOCKED names the other. Also throws E_STORE_UNSUPPORTED for a file
 * that is not ours, E_STORE_UNAVAILABLE when the file cannot be opened.
 */
export async function openDuckdbReadings(options: DuckdbReadingsOptions): Promise<ReadingStore> {
  const database = await openDatabase({ memoryLimitMiB: 1024, threads: 2, ...options });
  try {
    const catalogue = await Catalogue.load(database);
    const rows = (await database.writer.runAndReadAll('SELECT max(seq)::DOUBLE FROM applied')).getRows();
    return { ...store(database, catalogue, Number(rows[0]?.[0] ?? 0)), place: path.basename(options.path) };
  } catch (cause) {
    database.close();
    throw cause;
  }
}

function store(database: Database, catalogue: Catalogue, opened: number): ReadingStore {
  const writing = pLimit(1);
  let position = opened;
  let closed = false;
  const underWay = new Set<Promise<unknown>>();
  const whileOpen = async <T>(work: () => Promise<T>): Promise<T> => {
    if (closed) throw new MonitorError('E_STORE_UNAVAILABLE', 'the readings store is closed');
    const running = work();
    underWay.add(running);
    try {
      return await running;
    } catch (cause) {
      throw engineFault(cause);
    } finally {
      underWay.delete(running);
    }
  };
  return {
    kind: 'duckdb',
    ageing: duckdbAgeing(database, catalogue, (work) => writing(() => whileOpen(work))),
    position: () => whileOpen(async () => position),
    apply: (entry, batch) =>
      writing(() =>
        whileOpen(async () => {
          if (entry.seq <= position) return nothingApplied();
          const result = await applyEntry(database, catalogue, entry, batch);
          position = entry.seq;
          return result;
        }),
      ),
    written: (from, through) => whileOpen(() => readWritten(database, catalogue, from, through)),
    series: (query) => whileOpen(() => readSeries(database, catalogue, query)),
    entries: (query) => whileOpen(() => readEntries(database, catalogue, query)),
    latest: (query) => whileOpen(() => readLatest(database, catalogue, query)),
    past: (point) => whileOpen(() => readPast(database, catalogue, point)),
    sums: (query) => whileOpen(() => readSums(database, catalogue, query)),
    tallies: (query) => whileOpen(() => readTallies(database, catalogue, query)),
    changesSince: (cursor, limit) => whileOpen(() => readChanges(database, position, cursor, limit)),
    counts: () =>
      whileOpen(() =>
        database.read(async (connection) => {
          const sql = 'SELECT (SELECT count(*) FROM reading)::DOUBLE, (SELECT count(*) FROM past)::DOUBLE';
          const [row] = (await connection.runAndReadAll(sql)).getRows();
          return { readings: Number(row?.[0]), past: Number(row?.[1]), series: catalogue.size };
        }),
      ),
    binding: () => whileOpen(() => readBinding(database)),
    bind: (binding) => writing(() => whileOpen(() => writeBinding(database, binding))),
    async close() {
      await writing(async () => {
        if (closed) return;
        closed = true;
        await Promise.allSettled(underWay);
        database.close();
      });
    },
  };
}

function engineFault(cause: unknown): unknown {
  if (cause instanceof MonitorError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  return new MonitorError('E_STORE_UNAVAILABLE', `the readings file failed: ${text}`, { cause });
}
