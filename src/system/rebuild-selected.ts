import { BatchBuilder, type ReadingBatch } from '../domain/batch.ts';
import { MonitorError } from '../domain/errors.ts';
import type { Journal, JournalEntry, ReadingStore } from '../domain/ports.ts';
import type { EpochS } from '../domain/time.ts';
import { applyRows, parseEntry, projectEntry, type EntryFacts } from '../ingest/project-entry.ts';
import { withoutMarks } from '../ingest/quality/screening.ts';

/** Entries to be parsed anew; what is absent takes all. */
export interface EntrySelection {
  source?: string;
  /** Time of receipt, half-open. */
  fromS?: EpochS;
  toS?: EpochS;
}

/** Rows read at once from the store in use. */
const ROWS_AT_ONCE = 200_000;

export function selects(selection: EntrySelection, entry: JournalEntry): boolean {
  if (entry.kind !== 'raw') return true;
  const { source, fromS = -Infinity, toS = Infinity } = selection;
  return (
    (source === undefined || entry.meta.source === source) &&
    entry.receivedS >= fromS &&
    entry.receivedS < toS
  );
}

interface Parts {
  journal: Journal;
  facts: EntryFacts;
  /** The store in use, which stays as it is. */
  before: ReadingStore;
}

/**
 * Applies the entries up to `throughSeq` to an empty store: selected ones are parsed anew, every other one writes again what it
 * wrote in the store in use. Readings that a selected entry is or was about are decided anew among all that any entry says of
 * them, so that those end as in a whole rebuild; all other values stay as they are. Marks of screening are found anew for every
 * reading: they hang on the readings around it.
 */
export async function replaySelected(
  parts: Parts,
  fresh: ReadingStore,
  selection: EntrySelection,
  how: { throughSeq: number; onProgress: (done: number, total: number) => void },
): Promise<void> {
  const { throughSeq, onProgress } = how;
  const total = throughSeq * 2;
  const concerned = new ConcernedPoints();
  for await (const { entry, written } of entriesOf(parts, throughSeq)) {
    if (entry.kind === 'raw' && selects(selection, entry)) {
      if (written !== null) concerned.add(written);
      concerned.add((await parseEntry(entry, parts.facts)).batch);
    }
    onProgress(entry.seq, total);
  }
  for await (const { entry, written } of entriesOf(parts, throughSeq)) {
    if (selects(selection, entry)) await projectEntry(entry, parts.facts, fresh);
    else {
      const said = concerned.size === 0 ? null : (await parseEntry(entry, parts.facts)).batch;
      const rows = concerned.replaced(written, said);
      await applyRows(entry, rows === null ? null : withoutMarks(rows), parts.facts, fresh);
    }
    onProgress(throughSeq + entry.seq, total);
  }
}

/** Each entry with the rows that the store in use has from it, read many entries at a time. */
async function* entriesOf(
  { journal, before }: Parts,
  throughSeq: number,
): AsyncGenerator<{ entry: JournalEntry; written: ReadingBatch | null }> {
  if (before.written === undefined)
    throw new MonitorError(
      'E_STORE_UNSUPPORTED',
      'this store cannot say which entry wrote what; rebuild it whole',
    );
  const { readings, past } = await before.counts();
  const atOnce = Math.max(1, Math.floor((ROWS_AT_ONCE * throughSeq) / Math.max(1, readings + past)));
  let batches = new Map<number, ReadingBatch>();
  let readThrough = 0;
  for await (const entry of journal.read(0)) {
    if (entry.seq > throughSeq) return;
    if (entry.seq > readThrough) {
      readThrough = Math.min(entry.seq + atOnce - 1, throughSeq);
      batches = await before.written(entry.seq, readThrough);
    }
    yield { entry, written: batches.get(entry.seq) ?? null };
  }
}

/** Series with the time that selected entries reach in each. */
class ConcernedPoints {
  readonly #reach = new Map<string, [leastS: number, mostS: number]>();

  get size(): number {
    return this.#reach.size;
  }

  add(batch: ReadingBatch): void {
    const keys = keysOf(batch);
    for (let row = 0; row < batch.length; row++) {
      const timeS = batch.timeS[row]!;
      const key = keys[batch.seriesIndex[row]!]!;
      const reach = this.#reach.get(key);
      if (reach === undefined) this.#reach.set(key, [timeS, timeS]);
      else {
        reach[0] = Math.min(reach[0], timeS);
        reach[1] = Math.max(reach[1], timeS);
      }
    }
  }

  /** What was written, but for concerned points, which are as said now. */
  replaced(written: ReadingBatch | null, said: ReadingBatch | null): ReadingBatch | null {
    const saysSome = said !== null && this.#rows(said).includes(true);
    const wroteSome = written !== null && this.#rows(written).includes(true);
    if (!saysSome && !wroteSome) return written;
    const batch = new BatchBuilder((saysSome ? said : written)!.provider);
    if (written !== null) {
      const concerned = this.#rows(written);
      batch.addFrom(written, (row) => !concerned[row]);
    }
    if (said !== null) {
      const concerned = this.#rows(said);
      batch.addFrom(said, (row) => concerned[row]!);
    }
    return batch.length === 0 ? null : batch.build();
  }

  #rows(batch: ReadingBatch): boolean[] {
    const reaches = keysOf(batch).map((key) => this.#reach.get(key));
    return Array.from({ length: batch.length }, (_, row) => {
      const reach = reaches[batch.seriesIndex[row]!];
      const timeS = batch.timeS[row]!;
      return reach !== undefined && timeS >= reach[0] && timeS <= reach[1];
    });
  }
}

const keysOf = ({ series, provider }: ReadingBatch): string[] =>
  series.map(({ station, parameter, averaging }) => `${station}\n${parameter}\n${averaging}\n${provider}`);
