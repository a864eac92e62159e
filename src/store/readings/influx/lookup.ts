import type { SeriesKey } from '../../../domain/batch.ts';
import type { PastVersion, Version } from '../versions.ts';
import type { AnswerTable, InfluxClient, Placeholders } from './client.ts';
import { columnMap, measurements, wideAt, type PointKey, type WidePoint } from './points.ts';

/** A version of a whole point in the past; asides (seq = seqEnd) hold only the readings they are about. */
export interface PastPoint extends WidePoint {
  seqEnd: number;
}

export interface Stored {
  current: WidePoint | null;
  past: PastPoint[];
}

/** Numbers go into the text of a query only through here. */
export function seconds(value: number): string {
  const most = 9_000_000_000;
  return `${Math.max(-most, Math.min(most, Math.ceil(value)))}s`;
}

export function whole(value: number): string {
  return String(Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Math.floor(value))));
}

/** A condition on the station with its placeholder; station ids are checked, so only the dot needs an escape. */
export function stationFilter(stations: readonly string[]): {
  text: string;
  placeholders: Placeholders;
} {
  if (stations.length === 1) return { text: 'station = $station', placeholders: { station: stations[0] } };
  const regex = `^(${stations.map((station) => station.replaceAll('.', '\\.')).join('|')})$`;
  return { text: 'station =~ $station', placeholders: { station: { regex } } };
}

/** Points of one look-up window lie close in time, so that the server reads little besides them. */
const windowPoints = 5_000;
const windowSpanS = 31 * 86_400;
const windowGapS = 2 * 86_400;
const stationsNamed = 300;

/** What is stored at these points (all of one averaging and provider), by `pointName`. */
export async function loadPoints(
  client: InfluxClient,
  keys: readonly PointKey[],
  measurement: 'reading' | 'past',
): Promise<Map<string, Stored>> {
  const wanted = new Set(keys.map(pointName));
  const stored = new Map<string, Stored>();
  const sorted = [...keys].sort((a, b) => a.timeS - b.timeS);
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    const first = sorted[from]!;
    while (to < sorted.length && to - from < windowPoints) {
      const timeS = sorted[to]!.timeS;
      const before = sorted[Math.max(from, to - 1)]!.timeS;
      if (timeS - first.timeS > windowSpanS || timeS - before > windowGapS) break;
      to += 1;
    }
    await loadWindow(client, sorted.slice(from, to), measurement, wanted, stored);
  }
  return stored;
}

async function loadWindow(
  client: InfluxClient,
  keys: readonly PointKey[],
  measurement: 'reading' | 'past',
  wanted: ReadonlySet<string>,
  stored: Map<string, Stored>,
): Promise<void> {
  const { averaging, provider } = keys[0]!;
  const fromS = keys[0]!.timeS;
  const toS = keys.at(-1)!.timeS;
  const stations = [...new Set(keys.map((key) => key.station))];
  const filter =
    stations.length > stationsNamed ? { text: "station != ''", placeholders: {} } : stationFilter(stations);
  const tables = await client.query(
    `SELECT * FROM "${client.retentionPolicy}"."${measurements[measurement]}" WHERE ${filter.text}
      AND averaging = $averaging AND provider = $provider AND time >= ${seconds(fromS)} AND time <= ${seconds(toS)} GROUP BY station`,
    { ...filter.placeholders, averaging, provider },
  );
  for (const table of tables) collect(table, { averaging, provider }, wanted, stored);
}

function collect(
  table: AnswerTable,
  key: { averaging: string; provider: string },
  wanted: ReadonlySet<string> | null,
  stored: Map<string, Stored>,
): void {
  const map = columnMap(table.columns);
  const station = table.tags['station'] ?? '';
  for (const row of table.values) {
    const name = pointName({ ...key, station, timeS: Number(row[map.time]) });
    if (wanted !== null && !wanted.has(name)) continue;
    const at = stored.get(name) ?? { current: null, past: [] };
    stored.set(name, at);
    const point = wideAt(row, map);
    if (map.seqEnd === -1) at.current = point;
    else at.past.push({ ...point, seqEnd: Number(row[map.seqEnd]) });
  }
}

/** Every point of a station's window with all its versions, by time. */
export async function storedPoints(
  client: InfluxClient,
  of: { station: string; averaging: string; provider: string; fromS: number; toS: number },
): Promise<Map<number, Stored>> {
  const { station, averaging, provider } = of;
  const stored = new Map<string, Stored>();
  for (const measurement of [measurements.reading, measurements.past]) {
    const tables = await client.query(
      `SELECT * FROM "${client.retentionPolicy}"."${measurement}" WHERE station = $station AND averaging = $averaging
        AND provider = $provider AND time >= ${seconds(of.fromS)} AND time < ${seconds(of.toS)} GROUP BY station`,
      { station, averaging, provider },
    );
    for (const table of tables) collect(table, { averaging, provider }, null, stored);
  }
  return new Map([...stored].map(([name, point]) => [Number(name.split('\n')[2]), point]));
}

export function pointName(key: { station: string; averaging: string; timeS: number }): string {
  return `${key.station}\n${key.averaging}\n${key.timeS}`;
}

/** The point as it stood before entry `seq`: what an interrupted attempt at that entry wrote is not there. */
export function before(stored: Stored, seq: number): Stored {
  const past = stored.past.filter((version) => version.seq < seq && version.seqEnd < seq);
  if (stored.current !== null && stored.current.seq < seq) return { current: stored.current, past };
  const replaced = stored.past.find((version) => version.seq < seq && version.seqEnd >= seq);
  return { current: replaced ?? null, past };
}

/** One reading's own past from versions of its whole point: equal neighbours are one version of the reading. */
export function readingPast(stored: Stored, parameter: string): PastVersion[] {
  const past: PastVersion[] = [];
  const stood = new Map<number, Version>();
  for (const point of stored.past) {
    const version = point.readings.get(parameter);
    if (version === undefined) continue;
    if (point.seq === point.seqEnd) past.push({ ...version, seqEnd: point.seqEnd });
    else stood.set(version.seq, version);
  }
  const current = stored.current?.readings.get(parameter);
  const versions = [...stood.values()]
    .filter((version) => version.seq !== current?.seq)
    .sort((a, b) => a.seq - b.seq);
  for (const [at, version] of versions.entries()) {
    past.push({ ...version, seqEnd: versions[at + 1]?.seq ?? current?.seq ?? version.seq });
  }
  return past;
}

/** Everything stored at one point. */
export async function loadOne(client: InfluxClient, point: SeriesKey & { timeS: number }): Promise<Stored> {
  const [current, past] = await Promise.all([
    loadPoints(client, [point], 'reading'),
    loadPoints(client, [point], 'past'),
  ]);
  const name = pointName(point);
  return { current: current.get(name)?.current ?? null, past: past.get(name)?.past ?? [] };
}
