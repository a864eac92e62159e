import type { SeriesKey } from './batch.ts';
import type { AveragingId, EpochS } from './time.ts';

/** Asks for what a period's statistics rest on, of many series at once. */
export interface TalliesQuery {
  stations: readonly string[];
  /** `decimals` are the parameter's stored decimals: they make the sums exact. */
  parameters: readonly { id: string; decimals: number }[];
  /** Not a sliding one. */
  averaging: AveragingId;
  provider: string;
  /** On the key time, half-open; both ends finite. */
  fromS: EpochS;
  toS: EpochS;
  timeZone: string;
  /** Only what was known up to this journal position. */
  asOfSeq?: number;
}

/**
 * Readings of one series, counted and summed by civil day and flags: one row for each pair that occurs, in that order. Which flags
 * count is for the reader to say.
 */
export interface TallyColumns {
  key: SeriesKey;
  decimals: number;
  /** Begin of the civil day. */
  dayS: Float64Array;
  flags: Uint16Array;
  /** Readings, those without a value included. */
  readings: Int32Array;
  /** Of those, the ones with a value. */
  values: Int32Array;
  /**
   * Their sum × 10^decimals: a whole number, exact; 0 without a value. NaN where the engine's sum does not prove one (readings
   * with more decimals than the parameter's, or too large): the readings themselves must say.
   */
  scaledSum: Float64Array;
}
