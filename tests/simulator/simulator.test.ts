import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Config } from '../../src/domain/config/config.ts';
import type { River } from '../../src/domain/config/region.ts';
import type { AqiStandard, WaterStandard } from '../../src/domain/config/standard.ts';
import { rowKinds, type FetchContext, type ParseResult, type RawPayload } from '../../src/domain/ports.ts';
import { politeClient } from '../../src/ingest/http.ts';
import { sourceAdapters } from '../../src/ingest/sources/index.ts';
import { dischargeOf, exposures, pressure } from '../../src/simulator/basin.ts';
import { startSimulator, type FaultRates, type Simulator } from '../../src/simulator/index.ts';
import { airStation, fixtureConfig, section, source } from '../ingest/sources/fixture-config.ts';

const standardsFolder = path.resolve(import.meta.dirname, '../../config/standards');
const standardText = (name: string): string =>
  readFileSync(path.join(standardsFolder, `${name}.yaml`), 'utf8');
const waterStandard: WaterStandard = parse(standardText('gb3838-2002'));
const aqiStandard: AqiStandard = parse(standardText('hj633-2026'));

const provenance = { source: 'made up for tests', confidence: 'assumed' } as const;
const reach = (id: string, downstream: string | null, km: number): River['reaches'][number] => ({
  id,
  name: { zh: id, en: id },
  downstream,
  jurisdictions: ['330300'],
  lengthKm: { value: km, provenance },
  provenance,
});
const river: River = {
  id: 'oujiang',
  name: { zh: '瓯江', en: 'Oujiang' },
  basin: { zh: '浙闽片河流', en: 'Rivers of Zhejiang and Fujian' },
  reaches: [reach('upper', 'lower', 40), reach('lower', null, 40)],
  provenance,
};
const onReach = (id: string, key: string, at: string) => section(id, key, { reach: { id: at, provenance } });

/** 2026-05-20T10:10+08:00 */
const NOW_S = 1_779_243_000;
const DAY_S = 86_400;
const quiet = { missingCell: 0, maintenanceDay: 0, revision: 0, late: 0, brokenReply: 0, renamedSections: 0 };

const region = fixtureConfig({
  rivers: [river],
  sections: [onReach('above', '浙江省/龙泉', 'upper'), onReach('below', '浙江省/小旦', 'lower')],
  airStations: [airStation('air-1267a', '1267A', '监测站大楼'), airStation('air-1268a', '1268A', '莲都小学')],
  waterStandards: [waterStandard],
  aqiStandards: [aqiStandard],
});

const open: Simulator[] = [];
afterEach(async () => {
  for (const simulator of open.splice(0)) await simulator.close();
});

async function simulate(
  of: { config?: Config; seed?: number; rates?: Partial<FaultRates>; nowS?: number } = {},
): Promise<Simulator> {
  const nowS = of.nowS ?? NOW_S;
  const rates = { ...quiet, ...of.rates };
  const simulator = await startSimulator({
    config: of.config ?? region,
    seed: of.seed ?? 1,
    clock: { nowS: () => nowS },
    port: 0,
    rates,
  });
  open.push(simulator);
  return simulator;
}

type SourceId = 'cnemc-water' | 'cnemc-air';
interface Read {
  payloads: RawPayload[];
  results: ParseResult[];
  issues: string[];
}

async function read(
  simulator: Simulator,
  id: SourceId,
  window: { fromS: number; toS: number } | null,
  base = region,
): Promise<Read> {
  const config = { ...base, sources: [source(id, { ...simulator.urls[id], retries: 0 })] };
  const client = politeClient(config.sources[0]!);
  const signal = new AbortController().signal;
  const context: FetchContext = {
    signal,
    request: client.request,
    sourceId: id,
    config,
    nowS: NOW_S,
    cursors: { get: () => Promise.resolve(null), set: () => Promise.resolve() },
    secret: () => null,
  };
  const adapter = sourceAdapters.get(id)!;
  const payloads: RawPayload[] = [];
  const stream = window === null ? adapter.fetch(context) : adapter.backfill!(context, window);
  for await (const payload of stream) payloads.push(payload);
  await client.close();
  const results = payloads.map((payload) =>
    adapter.parse(payload.body, { receivedS: NOW_S, meta: payload.meta, config, sourceId: id }),
  );
  return { payloads, results, issues: results.flatMap((result) => result.issues.map((issue) => issue.code)) };
}

/** Newest value of each (series, time), in the order the source showed them; without the state, which only the archive has. */
function points(results: readonly ParseResult[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { batch } of results) {
    for (let row = 0; row < batch.length; row++) {
      const { station, parameter, averaging } = batch.series[batch.seriesIndex[row]!]!;
      if (parameter !== 'pub_state')
        found.set(`${station} ${parameter} ${averaging} ${batch.timeS[row]}`, batch.value[row]!);
    }
  }
  return found;
}

const lastDays = { fromS: NOW_S - 2 * DAY_S, toS: NOW_S };

describe.each(['cnemc-water', 'cnemc-air'] as const)('the %s look-alike', (id) => {
  test('is read by the real adapter, live and from its archive, without an issue', async () => {
    const simulator = await simulate();
    const live = await read(simulator, id, null);
    const archived = await read(simulator, id, lastDays);
    expect(live.issues).toEqual([]);
    expect(archived.issues).toEqual([]);
    const stations = new Set(
      live.results.flatMap((result) => result.batch.series.map((series) => series.station)),
    );
    expect(stations.size).toBe(2);
    const measured = archived.results
      .flatMap((result) => Array.from(result.rowKind))
      .filter((kind) => kind === rowKinds.measured);
    expect(measured.length).toBeGreaterThan(200);
  });

  test('says live what its archive says later', async () => {
    const live = points((await read(await simulate(), id, null)).results);
    const later = await simulate({ nowS: NOW_S + DAY_S });
    const archived = points((await read(later, id, lastDays)).results);
    expect(live.size).toBeGreaterThan(15);
    for (const [key, value] of live) expect(archived.get(key), key).toBe(value);
  });

  test('depends on nothing but seed and time', async () => {
    const text = async (seed: number): Promise<string> =>
      (await read(await simulate({ seed }), id, lastDays)).payloads
        .map((payload) => Buffer.from(payload.body).toString())
        .join('');
    const first = await text(7);
    expect(await text(7)).toBe(first);
    expect(await text(8)).not.toBe(first);
  });

  test('breaks a reply now and then, each time as a named issue', async () => {
    const codes = new Set<string>();
    for (let seed = 1; seed <= 12; seed++) {
      const simulator = await simulate({ seed, rates: { brokenReply: 1 } });
      for (const code of (await read(simulator, id, null)).issues) codes.add(code);
    }
    expect([...codes].sort()).toEqual(['REPLY_IS_HTML', 'REPLY_STATUS', 'REPLY_TRUNCATED']);
  });

  test('marks every answer as synthetic', async () => {
    const { urls } = await simulate();
    const answer = await fetch(`${urls[id].archiveUrl}nothing.csv`);
    expect([answer.status, answer.headers.get('x-jiehe-synthetic')]).toEqual([404, 'true']);
  });
});

test('a revised class appears again with another value and the same readings', async () => {
  const { results } = await read(await simulate({ rates: { revision: 1 } }), 'cnemc-water', lastDays);
  const seen = new Map<string, Set<number>>();
  for (const { batch } of results) {
    for (let row = 0; row < batch.length; row++) {
      const series = batch.series[batch.seriesIndex[row]!]!;
      const key = `${series.station} ${series.parameter} ${batch.timeS[row]}`;
      seen.set(key, (seen.get(key) ?? new Set()).add(batch.value[row]!));
    }
  }
  const changed = [...seen].filter(([, values]) => values.size > 1).map(([key]) => key.split(' ')[1]);
  expect(changed.length).toBeGreaterThan(5);
  expect(new Set(changed)).toEqual(new Set(['pub_class']));
});

test('a station under maintenance has no values, and a renamed section nobody knows is kept apart', async () => {
  const simulator = await simulate({ rates: { maintenanceDay: 1, renamedSections: 1 } });
  const { results, issues } = await read(simulator, 'cnemc-water', null);
  expect(issues).toEqual(['STATION_UNREGISTERED']);
  expect(results.flatMap((result) => result.unknownStations.map((station) => station.name))).toEqual([
    expect.stringContaining('(新)'),
  ]);
  for (const result of results) expect(result.batch.value.every(Number.isNaN)).toBe(true);
});

test('what is spilled on a reach passes later and weaker below', () => {
  const found = exposures(region);
  const [above, below] = [found.get('above')!, found.get('below')!];
  expect(above.dischargers.map((one) => one.id)).toEqual(['upper']);
  expect(below.dischargers.map((one) => one.id)).toEqual(['lower', 'upper']);
  const upperBelow = below.dischargers[1]!;
  expect(upperBelow.travelS).toBeGreaterThan(above.dischargers[0]!.travelS);
  expect(upperBelow.remaining).toBeLessThan(above.dischargers[0]!.remaining);
  const hours = Array.from({ length: 24 * 90 }, (_, hour) => NOW_S + hour * 3600);
  const spill = hours.find((atS) => dischargeOf(3, 'upper', atS).spilled > 0)!;
  expect(spill).toBeDefined();
  const arrival = spill + upperBelow.travelS;
  expect(pressure(3, below, arrival)).toBeGreaterThan(2 * pressure(3, below, spill));
});

test('thirty days of sixty sections and twenty-two stations come in a few seconds', async () => {
  const sections = Array.from({ length: 60 }, (_, index) =>
    onReach(`s-${index}`, `浙江省/断面${index}`, index % 2 ? 'upper' : 'lower'),
  );
  const airStations = Array.from({ length: 22 }, (_, index) =>
    airStation(`air-${index}`, `${3000 + index}A`, `站${index}`),
  );
  const config = { ...region, sections, airStations };
  const simulator = await simulate({ config });
  // Processor time: the machine that runs this may be busy with other things.
  const begun = process.cpuUsage();
  const window = { fromS: NOW_S - 30 * DAY_S, toS: NOW_S };
  const water = await read(simulator, 'cnemc-water', window, config);
  const air = await read(simulator, 'cnemc-air', window, config);
  const used = process.cpuUsage(begun);
  const seconds = (used.user + used.system) / 1e6;
  console.info(
    `30 days: ${water.payloads.length} + ${air.payloads.length} entries, ${seconds.toFixed(1)} s of processor time, parsing included`,
  );
  expect(points(water.results).size).toBeGreaterThan(60 * 6 * 29 * 9);
  expect(points(air.results).size).toBeGreaterThan(22 * 24 * 29 * 12);
  expect(seconds).toBeLessThan(20);
});
