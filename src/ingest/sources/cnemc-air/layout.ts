import type { AveragingId } from '../../../domain/time.ts';
import type { AirColumn } from '../air-rows.ts';

/** With its name in the live reply. */
interface CnemcColumn extends AirColumn {
  live: string;
}

const of = (archive: string, live: string, parameter: string, averaging: AveragingId): CnemcColumn => ({
  archive,
  live,
  series: { parameter, averaging },
});

/**
 * In archive order. `o3_24h` and `o3_8h_24h` are the largest of the civil day so far: neither a mean nor a period of their
 * own, different at each hour by construct, and derivable from the hours; they are counted as absent.
 */
export const airColumns: readonly CnemcColumn[] = [
  of('pm10', 'PM10', 'pm10', 'PT1H'),
  of('pm10_24h', 'PM10_24h', 'pm10', 'PT24H-sliding'),
  of('pm2_5', 'PM2_5', 'pm25', 'PT1H'),
  of('pm2_5_24h', 'PM2_5_24h', 'pm25', 'PT24H-sliding'),
  of('o3', 'O3', 'o3', 'PT1H'),
  { archive: 'o3_24h', live: 'O3_24h', series: null },
  of('o3_8h', 'O3_8h', 'o3', 'PT8H-sliding'),
  { archive: 'o3_8h_24h', live: 'O3_8h_24h', series: null },
  of('no2', 'NO2', 'no2', 'PT1H'),
  of('no2_24h', 'NO2_24h', 'no2', 'PT24H-sliding'),
  of('so2', 'SO2', 'so2', 'PT1H'),
  of('so2_24h', 'SO2_24h', 'so2', 'PT24H-sliding'),
  of('co', 'CO', 'co', 'PT1H'),
  of('co_24h', 'CO_24h', 'co', 'PT24H-sliding'),
];

/** Every column of the archive besides, each needed. */
export const archiveKeys = [
  'timepoint',
  'stationcode',
  'longitude',
  'latitude',
  'area',
  'positionname',
  'primarypollutant',
  'aqi',
] as const;

export const archiveHeaders: readonly string[] = [
  ...archiveKeys,
  ...airColumns.map((column) => column.archive),
];

/** Fields of the live reply that must be there; it has others (Quality, Measure, Unheathful …) that are not read. */
export const liveFields: readonly string[] = [
  'StationCode',
  'TimePoint',
  'AQI',
  'PrimaryPollutant',
  ...airColumns.map((column) => column.live),
];
