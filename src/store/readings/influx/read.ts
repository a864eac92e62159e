import type { SeriesKey } from '../../../domain/batch.ts';
import type {
  EntriesQuery,
  LatestRow,
  PointVersion,
  ReadingStore,
  SeriesEntries,
} from '../../../domain/ports.ts';
import { pointVersions } from '../versions.ts';
import type { AnswerTable, InfluxClient } from './client.ts';
import { loadOne, readingPast, seconds, stationFilter, storedPoints, whole } from './lookup.ts';
import { columnMap, keptAt, measurements, wideAt } from './points.ts';
import { slices, stationsPerQuery } from './series.ts';

type LatestQuery = Parameters<ReadingStore['latest']>[0];

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

/** An entry says itself of a whole point, so that each reading's own is found in the history of its point. */
export async function readEntries(client: InfluxClient, query: EntriesQuery): Promise<SeriesEntries[]> {
  const { station, averaging, provider, asOfSeq, afterSeq = 0 } = query;
  const rows = new Map(query.parameters.map((parameter) => [parameter, new Map<number, number>()]));
  for (const [timeS, stored] of await storedPoints(client, query)) {
    for (const [parameter, own] of rows) {
      const current = stored.current?.readings.get(parameter);
      const stood =
        current !== undefined && current.seq <= asOfSeq
          ? current
          : readingPast(stored, parameter).find(({ seq, seqEnd }) => seq <= asOfSeq && asOfSeq < seqEnd);
      if (stood !== undefined && stood.seq > afterSeq) own.set(timeS, stood.seq);
    }
  }
  return [...rows].flatMap(([parameter, own]) => {
    const timeS = Float64Array.from(own.keys()).sort();
    const seq = timeS.map((at) => own.get(at)!);
    return own.size === 0 ? [] : [{ key: { station, parameter, averaging, provider }, timeS, seq }];
  });
}
