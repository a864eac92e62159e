/**
 * Rates of the reading stores beside the raw engine at the same batch size in the same run; 5 % of the rows are revisions and
 * a journal entry is written and fsynced before each batch. Run: npm run bench stores [readings in the base, default 2 million]
 */
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { InfluxDB, type IPoint } from 'influx';
import type { ReadingBatch } from '../src/domain/batch.ts';
import type { ReadingStore } from '../src/domain/ports.ts';
import { appendRows, constant, picked } from '../src/store/readings/duckdb/columns.ts';
import { openDuckdbReadings } from '../src/store/readings/duckdb/index.ts';
import {
  batchAt,
  hour,
  median,
  memoryMiB,
  parameters,
  perHour,
  series,
  startS,
  stations,
  timed,
} from './measure.ts';
import { openInfluxReadings } from '../src/store/readings/influx/index.ts';
import { influxdProgram, startInfluxd } from '../tests/servers/influxd.ts';

const baseRows = Number(process.argv[2] ?? 2_000_000);

interface Raw {
  append(batch: ReadingBatch): Promise<void>;
  close(): Promise<void>;
}

async function rawDuckdb(directory: string): Promise<Raw> {
  const instance = await DuckDBInstance.create(path.join(directory, 'raw.duckdb'), {
    threads: '2',
    memory_limit: '1024MiB',
    checkpoint_threshold: '64MiB',
  });
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE reading (series_id INTEGER, time_s BIGINT, value DOUBLE, flags USMALLINT, seq BIGINT,
    rev INTEGER, published_s BIGINT)`);
  return {
    async append(batch) {
      const rows = Int32Array.from({ length: batch.length }, (_, row) => row);
      const columns = [
        picked(Int32Array.from(batch.seriesIndex), rows),
        picked(batch.timeS, rows),
        picked(batch.value, rows),
        picked(batch.flags, rows),
        constant('long', 1),
        constant('integer', 0),
        constant('long', Number.NaN),
      ];
      await connection.run('BEGIN');
      await appendRows(connection, { name: 'reading' }, columns, batch.length);
      await connection.run('COMMIT');
    },
    async close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function rawInflux(url: string): Promise<Raw> {
  const influx = new InfluxDB({ host: '127.0.0.1', port: Number(new URL(url).port), database: 'raw' });
  await influx.createDatabase('raw');
  return {
    async append(batch) {
      const points = new Map<string, IPoint & { fields: Record<string, number> }>();
      for (let row = 0; row < batch.length; row++) {
        const { station, parameter } = series[batch.seriesIndex[row]!]!;
        const name = `${station} ${batch.timeS[row]}`;
        const fields = points.get(name)?.fields ?? { seq: 1, rev: 0 };
        fields[parameter] = batch.value[row]!;
        const tags = { station, averaging: 'PT1H', provider: 'cnemc' };
        points.set(name, { measurement: 'reading', tags, fields, timestamp: String(batch.timeS[row]) });
      }
      const list = [...points.values()];
      for (let from = 0; from < list.length; from += 5_000)
        await influx.writePoints(list.slice(from, from + 5_000), { precision: 's' });
    },
    async close() {},
  };
}

async function compare(name: string, directory: string, store: ReadingStore, raw: Raw): Promise<void> {
  const journal = openSync(path.join(directory, `journal-${name}`), 'a');
  let seq = 0;
  let cursor = 0;
  const base = 200_000;
  const load = await timed(async () => {
    for (let rows = 0; rows < baseRows; rows += base) {
      const batch = batchAt(cursor, base, 0);
      await store.apply({ seq: ++seq, receivedS: startS }, batch);
      await raw.append(batch);
      cursor += base;
    }
  });
  console.log(`${name}: base of ${baseRows} readings in store and raw engine, ${(load / 1000).toFixed(1)} s`);
  for (const [size, rounds] of [
    [100_000, 7],
    [10_000, 15],
    [1_800, 31],
  ] as const) {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const batch = batchAt(cursor, size, 0.05);
      cursor += size - Math.floor(size * 0.05);
      const entry = Buffer.alloc(size * 8, round + 1);
      const apply = async (): Promise<void> => {
        writeSync(journal, entry);
        fsyncSync(journal);
        const result = await store.apply({ seq: ++seq, receivedS: startS }, batch);
        if (result.revised !== Math.floor(size * 0.05))
          throw new Error(`revised ${result.revised} of ${size}`);
      };
      // Other load on the machine falls on both; which one goes first changes from round to round.
      if (round % 2 === 0) theirs.push(await timed(() => raw.append(batch)));
      ours.push(await timed(apply));
      if (round % 2 === 1) theirs.push(await timed(() => raw.append(batch)));
    }
    const [our, their] = [median(ours), median(theirs)];
    const rate = (ms: number): string => `${Math.round(size / ms)} k/s`;
    const share = `${Math.round(median(theirs.map((ms, at) => ms / ours[at]!)) * 100)} %`;
    console.log(
      `${name}: ${size} rows: ${our.toFixed(1)} ms (${rate(our)}), raw ${their.toFixed(1)} ms (${rate(their)}), ${share} of raw`,
    );
  }
  await reads(name, store, Math.floor(cursor / perHour), seq);
  closeSync(journal);
}

async function reads(name: string, store: ReadingStore, hours: number, seq: number): Promise<void> {
  const toS = startS + hours * hour;
  const many = Array.from({ length: 2_000 }, (_, station) => `many-${station}`);
  const keys = many.flatMap((station) =>
    parameters.concat('o3').map((parameter) => ({ station, parameter, averaging: 'PT1H' as const })),
  );
  const batch = { ...batchAt(hours * perHour, keys.length, 0), provider: 'many', series: keys };
  for (let row = 0; row < keys.length; row++) {
    batch.seriesIndex[row] = row;
    batch.timeS[row] = toS;
  }
  await store.apply({ seq: seq + 1, receivedS: startS }, batch);
  const query = {
    averaging: 'PT1H' as const,
    provider: 'cnemc',
    stations: stations.slice(0, 10),
    parameters,
    fromS: toS - 30 * 24 * hour,
    toS,
  };
  const measure = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    const times: number[] = [];
    for (let round = 0; round < 7; round++) times.push(await timed(work));
    console.log(`${name}: ${what}: ${median(times).toFixed(1)} ms`);
  };
  await measure('latest of 2,000 stations × 10 parameters', () =>
    store.latest({ averaging: 'PT1H', provider: 'many', sinceS: 0 }),
  );
  await measure('30 days of 10 stations × 9 parameters (64,800 values)', () => store.series(query));
  await measure('the same as of the last entry but one', () => store.series({ ...query, asOfSeq: seq - 1 }));
  await measure('30 days of one series', () =>
    store.series({ ...query, stations: ['station-7'], parameters: ['ph'] }),
  );
}

const directory = mkdtempSync(path.join(tmpdir(), 'jiehe-bench-'));
try {
  const file = path.join(directory, 'readings.duckdb');
  const store = await openDuckdbReadings({ path: file });
  const raw = await rawDuckdb(directory);
  await compare('DuckDB', directory, store, raw);
  const { readings, past } = await store.counts();
  await store.close();
  await raw.close();
  console.log(
    `DuckDB: ${readings} readings and ${past} past: ${(statSync(file).size / (readings + past)).toFixed(1)} bytes a reading`,
  );
  const reopened = await timed(async () => (await openDuckdbReadings({ path: file })).close());
  console.log(`DuckDB: reopen ${reopened.toFixed(0)} ms`);
  if (influxdProgram === null) console.log('InfluxDB: skipped, no influxd in PATH');
  else {
    const server = await startInfluxd();
    try {
      const influx = await openInfluxReadings({
        url: server.url,
        database: 'bench',
        retentionPolicy: 'evidence',
      });
      await compare('InfluxDB', directory, influx, await rawInflux(server.url));
    } finally {
      await server.stop();
    }
  }
  console.log(`memory: ${memoryMiB()} MiB resident`);
} finally {
  rmSync(directory, { recursive: true });
}
