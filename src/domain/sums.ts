import type { Qualifier, Validity } from './flags.ts';
import type { AveragingId, EpochS } from './time.ts';

/** A station, or several that are summed as one. */
export interface StationGroup {
  id: string;
  stations: readonly string[];
}

/** Which readings count as valid. A reading without a value and a sliding mean never do. */
export interface ReadingFilter {
  /** Accepted validities; only `valid` unless given. */
  validity?: readonly Validity[];
  /** Least stage, 0 raw to 7 final; 0 unless given. */
  leastStage?: number;
  /** A reading with any of these does not count; none unless given. */
  without?: readonly Qualifier[];
}

export type CivilUnit = 'hour' | 'day' | 'month' | 'year';

export interface SumsQuery {
  groups: readonly StationGroup[];
  /** `decimals` are the parameter's stored decimals: they make the sums exact. */
  parameters: readonly { id: string; decimals: number }[];
  /** Not a sliding one. */
  averaging: AveragingId;
  provider: string;
  /** On the key time, half-open; a period cut by the window counts only what lies inside, expected readings too. */
  fromS: EpochS;
  toS: EpochS;
  period: CivilUnit;
  timeZone: string;
  /** Seconds between readings, of all stations or by station; null or absent: nothing is known to be expected. */
  cadenceS: number | Readonly<Record<string, number>> | null;
  filter?: ReadingFilter;
  /** Only what was known up to this journal position. */
  asOfSeq?: number;
}

/** Sums of one group and parameter, one entry a civil period of the window, those without readings included. */
export interface SumColumns {
  group: string;
  parameter: string;
  /** The civil period, not cut by the window. */
  beginS: Float64Array;
  endS: Float64Array;
  /** Readings due by cadence; NaN where none is known. */
  expected: Float64Array;
  /** Readings with a value, whatever their flags. */
  observed: Float64Array;
  /** Of those, the ones that pass the filter; sum, min and max are theirs. */
  valid: Float64Array;
  /** valid / expected; NaN without an expectation. */
  share: Float64Array;
  /** At the stored decimals; its shortest text is the exact decimal wherever `exact` is 1. NaN without a valid reading. */
  sum: Float64Array;
  min: Float64Array;
  max: Float64Array;
  /** 0 where the values are too large for the sum to be exact; such a sum is good for display only. */
  exact: Uint8Array;
}
