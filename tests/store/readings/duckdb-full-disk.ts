/** Applies large entries until the disk is full; says which were acknowledged and what the error was. Started by duckdb.test.ts. */
import { MonitorError } from '../../../src/domain/errors.ts';
import { openDuckdbReadings } from '../../../src/store/readings/duckdb/index.ts';
import { largeEntry } from './crash-entries.ts';

const store = await openDuckdbReadings({ path: process.argv[2]!, memoryLimitMiB: 128, threads: 1 });
for (let seq = (await store.position()) + 1; ; seq++) {
  try {
    await store.apply({ seq, receivedS: 0 }, largeEntry(seq));
    process.stdout.write(`applied ${seq}\n`);
  } catch (fault) {
    const { code, message } =
      fault instanceof MonitorError ? fault : { code: 'none', message: String(fault) };
    process.stdout.write(`${JSON.stringify({ code, message })}\n`);
    break;
  }
}
process.exit(0);
