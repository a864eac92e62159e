/**
 * Rates of the reading stores beside the raw engines at the same batch size in the same run, with 5 % of the rows corrected and the
 * journal's fsync, hash and reading back included; reads and as-of sums beside the raw queries; memory; bytes a reading.
 * Each engine is a process of its own. Run: npm run bench stores [readings in the base, default 2 million] [duckdb | influx | journal]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ReadingBatch } from '../src/domain/batch.ts';
import type { ReadingStore, SumsQuery } from '../src/domain/ports.ts';
import { openDuckdbReadings } from '../src/store/readings/duckdb/index.ts';
import { openInfluxReadings } from '../src/store/readings/influx/index.ts';
import { influxdProgram, startInfluxd } from '../tests/servers/influxd.ts';
import { journalBytes } from './journal-bytes.ts';
import {
  batchAt,
  hour,
  inTurns,
  median,
  paired,
  parameters,
  peakMemoryMiB,
  perHour,
  ratioOf,
  startS,
  series as known,
  stations,
  timed,
  type Spent,
} from './measure.ts';
import { rawDuckdb, rawInflux } from './raw-engines.ts';
import { openLine, replyOf, type Line } from './through-journal.ts';

const baseRows = Number(process.argv[2] ?? 2_000_000);
const parts = process.argv[3] === undefined ? ['duckdb', 'influx', 'journal'] : [process.argv[3]];
const revisedShare = 0.05;

type Engine = Record<string, (batch: ReadingBatch) => Promise<void>>;

interface Written {
  hours: number;
  seq: number;
}

const figures = (size: number, spent: readonly Spent[]): string => {
  const ms = median(spent.map((one) => one.ms));
  return `${ms.toFixed(1)} ms (${Math.round(size / ms)} k/s)`;
};
const percent = (share: number): string => `${Math.round(share * 100)} %`;

async function compareWrites(name: string, line: Line, store: ReadingStore, raw: Engine): Promise<Written> {
  let cursor = 0;
  const base = 200_000;
  const loading = await timed(async () => {
    for (; cursor < baseRows; cursor += base) {
      const batch = batchAt(cursor, base, 0);
      await line.take(replyOf(batch));
      for (const write of Object.values(raw)) await write(batch);
    }
  });
  console.log(
    `${name}: ${baseRows} readings loaded into each table in ${(loading / 1000).toFixed(1)} s, one process`,
  );
  for (const [size, rounds] of [
    [100_000, 9],
    [10_000, 15],
    [1_800, 31],
  ] as const) {
    const revised = Math.floor(size * revisedShare);
    const batches = Array.from({ length: rounds }, (_, round) =>
      batchAt(cursor + round * (size - revised), size, revisedShare),
    );
    cursor += rounds * (size - revised);
    const replies = batches.map(replyOf);
    const spent = await inTurns(rounds, {
      ours: async (round: number) => {
        const { cells } = await line.take(replies[round]!);
        if (cells.revised !== revised) throw new Error(`revised ${cells.revised} of ${size}`);
      },
      ...Object.fromEntries(
        Object.entries(raw).map(([way, write]) => [way, (round: number) => write(batches[round]!)]),
      ),
    });
    const { ours } = spent;
    console.log(`${name}: write ${size} rows, ${revised} corrected: ours ${figures(size, ours)}`);
    for (const way of Object.keys(raw)) {
      const theirs = spent[way as 'ours'];
      const cpu = ratioOf(ours, theirs, 'cpuMs').toFixed(2);
      console.log(
        `${name}:   ${percent(ratioOf(theirs, ours))} of the rate of ${way}: ${figures(size, theirs)}; processor time × ${cpu}`,
      );
    }
  }
  const hours = Math.floor(cursor / perHour);
  const many = manySeries(startS + hours * hour);
  await store.apply({ seq: line.progress().appliedSeq + 1, receivedS: startS }, many);
  for (const write of Object.values(raw)) await write(many);
  return { hours, seq: line.progress().appliedSeq };
}

/** One reading of each of 10,000 other series. */
function manySeries(timeS: number): ReadingBatch {
  const many = Array.from({ length: 1_000 }, (_, station) => `many-${station}`);
  const series = many.flatMap((station) =>
    parameters.concat('o3').map((parameter) => ({ station, parameter, averaging: 'PT1H' as const })),
  );
  const batch = { ...batchAt(0, series.length, 0), provider: 'many', series: [...known, ...series] };
  batch.seriesIndex.forEach((_, row) => (batch.seriesIndex[row] = known.length + row));
  batch.timeS.fill(timeS);
  return batch;
}

interface RawQueries {
  ask: (text: string) => Promise<void>;
  latest: string;
  range: (stationCount: number, parameterCount: number, window: { fromS: number; toS: number }) => string;
  yearSums: string;
}

async function compareReads(
  name: string,
  store: ReadingStore,
  { hours, seq }: Written,
  raw: RawQueries,
): Promise<void> {
  const toS = startS + hours * hour;
  const window = { fromS: toS - 30 * 24 * hour, toS };
  const show = async (what: string, ours: () => Promise<unknown>, text: string): Promise<void> => {
    const { oursMs, rawMs, ratio } = await paired(9, ours, () => raw.ask(text));
    console.log(
      `${name}: ${what}: ${oursMs.toFixed(1)} ms, raw ${rawMs.toFixed(1)} ms: ${ratio.toFixed(2)} × raw`,
    );
  };
  const query = {
    averaging: 'PT1H' as const,
    provider: 'cnemc',
    stations: stations.slice(0, 10),
    parameters,
    ...window,
  };
  const latest = { averaging: query.averaging, provider: 'many', sinceS: 0 };
  await show('latest of 10,000 series', () => store.latest(latest), raw.latest);
  const ten = raw.range(10, parameters.length, window);
  await show('30 days of 90 series (64,800 values)', () => store.series(query), ten);
  const one = { ...query, stations: stations.slice(0, 1), parameters: parameters.slice(0, 1) };
  await show('30 days of one series', () => store.series(one), raw.range(1, 1, window));
  const sums: SumsQuery = {
    ...query,
    groups: stations.map((id) => ({ id, stations: [id] })),
    parameters: parameters.map((id) => ({ id, decimals: 4 })),
    fromS: startS,
    period: 'year',
    timeZone: 'Asia/Shanghai',
    cadenceS: hour,
  };
  await show(
    `year sums of all ${hours * perHour} readings, with coverage`,
    () => store.sums(sums),
    raw.yearSums,
  );
  const asOf = await paired(
    7,
    () => store.sums({ ...sums, asOfSeq: seq - 10 }),
    () => store.sums(sums),
  );
  console.log(
    `${name}: the same sums as of an earlier entry: ${asOf.oursMs.toFixed(1)} ms: ${asOf.ratio.toFixed(2)} × current`,
  );
  const series = await paired(
    9,
    () => store.series({ ...query, asOfSeq: seq - 1 }),
    () => store.series(query),
  );
  console.log(
    `${name}: 30 days of 90 series as of an earlier entry: ${series.oursMs.toFixed(1)} ms: ${series.ratio.toFixed(2)} × current`,
  );
}

async function duckdb(directory: string): Promise<void> {
  const file = path.join(directory, 'readings.duckdb');
  const store = await openDuckdbReadings({ path: file });
  const line = await openLine(path.join(directory, 'journal-duckdb'), store);
  const raw = await rawDuckdb(directory);
  const written = await compareWrites('DuckDB', line, store, {
    'the raw appender (knows no corrections)': raw.append,
    'raw stage and MERGE (keeps no past)': raw.merge,
  });
  await compareReads('DuckDB', store, written, {
    ask: raw.ask,
    latest:
      'SELECT series_id, max(time_s), arg_max(value, time_s) FROM merged WHERE series_id >= 1800 GROUP BY series_id',
    range: (stationCount, parameterCount, { fromS, toS }) =>
      `SELECT series_id, time_s, value, flags FROM merged WHERE series_id < ${stationCount * parameterCount}
        AND time_s >= ${fromS} AND time_s < ${toS} ORDER BY series_id, time_s`,
    yearSums:
      'SELECT series_id, count(value), sum(value), min(value), max(value) FROM merged WHERE series_id < 1800 GROUP BY series_id',
  });
  const { readings, past } = await store.counts();
  await line.close();
  await store.close();
  raw.close();
  const bytes = (statSync(file).size / (readings + past)).toFixed(1);
  console.log(`DuckDB: ${readings} readings and ${past} past versions: ${bytes} bytes a reading on disk`);
  console.log(
    `DuckDB: reopened in ${(await timed(async () => (await openDuckdbReadings({ path: file })).close())).toFixed(0)} ms`,
  );
}

async function influx(directory: string): Promise<void> {
  if (influxdProgram === null) {
    console.log('InfluxDB: skipped, no influxd in PATH');
    return;
  }
  const server = await startInfluxd();
  try {
    const store = await openInfluxReadings({
      url: server.url,
      database: 'bench',
      retentionPolicy: 'evidence',
    });
    const line = await openLine(path.join(directory, 'journal-influx'), store);
    const raw = await rawInflux(server.url);
    const written = await compareWrites('InfluxDB', line, store, { 'raw wide points': raw.write });
    const fields = parameters.map((name) => `"${name}"`);
    await compareReads('InfluxDB', store, written, {
      ask: raw.ask,
      latest: `SELECT ${fields.map((field) => `last(${field})`).join(', ')}, last("o3") FROM reading WHERE provider = 'many' GROUP BY station`,
      range: (stationCount, parameterCount, { fromS, toS }) =>
        `SELECT ${fields.slice(0, parameterCount).join(', ')} FROM reading WHERE station =~ /^(${stations
          .slice(0, stationCount)
          .join('|')})$/ AND time >= ${fromS}s AND time < ${toS}s GROUP BY station`,
      yearSums: `SELECT ${['count', 'sum', 'min', 'max'].flatMap((what) => fields.map((field) => `${what}(${field})`)).join(', ')}
        FROM reading GROUP BY station`,
    });
    const { readings, past } = await store.counts();
    await line.close();
    await store.close();
    const bytes = bytesBelow(path.join(server.directory, 'data', 'bench'));
    const log = bytesBelow(path.join(server.directory, 'wal', 'bench'));
    const of = (count: number): string => (count / (readings + past)).toFixed(1);
    console.log(
      `InfluxDB: ${readings} readings and ${past} past versions: ${of(bytes)} bytes a reading in data, ${of(log)} still in its log`,
    );
    console.log(
      `InfluxDB: the server had ${peakOf(server.pid)} resident at most, our store and the raw one together`,
    );
  } finally {
    await server.stop();
  }
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(path.join(parentPath, name)).size, 0);
}

function peakOf(pid: number): string {
  const [, kib] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return kib === undefined ? 'an unknown number of MiB' : `${Math.round(Number(kib) / 1024)} MiB`;
}

const work: Record<string, (directory: string) => Promise<void>> = { duckdb, influx, journal: journalBytes };

async function runPart(part: string): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'jiehe-bench-'));
  try {
    await work[part]?.(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
  console.log(`${part}: ${peakMemoryMiB()} MiB resident at most`);
}

if (parts.length === 1 && parts[0] !== undefined) await runPart(parts[0]);
else {
  for (const part of parts) {
    const { status } = spawnSync(process.execPath, [import.meta.filename, String(baseRows), part], {
      stdio: 'inherit',
    });
    if (status !== 0) process.exitCode = 1;
  }
}
