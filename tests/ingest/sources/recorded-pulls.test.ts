import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { aqiColumns, aqiEditionOfHour } from '../../../src/analysis/air/index.ts';
import type { ParseResult } from '../../../src/domain/ports.ts';
import { sourceAdapters } from '../../../src/ingest/sources/index.ts';
import { standards } from '../../analysis/standards.ts';
import { sharedFile } from '../../shared-data.ts';
import { readFile, type Totals } from './recorded-totals.ts';

const adapter = (id: string) => sourceAdapters.get(id)!;
const inFolder = (folder: string, pattern: RegExp): string[] =>
  readdirSync(folder)
    .filter((name) => pattern.test(name))
    .map((name) => path.join(folder, name));

const hydro = sharedFile('data/hydro-mwr');
const county = sharedFile('data/air-zhejiang-county');
const usgs = sharedFile('data/usgs');
const openaq = sharedFile('data/openaq');
const sensorthings = sharedFile('data/sensorthings');

describe.skipIf(hydro === null)('the recorded hydrology of 2021', () => {
  test('rivers: every row is read, and 0 is never a flow', () => {
    let zeros = 0;
    const file = `${hydro}/great_river_zhe-min-gan-wan_2021-03-26_2021-06-30.csv.gz`;
    const totals = readFile(adapter('hydro-mwr'), file, ({ batch }) => {
      zeros += batch.value.filter((value) => value === 0).length;
    });
    expect(totals.entries).toBe(303);
    // 15,887 discharges and 5 stages are written as 0.
    expect(totals.cells).toEqual({ read: 32_513 * 2, absent: 0, missing: 15_892, rejected: 0 });
    expect(zeros).toBe(0);
    expect(totals.years).toEqual(new Set([2021]));
  });

  test('reservoirs: level, inflow and storage', () => {
    const file = `${hydro}/great_rsvr_zhe-min-gan-wan_2021-03-26_2021-06-30.csv.gz`;
    const totals = readFile(adapter('hydro-mwr'), file);
    expect(totals.entries).toBe(248);
    expect(totals.cells).toEqual({ read: 11_573 * 3, absent: 0, missing: 7877 + 100, rejected: 0 });
  });

  test('the national list takes the time of its showing from its name', () => {
    const totals = readFile(adapter('hydro-mwr'), `${hydro}/greatRiver_captured_2021-04-13T12-16.json.gz`);
    expect(totals.cells.read).toBe(1065 * 2);
    expect(totals.stations.size + (totals.issues['TIME_OUT_OF_RANGE'] ?? 0)).toBe(1065);
    expect(totals.years).toEqual(new Set([2021]));
  });
});

/** Index of each station and hour by our own edition, against the one that the platform published with it. */
function againstPublished(
  { batch }: ParseResult,
  sums: { published: number; exact: number; withheld: number },
): void {
  const columns = ['pm25', 'pm10', 'so2', 'no2', 'o3', 'co'];
  const rows = new Map<string, { endS: number; aqi: number; values: Record<string, number> }>();
  for (let row = 0; row < batch.length; row++) {
    const { station, parameter, averaging } = batch.series[batch.seriesIndex[row]!]!;
    if (averaging !== 'PT1H') continue;
    const key = `${station} ${batch.timeS[row]}`;
    const one = rows.get(key) ?? { endS: batch.timeS[row]! + 3600, aqi: Number.NaN, values: {} };
    rows.set(key, one);
    if (parameter === 'pub_aqi') one.aqi = batch.value[row]!;
    else one.values[parameter] = batch.value[row]!;
  }
  const list = [...rows.values()].filter(({ aqi }) => !Number.isNaN(aqi));
  if (list.length === 0) return;
  const { endS } = list[0]!;
  expect(new Set(list.map((one) => one.endS)).size, 'an entry is one hour').toBe(1);
  const edition = aqiEditionOfHour(standards.aqiStandards, { beginS: endS - 3600, endS }, 'Asia/Shanghai')!;
  const values = Object.fromEntries(
    columns.map((name) => [name, Float64Array.from(list, (one) => one.values[name] ?? Number.NaN)]),
  );
  const judged = aqiColumns(edition, 'hourly', { length: list.length, values, notInPlan: {} }).aqi;
  for (const [at, { aqi }] of list.entries()) {
    sums.published += 1;
    if (judged[at]! < 0) sums.withheld += 1;
    else if (judged[at] === aqi) sums.exact += 1;
  }
}

describe.skipIf(county === null)('the county stations of 2026', () => {
  test('all three variants are read, and every published index is the one we compute', () => {
    const sums = { published: 0, exact: 0, withheld: 0 };
    const all: Totals[] = inFolder(county!, /^zj_county.*\.gz$/).map((file) =>
      readFile(adapter('zjemc-air'), file, (result) => againstPublished(result, sums)),
    );
    const cells = all.reduce((sum, totals) => sum + totals.cells.read, 0);
    expect(cells).toBe((495 + 33_030 + 15_120 + 1980 + 45) * 9 + 12 * 6);
    for (const totals of all) {
      expect(totals.cells.rejected).toBe(0);
      expect(Object.keys(totals.issues)).toEqual(['STATION_UNREGISTERED']);
    }
    expect(sums).toEqual({ published: 48_408, exact: 48_408, withheld: 0 });
  });
});

describe.skipIf(usgs === null)('what USGS and the Water Quality Portal served', () => {
  const read = (name: string, id = 'usgs'): Totals => readFile(adapter(id), `${usgs}/${name}`);

  test('daily and instantaneous values in JSON', () => {
    expect(read('waterservices_dv.txt').cells).toEqual({ read: 4, absent: 0, missing: 0, rejected: 0 });
    expect(read('nwis_iv_mock.json').cells).toEqual({ read: 2, absent: 0, missing: 0, rejected: 0 });
    const empty = read('nwis_iv_empty_mock.json');
    expect([empty.cells.read, empty.issues]).toEqual([0, {}]);
  });

  test('a table of daily values, with every day of it', () => {
    const totals = read('dataRetrieval_RDB1Example.txt');
    expect(totals.cells).toEqual({ read: 31, absent: 0, missing: 0, rejected: 0 });
    expect(totals.years).toEqual(new Set([2012]));
  });

  test('lists of sites give stations and no cells; a rating table and XML are refused by name', () => {
    for (const [name, sites] of [
      ['nwis_sites.txt', 206],
      ['waterservices_site.txt', 2],
    ] as const) {
      const totals = read(name);
      expect([totals.cells.read, totals.issues]).toEqual([0, { STATION_UNREGISTERED: sites }]);
    }
    expect(read('waterservices_ratings.txt').issues).toEqual({ HEADERS_CHANGED: 1 });
    expect(read('dataRetrieval_WaterML1Example.xml').issues).toEqual({ REPLY_IS_HTML: 1 });
  });

  test('results and stations of the portal', () => {
    expect(read('wqp_results.txt', 'wqp').cells).toEqual({ read: 5, absent: 0, missing: 0, rejected: 0 });
    expect(read('wqp_sites.txt', 'wqp').issues).toEqual({ STATION_UNREGISTERED: 5 });
  });
});

describe.skipIf(openaq === null)('what OpenAQ answered', () => {
  test('measurements are taken, locations are noted, and other lists are refused by name', () => {
    const of = (name: string): Totals => readFile(adapter('openaq'), `${openaq}/${name}`);
    expect(of('list_sensor_measurements_limit_5.json').cells).toEqual({
      read: 5,
      absent: 0,
      missing: 0,
      rejected: 0,
    });
    expect(of('list_locations.json').issues).toEqual({ STATION_UNREGISTERED: 6 });
    expect(of('get_location_1.json').issues).toEqual({ STATION_UNREGISTERED: 1 });
    expect(of('list_location_latest_1_min.json').issues).toEqual({});
    // Made-up values in the shape of the API: each is refused, none is lost.
    expect(of('measurements.json').cells).toEqual({ read: 13, absent: 0, missing: 0, rejected: 13 });
    const others = readdirSync(openaq!).filter(
      (name) => /^(list|get)_/.test(name) && !/location|measurements/.test(name),
    );
    for (const name of [...others, 'list_location_sensors_3.json', 'sensors.json', 'latest.json'])
      expect(of(name).issues, name).toEqual({ REPLY_NOT_READABLE: 1 });
  });
});

describe.skipIf(sensorthings === null)('payloads of a FROST server', () => {
  const of = (name: string): Totals => readFile(adapter('sensorthings'), `${sensorthings}/${name}`);

  test('every Observation is found however it is wrapped', () => {
    const inserted = of('frost_entities_default.json');
    // Two of an ignored quantity; the others have one that is not mapped.
    expect(inserted.cells.read).toBe(inserted.cells.absent + inserted.cells.rejected);
    expect(inserted.cells.absent).toBe(2);
    const documents = of('frost_docs_payloads.json');
    const count = JSON.stringify(
      JSON.parse(readFileSync(`${sensorthings}/frost_docs_payloads.json`, 'utf8')),
    ).match(/"result":/g)!.length;
    expect(documents.cells.read).toBe(count);
    expect(of('frost_batch_post.json').issues).toEqual({ REPLY_EMPTY: 1 });
  });
});
