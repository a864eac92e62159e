import type { AveragingId } from '../../src/domain/time.ts';
import type { PointVersion, ReadingStore } from '../../src/domain/ports.ts';

export interface StoredReadings {
  counts: { readings: number; past: number; series: number };
  series: { station: string; parameter: string; timeS: number[]; value: number[]; flags: number[] }[];
  latest: string[];
  versions: string[];
}

/** NaN and order made comparable; positions in the journal left out, since a second journal numbers differently. */
const versionText = ({ value, flags, publishedS }: PointVersion): string => `${value}/${flags}/${publishedS}`;

/** All that a store answers of these stations, with every version of every point that was revised. */
export async function storedReadings(
  store: ReadingStore,
  of: {
    stations: readonly string[];
    parameters: readonly string[];
    averaging: AveragingId;
    asOfSeq?: number;
    everyVersion?: boolean;
  },
): Promise<StoredReadings> {
  const { stations, parameters, averaging } = of;
  const at = of.asOfSeq === undefined ? {} : { asOfSeq: of.asOfSeq };
  const columns = await store.series({
    stations,
    parameters,
    averaging,
    provider: 'cnemc',
    fromS: 0,
    toS: 4e9,
    ...at,
  });
  const rows = await store.latest({ averaging, provider: 'cnemc', sinceS: 0, stations, ...at });
  const versions: string[] = [];
  if (of.everyVersion === true) {
    for (const { key, timeS } of columns) {
      for (const time of timeS) {
        const past = await store.past({ ...key, timeS: time });
        versions.push(`${key.station} ${key.parameter} ${time}: ${past.map(versionText).join(' ')}`);
      }
    }
  }
  return {
    counts: await store.counts(),
    series: columns.map(({ key, timeS, value, flags }) => ({
      station: key.station,
      parameter: key.parameter,
      timeS: [...timeS],
      value: [...value],
      flags: [...flags],
    })),
    latest: rows
      .map(({ key, timeS, value, flags }) => `${key.station} ${key.parameter} ${timeS} ${value} ${flags}`)
      .sort(),
    versions,
  };
}
