import type { SeriesKey } from '../../../domain/batch.ts';
import type {
  LatestRow,
  PointVersion,
  ReadingStore,
  SeriesColumns,
  SeriesQuery,
} from '../../../domain/ports.ts';
import { pointVersions } from '../versions.ts';
import type { AnswerTable, InfluxClient } from './client.ts';
import { loadOne, readingPast, seconds, stationFilter, whole } from './lookup.ts';
import { columnMap, keptAt, measurements, readingAt, wideAt } from './points.ts';

type LatestQuery = Parameters<ReadingStore['latest']>[0];

/** Stations asked for in one query: bounds the text of the query and the answer held at once. */
const stationsPerQuery = 100;

function slices<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, at) =>
    list.slice(at * size, (at + 1) * size),
  );
}

export async function readSeries(client: InfluxClient, query: SeriesQuery): Promise<SeriesColumns[]> {
  const found = new Map<string, Map<string, SeriesColumns>>();
  if (query.parameters.length > 0) {
    for (const stations of slices([...new Set(query.stations)], stationsPerQuery)) {
      for (const tables of await windowTables(client, query, stations)) {
        const station = tables[0]?.tags['station'] ?? '';
        found.set(station, stationColumns(tables, query, station));
      }
    }
  }
  return query.stations.flatMap((station) =>
    query.parameters.flatMap((parameter) => found.get(station)?.get(parameter) ?? []),
  );
}

/** Current points of a window, and where a position is given those of the past that stood then; one list of tables a station. */
async function windowTables(
  client: InfluxClient,
  query: SeriesQuery,
  stations: readonly string[],
): Promise<AnswerTable[][]> {
  const columns = query.parameters.flatMap((parameter) => [`"${parameter}"`, `"${parameter}__f"`]).join(', ');
  const filter = stationFilter(stations);
  const placeholders = { ...filter.placeholders, averaging: query.averaging, provider: query.provider };
  const ask = (measurement: string, condition: string): Promise<AnswerTable[]> =>
    client.query(
      `SELECT ${columns} FROM "${client.retentionPolicy}"."${measurement}" WHERE ${filter.text} AND averaging = $averaging
        AND provider = $provider AND time >= ${seconds(query.fromS)} AND time < ${seconds(query.toS)} ${condition} GROUP BY station`,
      placeholders,
    );
  if (query.asOfSeq === undefined) return (await ask(measurements.reading, '')).map((table) => [table]);
  const seq = whole(query.asOfSeq);
  // In this order: a row on its way to the past is written there first, so it is found at least once, and taken once below.
  const current = await ask(measurements.reading, `AND seq <= ${seq}`);
  const past = await ask(measurements.past, `AND seq <= ${seq} AND seq_end > ${seq}`);
  return [...Map.groupBy([...current, ...past], (table) => table.tags['station']).values()];
}

/** Columns of each parameter; rows of several tables are merged by time. */
function stationColumns(
  tables: readonly AnswerTable[],
  query: SeriesQuery,
  station: string,
): Map<string, SeriesColumns> {
  const rows = tables.flatMap((table) => table.values);
  if (tables.length > 1) rows.sort((a, b) => Number(a[0]) - Number(b[0]));
  const byParameter = new Map<string, SeriesColumns>();
  const map = columnMap(tables[0]?.columns ?? []);
  for (const column of map.parameters) {
    const timeS = new Float64Array(rows.length);
    const value = new Float64Array(rows.length);
    const flags = new Uint16Array(rows.length);
    const most = query.limitPerSeries ?? Infinity;
    let count = 0;
    for (const row of rows) {
      if (count >= most) break;
      const reading = readingAt(row, column);
      if (reading === null) continue;
      if (count > 0 && timeS[count - 1] === Number(row[0])) continue;
      timeS[count] = Number(row[0]);
      value[count] = reading.value;
      flags[count] = reading.flags;
      count += 1;
    }
    if (count === 0) continue;
    const key: SeriesKey = {
      station,
      parameter: column.parameter,
      averaging: query.averaging,
      provider: query.provider,
    };
    byParameter.set(column.parameter, {
      key,
      timeS: timeS.subarray(0, count),
      value: value.subarray(0, count),
      flags: flags.subarray(0, count),
    });
  }
  return byParameter;
}

/** One kept row a station: no scan of the readings. */
export async function readLatest(client: InfluxClient, query: LatestQuery): Promise<LatestRow[]> {
  const lists =
    query.stations === undefined ? [null] : slices([...new Set(query.stations)], stationsPerQuery);
  const rows: LatestRow[] = [];
  for (const stations of lists) {
    const tables =
      query.asOfSeq === undefined
        ? await latestTables(client, query, stations, measurements.latest, '"rows"', '')
        : await standingTables(client, query, stations, query.asOfSeq);
    const read = query.asOfSeq === undefined ? keptRows : newestRows;
    rows.push(...read(tables, query));
  }
  return rows;
}

function latestTables(
  client: InfluxClient,
  query: LatestQuery,
  stations: readonly string[] | null,
  measurement: string,
  columns: string,
  condition: string,
): Promise<AnswerTable[]> {
  const filter = stations === null ? { text: "station != ''", placeholders: {} } : stationFilter(stations);
  return client.query(
    `SELECT ${columns} FROM "${client.retentionPolicy}"."${measurement}" WHERE ${filter.text} AND averaging = $averaging
      AND provider = $provider ${condition} GROUP BY station`,
    { ...filter.placeholders, averaging: query.averaging, provider: query.provider },
  );
}

async function standingTables(
  client: InfluxClient,
  query: LatestQuery,
  stations: readonly string[] | null,
  asOfSeq: number,
): Promise<AnswerTable[]> {
  const since = `AND time >= ${seconds(query.sinceS)} AND seq <= ${whole(asOfSeq)}`;
  const stood = `${since} AND seq_end > ${whole(asOfSeq)}`;
  const current = await latestTables(client, query, stations, measurements.reading, '*', since);
  return current.concat(await latestTables(client, query, stations, measurements.past, '*', stood));
}

function latestRow(
  query: LatestQuery,
  station: string,
  parameter: string,
  row: Omit<LatestRow, 'key' | 'value'> & { value: number },
): LatestRow {
  const key: SeriesKey = {
    station,
    parameter,
    averaging: query.averaging,
    provider: query.provider,
  };
  return {
    key,
    timeS: row.timeS,
    value: Number.isNaN(row.value) ? null : row.value,
    flags: row.flags,
    seq: row.seq,
  };
}

function keptRows(tables: readonly AnswerTable[], query: LatestQuery): LatestRow[] {
  const rows: LatestRow[] = [];
  for (const { tags, values } of tables) {
    for (const [parameter, [timeS, value, flags, seq]] of Object.entries(keptAt(values.at(-1)?.[1]))) {
      if (timeS < query.sinceS) continue;
      rows.push(
        latestRow(query, tags['station'] ?? '', parameter, { timeS, value: value ?? Number.NaN, flags, seq }),
      );
    }
  }
  return rows;
}

function newestRows(tables: readonly AnswerTable[], query: LatestQuery): LatestRow[] {
  const newest = new Map<string, LatestRow>();
  for (const { tags, columns, values } of tables) {
    const map = columnMap(columns);
    const station = tags['station'] ?? '';
    for (const row of values) {
      const timeS = Number(row[map.time]);
      for (const [parameter, version] of wideAt(row, map).readings) {
        const name = `${station}\n${parameter}`;
        if (timeS >= (newest.get(name)?.timeS ?? -Infinity)) {
          newest.set(name, latestRow(query, station, parameter, { ...version, timeS }));
        }
      }
    }
  }
  return [...newest.values()];
}

export async function readPast(
  client: InfluxClient,
  point: SeriesKey & { timeS: number },
): Promise<PointVersion[]> {
  const stored = await loadOne(client, point);
  return pointVersions(
    readingPast(stored, point.parameter),
    stored.current?.readings.get(point.parameter) ?? null,
  );
}
