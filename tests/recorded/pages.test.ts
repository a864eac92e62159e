import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { classifyReading } from '../../src/analysis/water/index.ts';
import { editionInForce } from '../../src/domain/config/config.ts';
import { openSystem, type System } from '../../src/main.ts';
import { sharedFile } from '../shared-data.ts';

const page = sharedFile('data/water-cnemc/getRealDatas_raw_2026-08-21T20_page1.json');
const national = [
  sharedFile('data/water-cnemc/realdatas_national_captured_2021-04-12T12-15.json.gz'),
  sharedFile('data/water-cnemc/realdatas_national_captured_2021-06-15T20-38.json.gz'),
];
const airHours = sharedFile('data/air-cnemc/national_hourly');
const prefectures = sharedFile('data/air-cnemc/six_prefectures_2026-02.csv.gz');
const MEASURED = ['ph', 'do', 'codmn', 'nh3n', 'tp'];

describe.skipIf(page === null)('recorded replies of the real upstreams, through the whole line', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-pages-'));
  let system: System;

  beforeAll(async () => {
    system = await openSystem({ dataDir: folder, synthetic: null });
  }, 120_000);
  afterAll(async () => {
    await system.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ingest = async (source: string, file: string) => {
    const bytes = readFileSync(file);
    const report = await system.pipeline.file(
      source,
      { name: path.basename(file), bytes },
      { trigger: 'file' },
    );
    const { read, absent, missing, rejected, accepted, unchanged, superseded, revised } = report.cells;
    expect(absent + missing + rejected + accepted + unchanged + superseded + revised).toBe(read);
    return report;
  };

  test('a raw page of 2026: 480 rows of 12 provinces all kept, classes as published through store and verdict', async () => {
    const report = await ingest('cnemc-water', page!);
    expect(report.entries).toBe(1);
    expect(report.cells.rejected).toBe(0);
    const { tbody } = JSON.parse(readFileSync(page!, 'utf8')) as { tbody: string[][] };
    expect(tbody).toHaveLength(480);
    expect(report.cells.read).toBe(tbody.length * 11);
    expect(new Set(tbody.map((row) => row[0])).size).toBe(12);
    const names = new Set(
      system.config().sections.flatMap((section) => section.aliases.map(({ key }) => key)),
    );
    const strangers = new Set(tbody.map((row) => `${row[0]}/${row[2]}`).filter((key) => !names.has(key)));
    const unknown = await system.state.issues.unknownStations();
    expect(new Set(unknown.map(({ naturalKey }) => naturalKey))).toEqual(strangers);
    // One value lies outside the plausible range: kept, and marked.
    expect(report.issues).toEqual({ STATION_UNREGISTERED: strangers.size, VALUE_OUT_OF_RANGE: 1 });

    const rows = await system.readings.latest({ averaging: 'instant', provider: 'cnemc', sinceS: 0 });
    const stations = new Map<string, Record<string, number | null>>();
    for (const { key, value } of rows)
      stations.set(key.station, { ...stations.get(key.station), [key.parameter]: value });
    expect(stations.size).toBe(480);
    const standard = editionInForce(system.config().waterStandards, '2026-08-21')!;
    const judged = [...stations.values()].filter((values) => (values['pub_class'] ?? null) !== null);
    const classOf = (values: Record<string, number | null>, bodyType: 'river' | 'lake' | null) => {
      const of = Object.fromEntries(MEASURED.map((item) => [item, values[item] ?? null]));
      return classifyReading({ values: of, bodyType }, standard);
    };
    const equal = judged.filter((values) => classOf(values, 'river').class === values['pub_class']);
    const other = judged.filter((values) => classOf(values, 'river').class !== values['pub_class']);
    console.log(
      `raw page: ${judged.length} classified, ${equal.length} equal with river limits, ${unknown.length} unregistered`,
    );
    expect([judged.length, equal.length]).toEqual([479, 465]);
    expect(other.filter((values) => classOf(values, 'lake').class === values['pub_class'])).toHaveLength(14);
    expect(new Set(other.map((values) => classOf(values, null).reason))).toEqual(new Set(['type-unknown']));
  });

  test('the same page again changes nothing', async () => {
    const before = await system.readings.counts();
    const again = await ingest('cnemc-water', page!);
    expect(again).toMatchObject({ issues: { VALUE_OUT_OF_RANGE: 1 }, cells: { accepted: 0, revised: 0 } });
    expect(again.issues.STATION_UNREGISTERED).toBeUndefined();
    expect(await system.readings.counts()).toEqual(before);
  });

  test.each(national.map((file, at) => [at, file] as const))(
    'national capture %i is kept whole',
    async (_at, file) => {
      const report = await ingest('cnemc-water', file!);
      expect(report.cells.read).toBeGreaterThan(1600 * 11);
      expect(report.cells.rejected / report.cells.read).toBeLessThan(0.01);
    },
  );

  test('every national hour of the air service is kept, and one issue tells of each unknown station', async () => {
    const files = readdirSync(airHours!).filter((name) => name.endsWith('.csv.gz'));
    expect(files).toHaveLength(11);
    let told = 0;
    for (const name of files) {
      const report = await ingest('cnemc-air', path.join(airHours!, name));
      told += report.issues.STATION_UNREGISTERED ?? 0;
      expect(report.cells.read, name).toBeGreaterThan(200 * 6);
      expect(report.cells.rejected, name).toBe(0);
    }
    const issues = await system.state.issues.list({
      source: 'cnemc-air',
      code: 'STATION_UNREGISTERED',
      limit: 5000,
    });
    expect(issues).toHaveLength(told);
    expect(new Set(issues.map((issue) => issue.source.record)).size).toBe(told);
  });

  test('a month of the six prefectures is kept, and every one of its stations is registered', async () => {
    const report = await ingest('cnemc-air', prefectures!);
    expect(report.cells.rejected).toBe(0);
    expect(report.issues.STATION_UNREGISTERED ?? 0).toBe(0);
    const { cells: second } = await ingest('cnemc-air', prefectures!);
    expect(second).toMatchObject({ accepted: 0, revised: 0 });
  });
});
