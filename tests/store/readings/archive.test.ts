import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ArchiveWindow, KeptInterval } from '../../../src/domain/archive.ts';
import type { ReadingStore } from '../../../src/domain/ports.ts';
import { withArchive } from '../../../src/store/readings/archive/index.ts';
import { openDuckdbReadings } from '../../../src/store/readings/duckdb/index.ts';
import { openInfluxReadings, type InfluxOptions } from '../../../src/store/readings/influx/index.ts';
import { influxdProgram, startInfluxd, type Influxd } from '../../servers/influxd.ts';
import { batchOf, provider, type Row } from './model.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-archive-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const dayS = 86_400;
const marchS = Date.UTC(2024, 2, 1) / 1000 - 8 * 3600;
const aprilS = Date.UTC(2024, 3, 1) / 1000 - 8 * 3600;
const march: ArchiveWindow = { averaging: 'PT1H', provider, parameters: null, fromS: marchS, toS: aprilS };
const stations = ['s1', 's2', 's3'];
const parameters = ['ph', 'tp'];

/** Hours of three stations around March, with revisions, a late published value, a "no value", flags and a station that ended. */
const entries: Row[][] = [
  rows(() => 7),
  rows((_, hour) => (hour % 5 === 0 ? 7.25 : 7)),
  rows((_, hour) => (hour === 3 ? null : 7)).slice(0, 40),
  rows(() => 8).map((row) => ({ ...row, publishedS: row.timeS + 60 })),
  rows(() => 9)
    .filter(({ timeS }) => timeS % 7200 === 0)
    .map((row) => ({ ...row, publishedS: row.timeS + 30, flags: 1 })),
];

function rows(value: (station: string, hour: number) => number | null): Row[] {
  return stations.flatMap((station) =>
    parameters.flatMap((parameter) =>
      Array.from({ length: 30 }, (_, hour) => ({
        station,
        parameter,
        timeS: (station === 's3' ? aprilS - 5 * dayS : aprilS - 12 * 3600) + hour * 3600,
        value: value(station, hour),
      })),
    ),
  );
}

/** Everything that can be asked of these readings, also as of every position. */
async function answers(store: ReadingStore, through: number): Promise<unknown> {
  const window = { averaging: 'PT1H' as const, provider, fromS: marchS, toS: aprilS + 30 * dayS };
  const asked: unknown[] = [await store.counts()];
  for (const at of [undefined, ...Array.from({ length: through + 1 }, (_, seq) => seq)]) {
    const asOf = at === undefined ? {} : { asOfSeq: at };
    const query = { ...window, stations, parameters, ...asOf };
    asked.push(await store.series(query), await store.series({ ...query, limitPerSeries: 7 }));
    if (at !== undefined)
      for (const station of stations)
        asked.push(await store.entries({ ...window, station, parameters, asOfSeq: at }));
    const latest = await store.latest({ averaging: 'PT1H', provider, sinceS: marchS, ...asOf });
    asked.push(latest.toSorted((a, b) => (JSON.stringify(a.key) < JSON.stringify(b.key) ? -1 : 1)));
    asked.push(
      await store.sums({
        ...window,
        ...asOf,
        groups: [
          { id: 'all', stations },
          { id: 'one', stations: ['s1'] },
        ],
        parameters: parameters.map((id) => ({ id, decimals: 2 })),
        period: 'day',
        timeZone: 'Asia/Shanghai',
        cadenceS: 3600,
      }),
      await store.tallies({
        ...window,
        ...asOf,
        stations,
        parameters: parameters.map((id) => ({ id, decimals: 2 })),
        timeZone: 'Asia/Shanghai',
      }),
    );
  }
  for (const station of stations)
    for (const hour of [0, 3, 5, 20])
      asked.push(
        await store.past({
          station,
          parameter: 'ph',
          averaging: 'PT1H',
          provider,
          timeS: aprilS - hour * 3600,
        }),
      );
  return asked;
}

async function fill(store: ReadingStore): Promise<void> {
  for (const [at, batch] of entries.entries())
    await store.apply({ seq: at + 1, receivedS: 0 }, batchOf(batch));
}

interface Engine {
  name: string;
  available: boolean;
  open(name: string): Promise<ReadingStore>;
}

let influxd: Influxd;
/** Readers of this server look at marks often: whoever moves readings waits for them at each step. */
const given = (database: string): InfluxOptions => ({
  url: influxd.url,
  database,
  retentionPolicy: 'evidence',
  marksFreshMs: 100,
});
const engines: Engine[] = [
  {
    name: 'DuckDB',
    available: true,
    open: (name) => openDuckdbReadings({ path: path.join(folder, `${name}.duckdb`) }),
  },
  {
    name: 'InfluxDB',
    available: influxdProgram !== null,
    open: (name) => openInfluxReadings(given(name)),
  },
];
beforeAll(async () => {
  if (influxdProgram !== null) influxd = await startInfluxd();
});
afterAll(() => influxd?.stop());

const how = (id: string, kept: readonly KeptInterval[] = []) => ({
  id,
  place: 'march',
  kept,
  facts: { journal: 'x' },
});

describe.each(engines)('readings in an archive beside $name', ({ name, available, open }) => {
  const root = (of: string): string => path.join(folder, `${name}-${of}`);

  test.runIf(available)(
    'are answered as before: current, as of every position, sums, past; and come back on demand',
    async () => {
      const base = await open('aged');
      const store = withArchive(base, root('aged'));
      await fill(store);
      const before = await answers(store, entries.length);
      const kept = [{ station: 's2', fromS: aprilS - 4 * 3600, toS: aprilS - 2 * 3600 }];
      const counted = await store.archive!.count(march, kept);
      const mark = await store.archive!.age(march, how('march', kept));
      expect(mark).toMatchObject({ id: 'march.1', ...counted });
      expect(counted.readings).toBeGreaterThan(100);
      expect(counted.past).toBeGreaterThan(100);
      expect((await base.counts()).readings).toBe((await store.counts()).readings - counted.readings);
      const s2 = await base.series({ ...march, stations: ['s2'], parameters: ['ph'] });
      expect([...(s2[0]?.timeS ?? [])]).toEqual([aprilS - 4 * 3600, aprilS - 3 * 3600]);
      expect(await answers(store, entries.length)).toEqual(before);
      expect(await store.archive!.age(march, how('march', kept))).toBeNull();

      await store.close();
      const again = withArchive(await open('aged'), root('aged'));
      expect(await answers(again, entries.length)).toEqual(before);
      expect(await again.archive!.fault(mark!)).toBeNull();
      expect(await again.archive!.restore('march.1')).toMatchObject({ readings: counted.readings });
      expect(await again.archive!.marks()).toEqual([]);
      expect(await answers(again, entries.length)).toEqual(before);
      // The same readings once more: the file is known again by what it holds.
      expect(await again.archive!.age(march, how('march', kept))).toMatchObject({ id: 'march.1' });
      expect(await answers(again, entries.length)).toEqual(before);
      await again.close();
    },
  );

  test.runIf(available)(
    'that an entry is about come back first, so that it ends as in a store that never aged',
    async () => {
      const store = withArchive(await open('revised'), root('revised'));
      const control = await open('control');
      for (const one of [store, control]) await fill(one);
      await store.archive!.age(march, how('march'));
      const april = batchOf([{ station: 's1', timeS: aprilS + 20 * dayS, value: 7 }]);
      await store.apply({ seq: 6, receivedS: 0 }, april);
      await control.apply({ seq: 6, receivedS: 0 }, april);
      expect(await store.archive!.marks()).toHaveLength(1);
      const late = batchOf(
        rows((_, hour) => (hour % 2 === 0 ? 5 : 7)).map((row) => ({ ...row, publishedS: row.timeS + 90 })),
      );
      const [aged, never] = [
        await store.apply({ seq: 7, receivedS: 0 }, late),
        await control.apply({ seq: 7, receivedS: 0 }, late),
      ];
      expect({ ...aged }).toEqual({ ...never });
      expect(aged.revised).toBeGreaterThan(0);
      expect(await store.archive!.marks()).toEqual([]);
      expect(await answers(store, 7)).toEqual(await answers(control, 7));
      await store.close();
      await control.close();
    },
  );

  test.runIf(available)(
    'stay in the store when their file cannot be written or the engine fails half way; the next run completes it',
    async () => {
      const base = await open('failing');
      const { ageing } = base;
      const dropping = { fail: true };
      const failing: ReadingStore = {
        ...base,
        ageing: {
          ...ageing!,
          drop: async (...args) => {
            if (dropping.fail) throw new Error('power cut');
            await ageing!.drop(...args);
          },
        },
      };
      const store = withArchive(failing, root('failing'));
      await fill(store);
      const before = await answers(store, entries.length);
      writeFileSync(root('occupied'), '');
      await expect(withArchive(base, root('occupied')).archive!.age(march, how('march'))).rejects.toThrow();
      await expect(store.archive!.age(march, how('march'))).rejects.toThrow('power cut');
      expect(await answers(store, entries.length)).toEqual(before);
      dropping.fail = false;
      expect(await store.archive!.age(march, how('march'))).toMatchObject({ id: 'march.1' });
      expect(readdirSync(path.join(root('failing'), 'march'))).toEqual(['march.1.json', 'march.1.parquet']);
      expect(await answers(store, entries.length)).toEqual(before);
      await store.close();
    },
  );

  test.runIf(available)('of a damaged or missing file are an error by name, never a gap', async () => {
    const store = withArchive(await open('damaged'), root('damaged'));
    await fill(store);
    const mark = await store.archive!.age(march, how('march'));
    const file = path.join(root('damaged'), 'march', 'march.1.parquet');
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(file, bytes);
    const query = { ...march, stations, parameters };
    await expect(store.series(query)).rejects.toMatchObject({
      code: 'E_STORE_UNAVAILABLE',
      message: expect.stringContaining('SHA-256')!,
    });
    await expect(store.archive!.restore('march.1')).rejects.toMatchObject({ code: 'E_STORE_UNAVAILABLE' });
    rmSync(file);
    expect(await store.archive!.fault(mark!)).toContain('is missing');
    expect(await store.series({ ...query, fromS: aprilS, toS: aprilS + dayS })).not.toEqual([]);
    await store.close();
  });
});

test.runIf(influxdProgram !== null)(
  'a database that was left between mark and deletion counts each reading once, and is completed',
  async () => {
    const root = path.join(folder, 'left');
    const base = await openInfluxReadings(given('left'));
    const store = withArchive(base, root);
    await fill(store);
    const before = await answers(store, entries.length);
    await influxd.halt('SIGTERM');
    await influxd.start();
    let removed = 0;
    const cut = await openInfluxReadings({
      ...given('left'),
      retries: 0,
      // The mark is written, one deletion sent, then nothing more.
      beforeWrite: () => {
        removed += 1;
        if (removed > 3) throw new Error('killed');
      },
    });
    await expect(withArchive(cut, root).archive!.age(march, how('march'))).rejects.toThrow();
    expect(removed).toBeGreaterThan(3);
    const reopened = withArchive(await openInfluxReadings(given('left')), root);
    expect(await reopened.archive!.marks()).toMatchObject([{ state: 'moving' }]);
    const halfWay = (await answers(reopened, entries.length)) as unknown[];
    expect(halfWay.slice(1)).toEqual((before as unknown[]).slice(1));
    await reopened.archive!.resume();
    expect(await reopened.archive!.marks()).toMatchObject([{ state: 'archived' }]);
    expect(await answers(reopened, entries.length)).toEqual(before);
    for (const one of [store, reopened]) await one.close();
  },
);

test.runIf(influxdProgram !== null && process.env.JIEHE_LONG === '1')(
  'a month that was cut off on its way back is read as before, and comes back whole at the next asking',
  async () => {
    const root = path.join(folder, 'half-back');
    const store = withArchive(await openInfluxReadings(given('half_back')), root);
    await fill(store);
    const before = await answers(store, entries.length);
    await store.archive!.age(march, how('march'));
    await store.close();
    let writes = 0;
    const cut = withArchive(
      await openInfluxReadings({
        ...given('half_back'),
        retries: 0,
        pointsPerWrite: 50,
        // The mark and the first points are written, then nothing more.
        beforeWrite: () => {
          writes += 1;
          if (writes > 4) throw new Error('killed');
        },
      }),
      root,
    );
    await expect(cut.archive!.restore('march.1')).rejects.toThrow();
    const reopened = withArchive(await openInfluxReadings(given('half_back')), root);
    expect(await reopened.archive!.marks()).toMatchObject([{ state: 'moving' }]);
    expect(await answers(reopened, entries.length)).toEqual(before);
    await reopened.archive!.restore('march.1');
    expect(await reopened.archive!.marks()).toEqual([]);
    expect(await answers(reopened, entries.length)).toEqual(before);
    for (const one of [cut, reopened]) await one.close();
  },
);
