import { writeSync } from 'node:fs';
import { MonitorError } from '../../../src/domain/errors.ts';
import { openFileJournal } from '../../../src/ingest/journal/index.ts';
import { raw } from './folder.ts';

/** Appends from several loops at once and writes a line to stdout for each acknowledged entry, until it is killed or has enough. */
const [dir = '', loops = '1', each = 'Infinity', segmentMiB = '0.25'] = process.argv.slice(2);
const journal = await openFileJournal({ dir, segmentMiB: Number(segmentMiB) });
writeSync(1, `head ${journal.head().seq}\n`);

async function appendAll(loop: number): Promise<void> {
  for (let count = 0; count < Number(each); count += 1) {
    const entry = await journal.append(
      raw(loop * 1_000_000 + count, 200 + ((loop * 977 + count * 131) % 4000)),
    );
    writeSync(1, `acknowledged ${entry.seq} ${entry.hash}\n`);
  }
}

try {
  await Promise.all(Array.from({ length: Number(loops) }, (_, loop) => appendAll(loop)));
} catch (error) {
  if (!(error instanceof MonitorError)) throw error;
  writeSync(1, `refused ${error.code} ${error.message}\n`);
}
await journal.close();
