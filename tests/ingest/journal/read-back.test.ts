import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EntryKind } from '../../../src/domain/ports.ts';
import { openFileJournal, readJournal, verifyJournal } from '../../../src/ingest/journal/index.ts';
import { inOrder, plain } from './contract.ts';
import { body, collect, filesOf, raw } from './folder.ts';
import { temporaryFolder } from './temporary-folder.ts';

const kilobytes = (count: number): number => count / 1024;

describe('a file journal', () => {
  test('gives back every entry as it was appended, in order, from any segment form, after any reopening', async () => {
    const entry = fc.record({
      kind: fc.constantFrom<EntryKind>('raw', 'config', 'act', 'aborted'),
      receivedS: fc.integer({ min: 0, max: 4_000_000_000 }),
      meta: fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.oneof(fc.string(), fc.integer()), {
        maxKeys: 4,
      }),
      body: fc.uint8Array({ maxLength: 6000 }),
    });
    const run = fc.array(fc.array(entry, { maxLength: 12 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(run, async (batches) => {
        const dir = temporaryFolder();
        const appended = [];
        for (const batch of batches) {
          const journal = await openFileJournal({ dir, segmentMiB: kilobytes(8) });
          appended.push(...(await Promise.all(batch.map((one) => journal.append(one)))));
          await journal.close();
        }
        const journal = await openFileJournal({ dir, segmentMiB: kilobytes(8) });
        const read = await collect(journal.read(0));
        expect(read.map(plain)).toEqual(appended.map(plain));
        expect(read.map(({ kind, receivedS }) => ({ kind, receivedS }))).toEqual(inOrder(batches.flat()));
        for (const { seq } of appended)
          expect(plain(await journal.get(seq))).toEqual(plain(appended[seq - 1]));
        const middle = Math.floor(read.length / 2);
        expect((await collect(journal.read(middle))).map(({ seq }) => seq)).toEqual(
          read.slice(middle).map(({ seq }) => seq),
        );
        await journal.close();
        expect(await verifyJournal(dir, { anchor: journal.head() })).toMatchObject({
          entries: read.length,
          faults: [],
          torn: null,
        });
      }),
      { numRuns: 12 },
    );
  });

  test('takes an entry of another journal with its time and its hash, also one that a clock turned back', async () => {
    const [older, copy] = [temporaryFolder(), temporaryFolder()];
    const to = await openFileJournal({ dir: copy });
    const from = await openFileJournal({ dir: older });
    for (const receivedS of [1000, 400, 500]) await from.copy({ ...raw(receivedS, 10), receivedS });
    for await (const { kind, receivedS, meta, body: bytes, hash } of from.read(0))
      expect((await to.copy({ kind, receivedS, meta, body: bytes })).hash).toBe(hash);
    expect((await collect(to.read(0))).map(({ receivedS }) => receivedS)).toEqual([1000, 400, 500]);
    expect((await to.append({ ...raw(4, 10), receivedS: 450 })).receivedS).toBe(500);
    for (const one of [from, to]) await one.close();
  });

  test('seals full segments while a reader is in the middle of one', async () => {
    const dir = temporaryFolder();
    const journal = await openFileJournal({ dir, segmentMiB: kilobytes(8) });
    // More than are kept in memory, in one segment.
    const entries = 1_200;
    await Promise.all(Array.from({ length: entries }, (_, at) => journal.append(raw(at + 1, 10))));
    const reading = journal.read(0)[Symbol.asyncIterator]();
    await reading.next();
    for (let seed = entries + 1; seed <= entries + 3; seed += 1) await journal.append(raw(seed, 10_000));
    await journal.sealed();
    expect(filesOf(dir, '.sealed')).toHaveLength(4);
    expect(filesOf(dir, '.jnl')).toHaveLength(1);
    for (let seed = 2; seed <= entries; seed += 1) {
      const { value } = await reading.next();
      expect(value?.seq).toBe(seed);
      expect(Buffer.from(body(seed, 10)).equals(value?.body ?? Buffer.alloc(0))).toBe(true);
    }
    expect((await reading.next()).done).toBe(true);
    expect((await journal.get(5)).body).toEqual(Buffer.from(body(5, 10)));
    await journal.close();
  });
});

describe('the lock of a journal', () => {
  test('keeps a second writer out and names the process; readers need none', async () => {
    const dir = temporaryFolder();
    const journal = await openFileJournal({ dir });
    await journal.append(raw(1, 10));
    await expect(openFileJournal({ dir })).rejects.toMatchObject({
      code: 'E_LOCKED',
      details: { pid: process.pid },
    });
    expect((await readJournal(dir)).head()).toEqual(journal.head());
    await journal.close();
    await (await openFileJournal({ dir })).close();
  });

  test('of a process that is gone is taken over', async () => {
    const dir = temporaryFolder();
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(path.join(dir, 'lock'), JSON.stringify({ pid: gone, startTicks: '1', sinceS: null }));
    await (await openFileJournal({ dir })).close();
    writeFileSync(
      path.join(dir, 'lock'),
      JSON.stringify({ pid: process.pid, startTicks: '1', sinceS: null }),
    );
    await (await openFileJournal({ dir })).close();
    expect(filesOf(dir, '.stale')).toEqual([]);
  });
});
