import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explainMarks } from '../../../src/analysis/quality/explain.ts';
import { BatchBuilder, type ReadingBatch } from '../../../src/domain/batch.ts';
import { qualifiers } from '../../../src/domain/flags.ts';
import type { ReadingStore } from '../../../src/domain/ports.ts';
import { StoreScreening } from '../../../src/ingest/quality/screening.ts';
import { openDuckdbReadings } from '../../../src/store/readings/duckdb/index.ts';
import { openInfluxReadings } from '../../../src/store/readings/influx/index.ts';
import { hourS, rules, screeningConfig, startS } from '../../analysis/quality/columns.ts';
import { influxdProgram, startInfluxd, type Influxd } from '../../servers/influxd.ts';

interface Row {
  station: string;
  parameter: string;
  hour: number;
  value: number | null;
}

const parameters = ['nh3n', 'tn', 'codmn'];
/** Few values and few hours, so that rows repeat, correct each other and come late. */
const row: fc.Arbitrary<Row> = fc.record({
  station: fc.constantFrom('upper', 'lower'),
  parameter: fc.constantFrom(...parameters),
  hour: fc.integer({ min: 0, max: 11 }).map((step) => step * 4),
  value: fc.constantFrom(0.1, 0.3, 0.3, 0.3, 1.9, null),
});

function batchOf(rows: readonly Row[]): ReadingBatch {
  const batch = new BatchBuilder('p');
  for (const { station, parameter, hour, value } of rows) {
    const series = batch.seriesOf(station, parameter, 'instant');
    batch.add({
      series,
      timeS: startS + hour * hourS,
      value,
      flags: value === null ? qualifiers.missing : 0,
    });
  }
  return batch.build();
}

const query = {
  stations: ['upper', 'lower'],
  parameters,
  averaging: 'instant',
  provider: 'p',
  fromS: 0,
  toS: 9e9,
} as const;

/** Shows entries to a store from its first position on; a process that starts anew at each `restart` remembers nothing. */
async function show(store: ReadingStore, entries: readonly Row[][], restart = Infinity): Promise<void> {
  let screening = new StoreScreening(store);
  for (const [at, rows] of entries.entries()) {
    if (at % restart === restart - 1) screening = new StoreScreening(store);
    const seq = at + 1;
    const batch = await screening.screen(seq, batchOf(rows), screeningConfig);
    screening.applied(seq, batch, await store.apply({ seq, receivedS: startS + seq }, batch));
  }
}

async function stored(store: ReadingStore) {
  const series = await store.series(query);
  const rows = series.flatMap(({ key, timeS, value, flags }) =>
    [...timeS].map((time, at) => ({
      at: `${key.station} ${key.parameter} ${(time - startS) / hourS}`,
      value: value[at]!,
      suspect: (flags[at]! & qualifiers.screened) !== 0,
    })),
  );
  const marks = explainMarks(series, rules, { fromS: 0, toS: 9e9 });
  const expected = new Set(
    marks.map((mark) => `${mark.station} ${mark.parameter} ${(mark.timeS - startS) / hourS}`),
  );
  return { rows, expected };
}

const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-screening-'));
let files = 0;
const duckdb = () => openDuckdbReadings({ path: path.join(folder, `${(files += 1)}.duckdb`) });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('screening on the way into a store', () => {
  test('marks what the current values say, whatever the order and the cut of the entries', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 8, maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 }),
        async (rows, cuts) => {
          const [single, cut] = [await duckdb(), await duckdb()];
          try {
            await show(
              single,
              rows.map((one) => [one]),
            );
            const entries: Row[][] = [];
            for (let at = 0, turn = 0; at < rows.length; turn += 1) {
              const size = cuts[turn % cuts.length]!;
              entries.push(rows.slice(at, at + size));
              at += size;
            }
            await show(cut, entries, 3);
            const { rows: found, expected } = await stored(single);
            expect(new Set(found.filter((one) => one.suspect).map((one) => one.at))).toEqual(expected);
            expect((await stored(cut)).rows).toEqual(found);
          } finally {
            await single.close();
            await cut.close();
          }
        },
      ),
      { numRuns: 6 },
    );
  }, 120_000);

  test('a second showing changes nothing', async () => {
    const store = await duckdb();
    const rows = fc.sample(fc.array(row, { minLength: 40, maxLength: 60 }), { numRuns: 1, seed: 7 })[0]!;
    const current = new Map(rows.map((one) => [`${one.station} ${one.parameter} ${one.hour}`, one]));
    await show(store, [rows, [...current.values()]]);
    const before = await stored(store);
    const screening = new StoreScreening(store);
    const again = await screening.screen(3, batchOf([...current.values()]), screeningConfig);
    const result = await store.apply({ seq: 3, receivedS: startS }, again);
    expect(result).toMatchObject({ accepted: 0, revised: 0, superseded: 0 });
    expect(await stored(store)).toEqual(before);
    await store.close();
  });

  test('every row of a long batch is judged, and shown again it changes nothing', async () => {
    const store = await duckdb();
    const month = Array.from({ length: 180 }, (_, slot) => ({
      station: 'upper',
      parameter: 'codmn',
      hour: slot * 4,
      value: 1.9,
    }));
    await show(store, [month]);
    const { rows, expected } = await stored(store);
    expect(new Set(rows.filter((one) => one.suspect).map((one) => one.at))).toEqual(expected);
    expect(expected.size).toBeGreaterThan(170);
    const again = await new StoreScreening(store).screen(2, batchOf(month), screeningConfig);
    const result = await store.apply({ seq: 2, receivedS: startS }, again);
    expect(result).toMatchObject({ accepted: 0, revised: 0, superseded: 0 });
    await store.close();
  });

  test('a late value marks what came after it, with the entry that brought it', async () => {
    const store = await duckdb();
    const calm = [0, 4, 8].map((hour) => ({ station: 'upper', parameter: 'nh3n', hour, value: 0.1 }));
    await show(store, [[{ station: 'upper', parameter: 'nh3n', hour: 12, value: 1.9 }], calm]);
    const versions = await store.past({
      station: 'upper',
      parameter: 'nh3n',
      averaging: 'instant',
      provider: 'p',
      timeS: startS + 12 * hourS,
    });
    expect(versions).toMatchObject([
      { seq: 1, seqEnd: 2, flags: 0, value: 1.9 },
      { seq: 2, seqEnd: null, flags: qualifiers.screened | 1, value: 1.9 },
    ]);
    await store.close();
  });
});

describe.skipIf(influxdProgram === null)('screening on the way into a real influxd', () => {
  let server: Influxd;
  beforeAll(async () => {
    server = await startInfluxd();
  }, 60_000);
  afterAll(() => server?.stop());

  test('marks the same readings as into DuckDB', async () => {
    const rows = fc.sample(fc.array(row, { minLength: 60, maxLength: 90 }), { numRuns: 1, seed: 11 })[0]!;
    const entries = [rows.slice(0, 20), rows.slice(20, 50), rows.slice(50)];
    const influx = await openInfluxReadings({
      url: server.url,
      database: 'screened',
      retentionPolicy: 'autogen',
    });
    const file = await duckdb();
    await show(influx, entries, 2);
    await show(file, entries);
    const { rows: found, expected } = await stored(file);
    expect(expected.size).toBeGreaterThan(0);
    expect((await stored(influx)).rows).toEqual(found);
    await influx.close();
    await file.close();
  }, 60_000);
});
