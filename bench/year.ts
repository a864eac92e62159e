/**
 * Reads of a year of 200 stations × 9 parameters × 8,760 hours (15.8 million readings, 5 % of them revised) in DuckDB, each
 * beside the raw query on a copy of the file. Run: npm run bench year [readings]
 */
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { SumsQuery } from '../src/domain/ports.ts';
import { openDuckdbReadings } from '../src/store/readings/duckdb/index.ts';
import { batchAt, hour, memoryMiB, paired, parameters, perHour, startS, stations, timed } from './measure.ts';

const wanted = Number(process.argv[2] ?? 8_760 * perHour);
const directory = mkdtempSync(path.join(tmpdir(), 'jiehe-bench-'));
try {
  const file = path.join(directory, 'readings.duckdb');
  let store = await openDuckdbReadings({ path: file });
  let seq = 0;
  let cursor = 0;
  const loading = await timed(async () => {
    while (cursor < wanted) {
      const size = Math.min(200_000, wanted - cursor);
      const revised = cursor === 0 ? 0 : Math.floor(size * 0.05);
      await store.apply({ seq: ++seq, receivedS: startS }, batchAt(cursor, size, revised / size));
      cursor += size - revised;
    }
  });
  const { readings, past } = await store.counts();
  await store.close();
  console.log(
    `load: ${readings} readings, ${past} past, ${(loading / 1000).toFixed(1)} s (${Math.round((readings + past) / loading)} k/s)`,
  );
  console.log(`file: ${(statSync(file).size / (readings + past)).toFixed(2)} bytes a reading`);
  const copy = path.join(directory, 'raw.duckdb');
  copyFileSync(file, copy);
  store = await openDuckdbReadings({ path: file });
  const instance = await DuckDBInstance.create(copy, {
    threads: '2',
    memory_limit: '1024MiB',
    access_mode: 'READ_ONLY',
  });
  const raw = await instance.connect();
  const ask = async (sql: string): Promise<void> => {
    (await raw.runAndReadAll(sql)).getColumns();
  };
  const toS = startS + Math.floor(cursor / perHour) * hour;
  const query = { averaging: 'PT1H' as const, provider: 'cnemc', fromS: toS - 30 * 24 * hour, toS };
  const show = async (what: string, ours: () => Promise<unknown>, sql: string, rounds = 7): Promise<void> => {
    const { oursMs, rawMs, ratio } = await paired(rounds, ours, () => ask(sql));
    console.log(`${what}: ${oursMs.toFixed(1)} ms, raw ${rawMs.toFixed(1)} ms, ${ratio.toFixed(2)} × raw`);
  };
  const ten = { ...query, stations: stations.slice(0, 10), parameters };
  const range = (most: number): string =>
    `SELECT series_id, time_s, value, flags FROM reading WHERE series_id < ${most} AND time_s >= ${query.fromS} AND time_s < ${toS} ORDER BY series_id, time_s`;
  await show('30 days of 10 stations × 9 parameters', () => store.series(ten), range(10 * parameters.length));
  const one = { ...ten, stations: stations.slice(0, 1), parameters: ['ph'] };
  await show('30 days of one series', () => store.series(one), range(1));
  const latest = { averaging: query.averaging, provider: query.provider, sinceS: 0 };
  await show(
    `latest of ${perHour} series`,
    () => store.latest(latest),
    'SELECT series_id, max(time_s), arg_max(value, time_s) FROM reading GROUP BY series_id',
    3,
  );
  const sums: SumsQuery = {
    ...query,
    groups: stations.map((id) => ({ id, stations: [id] })),
    parameters: parameters.map((id) => ({ id, decimals: 4 })),
    fromS: startS,
    period: 'year',
    timeZone: 'Asia/Shanghai',
    cadenceS: hour,
  };
  const rawSums = 'SELECT series_id, count(value), sum(value), min(value), max(value)';
  const rawYear = `${rawSums} FROM reading GROUP BY series_id`;
  await show('year sums of all series', () => store.sums(sums), rawYear, 5);
  const group = { ...sums, groups: [{ id: 'all', stations }] };
  await show('year sums of all stations as one group', () => store.sums(group), rawYear, 3);
  const asOf = await paired(
    5,
    () => store.sums({ ...sums, asOfSeq: seq - 10 }),
    () => store.sums(sums),
  );
  console.log(
    `year sums as of an earlier entry: ${asOf.oursMs.toFixed(1)} ms, ${asOf.ratio.toFixed(2)} × current`,
  );
  const month = `month(to_timestamp(time_s + 28800))`;
  await show(
    'monthly sums of all series',
    () => store.sums({ ...sums, period: 'month' }),
    `${rawSums}, ${month} AS m FROM reading GROUP BY series_id, m`,
    3,
  );
  const day = '(time_s + 28800) // 86400';
  await show(
    'daily sums of all series',
    () => store.sums({ ...sums, period: 'day' }),
    `${rawSums}, ${day} AS d FROM reading GROUP BY series_id, d`,
    3,
  );
  const changes = await timed(async () => {
    for (let at: string | null = null; ;) {
      const page = await store.changesSince(at, 1_000);
      at = page.cursor;
      if (!page.more) break;
    }
  });
  console.log(`changes of all ${seq} entries, page by page: ${changes.toFixed(0)} ms`);
  raw.closeSync();
  instance.closeSync();
  await store.close();
  console.log(
    `reopen: ${(await timed(async () => (await openDuckdbReadings({ path: file })).close())).toFixed(0)} ms`,
  );
  console.log(`memory: ${memoryMiB()} MiB resident`);
} finally {
  rmSync(directory, { recursive: true });
}
