/**
 * Annual evaluation of 200 stations × 9 parameters × 8,760 hours (15.8 million readings) on DuckDB and on InfluxDB: the verdicts of the
 * product, ids included, on the months, months 1 to N, quarters and the year of every section, beside the engine's own plain scan of
 * the same rows (sum and count by series and day); percentiles of 24 h means; and judging one hourly national batch. Run: npm run bench evaluate [readings] [duckdb|influx]
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { airOverLimitList } from '../src/analysis/exceedance/index.ts';
import { aqiColumns, percentile } from '../src/analysis/air/index.ts';
import {
  cumulativePeriod,
  dayMeans,
  monthPeriod,
  periodOf,
  waterFactsOn,
} from '../src/analysis/assessment/index.ts';
import { regionVerdicts } from '../src/api/verdicts/region-verdicts.ts';
import { talliedSeries } from '../src/api/verdicts/tallied-series.ts';
import { loadStandards } from '../src/cli/standards.ts';
import type { Config } from '../src/domain/config/config.ts';
import type { ReadingStore, StateStore } from '../src/domain/ports.ts';
import { openDuckdbReadings } from '../src/store/readings/duckdb/index.ts';
import { openInfluxReadings } from '../src/store/readings/influx/index.ts';
import { influxdProgram, startInfluxd } from '../tests/servers/influxd.ts';
import {
  batchAt,
  hour,
  inTurns,
  median,
  memoryMiB,
  parameters,
  peakMemoryMiB,
  perHour,
  ratioOf,
  series,
  startS,
  stations,
  timed,
  type Spent,
} from './measure.ts';

const wanted = Number(process.argv[2] ?? 8_760 * perHour);
const standards = loadStandards();
const timeZone = 'Asia/Shanghai';
const decimals = 4;
const provider = 'cnemc';
const averaging = 'instant' as const;
const provenance = { source: 'bench', confidence: 'assumed' } as const;
const sections = stations.map((id) => ({
  id,
  name: { zh: id, en: id },
  aliases: [{ provider, key: id }],
  bodyType: { value: 'river', origin: 'official', provenance },
  targets: [{ kind: 'national-assessment', class: 3, provenance }],
  hydraulics: null,
  network: null,
  operator: null,
  assessed: null,
}));
const configOf = (items: readonly string[]): Config =>
  ({
    ...standards,
    region: { timeZone },
    jurisdictions: [],
    sections,
    sources: [{ provider, cadenceSeconds: hour }],
    parameters: items.map((id) => ({ id, decimals, medium: 'water', published: false, type: 'quantity' })),
  }) as unknown as Config;
const { items: byIons } = waterFactsOn(configOf(parameters), '2025-12-31')!.method.meanByHydrogenIon;
const plain = parameters.filter((id) => !byIons.includes(id));
const months = Array.from({ length: 12 }, (_, at) => at + 1);
const periods = [
  ...months.map((month) => monthPeriod(2025, month)),
  ...months.map((month) => cumulativePeriod(2025, month)),
  ...['2025-Q1', '2025-Q2', '2025-Q3', '2025-Q4', '2025'].map(periodOf),
];
const noCircumstances = { list: async () => [] } as unknown as StateStore['circumstances'];
/** Journal entries of the year. */
let entries = 0;

/** Verdicts on 12 months, 12 cumulative periods, 4 quarters and the year of every section, as the product gives them. */
async function verdicts(store: ReadingStore, config: Config): Promise<number> {
  const asked = config.sections.map((section) => ({ section, periods }));
  let judged = 0;
  const deps = { readings: store, state: { circumstances: noCircumstances } };
  for await (const one of regionVerdicts(deps, { config, asked, asOfSeq: entries }))
    judged += one.verdicts.filter(({ assessment }) => assessment.class !== null).length;
  return judged;
}

/** 24 h means and their 98th percentile, from sums by day. */
async function percentiles(store: ReadingStore, toS: number): Promise<number> {
  const days = { from: '2025-01-01', to: '2025-12-31' };
  const air = { airStandards: standards.airStandards, timeZone, decimals };
  const asked = {
    stations,
    parameters: plain.map((id) => ({ id, decimals })),
    averaging,
    provider,
    fromS: startS,
    toS,
    timeZone,
    asOfSeq: entries,
  };
  let found = 0;
  for (const series of (await talliedSeries({ readings: store }, asked, new Set())).values()) {
    for (const one of series) {
      const means = dayMeans(one, days, air).values.filter((value) => value !== null);
      found += percentile(means, 98) === null ? 0 : 1;
    }
  }
  return found;
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

/** An engine under the bench: its store, and its own scan of the same rows, sums and counts by series and day. */
interface Engine {
  name: string;
  store: ReadingStore;
  scan(): Promise<unknown>;
  inProcess: boolean;
  close(): Promise<void>;
}

async function load(store: ReadingStore): Promise<number> {
  let cursor = 0;
  entries = 0;
  const measured = series.map((one) => ({ ...one, averaging }));
  const loading = await timed(async () => {
    while (cursor < wanted) {
      const size = Math.min(200_000, wanted - cursor);
      await store.apply(
        { seq: ++entries, receivedS: startS },
        { ...batchAt(cursor, size, 0), series: measured },
      );
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
    inProcess: true,
    async scan() {
      const day = '(time_s + 28800) // 86400 AS d';
      const answer = await raw.runAndReadAll(
        `SELECT series_id, ${day}, sum(value), count(value) FROM reading GROUP BY series_id, d`,
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
    inProcess: false,
    async scan() {
      const where = `time >= ${startS}s AND time < ${toS}s`;
      const q = `SELECT ${columns} FROM "evidence"."reading" WHERE ${where} GROUP BY station, time(1d, -8h) fill(none)`;
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

async function evaluate(engine: Engine & { toS: number }, rounds: number): Promise<void> {
  const { store, scan, toS } = engine;
  const show = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    const spent = await inTurns(rounds, { scan: () => scan(), ours: work });
    const ms = (list: readonly Spent[]): string => (median(list.map((one) => one.ms)) / 1000).toFixed(2);
    const [ratio, cpu] = [ratioOf(spent.ours, spent.scan), ratioOf(spent.ours, spent.scan, 'cpuMs')];
    const processor = engine.inProcess ? `, ${cpu.toFixed(2)} × its processor time` : '';
    console.log(
      `  ${what}: ${ms(spent.ours)} s, plain scan ${ms(spent.scan)} s, ${ratio.toFixed(2)} ×${processor}, ${memoryMiB()} MiB resident`,
    );
  };
  let judged = 0;
  const year = async (items: readonly string[]): Promise<void> => {
    judged = await verdicts(store, configOf(items));
  };
  await show('year of all sections, items that need sums only', () => year(plain));
  console.log(`    ${judged} verdicts with a class, each with its id`);
  await show('year of all sections, pH as well', () => year(parameters));
  await show('98th percentiles of 24 h means of all stations', () => percentiles(store, toS));
  console.log(`  at most ${peakMemoryMiB()} MiB resident`);
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
      await evaluate(engine, name === 'duckdb' ? 5 : 1);
    } finally {
      await engine.close();
    }
  }
} finally {
  rmSync(directory, { recursive: true });
}
