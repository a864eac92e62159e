import { createHash, type Hash } from 'node:crypto';
import {
  boundsOf,
  dayBounds,
  firstRowAt,
  periodOf,
  talliesOf,
  type AssessmentPeriod,
  type HourSeries,
  type MeasuredSeries,
  type SectionSeries,
  type TalliedSeries,
} from '../../analysis/assessment/index.ts';
import type { Interval } from '../../domain/time.ts';

/** A series as a digest names it. `rest`: what of its days the statistics rest on, sums, the values that occurred, or the order of all. */
export interface NamedSeries {
  name: string;
  series: SectionSeries | HourSeries;
  decimals: number;
  rest: 'sums' | 'values' | 'readings';
}

const bytesOf = (column: Float64Array | Uint16Array | Int32Array): Uint8Array =>
  new Uint8Array(column.buffer, column.byteOffset, column.byteLength);

/**
 * SHA-256 of what the statistics of a period rest on: readings counted and summed by civil day and flags, for a mean of hydrogen ions
 * counted by value as well, for sliding means each hour. The same whether a store has counted them or the readings are at hand, on every engine. A period of
 * months is the digest of their digests, so that each month is looked at once for all periods that share it.
 */
export class StatisticsDigests {
  readonly #series: readonly NamedSeries[];
  readonly #timeZone: string;
  readonly #units = new Map<string, string>();

  constructor(series: readonly NamedSeries[], timeZone: string) {
    this.#series = series.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    this.#timeZone = timeZone;
  }

  /** Of a day, or of a period of whole months. */
  of(period: AssessmentPeriod): string {
    if (period.kind === 'day' || period.months.length < 2) return this.#unit(period);
    const hash = createHash('sha256');
    for (const month of period.months) hash.update(`${month} ${this.#unit(periodOf(month))}\n`);
    return hash.digest('hex');
  }

  #unit(unit: AssessmentPeriod): string {
    const known = this.#units.get(unit.id);
    if (known !== undefined) return known;
    const bounds = dayBounds(unit, this.#timeZone);
    const hash = createHash('sha256');
    for (const one of this.#series) {
      if ('dayS' in one.series) addTallied(hash, one.name, one.series, bounds);
      else if (one.rest === 'readings')
        addReadings(hash, one.name, one.series, boundsOf(unit, this.#timeZone));
      else addCounted(hash, one, one.series, bounds);
    }
    const digest = hash.digest('hex');
    this.#units.set(unit.id, digest);
    return digest;
  }
}

function addTallied(hash: Hash, name: string, series: TalliedSeries, bounds: Float64Array): void {
  const [first, end] = [firstRowAt(series.dayS, bounds[0]!), firstRowAt(series.dayS, bounds.at(-1)!)];
  if (first === end) return;
  hash.update(`${name}\n${end - first}\n`);
  for (const column of [series.dayS, series.flags, series.readings, series.values, series.scaledSum])
    hash.update(bytesOf(column.subarray(first, end)));
}

function addCounted(
  hash: Hash,
  { name, decimals, rest }: NamedSeries,
  series: MeasuredSeries,
  bounds: Float64Array,
): void {
  const { tallied, fractions } = talliesOf(series, bounds, { decimals, byValue: rest === 'values' });
  addTallied(hash, name, tallied, bounds);
  for (const [row, text] of fractions.entries()) if (text !== null) hash.update(`${row} ${text}\n`);
}

function addReadings(hash: Hash, name: string, series: MeasuredSeries, { beginS, endS }: Interval): void {
  const [first, end] = [firstRowAt(series.timeS, beginS), firstRowAt(series.timeS, endS)];
  if (first === end) return;
  hash.update(`${name}\n${end - first}\n`);
  for (const column of [series.timeS, series.value, series.flags])
    hash.update(bytesOf(column.subarray(first, end)));
}

/** SHA-256 of readings one by one: time, value and flags of every series that has any, in the order of their names. */
export function readingsDigest(
  named: readonly { name: string; series: MeasuredSeries }[],
  bounds: Interval,
): string {
  const hash = createHash('sha256');
  for (const { name, series } of named.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    addReadings(hash, name, series, bounds);
  return hash.digest('hex');
}
