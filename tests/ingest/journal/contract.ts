import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../../src/domain/canonical-json.ts';
import type { EntryKind, Journal, JournalHead } from '../../../src/domain/ports.ts';
import { body, collect, raw } from './folder.ts';

export interface JournalPlace {
  open(): Promise<Journal>;
  verify(anchor?: JournalHead): Promise<{ entries: number; faults: string[]; head: JournalHead }>;
}

/** What a journal must do, wherever it lies. `place` gives an empty one. */
export function journalContract(name: string, place: () => Promise<JournalPlace>): void {
  describe(`a journal in ${name}`, () => {
    test('gives back every entry as it was appended, in order, after any reopening', async () => {
      const entry = fc.record({
        kind: fc.constantFrom<EntryKind>('raw', 'config', 'act', 'aborted'),
        receivedS: fc.integer({ min: 0, max: 4_000_000_000 }),
        meta: fc.dictionary(
          fc.string({ minLength: 1, maxLength: 8, unit: 'binary' }),
          fc.oneof(fc.string({ unit: 'binary' }), fc.integer()),
          { maxKeys: 4 },
        ),
        body: fc.uint8Array({ maxLength: 6000 }),
      });
      const run = fc.array(fc.array(entry, { maxLength: 12 }), { minLength: 1, maxLength: 3 });
      await fc.assert(
        fc.asyncProperty(run, async (batches) => {
          const at = await place();
          const appended = [];
          for (const batch of batches) {
            const journal = await at.open();
            appended.push(...(await Promise.all(batch.map((one) => journal.append(one)))));
            await journal.close();
          }
          const journal = await at.open();
          const read = await collect(journal.read(0));
          expect(read.map(plain)).toEqual(appended.map(plain));
          expect(read.map(({ kind, receivedS }) => ({ kind, receivedS }))).toEqual(inOrder(batches.flat()));
          for (const { seq } of appended)
            expect(plain(await journal.get(seq))).toEqual(plain(appended[seq - 1]));
          const head = journal.head();
          await journal.close();
          expect(await at.verify(head)).toMatchObject({ entries: read.length, faults: [], head });
        }),
        { numRuns: 8 },
      );
    });

    test('chains entries: a hash covers the header, which names the body and the entry before', async () => {
      const journal = await (await place()).open();
      const first = await journal.append(raw(1, 100));
      const second = await journal.append(raw(2, 100));
      expect(first.previous).toBe('0'.repeat(64));
      expect(second.previous).toBe(first.hash);
      const { seq, kind, receivedS, meta, sha256, previous } = second;
      const header = canonicalJson({ seq, kind, receivedS, meta, length: 100, sha256, previous });
      expect(createHash('sha256').update(header).digest('hex')).toBe(second.hash);
      expect(createHash('sha256').update(body(2, 100)).digest('hex')).toBe(second.sha256);
      await journal.close();
    });

    test('reads what was appended before the call and nothing that comes later', async () => {
      const journal = await (await place()).open();
      await journal.append(raw(1, 10));
      const early = journal.read(0);
      await journal.append(raw(2, 10));
      expect((await collect(early)).map(({ seq }) => seq)).toEqual([1]);
      expect((await collect(journal.read(1))).map(({ seq }) => seq)).toEqual([2]);
      await expect(journal.get(3)).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
      await journal.close();
      await expect(journal.append(raw(3, 10))).rejects.toMatchObject({ code: 'E_STORE_UNAVAILABLE' });
    });

    test('reads large bodies among small ones, in order', async () => {
      const journal = await (await place()).open();
      const lengths = [10, 9_000_000, 0, 5_000_000, 5_000_000, 3];
      for (const [seed, length] of lengths.entries()) await journal.append(raw(seed, length));
      const read = await collect(journal.read(0));
      expect(read.map((entry) => entry.body.length)).toEqual(lengths);
      await journal.close();
    });

    test('never backdates: what a clock that was turned back said stands beside the time of the entry before', async () => {
      const at = await place();
      const journal = await at.open();
      await journal.append({ ...raw(1, 10), receivedS: 1000 });
      const together = [
        { ...raw(2, 10), receivedS: 400 },
        { ...raw(3, 10), receivedS: 1000 },
      ];
      await Promise.all(together.map((entry) => journal.append(entry)));
      await journal.close();
      const again = await at.open();
      await again.append({ ...raw(4, 10), receivedS: 999 });
      await again.append({ ...raw(5, 10), receivedS: 1001 });
      const read = await collect(again.read(0));
      expect(read.map(({ receivedS, meta }) => [receivedS, meta.clockS])).toEqual([
        [1000, undefined],
        [1000, 400],
        [1000, undefined],
        [1000, 999],
        [1001, undefined],
      ]);
      await again.close();
    });

    test('tells listeners of the new head once it is on disk, until they unsubscribe', async () => {
      const journal = await (await place()).open();
      const heads: number[] = [];
      const stop = journal.onAppend(({ seq }) => heads.push(seq));
      await Promise.all([journal.append(raw(1, 10)), journal.append(raw(2, 10))]);
      stop();
      await journal.append(raw(3, 10));
      expect(heads).toEqual([2]);
      await journal.close();
    });

    test('refuses what it could not give back: meta that is no text or number, an instant that is not whole', async () => {
      const journal = await (await place()).open();
      await expect(journal.append({ ...raw(1, 1), meta: { status: Number.NaN } })).rejects.toThrow(
        'meta.status',
      );
      await expect(journal.append({ ...raw(1, 1), receivedS: 0.5 })).rejects.toThrow('receivedS');
      await expect(journal.append({ ...raw(1, 1), meta: { origin: 'x'.repeat(70_000) } })).rejects.toThrow(
        'limited',
      );
      expect(journal.head().seq).toBe(0);
      await journal.close();
    });
  });
}

/** What the journal makes of the times it is given. */
export function inOrder(
  entries: readonly { kind: EntryKind; receivedS: number }[],
): { kind: EntryKind; receivedS: number }[] {
  let atS = -Infinity;
  return entries.map(({ kind, receivedS }) => ({ kind, receivedS: (atS = Math.max(atS, receivedS)) }));
}

export function plain(
  entry: { seq: number; hash: string; meta: object; body: Uint8Array } | undefined,
): unknown {
  return (
    entry && {
      seq: entry.seq,
      hash: entry.hash,
      meta: entry.meta,
      body: Buffer.from(entry.body).toString('hex'),
    }
  );
}
