/** Applies entries until it is killed, and says which ones were acknowledged. Started by duckdb.test.ts as a process of its own. */
import { openDuckdbReadings } from '../../../src/store/readings/duckdb/index.ts';
import { crashEntry } from './crash-entries.ts';
import { batchOf } from './model.ts';

const store = await openDuckdbReadings({ path: process.argv[2]!, memoryLimitMiB: 128, threads: 1 });
let seq = await store.position();
process.stdout.write(`open ${seq}\n`);
for (;;) {
  seq += 1;
  await store.apply({ seq, receivedS: 0 }, batchOf(crashEntry(seq)));
  process.stdout.write(`applied ${seq}\n`);
}
