import type { SeriesColumns, SeriesQuery } from '../../../domain/ports.ts';
import type { AnswerTable, InfluxClient } from './client.ts';
import { seconds, stationFilter, whole } from './lookup.ts';
import { columnMap, measurements, readingAt } from './points.ts';
import { stationsIn } from './windows.ts';

/** Stations asked for in one query: bounds the text of the query and the answer held at once. */
export const stationsPerQuery = 100;

export function slices<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, at) =>
    list.slice(at * size, (at + 1) * size),
  );
}

type ByParameter = Map<string, SeriesColumns>;

/** Points of one station, in order of time, whole up to `wholeToS`: Infinity where the server had no more. */
interface StationPage {
  columns: readonly string[];
  rows: AnswerTable['values'];
  wholeToS: number;
}

/** A point further on is asked for four times as many at once, so that a sparse parameter costs few queries. */
const pageGrowth = 4;

export async function readSeries(client: InfluxClient, query: SeriesQuery): Promise<SeriesColumns[]> {
  const found = new Map<string, ByParameter>();
  const { limitPerSeries = Infinity } = query;
  if (query.parameters.length > 0 && limitPerSeries > 0) {
    const most = Number.isFinite(limitPerSeries) ? Infinity : stationsIn(query, query.parameters.length);
    for (const stations of slices([...new Set(query.stations)], Math.min(stationsPerQuery, most))) {
      for (const [station, page] of await readPage(client, query, stations, limitPerSeries)) {
        const columns = stationColumns(page, query, station);
        if (page.wholeToS < Infinity) await readFurther(client, query, { station, columns, page });
        found.set(station, columns);
      }
    }
  }
  return query.stations.flatMap((station) =>
    query.parameters.flatMap((parameter) => found.get(station)?.get(parameter) ?? []),
  );
}

/** Parameters that are not at every point of the station, until each has as many rows as were asked for, or no more. */
async function readFurther(
  client: InfluxClient,
  query: SeriesQuery,
  { station, columns, page }: { station: string; columns: ByParameter; page: StationPage },
): Promise<void> {
  const { limitPerSeries: most = Infinity } = query;
  let { wholeToS } = page;
  for (let size = most * pageGrowth; wholeToS < Infinity; size *= pageGrowth) {
    const parameters = query.parameters.filter((one) => (columns.get(one)?.timeS.length ?? 0) < most);
    if (parameters.length === 0) return;
    const further = { ...query, parameters, fromS: wholeToS + 1 };
    const next = (await readPage(client, further, [station], size)).get(station);
    if (next === undefined) return;
    for (const [parameter, rows] of stationColumns(next, further, station)) {
      const known = columns.get(parameter);
      columns.set(parameter, known === undefined ? rows : joined(known, rows, most));
    }
    wholeToS = next.wholeToS;
  }
}

function joined(one: SeriesColumns, next: SeriesColumns, most: number): SeriesColumns {
  const count = Math.min(most, one.timeS.length + next.timeS.length);
  const both = <T extends Float64Array | Uint16Array>(into: T, first: T, second: T): T => {
    into.set(first);
    into.set(second.subarray(0, count - first.length), first.length);
    return into;
  };
  return {
    key: one.key,
    timeS: both(new Float64Array(count), one.timeS, next.timeS),
    value: both(new Float64Array(count), one.value, next.value),
    flags: both(new Uint16Array(count), one.flags, next.flags),
  };
}

/** The first `most` points of each station: current ones, and where a position is given those of the past that stood then. */
async function readPage(
  client: InfluxClient,
  query: SeriesQuery,
  stations: readonly string[],
  most: number,
): Promise<Map<string, StationPage>> {
  const columns = query.parameters.flatMap((parameter) => [`"${parameter}"`, `"${parameter}__f"`]).join(', ');
  const filter = stationFilter(stations);
  const placeholders = { ...filter.placeholders, averaging: query.averaging, provider: query.provider };
  const limit = Number.isFinite(most) ? `LIMIT ${whole(most)}` : '';
  const ask = (measurement: string, condition: string): Promise<AnswerTable[]> =>
    client.query(
      `SELECT ${columns} FROM "${client.retentionPolicy}"."${measurement}" WHERE ${filter.text} AND averaging = $averaging
        AND provider = $provider AND time >= ${seconds(query.fromS)} AND time < ${seconds(query.toS)} ${condition} GROUP BY station ${limit}`,
      placeholders,
    );
  const tables: AnswerTable[] = [];
  if (query.asOfSeq === undefined) tables.push(...(await ask(measurements.reading, '')));
  else {
    const seq = whole(query.asOfSeq);
    // In this order: a row on its way to the past is written there first, so it is found at least once, and taken once below.
    tables.push(...(await ask(measurements.reading, `AND seq <= ${seq}`)));
    tables.push(...(await ask(measurements.past, `AND seq <= ${seq} AND seq_end > ${seq}`)));
  }
  const pages = new Map<string, StationPage>();
  for (const [station, own] of Map.groupBy(tables, (table) => table.tags['station'] ?? ''))
    pages.set(station, stationPage(own, most));
  return pages;
}

/** Rows of several tables merged by time, as far as none of them was cut off. */
function stationPage(tables: readonly AnswerTable[], most: number): StationPage {
  const [first] = tables;
  const full = tables.filter((table) => table.values.length >= most);
  const wholeToS = Math.min(Infinity, ...full.map((table) => Number(table.values.at(-1)?.[0])));
  const columns = first?.columns ?? [];
  if (first !== undefined && tables.length === 1) return { columns, rows: first.values, wholeToS };
  const rows = tables.flatMap((table) => table.values).filter((row) => Number(row[0]) <= wholeToS);
  return { columns, rows: rows.sort((a, b) => Number(a[0]) - Number(b[0])), wholeToS };
}

function stationColumns({ columns, rows }: StationPage, query: SeriesQuery, station: string): ByParameter {
  const byParameter: ByParameter = new Map();
  const most = query.limitPerSeries ?? Infinity;
  const { averaging, provider } = query;
  for (const column of columnMap(columns).parameters) {
    const timeS = new Float64Array(rows.length);
    const value = new Float64Array(rows.length);
    const flags = new Uint16Array(rows.length);
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
    byParameter.set(column.parameter, {
      key: { station, parameter: column.parameter, averaging, provider },
      timeS: timeS.subarray(0, count),
      value: value.subarray(0, count),
      flags: flags.subarray(0, count),
    });
  }
  return byParameter;
}
