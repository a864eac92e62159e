import type { SeriesKey, Side } from './batch.ts';
import type { AveragingId, EpochS } from './time.ts';

export interface SeriesColumns {
  key: SeriesKey;
  timeS: Float64Array;
  value: Float64Array;
  flags: Uint16Array;
}

export interface SeriesQuery {
  stations: readonly string[];
  parameters: readonly string[];
  averaging: AveragingId;
  provider: string;
  /** On the key time, half-open. */
  fromS: EpochS;
  toS: EpochS;
  /** Only what was known up to this journal position. */
  asOfSeq?: number;
  /** The oldest rows of the window, at most this many a series; the next page starts after the last time. */
  limitPerSeries?: number;
}

/** Journal entry of each reading of one series that {@link SeriesQuery} names, in the order of time. */
export interface SeriesEntries {
  key: SeriesKey;
  timeS: Float64Array;
  /** Entry that wrote the version that stood. */
  seq: Float64Array;
}

export interface LatestRow {
  key: SeriesKey;
  timeS: EpochS;
  /** null: the newest row says "no value". */
  value: number | null;
  flags: number;
  seq: number;
}

/** One value that a point once had; `seqEnd` is the entry that replaced it, null for the current one. */
export interface PointVersion {
  value: number | null;
  flags: number;
  seq: number;
  seqEnd: number | null;
  publishedS: EpochS | null;
  /** Original text, unit or detection limit, where the source gave one. */
  side?: Side;
}
