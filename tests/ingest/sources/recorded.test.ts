import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { rowKinds, type SourceAdapter } from '../../../src/domain/ports.ts';
import { cnemcAir } from '../../../src/ingest/sources/cnemc-air/index.ts';
import { cnemcWater } from '../../../src/ingest/sources/cnemc-water/index.ts';
import { sharedFile } from '../../shared-data.ts';
import { fixtureConfig } from './fixture-config.ts';

const config = fixtureConfig();
/** 2026-11-01: long after every recording, so that years come from the recordings. */
const RECEIVED_S = 1_793_462_400;

interface Totals {
  entries: number;
  cells: { read: number; absent: number; missing: number; rejected: number };
  measured: number;
  stations: Set<string>;
  years: Set<number>;
  issues: Record<string, number>;
  cellsPerSecond: number;
}

function readFile(adapter: SourceAdapter, file: string): Totals {
  const totals: Totals = {
    entries: 0,
    cells: { read: 0, absent: 0, missing: 0, rejected: 0 },
    measured: 0,
    stations: new Set(),
    years: new Set(),
    issues: {},
    cellsPerSecond: 0,
  };
  // Processor time: the machine that runs this may be busy with other things.
  const begun = process.cpuUsage();
  for (const payload of adapter.split({ name: file, bytes: readFileSync(file) })) {
    const context = { receivedS: RECEIVED_S, meta: payload.meta, config, sourceId: adapter.id };
    const result = adapter.parse(payload.body, context);
    totals.entries += 1;
    for (const key of ['read', 'absent', 'missing', 'rejected'] as const)
      totals.cells[key] += result.cells[key];
    for (const kind of result.rowKind) if (kind === rowKinds.measured) totals.measured += 1;
    for (const series of result.batch.series) totals.stations.add(series.station);
    for (const issue of result.issues) totals.issues[issue.code] = (totals.issues[issue.code] ?? 0) + 1;
    const [first] = result.batch.timeS;
    if (first !== undefined) totals.years.add(new Date(first * 1000).getUTCFullYear());
  }
  const used = process.cpuUsage(begun);
  totals.cellsPerSecond = totals.cells.read / ((used.user + used.system) / 1e6);
  console.info(
    `${file.split('/').at(-1)}: ${totals.cells.read} cells, ${Math.round(totals.cellsPerSecond)} cells/s`,
  );
  expect(totals.measured + totals.cells.absent + totals.cells.missing + totals.cells.rejected).toBe(
    totals.cells.read,
  );
  return totals;
}

const raw = sharedFile('data/water-cnemc/getRealDatas_raw_2026-08-21T20_page1.json');
const captured = sharedFile('data/water-cnemc/realdatas_zhe-min-gan_2021-03-26_2021-06-30.csv.gz');
const national = sharedFile('data/water-cnemc/realdatas_national_captured_2021-04-12T12-15.json.gz');
const air = sharedFile('data/air-cnemc');

describe.skipIf(raw === null)('the raw page of 2026-08-21', () => {
  test('keeps all 480 rows of 12 provinces', () => {
    const totals = readFile(cnemcWater, raw!);
    expect(totals.stations.size).toBe(480);
    expect(totals.cells).toEqual({ read: 5280, absent: 0, missing: 1101, rejected: 0 });
    // One of them is registered in the small region of these tests.
    expect(totals.issues['STATION_UNREGISTERED']).toBe(479);
  });
});

describe.skipIf(captured === null)('the captured table of 2021', () => {
  test('is cut into one entry a capture, and its cells add up to 1,232,968', () => {
    const totals = readFile(cnemcWater, captured!);
    expect(totals.entries).toBe(544);
    expect(totals.cells).toEqual({ read: 1_232_968, absent: 217_057, missing: 12_859, rejected: 4930 });
    expect(totals.measured).toBe(998_122);
    expect(totals.years).toEqual(new Set([2021]));
    expect(totals.issues['TIME_MISSING']).toBe(938);
    expect(totals.cellsPerSecond).toBeGreaterThan(30_000);
  });

  test('loses no byte when it is cut', () => {
    const payloads = Array.from(
      cnemcWater.split({ name: 'captured.csv.gz', bytes: readFileSync(captured!) }),
    );
    const lines = payloads.flatMap((payload) =>
      new TextDecoder().decode(payload.body).split('\n').slice(1, -1),
    );
    expect(lines.length).toBe(112_088);
    const shown = payloads.map((payload) => payload.meta.publishedS!);
    expect(shown).toEqual(shown.toSorted((a, b) => a - b));
    expect(payloads[0]!.meta.part).toBe('lines 2-227');
  });
});

describe.skipIf(national === null)('a national capture of 2021', () => {
  test('takes its year from the capture time in the file name', () => {
    const totals = readFile(cnemcWater, national!);
    expect(totals.cells.read).toBe(1674 * 11);
    expect(totals.stations.size).toBe(1626);
    expect(totals.issues['TIME_MISSING']).toBe(48);
    expect(totals.years).toEqual(new Set([2021]));
  });
});

describe.skipIf(air === null)('the air archive of 2026', () => {
  test('reads the six prefectures without an unknown text', () => {
    const files = readdirSync(air!).filter((name) => name.startsWith('six_prefectures'));
    const all = files.map((name) => readFile(cnemcAir, `${air}/${name}`));
    expect(all.reduce((sum, totals) => sum + totals.cells.read, 0)).toBe(
      (1040 + 14_363 + 14_220 + 14_718) * 14,
    );
    for (const totals of all) expect(Object.keys(totals.issues)).toEqual(['STATION_UNREGISTERED']);
  });

  test('reads the national hours, the short one included', () => {
    const files = readdirSync(`${air}/national_hourly`);
    expect(files.length).toBe(11);
    for (const name of files) {
      const totals = readFile(cnemcAir, `${air}/national_hourly/${name}`);
      expect(totals.cells.rejected).toBe(0);
      expect(totals.stations.size).toBeGreaterThan(200);
    }
  });
});
