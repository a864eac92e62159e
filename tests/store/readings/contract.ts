import { array, assert, asyncProperty, boolean, constantFrom, integer, record } from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BatchBuilder } from '../../../src/domain/batch.ts';
import { MonitorError } from '../../../src/domain/errors.ts';
import { rowOutcomes, type ReadingStore } from '../../../src/domain/ports.ts';
import { changes } from './contract-changes.ts';
import { sums } from './contract-sums.ts';
import { tallies } from './contract-tallies.ts';
import { batchOf, Model, provider, type Row } from './model.ts';
import { hour, rowArbitrary, t0 } from './rows.ts';

export interface ContractOptions {
  name: string;
  /** An empty store of its own for each test. */
  open: () => Promise<{
    store: ReadingStore;
    reopen: () => Promise<ReadingStore>;
    close: () => Promise<void>;
  }>;
  /** Once before and after all. */
  start?: () => Promise<void>;
  stop?: () => Promise<void>;
  /** Why nothing can run here, null when it can. */
  skip: string | null;
  propertyRuns: number;
}

const window = { averaging: 'PT1H' as const, provider, fromS: t0 - 100 * hour, toS: t0 + 100 * hour };

export function readingStoreContract(options: ContractOptions): void {
  const title = options.skip === null ? options.name : `${options.name} (skipped: ${options.skip})`;
  describe.skipIf(options.skip !== null)(title, () => {
    if (options.start !== undefined) beforeAll(options.start);
    if (options.stop !== undefined) afterAll(options.stop);
    const withStore = async (
      work: (store: ReadingStore, reopen: () => Promise<ReadingStore>) => Promise<void>,
    ): Promise<void> => {
      const { store, reopen, close } = await options.open();
      try {
        await work(store, reopen);
      } finally {
        await close();
      }
    };
    writes(withStore);
    revisions(withStore);
    reads(withStore);
    changes(withStore, options.propertyRuns);
    sums(withStore, options.propertyRuns);
    tallies(withStore, options.propertyRuns);
    properties(withStore, options.propertyRuns);
  });
}

export type WithStore = (
  work: (store: ReadingStore, reopen: () => Promise<ReadingStore>) => Promise<void>,
) => Promise<void>;

async function apply(
  store: ReadingStore,
  seq: number,
  rows: readonly Row[],
): Promise<Record<string, number>> {
  const { outcome, ...counts } = await store.apply({ seq, receivedS: t0 }, batchOf(rows));
  expect(counts.accepted + counts.unchanged + counts.revised + counts.superseded).toBe(outcome.length);
  return counts;
}

const counts = (accepted: number, unchanged = 0, revised = 0, superseded = 0): Record<string, number> => ({
  accepted,
  unchanged,
  revised,
  superseded,
});

function writes(withStore: WithStore): void {
  test('an empty store is at position 0 and answers nothing', () =>
    withStore(async (store) => {
      expect(await store.position()).toBe(0);
      expect(await store.counts()).toEqual({ readings: 0, past: 0, series: 0 });
      expect(await store.series({ ...window, stations: ['s1'], parameters: ['ph'] })).toEqual([]);
      expect(await store.latest({ averaging: 'PT1H', provider, sinceS: 0 })).toEqual([]);
      expect(
        await store.past({ station: 's1', parameter: 'ph', averaging: 'PT1H', provider, timeS: t0 }),
      ).toEqual([]);
    }));

  test('what is written is read back after reopening, bit for bit, with the position', () =>
    withStore(async (store, reopen) => {
      const values = [0.1 + 0.2, 1e-12, 1e21, -0.5, 0, 123456789.123, Number.MIN_VALUE, null];
      const rows = values.map((value, at) => ({ timeS: t0 + at * hour, value, flags: at }));
      expect(await apply(store, 7, rows)).toEqual(counts(8));
      const again = await reopen();
      expect(await again.position()).toBe(7);
      const [series] = await again.series({ ...window, stations: ['s1'], parameters: ['ph'] });
      expect([...(series?.timeS ?? [])]).toEqual(rows.map((row) => row.timeS));
      expect([...(series?.value ?? [])]).toEqual(values.map((value) => value ?? Number.NaN));
      expect([...(series?.flags ?? [])]).toEqual(rows.map((row) => row.flags));
      expect(await again.counts()).toEqual({ readings: 8, past: 0, series: 1 });
    }));

  test('an entry applied again changes nothing and counts nothing', () =>
    withStore(async (store, reopen) => {
      await apply(store, 3, [{ timeS: t0, value: 1 }]);
      expect(await apply(store, 3, [{ timeS: t0, value: 2 }])).toEqual(counts(0));
      expect(await apply(store, 2, [{ timeS: t0 + hour, value: 2 }])).toEqual(counts(0));
      const again = await reopen();
      expect(await apply(again, 3, [{ timeS: t0, value: 9 }])).toEqual(counts(0));
      expect(await again.counts()).toEqual({ readings: 1, past: 0, series: 1 });
    }));

  test('an entry without rows moves the position', () =>
    withStore(async (store) => {
      expect(await store.apply({ seq: 5, receivedS: t0 }, null)).toMatchObject(counts(0));
      expect(await store.position()).toBe(5);
    }));

  test('the time 1970-01-01T00:00Z and times before it are times like any other', () =>
    withStore(async (store) => {
      await apply(
        store,
        1,
        [-hour, 0, hour].map((timeS, at) => ({ timeS, value: at + 1 })),
      );
      const [series] = await store.series({
        ...window,
        fromS: -10 * hour,
        toS: 10 * hour,
        stations: ['s1'],
        parameters: ['ph'],
      });
      expect([...(series?.timeS ?? [])]).toEqual([-hour, 0, hour]);
    }));

  test('rows no store may hold are refused whole, with the rows named, and the position stays', () =>
    withStore(async (store) => {
      const bad: Row[][] = [
        [{ timeS: t0, value: 1, station: 'a b' }],
        [{ timeS: t0, value: 1, station: 's\ninjected,x=1 y=2' }],
        [{ timeS: t0, value: 1, station: 's\\' }],
        [{ timeS: t0, value: 1, station: '' }],
        [{ timeS: t0, value: 1, parameter: 'ph__f' }],
        [{ timeS: t0, value: Infinity }],
        [{ timeS: t0 + 0.5, value: 1 }],
      ];
      for (const rows of bad) {
        const refused = await store
          .apply({ seq: 1, receivedS: t0 }, batchOf([{ timeS: t0, value: 4 }, ...rows]))
          .catch((fault: unknown) => fault);
        expect(refused).toBeInstanceOf(MonitorError);
        expect(refused).toMatchObject({
          code: 'E_STORE_REJECTED',
          details: { count: 1, rejected: [{ row: 1 }] },
        });
      }
      expect(await store.position()).toBe(0);
      expect(await store.counts()).toMatchObject({ readings: 0 });
    }));
}

function revisions(withStore: WithStore): void {
  const point = { station: 's1', parameter: 'ph', averaging: 'PT1H' as const, provider, timeS: t0 };

  test('a different value moves the stored one to the past; flags alone count as different', () =>
    withStore(async (store, reopen) => {
      await apply(store, 1, [{ timeS: t0, value: 7 }]);
      expect(await apply(store, 2, [{ timeS: t0, value: 7 }])).toEqual(counts(0, 1));
      expect(await apply(store, 3, [{ timeS: t0, value: 7.5 }])).toEqual(counts(0, 0, 1));
      expect(await apply(store, 4, [{ timeS: t0, value: 7.5, flags: 1 }])).toEqual(counts(0, 0, 1));
      expect(await apply(store, 5, [{ timeS: t0, value: null, flags: 32 }])).toEqual(counts(0, 0, 1));
      expect(await apply(store, 6, [{ timeS: t0, value: null, flags: 32 }])).toEqual(counts(0, 1));
      const again = await reopen();
      expect(await again.past(point)).toEqual([
        { value: 7, flags: 0, seq: 1, seqEnd: 3, publishedS: null },
        { value: 7.5, flags: 0, seq: 3, seqEnd: 4, publishedS: null },
        { value: 7.5, flags: 1, seq: 4, seqEnd: 5, publishedS: null },
        { value: null, flags: 32, seq: 5, seqEnd: null, publishedS: null },
      ]);
      const current = await again.series({ ...window, stations: ['s1'], parameters: ['ph'] });
      expect([...(current[0]?.value ?? [])]).toEqual([Number.NaN]);
      for (const [asOfSeq, value] of [
        [1, 7],
        [2, 7],
        [3, 7.5],
        [4, 7.5],
        [5, Number.NaN],
      ] as const) {
        const [series] = await again.series({ ...window, stations: ['s1'], parameters: ['ph'], asOfSeq });
        expect([...(series?.value ?? [])]).toEqual([value]);
        const entries = await again.entries({ ...window, station: 's1', parameters: ['tp', 'ph'], asOfSeq });
        expect(entries.map((one) => [one.key.parameter, ...one.timeS, ...one.seq])).toEqual([
          ['ph', t0, asOfSeq === 2 ? 1 : asOfSeq],
        ]);
        const asked = { ...window, station: 's1', parameters: ['ph'], asOfSeq };
        for (const afterSeq of [0, 1, 2, 3, 4])
          expect((await again.entries({ ...asked, afterSeq })).map(({ seq }) => [...seq])).toEqual(
            entries.map(({ seq }) => [...seq]).filter(([seq]) => seq! > afterSeq),
          );
      }
      expect(await again.series({ ...window, stations: ['s1'], parameters: ['ph'], asOfSeq: 0 })).toEqual([]);
      expect(await again.counts()).toEqual({ readings: 1, past: 3, series: 1 });
    }));

  test('a value that went away comes back without a trace of what stood between', () =>
    withStore(async (store) => {
      await apply(store, 1, [{ timeS: t0, value: 7 }]);
      await apply(store, 2, [{ timeS: t0, value: null, flags: 3 }]);
      await apply(store, 3, [{ timeS: t0, value: 8 }]);
      const [series] = await store.series({ ...window, stations: ['s1'], parameters: ['ph'] });
      expect([...(series?.value ?? []), ...(series?.flags ?? [])]).toEqual([8, 0]);
    }));

  test('the parameters of one station and hour are revised each on their own', () =>
    withStore(async (store) => {
      await apply(store, 1, [
        { timeS: t0, value: 7, publishedS: 10 },
        { timeS: t0, parameter: 'nh3n', value: 0.1, publishedS: 10 },
      ]);
      await apply(store, 2, [{ timeS: t0, parameter: 'nh3n', value: 0.2, publishedS: 20 }]);
      await apply(store, 3, [{ timeS: t0, parameter: 'tp', value: 0.05 }]);
      expect(await store.past(point)).toEqual([{ value: 7, flags: 0, seq: 1, seqEnd: null, publishedS: 10 }]);
      expect(await store.past({ ...point, parameter: 'nh3n' })).toEqual([
        { value: 0.1, flags: 0, seq: 1, seqEnd: 2, publishedS: 10 },
        { value: 0.2, flags: 0, seq: 2, seqEnd: null, publishedS: 20 },
      ]);
      expect(await store.past({ ...point, parameter: 'tp' })).toEqual([
        { value: 0.05, flags: 0, seq: 3, seqEnd: null, publishedS: null },
      ]);
      const asOf = await store.series({
        ...window,
        stations: ['s1'],
        parameters: ['ph', 'nh3n', 'tp'],
        asOfSeq: 2,
      });
      expect(asOf.map((series) => [series.key.parameter, series.value[0]])).toEqual([
        ['ph', 7],
        ['nh3n', 0.2],
      ]);
      const asked = { ...window, station: 's1', parameters: ['tp', 'nh3n', 'ph'], asOfSeq: 2 };
      expect((await store.entries(asked)).map(({ key, seq }) => [key.parameter, ...seq])).toEqual([
        ['nh3n', 2],
        ['ph', 1],
      ]);
      const latest = await store.latest({ averaging: 'PT1H', provider, sinceS: t0 });
      expect(latest.map((row) => [row.key.parameter, row.value, row.seq]).sort(byText)).toEqual([
        ['nh3n', 0.2, 2],
        ['ph', 7, 1],
        ['tp', 0.05, 3],
      ]);
    }));

  test('a reading published before the stored one goes to the past at once, once', () =>
    withStore(async (store) => {
      await apply(store, 1, [{ timeS: t0, value: 7, publishedS: 100 }]);
      expect(await apply(store, 2, [{ timeS: t0, value: 6, publishedS: 50 }])).toEqual(counts(0, 0, 0, 1));
      expect(await apply(store, 3, [{ timeS: t0, value: 6, publishedS: 50 }])).toEqual(counts(0, 1));
      expect(await store.past(point)).toEqual([
        { value: 6, flags: 0, seq: 2, seqEnd: 2, publishedS: 50 },
        { value: 7, flags: 0, seq: 1, seqEnd: null, publishedS: 100 },
      ]);
      for (const asOfSeq of [1, 2, 3]) {
        const [series] = await store.series({ ...window, stations: ['s1'], parameters: ['ph'], asOfSeq });
        expect([...(series?.value ?? [])]).toEqual([7]);
      }
    }));

  test('the same key twice in one batch: equal ones are one, of different ones the last stays', () =>
    withStore(async (store) => {
      expect(
        await apply(store, 1, [
          { timeS: t0, value: 1 },
          { timeS: t0, value: 1 },
        ]),
      ).toEqual(counts(1, 1));
      expect(
        await apply(store, 2, [
          { timeS: t0 + hour, value: 1 },
          { timeS: t0 + hour, value: 2 },
        ]),
      ).toEqual(counts(1, 0, 1));
      expect(
        await apply(store, 3, [
          { timeS: t0, value: 5 },
          { timeS: t0, value: 6 },
        ]),
      ).toEqual(counts(0, 0, 2));
      const [series] = await store.series({ ...window, stations: ['s1'], parameters: ['ph'] });
      expect([...(series?.value ?? [])]).toEqual([6, 2]);
      expect(await store.past(point)).toEqual([
        { value: 1, flags: 0, seq: 1, seqEnd: 3, publishedS: null },
        { value: 5, flags: 0, seq: 3, seqEnd: 3, publishedS: null },
        { value: 6, flags: 0, seq: 3, seqEnd: null, publishedS: null },
      ]);
    }));

  test('outcomes name each row in the order of the batch', () =>
    withStore(async (store) => {
      await apply(
        store,
        1,
        [0, 1, 2].map((at) => ({ timeS: t0 + at * hour, value: at, publishedS: 100 })),
      );
      const rows: Row[] = [
        { timeS: t0 + 5 * hour, value: 5 },
        { timeS: t0 + 2 * hour, value: 9, publishedS: 200 },
        { timeS: t0, value: 0 },
        { timeS: t0 + hour, value: 8, publishedS: 50 },
        { timeS: t0 - hour, value: 3 },
      ];
      const { outcome } = await store.apply({ seq: 2, receivedS: t0 }, batchOf(rows));
      const { accepted, revised, unchanged, superseded } = rowOutcomes;
      expect([...outcome]).toEqual([accepted, revised, unchanged, superseded, accepted]);
    }));

  test('original text, unit and detection limit stay with their version', () =>
    withStore(async (store) => {
      const texts = ['<0.025', '超标 "x", a=b\\', 'line one\nline two'];
      for (const [at, originalText] of texts.entries()) {
        const builder = new BatchBuilder(provider);
        const series = builder.seriesOf('s1', 'ph', 'PT1H');
        builder.add({
          series,
          timeS: t0,
          value: at,
          side: { originalText, originalUnit: 'mg/L', detectionLimit: 0.025 },
        });
        await store.apply({ seq: at + 1, receivedS: t0 }, builder.build());
      }
      await apply(store, 9, [{ timeS: t0, value: 4 }]);
      const versions = await store.past(point);
      expect(versions.map((version) => version.side?.originalText)).toEqual([...texts, undefined]);
      expect(versions[0]?.side).toEqual({
        originalText: '<0.025',
        originalUnit: 'mg/L',
        detectionLimit: 0.025,
      });
      expect(versions[3]).not.toHaveProperty('side');
    }));
}

function reads(withStore: WithStore): void {
  test('series: half-open window, order of the query, oldest rows first under a limit, providers and averagings apart', () =>
    withStore(async (store) => {
      const rows = [0, 1, 2, 3].flatMap((at) =>
        ['s2', 's1'].map((station) => ({ station, timeS: t0 + at * hour, value: at })),
      );
      await apply(store, 1, rows);
      await apply(store, 2, [{ timeS: t0, value: 99, averaging: 'P1D' }]);
      await store.apply({ seq: 3, receivedS: t0 }, batchOf([{ timeS: t0, value: 77 }], 'other'));
      const query = {
        ...window,
        stations: ['s1', 'nowhere', 's2'],
        parameters: ['ph', 'tp'],
        fromS: t0,
        toS: t0 + 3 * hour,
      };
      const all = await store.series(query);
      expect(all.map((series) => [series.key.station, Array.from(series.value)])).toEqual([
        ['s1', [0, 1, 2]],
        ['s2', [0, 1, 2]],
      ]);
      const limited = await store.series({ ...query, limitPerSeries: 2 });
      expect(limited.map((series) => Array.from(series.timeS))).toEqual([
        [t0, t0 + hour],
        [t0, t0 + hour],
      ]);
      const other = await store.series({ ...query, provider: 'other' });
      expect(other.map((series) => Array.from(series.value))).toEqual([[77]]);
      expect(await store.series({ ...query, stations: [] })).toEqual([]);
    }));

  test('a limit is for each series by itself: sparse parameters beside full ones, corrections and earlier entries', () =>
    withStore(async (store) => {
      const hours = Array.from({ length: 40 }, (_, at) => at);
      await apply(
        store,
        1,
        hours.flatMap((at) => [
          { timeS: t0 + at * hour, value: at },
          ...(at % 4 === 3 ? [{ timeS: t0 + at * hour, parameter: 'tp', value: at }] : []),
          ...(at === 39 ? [{ timeS: t0 + at * hour, parameter: 'tn', value: at }] : []),
        ]),
      );
      await apply(
        store,
        2,
        [1, 3, 7, 39].map((at) => ({ timeS: t0 + at * hour, parameter: 'tp', value: 100 + at })),
      );
      const query = {
        ...window,
        stations: ['s1'],
        parameters: ['ph', 'tp', 'tn', 'cod'],
        toS: t0 + 40 * hour,
      };
      for (const asOfSeq of [undefined, 1, 2]) {
        const position = asOfSeq === undefined ? {} : { asOfSeq };
        const whole = await store.series({ ...query, ...position, fromS: t0 });
        expect(whole.map(({ key }) => key.parameter)).toEqual(['ph', 'tp', 'tn']);
        for (const limitPerSeries of [1, 3, 10, 100]) {
          const limited = await store.series({ ...query, ...position, fromS: t0, limitPerSeries });
          expect(limited.map(({ timeS, value }) => [[...timeS], [...value]])).toEqual(
            whole.map(({ timeS, value }) => [
              Array.from(timeS.subarray(0, limitPerSeries)),
              Array.from(value.subarray(0, limitPerSeries)),
            ]),
          );
        }
      }
    }));

  test('latest is the newest row of each series, which may say "no value" or be older than its neighbours', () =>
    withStore(async (store, reopen) => {
      await apply(
        store,
        1,
        [0, 1].flatMap((at) => [
          { timeS: t0 + at * hour, value: at },
          { timeS: t0 + at * hour, parameter: 'tp', value: at / 10 },
          { timeS: t0 + at * hour, station: 's2', value: 3 },
        ]),
      );
      await apply(store, 2, [{ timeS: t0 + 2 * hour, value: null, flags: 32 }]);
      await apply(store, 3, [
        { timeS: t0 - hour, value: 5 },
        { timeS: t0 + hour, parameter: 'tp', value: 0.7 },
      ]);
      const expected = [
        ['s1', 'ph', t0 + 2 * hour, null, 32, 2],
        ['s1', 'tp', t0 + hour, 0.7, 0, 3],
        ['s2', 'ph', t0 + hour, 3, 0, 1],
      ];
      for (const open of [async () => store, reopen]) {
        const from = await open();
        const rows = await from.latest({ averaging: 'PT1H', provider, sinceS: 0 });
        const flat = rows.map((row) => [
          row.key.station,
          row.key.parameter,
          row.timeS,
          row.value,
          row.flags,
          row.seq,
        ]);
        expect(flat.sort(byText)).toEqual(expected);
        const since = await from.latest({ averaging: 'PT1H', provider, sinceS: t0 + 2 * hour });
        expect(since.map((row) => row.key)).toEqual([
          { station: 's1', parameter: 'ph', averaging: 'PT1H', provider },
        ]);
        const only = await from.latest({ averaging: 'PT1H', provider, sinceS: 0, stations: ['s2'] });
        expect(only.map((row) => row.key.station)).toEqual(['s2']);
        const before = await from.latest({ averaging: 'PT1H', provider, sinceS: 0, asOfSeq: 1 });
        expect(
          before.map((row) => [row.key.station, row.key.parameter, row.timeS, row.value]).sort(byText),
        ).toEqual([
          ['s1', 'ph', t0 + hour, 1],
          ['s1', 'tp', t0 + hour, 0.1],
          ['s2', 'ph', t0 + hour, 3],
        ]);
      }
    }));
}

function properties(withStore: WithStore, runs: number): void {
  test('any batches, revisions, repeats and replays give what the plain model gives: current, past, as of every position', async () => {
    const entries = array(record({ rows: array(rowArbitrary, { maxLength: 12 }), replay: boolean() }), {
      maxLength: 7,
    });
    await assert(
      asyncProperty(entries, (list) =>
        withStore(async (store, reopen) => {
          const model = new Model();
          for (const [at, { rows, replay }] of list.entries()) {
            expect(await apply(store, at + 1, rows)).toEqual(model.apply(at + 1, rows));
            if (replay) expect(await apply(store, at + 1, rows)).toEqual(counts(0));
          }
          await agrees(list.length % 2 === 0 ? store : await reopen(), model, list.length);
        }),
      ),
      { numRuns: runs, seed: Number(process.env.JIEHE_SEED ?? 20260821) },
    );
  });

  test('an archive shown in order of publication: any split into entries ends the same, and a second showing changes nothing', async () => {
    const row = record({
      station: constantFrom('s1', 's2'),
      timeS: integer({ min: 0, max: 3 }).map((at) => t0 + at * hour),
      value: constantFrom(1, 2, 3, null),
    });
    await assert(
      asyncProperty(
        array(row, { minLength: 1, maxLength: 16 }),
        array(boolean(), { minLength: 16, maxLength: 16 }),
        (list, cuts) =>
          withStore(async (store) => {
            const shown: Row[] = list.map((one, at) => ({ ...one, publishedS: 1000 + at }));
            const model = new Model();
            model.apply(1, shown);
            const pieces = shown.reduce<Row[][]>((into, one, at) => {
              if (at === 0 || cuts[at] === true) into.push([]);
              into.at(-1)?.push(one);
              return into;
            }, []);
            for (const [at, piece] of pieces.entries()) await apply(store, at + 1, piece);
            await sameButForPositions(store, model);
            const again = await apply(store, 100, shown);
            expect(again).toEqual(counts(0, shown.length));
          }),
      ),
      { numRuns: Math.ceil(runs / 2), seed: Number(process.env.JIEHE_SEED ?? 20260821) },
    );
  });
}

async function sameButForPositions(store: ReadingStore, model: Model): Promise<void> {
  for (const key of model.points.keys()) {
    const plain = (version: { value: number | null; publishedS: number | null }): unknown[] => [
      version.value,
      version.publishedS,
    ];
    const expected = model.versions(key).map(plain);
    const found = (await store.past(pointOf(key))).map(plain);
    expect(found.sort(byText), key).toEqual(expected.sort(byText));
  }
}

function pointOf(key: string): {
  station: string;
  parameter: string;
  averaging: 'PT1H';
  provider: string;
  timeS: number;
} {
  const [station = '', parameter = '', timeS] = key.split('|');
  return { station, parameter, averaging: 'PT1H', provider, timeS: Number(timeS) };
}

/** Current rows as of every position, every point's versions and the counts, compared with the model. */
export async function agrees(
  store: ReadingStore,
  model: Model,
  lastSeq: number,
  positions: readonly number[] = Array.from({ length: lastSeq + 1 }, (_, seq) => seq),
): Promise<void> {
  const query = { ...window, fromS: 0, toS: 1e10, stations: ['s1', 's2'], parameters: ['ph', 'tp'] };
  for (const seq of positions) {
    const found = new Map<string, { value: number | null; flags: number }>();
    for (const { key, timeS, value, flags } of await store.series({
      ...query,
      ...(seq === lastSeq ? {} : { asOfSeq: seq }),
    })) {
      for (const [at, time] of timeS.entries()) {
        const number = value[at]!;
        found.set(`${key.station}|${key.parameter}|${time}`, {
          value: Number.isNaN(number) ? null : number,
          flags: flags[at]!,
        });
      }
    }
    expect(sorted(found), `as of ${seq}`).toEqual(sorted(model.asOf(seq)));
  }
  let past = 0;
  for (const key of model.points.keys()) {
    const versions = await store.past(pointOf(key));
    expect(versions, key).toEqual(model.versions(key));
    past += versions.length - 1;
  }
  expect(await store.counts()).toMatchObject({ readings: model.points.size, past });
}

/** Any order, the same for both sides. */
function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

function sorted<T>(map: Map<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
