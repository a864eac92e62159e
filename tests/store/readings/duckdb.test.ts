import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDuckdbReadings } from '../../../src/store/readings/duckdb/index.ts';
import { readingStoreContract } from './contract.ts';

const small = { memoryLimitMiB: 256, threads: 1 };

readingStoreContract({
  name: 'DuckDB',
  skip: null,
  propertyRuns: 30,
  async open() {
    const directory = mkdtempSync(path.join(tmpdir(), 'jiehe-readings-'));
    const file = path.join(directory, 'readings.duckdb');
    let store = await openDuckdbReadings({ path: file, ...small });
    return {
      store,
      async reopen() {
        await store.close();
        store = await openDuckdbReadings({ path: file, ...small });
        return store;
      },
      async close() {
        await store.close();
        rmSync(directory, { recursive: true });
      },
    };
  },
});
