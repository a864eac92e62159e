/**
 * Annual evaluation of 200 stations × 9 parameters × 8,760 hours (15.8 million readings) on DuckDB and on InfluxDB: months, months 1 to
 * N and the year of every section, beside the engine's own plain scan of the same rows (sum and count by series and day);
 * percentiles, which pull values; and judging one hourly national batch. Run: npm run bench evaluate [readings] [duckdb|influx]
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { airOverLimitList } from '../src/analysis/exceedance/index.ts';
import { aqiColumns, percentile } from '../src/analysis/air/index.ts';
import {
  assessSection,
  cumulativePeriod,
  dayMeans,
  itemMeans,
  monthFromDaySums,
  monthPeriod,
  periodOf,
  SectionMonths,
  waterFactsOn,
  type AssessedSection,
  type ItemMean,
} from '../src/analysis/assessment/index.ts';
import { loadStandards } from '../src/cli/standards.ts';
import type { Config } from '../src/domain/config/config.ts';
import type { ReadingStore } from '../src/domain/ports.ts';
import { openDuckdbReadings } from '../src/store/readings/duckdb/index.ts';
import { openInfluxReadings } from '../src/store/readings/influx/index.ts';
import { influxdProgram, startInfluxd } from '../tests/servers/influxd.ts';
import {
  batchAt,
  hour,
  median,
  memoryMiB,
  paired,
  parameters,
  perHour,
  startS,
  stations,
  timed,
} from './measure.ts';

const wanted = Number(process.argv[2] ?? 8_760 * perHour);
const standards = loadStandards();
const timeZone = 'Asia/Shanghai';
const decimals = 4;
const config = {
  ...standards,
  region: { timeZone },
  parameters: parameters.map((id) => ({ id, decimals })),
} as unknown as Config;
const facts = waterFactsOn(config, '2025-12-31')!;
const source = { provider: 'cnemc', method: 'automatic', stage: 0 } as const;
const months = Array.from({ length: 12 }, (_, at) => monthPeriod(2025, at + 1).id);
const plain = parameters.filter((id) => !facts.method.meanByHydrogenIon.items.includes(id));
const byIons = parameters.filter((id) => facts.method.meanByHydrogenIon.items.includes(id));
const provenance = { source: 'bench', confidence: 'assumed' } as const;
const sectionOf = (id: string): AssessedSection => ({
  id,
  name: { zh: id, en: id },
  bodyType: { value: 'river', origin: 'official', provenance },
  targets: [{ kind: 'national-assessment', class: 3, provenance }],
  hydraulics: null,
});

/** Of the last run: what the engine and the transfer took. */
let sumsMs = 0;

type Store = Pick<ReadingStore, 'sums' | 'series'>;

/** Values of every month of every section; pH is pulled where asked, everything else comes from sums by day. */
async function monthValues(
  store: Store,
  toS: number,
  ions: boolean,
): Promise<Map<string, Map<string, ItemMean[]>>> {
  const found = new Map(
    stations.map((id) => [id, new Map<string, ItemMean[]>(months.map((month) => [month, []]))]),
  );
  const before = performance.now();
  const sums = await store.sums({
    groups: stations.map((id) => ({ id, stations: [id] })),
    parameters: plain.map((id) => ({ id, decimals })),
    averaging: 'PT1H',
    provider: source.provider,
    fromS: startS,
    toS,
    period: 'day',
    timeZone,
    cadenceS: hour,
    filter: { without: ['belowDetection', 'calibration', 'maintenance', 'fault'] },
  });
  sumsMs = performance.now() - before;
  for (const columns of sums)
    for (const month of months)
      found
        .get(columns.group)!
        .get(month)!
        .push(monthFromDaySums(columns, month, source, facts)!);
  if (!ions) return found;
  for (let at = 0; at < stations.length; at += 20) {
    const series = await store.series({
      stations: stations.slice(at, at + 20),
      parameters: byIons,
      averaging: 'PT1H',
      provider: source.provider,
      fromS: startS,
      toS,
    });
    for (const { key, timeS, value, flags } of series) {
      const one = {
        ...source,
        network: null,
        cadenceS: hour,
        series: [{ parameter: key.parameter, timeS, value, flags }],
      };
      for (const month of months)
        found
          .get(key.station)!
          .get(month)!
          .push(...itemMeans([one], periodOf(month), facts));
    }
  }
  return found;
}

/** Verdicts on 12 months, 12 cumulative periods, 4 quarters and the year of each section. */
function verdicts(values: Map<string, Map<string, ItemMean[]>>): number {
  const periods = [
    ...months.map((id) => periodOf(id)),
    ...months.map((_, at) => cumulativePeriod(2025, at + 1)),
    ...['2025-Q1', '2025-Q2', '2025-Q3', '2025-Q4', '2025'].map((id) => periodOf(id)),
  ];
  let judged = 0;
  for (const [id, known] of values) {
    const shared = new SectionMonths([], facts, known);
    for (const period of periods)
      judged += assessSection(sectionOf(id), shared, period, facts).class === null ? 0 : 1;
  }
  return judged;
}

/** 24 h means and their 98th percentile for some stations: every value leaves the engine. */
async function percentiles(store: Store, count: number): Promise<number> {
  const days = { from: '2025-01-01', to: '2025-12-31' };
  const series = await store.series({
    stations: stations.slice(0, count),
    parameters: plain,
    averaging: 'PT1H',
    provider: source.provider,
    fromS: startS,
    toS: startS + 8_760 * hour,
  });
  const air = { airStandards: standards.airStandards, timeZone, decimals };
  for (const { key, timeS, value, flags } of series) {
    const means = dayMeans({ parameter: key.parameter, timeS, value, flags }, days, air);
    percentile(
      means.values.filter((one) => one !== null),
      98,
    );
  }
  return series.reduce((sum, { timeS }) => sum + timeS.length, 0);
}

/** One national hour: 1,600 stations × 6 pollutants, index and limits; milliseconds of each round. */
function hourlyBatches(rounds: number): number[] {
  const edition = standards.aqiStandards.at(-1)!;
  const assessment = standards.airAssessments.at(-1)!;
  const wording = standards.exceedanceWordings.at(-1)!;
  const names = ['pm25', 'pm10', 'so2', 'no2', 'o3', 'co'];
  return Array.from({ length: rounds }, (_, round) => {
    const values = Object.fromEntries(
      names.map((name, item) => [
        name,
        Float64Array.from(
          { length: 1600 },
          (_value, row) => ((row * 31 + item * 17 + round * 7) % 290) / (name === 'co' ? 10 : 1),
        ),
      ]),
    );
    const before = performance.now();
    aqiColumns(edition, 'hourly', { length: 1600, values });
    for (let row = 0; row < 1600; row++) {
      const given = Object.fromEntries(names.map((name) => [name, values[name]![row]!]));
      airOverLimitList(
        { values: given, averaging: '1h', grade: 2, date: '2026-04-01', standing: 'single-unreviewed' },
        { airStandards: standards.airStandards, assessment, wording },
      );
    }
    return performance.now() - before;
  });
}

/** An engine under the bench: its store, and its own scan of the same rows, sums and counts by series and, where asked, by day. */
interface Engine {
  name: string;
  store: ReadingStore;
  scan(of: { stations: readonly string[]; byDay: boolean }): Promise<unknown>;
  close(): Promise<void>;
}

async function load(store: ReadingStore): Promise<number> {
  let [seq, cursor] = [0, 0];
  const loading = await timed(async () => {
    while (cursor < wanted) {
      const size = Math.min(200_000, wanted - cursor);
      await store.apply({ seq: ++seq, receivedS: startS }, batchAt(cursor, size, 0));
      cursor += size;
    }
  });
  console.log(`  load: ${cursor} readings, ${(loading / 1000).toFixed(1)} s`);
  return startS + Math.floor(cursor / perHour) * hour;
}

async function duckdb(directory: string): Promise<Engine & { toS: number }> {
  const file = path.join(directory, 'readings.duckdb');
  const filling = await openDuckdbReadings({ path: file });
  const toS = await load(filling);
  await filling.close();
  const copy = path.join(directory, 'raw.duckdb');
  copyFileSync(file, copy);
  const store = await openDuckdbReadings({ path: file });
  const options = { threads: '2', memory_limit: '1024MiB', access_mode: 'READ_ONLY' };
  const instance = await DuckDBInstance.create(copy, options);
  const raw = await instance.connect();
  return {
    name: 'DuckDB',
    toS,
    store,
    async scan({ stations: of, byDay }) {
      const day = byDay ? ', (time_s + 28800) // 86400 AS d' : '';
      const where = `WHERE series_id < ${of.length * parameters.length}`;
      const answer = await raw.runAndReadAll(
        `SELECT series_id${day}, sum(value), count(value) FROM reading ${where} GROUP BY series_id${byDay ? ', d' : ''}`,
      );
      return answer.getColumns();
    },
    async close() {
      raw.closeSync();
      instance.closeSync();
      await store.close();
    },
  };
}

async function influx(): Promise<Engine & { toS: number }> {
  const server = await startInfluxd();
  const store = await openInfluxReadings({ url: server.url, database: 'bench', retentionPolicy: 'evidence' });
  const toS = await load(store);
  const columns = parameters.map((id) => `sum("${id}"), count("${id}")`).join(', ');
  return {
    name: 'InfluxDB',
    toS,
    store,
    async scan({ stations: of, byDay }) {
      const names = of.map((id) => `station = '${id}'`).join(' OR ');
      const where = `(${names}) AND time >= ${startS}s AND time < ${toS}s`;
      const grouping = byDay ? 'GROUP BY station, time(1d, -8h) fill(none)' : 'GROUP BY station';
      const q = `SELECT ${columns} FROM "evidence"."reading" WHERE ${where} ${grouping}`;
      const body = new URLSearchParams({ db: 'bench', epoch: 's', q });
      const answer = await fetch(`${server.url}/query`, { method: 'POST', body });
      return answer.json();
    },
    async close() {
      await store.close();
      await server.stop();
    },
  };
}

async function evaluate(engine: Engine & { toS: number }): Promise<void> {
  const { store, scan, toS } = engine;
  const show = async (
    what: string,
    ours: () => Promise<unknown>,
    of: Parameters<Engine['scan']>[0],
    times: number,
  ): Promise<void> => {
    const { oursMs, rawMs, ratio } = await paired(times, ours, () => scan(of));
    console.log(
      `  ${what}: ${(oursMs / 1000).toFixed(2)} s, plain scan ${(rawMs / 1000).toFixed(2)} s, ${ratio.toFixed(2)} ×, ${memoryMiB()} MiB resident`,
    );
  };
  let judged = 0;
  const year = async (ions: boolean): Promise<void> => {
    judged = verdicts(await monthValues(store, toS, ions));
  };
  const everyDay = { stations, byDay: true };
  await show('year of all sections, items that need sums only', () => year(false), everyDay, 5);
  console.log(`    ${judged} verdicts with a class; ${(sumsMs / 1000).toFixed(2)} s of it in the store`);
  await show('year of all sections, pH pulled as well', () => year(true), everyDay, 1);
  const some = { stations: stations.slice(0, 40), byDay: false };
  await show(
    '98th percentiles of 24 h means of 40 stations, values pulled',
    () => percentiles(store, 40),
    some,
    1,
  );
}

const rounds = hourlyBatches(200).toSorted((a, b) => a - b);
console.log(
  `one national hour, 1,600 stations × 6: median ${median(rounds).toFixed(1)} ms, p99 ${rounds[Math.floor(rounds.length * 0.99)]!.toFixed(1)} ms`,
);
const only = process.argv[3];
const directory = mkdtempSync(path.join(tmpdir(), 'jiehe-bench-'));
try {
  for (const [name, open] of [
    ['duckdb', () => duckdb(directory)],
    ['influx', influx],
  ] as const) {
    if (only !== undefined && only !== name) continue;
    if (name === 'influx' && influxdProgram === null) {
      console.log('InfluxDB: skipped, no influxd in PATH');
      continue;
    }
    console.log(name);
    const engine = await open();
    try {
      await evaluate(engine);
    } finally {
      await engine.close();
    }
  }
} finally {
  rmSync(directory, { recursive: true });
}
