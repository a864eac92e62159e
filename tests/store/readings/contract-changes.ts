import { array, assert, asyncProperty, integer } from 'fast-check';
import { expect, test } from 'vitest';
import type { EntryChange, ReadingStore } from '../../../src/domain/ports.ts';
import type { WithStore } from './contract.ts';
import { batchOf, Model, provider, type Row } from './model.ts';
import { rowArbitrary } from './rows.ts';

const hour = 3600;
const t0 = 1_750_003_200;

const apply = (store: ReadingStore, seq: number, rows: readonly Row[] | null): Promise<unknown> =>
  store.apply({ seq, receivedS: t0 }, rows === null ? null : batchOf(rows));

/** All pages one after the other; entries that a page cut are put together again. */
async function allChanges(
  store: ReadingStore,
  limit: number,
): Promise<{ entries: EntryChange[]; cursor: string }> {
  const entries: EntryChange[] = [];
  let cursor: string | null = null;
  for (;;) {
    const page = await store.changesSince(cursor, limit);
    expect(page.entries.reduce((sum, entry) => sum + entry.series.length, 0)).toBeLessThanOrEqual(limit);
    for (const entry of page.entries) {
      const last = entries.at(-1);
      if (last?.seq === entry.seq) last.series.push(...entry.series);
      else entries.push(entry);
    }
    cursor = page.cursor;
    if (!page.more) return { entries, cursor };
  }
}

/** Changes in the shape of the model, by entry and series. */
function told(entries: readonly EntryChange[]): unknown {
  return entries.map(({ seq, series }) => [
    seq,
    series
      .map(({ key, firstS, lastS, accepted, revised, superseded, revisedS }) => ({
        key: `${key.station}|${key.parameter}`,
        firstS,
        lastS,
        accepted,
        revised,
        superseded,
        revisedS: [...revisedS],
      }))
      .sort((a, b) => (a.key < b.key ? -1 : 1)),
  ]);
}

function expectedOf(model: Model): unknown {
  return [...model.changes].map(([seq, entry]) => [
    seq,
    [...entry]
      .map(([key, { times, revisedS, accepted, revised, superseded }]) => ({
        key,
        firstS: Math.min(...times),
        lastS: Math.max(...times),
        accepted,
        revised,
        superseded,
        revisedS: revisedS.sort((a, b) => a - b),
      }))
      .sort((a, b) => (a.key < b.key ? -1 : 1)),
  ]);
}

export function changes(withStore: WithStore, runs: number): void {
  test('changes since a cursor: what each entry changed, with its counts; entries that changed nothing are passed over', () =>
    withStore(async (store, reopen) => {
      expect(await store.changesSince(null, 10)).toEqual({ entries: [], cursor: '0', more: false });
      await apply(store, 2, [
        { timeS: t0, value: 1 },
        { timeS: t0 + hour, value: 1 },
        { timeS: t0, value: 2, station: 's2', parameter: 'tp' },
      ]);
      await apply(store, 3, null);
      await apply(store, 4, [{ timeS: t0, value: 1 }]);
      await apply(store, 7, [
        { timeS: t0 + hour, value: 5 },
        { timeS: t0, value: 1 },
      ]);
      const key = { station: 's1', parameter: 'ph', averaging: 'PT1H', provider };
      const none = { accepted: 0, unchanged: 0, revised: 0, superseded: 0 };
      const again = await reopen();
      const page = await again.changesSince('2', 10);
      expect(page).toEqual({
        entries: [
          {
            ...none,
            seq: 7,
            unchanged: 1,
            revised: 1,
            series: [
              {
                key,
                firstS: t0 + hour,
                lastS: t0 + hour,
                accepted: 0,
                revised: 1,
                superseded: 0,
                revisedS: [t0 + hour],
              },
            ],
          },
        ],
        cursor: '7',
        more: false,
      });
      const first = await again.changesSince(null, 1);
      expect(first).toMatchObject({
        entries: [
          { ...none, seq: 2, accepted: 3, series: [{ key, firstS: t0, lastS: t0 + hour, accepted: 2 }] },
        ],
        cursor: '2.1',
        more: true,
      });
      const second = await again.changesSince(first.cursor, 1);
      expect(second).toMatchObject({
        entries: [{ seq: 2, series: [{ key: { station: 's2' } }] }],
        more: true,
      });
      expect(await again.changesSince('7', 1)).toEqual({ entries: [], cursor: '7', more: false });
      for (const bad of ['x', '-1', '1.2.3', "1' OR '1'='1"]) {
        await expect(again.changesSince(bad, 1)).rejects.toMatchObject({ code: 'E_BAD_REQUEST' });
      }
      await expect(again.changesSince(null, 0)).rejects.toMatchObject({ code: 'E_BAD_REQUEST' });
    }));

  test('an entry of many series and many corrections is told whole, page by page', () =>
    withStore(async (store) => {
      const stations = Array.from({ length: 900 }, (_, at) => `station-with-a-rather-long-name-${at}`);
      const many = Array.from({ length: 1_000 }, (_, at) => ({ timeS: t0 + at * hour, value: 1 }));
      await apply(store, 1, [...stations.map((station) => ({ station, timeS: t0, value: 1 })), ...many]);
      await apply(
        store,
        2,
        many.map((row) => ({ ...row, value: 2 })),
      );
      const { entries, cursor } = await allChanges(store, 250);
      expect(cursor).toBe('2');
      expect(entries.map((entry) => [entry.accepted, entry.revised])).toEqual([
        [1_900, 0],
        [0, 1_000],
      ]);
      expect(new Set(entries[0]?.series.map((change) => change.key.station)).size).toBe(901);
      expect(entries[1]?.series.flatMap((change) => change.revisedS)).toEqual(many.map((row) => row.timeS));
      expect(entries[1]?.series.reduce((sum, change) => sum + change.revised, 0)).toBe(1_000);
    }));

  test('any entries: the changes are those of the plain model, at any page size, and a rebuild tells the same', async () => {
    await assert(
      asyncProperty(
        array(array(rowArbitrary, { maxLength: 12 }), { maxLength: 7 }),
        integer({ min: 1, max: 9 }),
        (list, limit) =>
          withStore(async (store) => {
            const model = new Model();
            for (const [at, rows] of list.entries()) {
              await apply(store, at + 1, rows);
              model.apply(at + 1, rows);
            }
            const { entries, cursor } = await allChanges(store, limit);
            expect(told(entries)).toEqual(expectedOf(model));
            expect(cursor).toBe(String(list.length));
            await withStore(async (fresh) => {
              for (const [at, rows] of list.entries()) await apply(fresh, at + 1, rows);
              expect(await allChanges(fresh, 1000)).toEqual({ entries, cursor });
            });
          }),
      ),
      { numRuns: Math.ceil(runs / 2), seed: Number(process.env.JIEHE_SEED ?? 20260821) },
    );
  });
}
