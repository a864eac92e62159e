/** The engines by themselves, used as their own documents say: what the stores are measured against. */
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { InfluxDB, type IPoint } from 'influx';
import type { ReadingBatch } from '../src/domain/batch.ts';
import { appendRows, constant, picked, type Column } from '../src/store/readings/duckdb/columns.ts';

/** A second table holds what was only appended: corrections stand in it twice. */
export interface RawDuckdb {
  /** The appender: the fastest way in, which knows of no corrections. */
  append(batch: ReadingBatch): Promise<void>;
  /** Stage and MERGE: corrections overwrite, the older value is lost. */
  merge(batch: ReadingBatch): Promise<void>;
  ask(sql: string): Promise<void>;
  close(): void;
}

const readingColumns = `(series_id INTEGER, time_s BIGINT, value DOUBLE, flags USMALLINT, seq BIGINT, rev INTEGER,
  published_s BIGINT)`;

export async function rawDuckdb(directory: string): Promise<RawDuckdb> {
  const instance = await DuckDBInstance.create(path.join(directory, 'raw.duckdb'), {
    threads: '2',
    memory_limit: '1024MiB',
    checkpoint_threshold: '64MiB',
  });
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE appended ${readingColumns}; CREATE TABLE merged ${readingColumns}`);
  const columnsOf = (batch: ReadingBatch): Column[] => {
    const rows = Int32Array.from({ length: batch.length }, (_, row) => row);
    return [
      picked(Int32Array.from(batch.seriesIndex), rows),
      picked(batch.timeS, rows),
      picked(batch.value, rows),
      picked(batch.flags, rows),
      constant('long', 1),
      constant('integer', 0),
      constant('long', Number.NaN),
    ];
  };
  return {
    async append(batch) {
      await connection.run('BEGIN');
      await appendRows(connection, { name: 'appended' }, columnsOf(batch), batch.length);
      await connection.run('COMMIT');
    },
    async merge(batch) {
      await connection.run(`BEGIN; CREATE OR REPLACE TEMP TABLE stage ${readingColumns}`);
      await appendRows(connection, { name: 'stage', temporary: true }, columnsOf(batch), batch.length);
      await connection.run(`MERGE INTO merged USING stage USING (series_id, time_s)
        WHEN MATCHED THEN UPDATE SET value = stage.value, flags = stage.flags, seq = stage.seq
        WHEN NOT MATCHED THEN INSERT; COMMIT`);
    },
    async ask(sql) {
      (await connection.runAndReadAll(sql)).getColumns();
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

export interface RawInflux {
  /** Wide points through the npm client; a correction overwrites, the older value is lost. */
  write(batch: ReadingBatch): Promise<void>;
  ask(query: string): Promise<void>;
}

export async function rawInflux(url: string): Promise<RawInflux> {
  const influx = new InfluxDB({ host: '127.0.0.1', port: Number(new URL(url).port), database: 'raw' });
  await influx.createDatabase('raw');
  return {
    async write(batch) {
      const points = pointsOf(batch);
      for (let from = 0; from < points.length; from += 5_000)
        await influx.writePoints(points.slice(from, from + 5_000), { precision: 's' });
    },
    async ask(query) {
      await influx.queryRaw(query, { precision: 's', method: 'POST' });
    },
  };
}

/** Readings of one station and hour come together. */
function pointsOf(batch: ReadingBatch): IPoint[] {
  const points: IPoint[] = [];
  let fields: Record<string, number> = {};
  let open = '';
  let openS = Number.NaN;
  for (let row = 0; row < batch.length; row++) {
    const { station, parameter } = batch.series[batch.seriesIndex[row]!]!;
    const timeS = batch.timeS[row]!;
    if (station !== open || timeS !== openS) {
      [open, openS, fields] = [station, timeS, { seq: 1, rev: 0 }];
      const tags = { station, averaging: 'PT1H', provider: batch.provider };
      points.push({ measurement: 'reading', tags, fields, timestamp: String(timeS) });
    }
    fields[parameter] = batch.value[row]!;
  }
  return points;
}
