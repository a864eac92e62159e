/**
 * Annual evaluation of 200 stations × 9 parameters × 8,760 hours (15.8 million readings) on DuckDB: months, months 1 to N and the year of
 * every section, beside a plain scan of the same rows; percentiles, which pull values; and judging one hourly national batch.
 * Run: npm run bench evaluate [readings]
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

const rounds = hourlyBatches(200).toSorted((a, b) => a - b);
console.log(
  `one national hour, 1,600 stations × 6: median ${median(rounds).toFixed(1)} ms, p99 ${rounds[Math.floor(rounds.length * 0.99)]!.toFixed(1)} ms`,
);
const directory = mkdtempSync(path.join(tmpdir(), 'jiehe-bench-'));
try {
  const file = path.join(directory, 'readings.duckdb');
  let store = await openDuckdbReadings({ path: file });
  let [seq, cursor] = [0, 0];
  const loading = await timed(async () => {
    while (cursor < wanted) {
      const size = Math.min(200_000, wanted - cursor);
      await store.apply({ seq: ++seq, receivedS: startS }, batchAt(cursor, size, 0));
      cursor += size;
    }
  });
  await store.close();
  console.log(`load: ${cursor} readings, ${(loading / 1000).toFixed(1)} s`);
  const copy = path.join(directory, 'raw.duckdb');
  copyFileSync(file, copy);
  store = await openDuckdbReadings({ path: file });
  const instance = await DuckDBInstance.create(copy, {
    threads: '2',
    memory_limit: '1024MiB',
    access_mode: 'READ_ONLY',
  });
  const raw = await instance.connect();
  const toS = startS + Math.floor(cursor / perHour) * hour;
  const scan = async (sql: string): Promise<void> => {
    (await raw.runAndReadAll(sql)).getColumns();
  };
  const byDay =
    'SELECT series_id, (time_s + 28800) // 86400 AS d, sum(value), count(value) FROM reading GROUP BY series_id, d';
  const show = async (
    what: string,
    ours: () => Promise<unknown>,
    sql: string,
    times: number,
  ): Promise<void> => {
    const { oursMs, rawMs, ratio } = await paired(times, ours, () => scan(sql));
    console.log(
      `${what}: ${(oursMs / 1000).toFixed(2)} s, plain scan ${(rawMs / 1000).toFixed(2)} s, ${ratio.toFixed(2)} ×, ${memoryMiB()} MiB resident`,
    );
  };
  let judged = 0;
  await show(
    'year of all sections, items that need sums only',
    async () => (judged = verdicts(await monthValues(store, toS, false))),
    byDay,
    3,
  );
  console.log(`  ${judged} verdicts with a class; ${(sumsMs / 1000).toFixed(2)} s of it in the store`);
  await show(
    'year of all sections, pH pulled as well',
    async () => (judged = verdicts(await monthValues(store, toS, true))),
    byDay,
    1,
  );
  const pulled = 40;
  await show(
    `98th percentiles of 24 h means of ${pulled} stations, values pulled`,
    () => percentiles(store, pulled),
    `SELECT series_id, sum(value), count(value) FROM reading WHERE series_id < ${pulled * parameters.length} GROUP BY series_id`,
    1,
  );
  raw.closeSync();
  instance.closeSync();
  await store.close();
} finally {
  rmSync(directory, { recursive: true });
}
