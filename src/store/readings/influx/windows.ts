import type { EvenRun } from '../../../analysis/statistics/civil-periods.ts';
import type { AnswerTable, InfluxClient } from './client.ts';
import { seconds, stationFilter, whole } from './lookup.ts';
import { measurements } from './points.ts';

/** Stations summed by one query. */
export const stationsPerSum = 50;
const numbersPerAnswer = 400_000;
/** Days of one series that a query may look through: a server busy with other work is through with hours of as many well before the deadline. */
const seriesDays = 15_000;

/** How many stations of so many series each a query can look through in a window; as many as there are where it has no end. */
export function stationsIn({ fromS, toS }: Window, series: number): number {
  if (!Number.isFinite(toS - fromS)) return Infinity;
  return Math.max(1, Math.floor((seriesDays * 86_400) / (series * (toS - fromS))));
}

/** A run of days or hours in pieces that one query can look through and one answer can hold. */
export function shortRuns(
  { first, count, beginS, lengthS }: EvenRun,
  of: { series: number; numbersPerCell: number },
): EvenRun[] {
  const held = numbersPerAnswer / (of.series * of.numbersPerCell);
  const scanned = (seriesDays * 86_400) / (of.series * lengthS);
  const most = Math.max(1, Math.floor(Math.min(held, scanned)));
  return Array.from({ length: Math.ceil(count / most) }, (_, at) => ({
    first: first + at * most,
    count: Math.min(most, count - at * most),
    beginS: beginS + at * most * lengthS,
    lengthS,
  }));
}

export interface Window {
  fromS: number;
  toS: number;
}

export interface Rest {
  condition?: string;
  groupBy?: string;
}

/** Asks of what stood in a window: of the points as they are now, or in either measurement as of a position. */
export function askWindow(
  client: InfluxClient,
  of: Window & {
    averaging: string;
    provider: string;
    asOfSeq?: number;
    measurement: (typeof measurements)['reading' | 'past'];
    stations: readonly string[];
  },
  columns: string,
  window: Window,
  rest: Rest = {},
): Promise<AnswerTable[]> {
  const filter = stationFilter(of.stations);
  const fromS = Math.max(window.fromS, of.fromS);
  const toS = Math.min(window.toS, of.toS);
  const seq = of.asOfSeq === undefined ? null : whole(of.asOfSeq);
  const known = seq === null ? '' : `AND seq <= ${seq}`;
  const stood = seq !== null && of.measurement === measurements.past ? `AND seq_end > ${seq}` : '';
  return client.query(
    `SELECT ${columns} FROM "${client.retentionPolicy}"."${of.measurement}" WHERE ${filter.text} AND averaging = $averaging
      AND provider = $provider AND time >= ${seconds(fromS)} AND time < ${seconds(toS)} ${known} ${stood}
      ${rest.condition ?? ''} GROUP BY station${rest.groupBy ?? ''}`,
    { ...filter.placeholders, averaging: of.averaging, provider: of.provider },
  );
}
