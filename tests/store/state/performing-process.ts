import { writeSync } from 'node:fs';
import path from 'node:path';
import { openFileJournal } from '../../../src/ingest/journal/index.ts';
import { embeddedState } from '../../embedded-state.ts';
import { createKey, openState } from '../../../src/store/state/index.ts';

/** Performs acts, with other entries between them, and writes a line to stdout for each that is answered, until it is killed or has enough. */
const [folder = '', most = 'Infinity'] = process.argv.slice(2);
const clock = { nowS: () => 1_750_000_000 };
const journal = await openFileJournal({ dir: path.join(folder, 'journal') });
const state = await openState(embeddedState(path.join(folder, 'state')), { journal, clock });
await state.acts.recover();
for (let count = 0; count < Number(most); count += 1) {
  const [{ keyId, seq }] = await Promise.all([
    createKey(state.acts, { actor: 'system', role: 'viewer', atS: count }),
    journal.append({
      kind: 'raw',
      receivedS: count,
      meta: { source: 'gauge' },
      body: Buffer.from(`reply ${count}`),
    }),
  ]);
  writeSync(1, `answered ${seq} ${keyId}\n`);
}
await state.close();
await journal.close();
