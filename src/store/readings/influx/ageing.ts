import type { IPoint } from 'influx';
import { setTimeout as wait } from 'node:timers/promises';
import {
  versionColumns,
  type Ageing,
  type ArchiveMark,
  type ArchiveWindow,
  type KeptInterval,
  type VersionColumns,
} from '../../../domain/archive.ts';
import { MonitorError } from '../../../domain/errors.ts';
import type { PastVersion, Version } from '../versions.ts';
import { refuse } from './apply.ts';
import type { InfluxClient } from './client.ts';
import { readingPast, seconds, storedPoints } from './lookup.ts';
import { linePoint, measurements } from './points.ts';
import { takenBack } from './taken-back.ts';

interface Parts {
  /** Readers look at the marks anew this often; a change of state waits longer: none counts a reading twice or not at all. */
  marksFreshMs: number;
  client: InfluxClient;
  /** Runs while no entry is applied, with the counters of the store. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Counters and position, in one request with what is written beside them. */
  count(change: { readings: number; past: number }, beside: readonly IPoint[]): Promise<void>;
}

export function influxAgeing(parts: Parts): Ageing {
  const { client, alone } = parts;
  const reading = `"${client.retentionPolicy}"."${measurements.reading}"`;
  return {
    marksFreshMs: parts.marksFreshMs,
    marks: () => readMarks(client),
    async firstTimeS(averaging, provider) {
      const [table] = await client.query(
        `SELECT "rev" FROM ${reading} WHERE averaging = $averaging AND provider = $provider ORDER BY time LIMIT 1`,
        { averaging, provider },
      );
      const row = table?.values[0];
      return row === undefined ? null : Number(row[0]);
    },
    versions: (window, kept, take) => readVersions(client, { window, kept, take }),
    drop: (mark, _file, kept) => alone(() => drop(parts, mark, kept)),
    takeBack: (mark, _file, versions) => alone(() => takeBack(parts, mark, versions)),
  };
}

async function readMarks(client: InfluxClient): Promise<ArchiveMark[]> {
  const tables = await client.query(
    `SELECT "mark", "state" FROM "${client.retentionPolicy}"."${measurements.archived}" GROUP BY file`,
  );
  return tables.flatMap(({ values }) => {
    const row = values.at(-1);
    if (row === undefined || row[2] === 'restored') return [];
    return [{ ...(JSON.parse(String(row[1])) as ArchiveMark), state: row[2] as ArchiveMark['state'] }];
  });
}

const markPoint = (mark: ArchiveMark, state: ArchiveMark['state'] | 'restored'): IPoint =>
  linePoint(measurements.archived, { file: mark.id }, 0, { mark: JSON.stringify(mark), state });

/** Readers that have not seen this yet must have looked again before anything moves. */
async function announce({ client, marksFreshMs }: Parts, mark: ArchiveMark): Promise<void> {
  refuse(await client.write([markPoint(mark, 'moving')]));
  await wait(marksFreshMs * 1.5);
}

async function stationsOf(client: InfluxClient, window: ArchiveWindow): Promise<string[]> {
  const tables = await client.query(
    `SELECT last("rev") FROM "${client.retentionPolicy}"."${measurements.reading}" WHERE averaging = $averaging
      AND provider = $provider AND time >= ${seconds(window.fromS)} AND time < ${seconds(window.toS)} GROUP BY station`,
    { averaging: window.averaging, provider: window.provider },
  );
  return tables.map(({ tags }) => tags['station'] ?? '');
}

/** A point goes whole or not at all: fields cannot be taken out of it. */
function requireWhole(window: ArchiveWindow): void {
  if (window.parameters === null) return;
  throw new MonitorError(
    'E_CONFIG',
    'a retention policy that names parameters needs the embedded store: a server of the InfluxDB API deletes whole points',
  );
}

async function readVersions(
  client: InfluxClient,
  asked: {
    window: ArchiveWindow;
    kept: readonly KeptInterval[];
    take: (slice: VersionColumns) => Promise<void>;
  },
): Promise<void> {
  const { window, kept, take } = asked;
  requireWhole(window);
  for (const station of await stationsOf(client, window)) {
    const slice = versionColumns();
    for (const { fromS, toS } of leaving(window, station, kept)) {
      const points = await storedPoints(client, { ...window, station, fromS, toS });
      for (const [timeS, stored] of points) {
        const parameters = new Set(stored.current?.readings.keys());
        for (const point of stored.past) for (const name of point.readings.keys()) parameters.add(name);
        for (const parameter of parameters) {
          const key = { station, parameter, timeS };
          for (const version of readingPast(stored, parameter)) addVersion(slice, key, version);
          const current = stored.current?.readings.get(parameter);
          if (current !== undefined) addVersion(slice, key, { ...current, seqEnd: Number.NaN });
        }
      }
    }
    if (slice.length > 0) await take(slice);
  }
}

function addVersion(
  slice: VersionColumns,
  key: { station: string; parameter: string; timeS: number },
  version: Version | PastVersion,
): void {
  slice.length += 1;
  slice.station.push(key.station);
  slice.parameter.push(key.parameter);
  slice.timeS.push(key.timeS);
  slice.value.push(version.value);
  slice.flags.push(version.flags);
  slice.seq.push(version.seq);
  slice.seqEnd.push('seqEnd' in version ? version.seqEnd : Number.NaN);
  slice.publishedS.push(version.publishedS);
  slice.text.push(version.side?.originalText ?? null);
  slice.unit.push(version.side?.originalUnit ?? null);
  slice.limit.push(version.side?.detectionLimit ?? Number.NaN);
}

/** The window without what a station keeps. */
export function leaving(
  window: Pick<ArchiveWindow, 'fromS' | 'toS'>,
  station: string,
  kept: readonly KeptInterval[],
): { fromS: number; toS: number }[] {
  const stays = kept
    .filter((interval) => interval.station === null || interval.station === station)
    .toSorted((a, b) => a.fromS - b.fromS);
  const out: { fromS: number; toS: number }[] = [];
  let { fromS } = window;
  for (const interval of stays) {
    if (interval.fromS > fromS) out.push({ fromS, toS: Math.min(interval.fromS, window.toS) });
    fromS = Math.max(fromS, interval.toS);
  }
  if (fromS < window.toS) out.push({ fromS, toS: window.toS });
  return out.filter((one) => one.fromS < one.toS);
}

async function drop(parts: Parts, mark: ArchiveMark, kept: readonly KeptInterval[]): Promise<void> {
  const { client, count } = parts;
  await announce(parts, mark);
  for (const station of await stationsOf(client, mark)) {
    for (const { fromS, toS } of leaving(mark, station, kept)) {
      for (const measurement of [measurements.past, measurements.reading])
        await client.remove(measurement, {
          tags: { station, averaging: mark.averaging, provider: mark.provider },
          fromS,
          toS,
        });
    }
  }
  await count({ readings: -mark.readings, past: -mark.past }, [markPoint(mark, 'archived')]);
}

/** Lines that are written together, past before what stands: a reader that meets a point in the store takes all of it from there. */
const linesAtOnce = 20_000;

async function takeBack(
  parts: Parts,
  mark: ArchiveMark,
  versions: () => AsyncIterable<VersionColumns>,
): Promise<void> {
  const { client, count, marksFreshMs } = parts;
  // While they move the store's counters hold them, as when they leave: whoever completes it takes them off again.
  await count({ readings: mark.readings, past: mark.past }, [markPoint(mark, 'moving')]);
  await wait(marksFreshMs * 1.5);
  let slices: VersionColumns[] = [];
  let rows = 0;
  const write = async (): Promise<void> => {
    const { past, standing } = takenBack(mark, slices);
    refuse(await client.write(past));
    refuse(await client.write(standing));
    slices = [];
    rows = 0;
  };
  for await (const slice of versions()) {
    slices.push(slice);
    rows += slice.length;
    if (rows >= linesAtOnce) await write();
  }
  await write();
  refuse(await client.write([markPoint(mark, 'restored')]));
}
