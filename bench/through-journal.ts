/** Batches on the way they take in service: appended to a journal (hashed, chained, fsynced), read from it, parsed, applied. */
import type { ReadingBatch } from '../src/domain/batch.ts';
import { rowKinds, type IssueLog, type ReadingStore, type SourceAdapter } from '../src/domain/ports.ts';
import { openFileJournal } from '../src/ingest/journal/index.ts';
import type { EntryOutcome } from '../src/ingest/project-entry.ts';
import { startProjector } from '../src/ingest/projector.ts';
import { fixtureConfig, source } from '../tests/ingest/sources/fixture-config.ts';
import { series, startS } from './measure.ts';

export interface Line {
  /** Resolves when the entry is durable, whether or not the store takes it. */
  append(reply: Uint8Array): Promise<number>;
  /** What became of an entry, once it is applied. */
  applied(seq: number): Promise<EntryOutcome>;
  /** Resolves when the entry is durable and applied. */
  take(reply: Uint8Array): Promise<EntryOutcome>;
  progress(): { journalSeq: number; appliedSeq: number };
  close(): Promise<void>;
}

/** A reply of columns, 16 bytes a reading, so that the time of a text parser is not counted: it is the source's, not the store's. */
export function replyOf(batch: ReadingBatch): Uint8Array {
  const cells = new Float64Array(batch.length * 2);
  for (let row = 0; row < batch.length; row++) {
    cells[row] = (batch.timeS[row]! - startS) * 2 ** 16 + batch.seriesIndex[row]!;
    cells[batch.length + row] = batch.value[row]!;
  }
  return new Uint8Array(cells.buffer);
}

function batchOf(body: Uint8Array): ReadingBatch {
  const cells = new Float64Array(new Uint8Array(body).buffer);
  const length = cells.length / 2;
  const seriesIndex = new Uint32Array(length);
  const timeS = new Float64Array(length);
  for (let row = 0; row < length; row++) {
    seriesIndex[row] = cells[row]! % 2 ** 16;
    timeS[row] = startS + Math.floor(cells[row]! / 2 ** 16);
  }
  return {
    provider: 'cnemc',
    series,
    length,
    seriesIndex,
    timeS,
    value: cells.subarray(length),
    flags: new Uint16Array(length),
    publishedS: new Float64Array(length).fill(Number.NaN),
    side: {
      row: new Uint32Array(),
      originalText: [],
      originalUnit: [],
      detectionLimit: new Float64Array(),
    },
  };
}

const columnsAdapter: SourceAdapter = {
  id: 'columns',
  async *fetch() {},
  *split() {},
  parse(body) {
    const batch = batchOf(body);
    const cells = { read: batch.length, absent: 0, missing: 0, rejected: 0 };
    const rowKind = new Uint8Array(batch.length).fill(rowKinds.measured);
    return { batch, rowKind, issues: [], cells, unknownStations: [] };
  },
};

const noIssues: IssueLog = {
  record: async () => {},
  list: async () => [],
  noteUnknownStations: async (stations) => stations.map(() => false),
  unknownStations: async () => [],
};

export async function openLine(
  dir: string,
  store: ReadingStore,
  onError = (seq: number, cause: unknown): void => console.error(`entry ${seq}`, cause),
): Promise<Line> {
  const journal = await openFileJournal({ dir });
  const config = fixtureConfig({ sources: [source('cnemc-air', { id: 'columns', adapter: 'columns' })] });
  const projector = await startProjector({
    journal,
    store: () => store,
    issues: noIssues,
    adapters: new Map([[columnsAdapter.id, columnsAdapter]]),
    config: () => config,
    onError,
  });
  const append: Line['append'] = async (body) => {
    const meta = { source: 'columns', origin: 'bench' };
    return (await journal.append({ kind: 'raw', receivedS: startS, meta, body })).seq;
  };
  return {
    append,
    applied: (seq) => projector.applied(seq),
    take: async (body) => projector.applied(await append(body)),
    progress: () => projector.progress(),
    async close() {
      await projector.close();
      await journal.close();
    },
  };
}
