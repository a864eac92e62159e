import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { versionColumns, type ArchiveMark, type VersionColumns } from '../../../domain/archive.ts';
import type { SeriesKey } from '../../../domain/batch.ts';
import { MonitorError } from '../../../domain/errors.ts';
import type {
  EntriesQuery,
  LatestRow,
  SeriesColumns,
  SeriesEntries,
  SeriesQuery,
} from '../../../domain/ports.ts';
import { addRows, quoted } from '../duckdb/ageing.ts';
import { numberAt, readColumns, textAt } from '../duckdb/columns.ts';
import { whole } from '../duckdb/read.ts';
import { versionAt, type PastVersion, type Version } from '../versions.ts';
import { archiveFault, parquetOf } from './file.ts';

const list = (texts: readonly string[]): string => texts.map(quoted).join(',');

/** Reads archived readings out of their Parquet files, each of which is checked against its SHA-256 before its first use. */
export class ArchiveReader {
  readonly #root: string;
  #instance: Promise<DuckDBInstance> | null = null;

  constructor(root: string) {
    this.#root = root;
  }

  async series(marks: readonly ArchiveMark[], query: SeriesQuery): Promise<SeriesColumns[]> {
    const rows = new Map<string, { key: SeriesKey; timeS: number[]; value: number[]; flags: number[] }>();
    await this.#each(marks, async (connection, file) => {
      const sql = `SELECT station, parameter, time_s::DOUBLE, value, flags FROM read_parquet(${file})
        WHERE station IN (${list(query.stations)}) AND parameter IN (${list(query.parameters)})
        AND time_s >= ${whole(query.fromS)} AND time_s < ${whole(query.toS)} AND ${standing(query.asOfSeq)}
        ORDER BY station, parameter, time_s`;
      await readColumns(connection, sql, ([station, parameter, time, value, flags], count) => {
        for (let row = 0; row < count; row++) {
          const key: SeriesKey = {
            station: textAt(station, row) ?? '',
            parameter: textAt(parameter, row) ?? '',
            averaging: query.averaging,
            provider: query.provider,
          };
          const name = `${key.station}\n${key.parameter}`;
          const columns = rows.get(name) ?? { key, timeS: [], value: [], flags: [] };
          rows.set(name, columns);
          columns.timeS.push(numberAt(time, row));
          columns.value.push(numberAt(value, row));
          columns.flags.push(numberAt(flags, row));
        }
      });
    });
    return [...rows.values()].map(({ key, timeS, value, flags }) => ({
      key,
      timeS: Float64Array.from(timeS),
      value: Float64Array.from(value),
      flags: Uint16Array.from(flags),
    }));
  }

  async entries(marks: readonly ArchiveMark[], query: EntriesQuery): Promise<SeriesEntries[]> {
    const { station, averaging, provider } = query;
    const rows = new Map<string, { timeS: number[]; seq: number[] }>();
    await this.#each(marks, async (connection, file) => {
      const sql = `SELECT parameter, time_s::DOUBLE, seq::DOUBLE FROM read_parquet(${file})
        WHERE station = ${quoted(station)} AND parameter IN (${list(query.parameters)})
        AND time_s >= ${whole(query.fromS)} AND time_s < ${whole(query.toS)} AND ${standing(query.asOfSeq)}
        AND seq > ${whole(query.afterSeq ?? 0)} ORDER BY parameter, time_s`;
      await readColumns(connection, sql, ([parameter, time, seq], count) => {
        for (let row = 0; row < count; row++) {
          const name = textAt(parameter, row) ?? '';
          const own = rows.get(name) ?? { timeS: [], seq: [] };
          rows.set(name, own);
          own.timeS.push(numberAt(time, row));
          own.seq.push(numberAt(seq, row));
        }
      });
    });
    return [...rows].map(([parameter, { timeS, seq }]) => ({
      key: { station, parameter, averaging, provider },
      timeS: Float64Array.from(timeS),
      seq: Float64Array.from(seq),
    }));
  }

  /** Newest row of each series as of a position. */
  async latest(
    marks: readonly ArchiveMark[],
    query: { sinceS: number; stations?: readonly string[]; asOfSeq: number },
  ): Promise<LatestRow[]> {
    const newest = new Map<string, LatestRow>();
    await this.#each(marks, async (connection, file, mark) => {
      const stations = query.stations === undefined ? '' : `AND station IN (${list(query.stations)})`;
      const sql = `SELECT station, parameter, time_s::DOUBLE, value, flags, seq::DOUBLE FROM read_parquet(${file})
        WHERE time_s >= ${whole(query.sinceS)} ${stations} AND ${standing(query.asOfSeq)}
        QUALIFY row_number() OVER (PARTITION BY station, parameter ORDER BY time_s DESC) = 1`;
      await readColumns(connection, sql, ([station, parameter, time, value, flags, seq], count) => {
        for (let row = 0; row < count; row++) {
          const { averaging, provider } = mark;
          const key = {
            station: textAt(station, row) ?? '',
            parameter: textAt(parameter, row) ?? '',
            averaging,
            provider,
          };
          const name = `${key.station}\n${key.parameter}`;
          const timeS = numberAt(time, row);
          if (timeS <= (newest.get(name)?.timeS ?? -Infinity)) continue;
          const number = numberAt(value, row);
          newest.set(name, {
            key,
            timeS,
            value: Number.isNaN(number) ? null : number,
            flags: numberAt(flags, row),
            seq: numberAt(seq, row),
          });
        }
      });
    });
    return [...newest.values()];
  }

  async past(
    marks: readonly ArchiveMark[],
    point: SeriesKey & { timeS: number },
  ): Promise<{ past: PastVersion[]; current: Version | null }> {
    const past: PastVersion[] = [];
    let current: Version | null = null;
    const where = `station = ${quoted(point.station)} AND parameter = ${quoted(point.parameter)} AND time_s = ${whole(point.timeS)}`;
    for await (const slice of this.versions(marks, where)) {
      for (let row = 0; row < slice.length; row++) {
        const version = versionAt(slice, row);
        if ('seqEnd' in version) past.push(version);
        else current = version;
      }
    }
    return { past, current };
  }

  /** Whole versions, a slice a station. */
  async *versions(marks: readonly ArchiveMark[], where = 'true'): AsyncGenerator<VersionColumns> {
    for (const mark of marks) {
      const file = quoted(await this.#sound(mark));
      const connection = await this.#connect();
      try {
        const from = `FROM read_parquet(${file}) WHERE ${where}`;
        const stations = (
          await connection.runAndReadAll(`SELECT DISTINCT station ${from} ORDER BY ALL`)
        ).getRows();
        for (const station of stations.map(([name]) => String(name))) {
          const slice = versionColumns();
          const sql = `SELECT time_s::DOUBLE, value, flags, seq::DOUBLE, seq_end::DOUBLE, published_s::DOUBLE, original_text,
            original_unit, detection_limit, parameter ${from} AND station = ${quoted(station)}
            ORDER BY parameter, time_s, seq, seq_end NULLS LAST`;
          await readColumns(connection, sql, (columns, rows) => {
            const parameters = columns[9];
            addRows(slice, { station, parameter: (row) => textAt(parameters, row) ?? '' }, columns, rows);
          });
          yield slice;
        }
      } finally {
        connection.closeSync();
      }
    }
  }

  async close(): Promise<void> {
    (await this.#instance)?.closeSync();
    this.#instance = null;
  }

  async #each(
    marks: readonly ArchiveMark[],
    read: (connection: DuckDBConnection, file: string, mark: ArchiveMark) => Promise<void>,
  ): Promise<void> {
    const connection = await this.#connect();
    try {
      for (const mark of marks) await read(connection, quoted(await this.#sound(mark)), mark);
    } finally {
      connection.closeSync();
    }
  }

  async #sound(mark: ArchiveMark): Promise<string> {
    const fault = await archiveFault(this.#root, mark);
    if (fault === null) return parquetOf(this.#root, mark);
    throw new MonitorError(
      'E_STORE_UNAVAILABLE',
      `archived readings cannot be read: ${fault}. Put the file back from a copy, or run jiehe rebuild (docs/retention.md)`,
      { details: { archive: mark.id } },
    );
  }

  async #connect(): Promise<DuckDBConnection> {
    this.#instance ??= DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '512MiB' });
    return (await this.#instance).connect();
  }
}

function standing(asOfSeq: number | undefined): string {
  if (asOfSeq === undefined) return 'seq_end IS NULL';
  const seq = whole(asOfSeq);
  return `seq <= ${seq} AND (seq_end IS NULL OR seq_end > ${seq})`;
}
