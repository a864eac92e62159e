import type { Text } from './config/facts.ts';
import type { LeftOutBounds } from './config/load-method.ts';

export type LoadReason = { code: string; text: Text };

/** On what a load rests: counts of days, shares as text of four decimals, civil days of high flow without a sample. */
export type LoadCoverageShown = {
  days: number;
  daysWithFlow: number;
  flowShare: string;
  zeroNotReported: number;
  samples: number;
  daysSampled: number;
  sampledShare: string;
  highFlowDays: number;
  highFlowSampled: number;
  highFlowShare: string;
  highFlowUnsampled: string[];
  topFiveVolumeShare: string | null;
  topFiveLoadShare: string | null;
};

/**
 * Readings that a load leaves out because they are under review, and what it would be with them (never paid on; those outside what the
 * parameter can be are counted, not computed with). Shares as text of four decimals.
 */
export type LoadLeftOut = {
  readings: number;
  /** With a value that counts or may count after a review. */
  of: number;
  share: string;
  flowReadings: number;
  flowOf: number;
  flowShare: string;
  /** Of the period's water, what passed in their time: a day's water is shared among its readings. */
  waterShare: string;
  /** Days of high flow of which any reading is left out; the share counts a day by its readings. */
  highFlowDays: number;
  highFlowShare: string;
  /** Mean concentration of those left out over the mean of those that count; null without both. */
  timesKept: string | null;
  tonnesWith: string | null;
  /** By how much the load would change, of the load without them; null where it cannot be told. */
  change: string | null;
  bounds: Omit<LeftOutBounds, 'provenance'>;
  boundsFrom: 'agreement' | 'rules';
  exceeded: LoadReason[];
};
