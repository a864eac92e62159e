import type { DuckDBConnection } from '@duckdb/node-api';
import type { SeriesKey } from '../../../domain/batch.ts';
import type {
  ChangePage,
  EntriesQuery,
  LatestRow,
  PointVersion,
  ReadingStore,
  SeriesColumns,
  SeriesEntries,
  SeriesQuery,
} from '../../../domain/ports.ts';
import { changePage, entriesPerRead, type LogPart } from '../changes.ts';
import { sideOf } from '../rows.ts';
import { pointVersions, type PastVersion, type Version } from '../versions.ts';
import type { Catalogue } from './catalogue.ts';
import { numberAt, readColumns, textAt } from './columns.ts';
import type { Database } from './database.ts';

type LatestQuery = Parameters<ReadingStore['latest']>[0];

/** Numbers go into the text of a query only through here. */
export function whole(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '9007199254740991' : '-9007199254740991';
  return String(Math.ceil(value));
}

/** Ids of the stations × parameters of a query that are known, in that order. */
export function seriesIds(catalogue: Catalogue, query: Omit<SeriesQuery, 'fromS' | 'toS'>): number[] {
  const ids: number[] = [];
  for (const station of query.stations) {
    for (const parameter of query.parameters) {
      const id = catalogue.find(station, parameter, query.averaging, query.provider);
      if (id !== undefined) ids.push(id);
    }
  }
  return ids;
}

/** Rows of a window, as of a position if given, as a subquery. */
export function windowSql(
  ids: readonly number[],
  query: { fromS: number; toS: number; asOfSeq?: number },
  columns = 'series_id, time_s, value, flags',
): string {
  const filter = `series_id IN (${ids.join(',')}) AND time_s >= ${whole(query.fromS)} AND time_s < ${whole(query.toS)}`;
  if (query.asOfSeq === undefined) return `SELECT ${columns} FROM reading WHERE ${filter}`;
  const seq = whole(query.asOfSeq);
  return `SELECT ${columns} FROM reading WHERE ${filter} AND seq <= ${seq}
    UNION ALL SELECT ${columns} FROM past WHERE ${filter} AND seq <= ${seq} AND seq_end > ${seq}`;
}

export async function readSeries(
  database: Database,
  catalogue: Catalogue,
  query: SeriesQuery,
): Promise<SeriesColumns[]> {
  const ids = seriesIds(catalogue, query);
  if (ids.length === 0) return [];
  const most = query.limitPerSeries === undefined ? null : whole(query.limitPerSeries);
  // Numbering the rows of a window costs more than reading them; one series needs none.
  const cut =
    most === null || ids.length === 1
      ? ''
      : `QUALIFY row_number() OVER (PARTITION BY series_id ORDER BY time_s) <= ${most}`;
  const end = most === null || ids.length > 1 ? '' : `LIMIT ${most}`;
  const sql = `SELECT series_id, time_s::DOUBLE, value, flags FROM (${windowSql(ids, query)}) ${cut}
    ORDER BY series_id, time_s ${end}`;
  const runs = await database.read((connection) => readRuns(connection, sql));
  return ids.flatMap((id) => {
    const run = runs.get(id);
    return run === undefined ? [] : [{ key: catalogue.keys[id]!, ...run }];
  });
}

type Run = Omit<SeriesColumns, 'key'>;

export async function readEntries(
  database: Database,
  catalogue: Catalogue,
  query: EntriesQuery,
): Promise<SeriesEntries[]> {
  const ids = seriesIds(catalogue, { ...query, stations: [query.station] });
  if (ids.length === 0) return [];
  const rows = new Map<number, { timeS: number[]; seq: number[] }>();
  const sql = `SELECT series_id, time_s::DOUBLE, seq::DOUBLE FROM (${windowSql(ids, query, 'series_id, time_s, seq')})
    WHERE seq > ${whole(query.afterSeq ?? 0)}
    ORDER BY series_id, time_s`;
  await database.read((connection) =>
    readColumns(connection, sql, ([id, time, seq], count) => {
      for (let row = 0; row < count; row++) {
        const own = rows.get(numberAt(id, row)) ?? { timeS: [], seq: [] };
        rows.set(numberAt(id, row), own);
        own.timeS.push(numberAt(time, row));
        own.seq.push(numberAt(seq, row));
      }
    }),
  );
  return ids.flatMap((id) => {
    const own = rows.get(id);
    if (own === undefined) return [];
    return [
      { key: catalogue.keys[id]!, timeS: Float64Array.from(own.timeS), seq: Float64Array.from(own.seq) },
    ];
  });
}

/** Cuts rows sorted by series into one set of columns a series. */
async function readRuns(connection: DuckDBConnection, sql: string): Promise<Map<number, Run>> {
  let id = new Int32Array(2048);
  let timeS = new Float64Array(2048);
  let value = new Float64Array(2048);
  let flags = new Uint16Array(2048);
  const count = await readColumns(connection, sql, (columns, rows, offset) => {
    if (offset + rows > id.length) {
      const size = Math.max(id.length * 2, offset + rows);
      id = enlarged(new Int32Array(size), id);
      timeS = enlarged(new Float64Array(size), timeS);
      value = enlarged(new Float64Array(size), value);
      flags = enlarged(new Uint16Array(size), flags);
    }
    for (let row = 0; row < rows; row++) {
      id[offset + row] = numberAt(columns[0], row);
      timeS[offset + row] = numberAt(columns[1], row);
      value[offset + row] = numberAt(columns[2], row);
      flags[offset + row] = numberAt(columns[3], row);
    }
  });
  const runs = new Map<number, Run>();
  for (let from = 0, to = 0; from < count; from = to) {
    while (to < count && id[to] === id[from]) to += 1;
    runs.set(id[from]!, {
      timeS: timeS.slice(from, to),
      value: value.slice(from, to),
      flags: flags.slice(from, to),
    });
  }
  return runs;
}

function enlarged<T extends Int32Array | Float64Array | Uint16Array>(into: T, from: T): T {
  into.set(from);
  return into;
}

/** From memory: no query at all, unless a past position is asked for. */
export async function readLatest(
  database: Database,
  catalogue: Catalogue,
  query: LatestQuery,
): Promise<LatestRow[]> {
  const wanted = query.stations === undefined ? null : new Set(query.stations);
  const ids = catalogue
    .group(query.averaging, query.provider)
    .filter((id) => wanted === null || wanted.has(catalogue.keys[id]!.station));
  if (query.asOfSeq !== undefined) return latestAsOf(database, catalogue, ids, query.sinceS, query.asOfSeq);
  const rows: LatestRow[] = [];
  for (const id of ids) {
    const timeS = catalogue.timeS[id]!;
    if (timeS < query.sinceS || timeS === -Infinity) continue;
    const value = catalogue.value[id]!;
    rows.push({
      key: catalogue.keys[id]!,
      timeS,
      value: Number.isNaN(value) ? null : value,
      flags: catalogue.flags[id]!,
      seq: catalogue.seq[id]!,
    });
  }
  return rows;
}

async function latestAsOf(
  database: Database,
  catalogue: Catalogue,
  ids: readonly number[],
  sinceS: number,
  asOfSeq: number,
): Promise<LatestRow[]> {
  if (ids.length === 0) return [];
  const seq = whole(asOfSeq);
  const filter = `series_id IN (${ids.join(',')}) AND time_s >= ${whole(sinceS)} AND seq <= ${seq}`;
  const sql = `SELECT series_id, time_s::DOUBLE, value, flags, seq::DOUBLE FROM (
      SELECT series_id, time_s, value, flags, seq FROM reading WHERE ${filter}
      UNION ALL SELECT series_id, time_s, value, flags, seq FROM past WHERE ${filter} AND seq_end > ${seq})
    QUALIFY row_number() OVER (PARTITION BY series_id ORDER BY time_s DESC) = 1 ORDER BY series_id`;
  const rows: LatestRow[] = [];
  await database.read((connection) =>
    readColumns(connection, sql, ([id, time, value, flags, rowSeq], count) => {
      for (let row = 0; row < count; row++) {
        const number = numberAt(value, row);
        rows.push({
          key: catalogue.keys[numberAt(id, row)]!,
          timeS: numberAt(time, row),
          value: Number.isNaN(number) ? null : number,
          flags: numberAt(flags, row),
          seq: numberAt(rowSeq, row),
        });
      }
    }),
  );
  return rows;
}

export async function readPast(
  database: Database,
  catalogue: Catalogue,
  point: SeriesKey & { timeS: number },
): Promise<PointVersion[]> {
  const id = catalogue.find(point.station, point.parameter, point.averaging, point.provider);
  if (id === undefined) return [];
  const at = `series_id = ${id} AND time_s = ${whole(point.timeS)}`;
  // One statement, so that a row on its way to the past is seen exactly once.
  const sql = `SELECT value, flags, seq::DOUBLE, seq_end::DOUBLE, published_s::DOUBLE, original_text, original_unit,
      detection_limit FROM past WHERE ${at}
    UNION ALL SELECT r.value, r.flags, r.seq::DOUBLE, NULL, r.published_s::DOUBLE, d.original_text, d.original_unit,
      d.detection_limit FROM (SELECT * FROM reading WHERE ${at}) r LEFT JOIN side d USING (series_id, time_s)`;
  const past: PastVersion[] = [];
  let current: Version | null = null;
  await database.read((connection) =>
    readColumns(connection, sql, (columns, rows) => {
      for (let row = 0; row < rows; row++) {
        const side = sideOf(textAt(columns[5], row), textAt(columns[6], row), numberAt(columns[7], row));
        const version: Version = {
          value: numberAt(columns[0], row),
          flags: numberAt(columns[1], row),
          seq: numberAt(columns[2], row),
          publishedS: numberAt(columns[4], row),
          side: Object.keys(side).length === 0 ? null : side,
        };
        const seqEnd = numberAt(columns[3], row);
        if (Number.isNaN(seqEnd)) current = version;
        else past.push({ ...version, seqEnd });
      }
    }),
  );
  return pointVersions(past, current);
}

/** From the projection log alone. */
export async function readChanges(
  database: Database,
  position: number,
  cursor: string | null,
  limit: number,
): Promise<ChangePage> {
  return changePage(cursor, limit, position, async (fromSeq) => {
    const window = `seq >= ${whole(fromSeq)} AND seq <= ${whole(position)} AND changes IS NOT NULL`;
    const sql = `SELECT seq::DOUBLE, accepted, unchanged, revised, superseded, provider, changes FROM applied
      WHERE ${window} AND seq IN (SELECT DISTINCT seq FROM applied WHERE ${window} ORDER BY seq LIMIT ${entriesPerRead})
      ORDER BY seq, part`;
    const parts: LogPart[] = [];
    await database.read((connection) =>
      readColumns(connection, sql, (columns, rows) => {
        for (let row = 0; row < rows; row++) {
          const count = (at: number): number => numberAt(columns[at], row);
          parts.push({
            seq: count(0),
            counts: [count(1), count(2), count(3), count(4)],
            provider: textAt(columns[5], row) ?? '',
            text: textAt(columns[6], row) ?? '',
          });
        }
      }),
    );
    return parts;
  });
}
