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
import { numberAt, readColumns, readNumbers, textAt } from './columns.ts';
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
  // Without a limit the engine sorts nothing: rows of a series lie almost in the order of time.
  const order = most === null ? '' : 'ORDER BY series_id, time_s';
  const sql = `SELECT series_id, time_s::DOUBLE, value, flags FROM (${windowSql(ids, query)}) ${cut} ${order} ${end}`;
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

/** Rows in any order, mostly that of time, as columns of each series sorted by time. */
async function readRuns(connection: DuckDBConnection, sql: string): Promise<Map<number, Run>> {
  let size = 2048;
  let id = new Int32Array(size);
  let timeS = new Float64Array(size);
  let value = new Float64Array(size);
  let flags = new Uint16Array(size);
  let count = 0;
  const counts = new Map<number, number>();
  await readNumbers(connection, sql, ['integer', 'double', 'double', 'flags'], (columns, rows) => {
    if (count + rows > size) {
      size = Math.max(size * 2, count + rows);
      id = enlarged(new Int32Array(size), id);
      timeS = enlarged(new Float64Array(size), timeS);
      value = enlarged(new Float64Array(size), value);
      flags = enlarged(new Uint16Array(size), flags);
    }
    id.set(columns[0], count);
    timeS.set(columns[1], count);
    value.set(columns[2], count);
    flags.set(columns[3], count);
    for (let row = 0; row < rows; row++)
      counts.set(columns[0][row]!, (counts.get(columns[0][row]!) ?? 0) + 1);
    count += rows;
  });
  const runs = new Map<number, Run & { length: number; ascending: boolean }>();
  for (const [series, rows] of counts)
    runs.set(series, {
      timeS: new Float64Array(rows),
      value: new Float64Array(rows),
      flags: new Uint16Array(rows),
      length: 0,
      ascending: true,
    });
  for (let row = 0; row < count; row++) {
    const run = runs.get(id[row]!)!;
    const at = run.length++;
    if (at > 0 && timeS[row]! < run.timeS[at - 1]!) run.ascending = false;
    run.timeS[at] = timeS[row]!;
    run.value[at] = value[row]!;
    run.flags[at] = flags[row]!;
  }
  return new Map([...runs].map(([series, run]) => [series, run.ascending ? plainRun(run) : sortedRun(run)]));
}

const plainRun = ({ timeS, value, flags }: Run): Run => ({ timeS, value, flags });

/** Threads give stretches of a table in any order: they are put one behind the other; where they mesh, row by row. */
function sortedRun(run: Run): Run {
  const { timeS, value, flags } = run;
  const begins = [0];
  for (let row = 1; row < timeS.length; row++) if (timeS[row]! < timeS[row - 1]!) begins.push(row);
  const stretches = begins
    .map((begin, at) => ({ begin, end: begins[at + 1] ?? timeS.length }))
    .toSorted((a, b) => timeS[a.begin]! - timeS[b.begin]!);
  const apart = stretches.every(
    ({ begin }, at) => at === 0 || timeS[stretches[at - 1]!.end - 1]! < timeS[begin]!,
  );
  const order = apart ? null : Uint32Array.from(timeS.keys()).sort((a, b) => timeS[a]! - timeS[b]!);
  const sorted = <T extends Float64Array | Uint16Array>(column: T, into: T): T => {
    let to = 0;
    if (order !== null) for (const row of order) into[to++] = column[row]!;
    else
      for (const { begin, end } of stretches) {
        into.set(column.subarray(begin, end), to);
        to += end - begin;
      }
    return into;
  };
  return {
    timeS: sorted(timeS, new Float64Array(timeS.length)),
    value: sorted(value, new Float64Array(timeS.length)),
    flags: sorted(flags, new Uint16Array(timeS.length)),
  };
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
