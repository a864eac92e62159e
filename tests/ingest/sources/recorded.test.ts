import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cnemcAir } from '../../../src/ingest/sources/cnemc-air/index.ts';
import { cnemcWater } from '../../../src/ingest/sources/cnemc-water/index.ts';
import { sharedFile } from '../../shared-data.ts';
import { readFile } from './recorded-totals.ts';

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
