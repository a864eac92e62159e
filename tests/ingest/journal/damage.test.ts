import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { beforeAll, afterAll, describe, expect, test } from 'vitest';
import { tmpdir } from 'node:os';
import type { JournalHead } from '../../../src/domain/ports.ts';
import { openFileJournal, readJournal, verifyJournal } from '../../../src/ingest/journal/index.ts';
import { collect, filesOf, raw } from './folder.ts';
import { temporaryFolder } from './temporary-folder.ts';

let whole: string;
let head: JournalHead;

/** Two sealed segments and a plain one with a last group commit of three entries. */
beforeAll(async () => {
  whole = mkdtempSync(path.join(tmpdir(), 'jiehe-whole-'));
  const journal = await openFileJournal({ dir: whole, segmentMiB: 4 / 1024 });
  for (let seed = 1; seed <= 10; seed += 1) await journal.append(raw(seed, 900));
  await Promise.all([
    journal.append(raw(11, 300)),
    journal.append(raw(12, 300)),
    journal.append(raw(13, 300)),
  ]);
  head = journal.head();
  await journal.close();
});

afterAll(() => rmSync(whole, { recursive: true, force: true }));

function damaged(): string {
  const dir = temporaryFolder();
  cpSync(whole, dir, { recursive: true });
  return dir;
}

describe('damage to a journal', () => {
  test('a flipped byte anywhere is found, in a sealed segment as in a plain one', async () => {
    const files = [...filesOf(whole, '.sealed'), ...filesOf(whole, '.jnl')].map((file) =>
      path.basename(file),
    );
    expect(files).toHaveLength(3);
    const sizes = files.map((name) => statSync(path.join(whole, name)).size);
    const place = fc.integer({ min: 0, max: sizes.reduce((sum, size) => sum + size, 0) - 1 });
    await fc.assert(
      fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const dir = damaged();
        let file = 0;
        while (at >= (sizes[file] ?? Infinity)) at -= sizes[file++] ?? 0;
        flip(path.join(dir, files[file] ?? ''), at, change);
        const check = await verifyJournal(dir);
        expect(check.broken.length).toBeGreaterThan(0);
        expect(check.torn).toBeNull();
        expect(check.broken[0]?.file).toContain(files[file]);
        await expect(readWhole(dir)).rejects.toMatchObject({ code: 'E_JOURNAL_BROKEN' });
      }),
      { numRuns: 150 },
    );
  });

  test('a changed byte of an acknowledged last entry stops the opening and names file, byte, entry, both hashes', async () => {
    const dir = damaged();
    const [file = ''] = filesOf(dir, '.jnl');
    flip(file, statSync(file).size - 1, 1);
    const error: unknown = await openFileJournal({ dir }).catch((error: unknown) => error);
    expect(error).toMatchObject({
      code: 'E_JOURNAL_BROKEN',
      details: {
        file,
        seq: 13,
        reason: 'body differs from its hash',
        expected: expect.any(String),
        found: expect.any(String),
      },
    });
    expect(filesOf(dir, '.torn')).toEqual([]);
  });

  test('a missing segment is named', async () => {
    const dir = damaged();
    rmSync(filesOf(dir, '.sealed')[1] ?? '');
    await expect(openFileJournal({ dir })).rejects.toThrow('a segment is missing');
    expect((await verifyJournal(dir)).faults.join()).toContain('a segment is missing');
  });

  test('a segment exchanged for one of another journal breaks the chain', async () => {
    const dir = damaged();
    const other = temporaryFolder();
    const journal = await openFileJournal({ dir: other, segmentMiB: 4 / 1024 });
    for (let seed = 1; seed <= 10; seed += 1) await journal.append(raw(seed + 100, 900));
    await journal.close();
    const name = path.basename(filesOf(dir, '.sealed')[1] ?? '');
    copyFileSync(path.join(other, name), path.join(dir, name));
    expect((await verifyJournal(dir)).faults.join()).toContain('chain is broken between segments');
  });

  test('a tail cut at an entry is whole in itself, and found against the anchored head', async () => {
    const dir = damaged();
    const [file = ''] = filesOf(dir, '.jnl');
    rmSync(file);
    expect((await verifyJournal(dir)).faults).toEqual([]);
    const check = await verifyJournal(dir, { anchor: head });
    expect(check.faults).toHaveLength(1);
    expect(check.faults[0]).toContain('the tail was cut');
    expect((await verifyJournal(whole, { anchor: head })).faults).toEqual([]);
    expect((await verifyJournal(whole, { anchor: { seq: 5, hash: head.hash } })).faults[0]).toContain(
      'another hash',
    );
  });
});

describe('a torn end', () => {
  test('wherever the last write stopped, the entries before it stay, and the bytes after it are kept in a file', async () => {
    const [plain = ''] = filesOf(whole, '.jnl');
    const { size } = statSync(plain);
    const ends = endsOf(whole);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: size - 1 }), async (length) => {
        const dir = damaged();
        const file = path.join(dir, path.basename(plain));
        truncateSync(file, length);
        const kept = ends.findLast(({ end }) => end <= length) ?? {
          end: 0,
          seq: (ends[0]?.seq ?? 0) - 1,
        };
        const journal = await openFileJournal({ dir });
        expect(journal.head().seq).toBe(kept.seq);
        const cut = length - (length < 60 ? 0 : Math.max(kept.end, 60));
        expect(journal.tornTail?.bytes ?? 0).toBe(cut);
        if (cut > 0) expect(statSync(journal.tornTail?.keptIn ?? '').size).toBe(cut);
        const next = await journal.append(raw(99, 50));
        expect(next.seq).toBe(kept.seq + 1);
        await journal.close();
        expect(await verifyJournal(dir)).toMatchObject({ entries: next.seq, faults: [], torn: null });
      }),
      { numRuns: 60 },
    );
  });

  test('with sectors that were never written, in the last group commit only, is torn; before it, it is damage', async () => {
    const dir = temporaryFolder();
    const journal = await openFileJournal({ dir });
    await journal.append(raw(1, 3000));
    await Promise.all([journal.append(raw(2, 3000)), journal.append(raw(3, 3000))]);
    await journal.close();
    const [file = ''] = filesOf(dir, '.jnl');
    const bytes = readFileSync(file);
    const lost = Buffer.from(bytes).fill(0, 4096, 5120);
    writeFileSync(file, lost);
    const reopened = await openFileJournal({ dir });
    expect(reopened.head().seq).toBe(1);
    expect(reopened.tornTail).toMatchObject({ seq: 2, reason: 'body differs from its hash' });
    await reopened.close();
    writeFileSync(file, Buffer.from(bytes).fill(0, 1024, 2048));
    await expect(openFileJournal({ dir })).rejects.toMatchObject({
      code: 'E_JOURNAL_BROKEN',
      details: { seq: 1 },
    });
  });

  test('is reported to a reader beside the writer, without changing a byte', async () => {
    const dir = damaged();
    const [file = ''] = filesOf(dir, '.jnl');
    truncateSync(file, statSync(file).size - 10);
    const reader = await readJournal(dir);
    expect(reader.head().seq).toBe(12);
    expect(reader.tornTail).toMatchObject({ seq: 13, reason: 'body is cut', keptIn: null });
    expect((await verifyJournal(dir)).torn).toMatchObject({ seq: 13 });
    expect(filesOf(dir, '.torn')).toEqual([]);
  });
});

function flip(file: string, at: number, change: number): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ change;
  writeFileSync(file, bytes);
}

async function readWhole(dir: string): Promise<void> {
  await collect((await readJournal(dir)).read(0));
}

/** Where each entry of the plain segment ends: the lengths stand in each entry's prefix. */
function endsOf(dir: string): { seq: number; end: number }[] {
  const [file = ''] = filesOf(dir, '.jnl');
  const bytes = readFileSync(file);
  const ends: { seq: number; end: number }[] = [];
  let seq = Number(path.basename(file, '.jnl'));
  for (let at = 60; at < bytes.length; seq += 1) {
    at += 60 + bytes.readUInt32LE(at + 4) + Number(bytes.readBigUInt64LE(at + 8));
    ends.push({ seq, end: at });
  }
  return ends;
}
