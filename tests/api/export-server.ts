/**
 * A server of one very long series, in a process of its own so that its memory is its own. Answers every message with its memory after a
 * collection, the pages of readings that were read, and the exports that ended.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { AddressInfo } from 'node:net';
import type { ReadingBatch } from '../../src/domain/batch.ts';
import type { ReadingStore } from '../../src/domain/ports.ts';
import { openStores, testApp } from './test-app.ts';

export interface Look {
  /** Live after a collection. */
  heapMiB: number;
  buffersMiB: number;
  /** Never came down before. */
  residentMiB: number;
  pagesRead: number;
  ended: number;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const MiB = 2 ** 20;
const rowsPerBatch = 250_000;

/** A value a minute. */
function batchAt(beginS: number, firstRow: number, length: number): ReadingBatch {
  return {
    provider: 'bureau',
    series: [{ station: 'up', parameter: 'tp', averaging: 'instant' }],
    length,
    seriesIndex: new Uint32Array(length),
    timeS: Float64Array.from({ length }, (_, at) => beginS + 60 * (firstRow + at)),
    value: Float64Array.from({ length }, (_, at) => ((firstRow + at) % 9973) / 1000),
    flags: new Uint16Array(length),
    publishedS: new Float64Array(length).fill(Number.NaN),
    side: { row: new Uint32Array(), originalText: [], originalUnit: [], detectionLimit: new Float64Array() },
  };
}

async function serve(rows: number, beginS: number): Promise<void> {
  const stores = await openStores();
  for (let first = 0; first < rows; first += rowsPerBatch) {
    const body = new TextEncoder().encode(String(first));
    const { seq, receivedS } = await stores.journal.append({ kind: 'raw', receivedS: 1, meta: {}, body });
    await stores.readings.apply(
      { seq, receivedS },
      batchAt(beginS, first, Math.min(rowsPerBatch, rows - first)),
    );
  }
  let pagesRead = 0;
  let ended = 0;
  const readings: ReadingStore = {
    ...stores.readings,
    series(query) {
      pagesRead += 1;
      return stores.readings.series(query);
    },
  };
  const api = await testApp({ ...stores, readings });
  api.progress.appliedSeq = stores.journal.head().seq;
  api.app.server.on('request', (_request, response) => response.once('close', () => (ended += 1)));
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  process.on('message', () => {
    collect();
    const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
    const look: Look = {
      heapMiB: heapUsed / MiB,
      buffersMiB: arrayBuffers / MiB,
      residentMiB: rss / MiB,
      pagesRead,
      ended,
    };
    process.send?.(look);
  });
  process.on('disconnect', () => {
    void api.app.close().then(() => stores.close());
  });
  process.send?.({ port: (api.app.server.address() as AddressInfo).port });
}

await serve(Number(process.argv[2]), Number(process.argv[3]));
