import type { Page } from './paging.ts';
import type { EpochS } from './time.ts';

/** What a verdict says, in figures that one can sort and count by; the whole verdict is computed again from its id. */
export interface VerdictOutcome {
  /** Class 1 to 6 of a section; null where it cannot be judged, and for air. */
  class: number | null;
  /** Which of the figures counts: `measured`, `decided` or `guarded`; air is always measured. */
  counts: string;
  /** Index of an air station's day; null for longer periods and for water. */
  aqi: number | null;
  /** Water: every target met. Air: attainment. Null where that cannot be said. */
  met: boolean | null;
  /** Items that decide the class, pollutants that lead the index. */
  deciding: string[];
}

/** The newest verdict on a station and period. */
export interface LatestVerdict {
  station: string;
  medium: 'water' | 'air';
  /** day, month, cumulative, quarter or year. */
  kind: string;
  period: string;
  /** Civil dates, both inclusive. */
  from: string;
  to: string;
  id: string;
  /** SHA-256 of what of the configuration it rests on. */
  rules: string;
  outcome: VerdictOutcome;
  /** The verdict before it, for whoever asks why it differs; null for the first. */
  previousId: string | null;
  /** Journal position as of which it was judged when it last became another one. */
  changedSeq: number;
  judgedS: EpochS;
}

/** A run of values beyond a limit, as it stands now. An event that reaches over the end of a year is told in both years, cut there. */
export interface LatestEvent {
  station: string;
  criterion: string;
  parameter: string;
  provider: string;
  limit: string;
  fromS: EpochS;
  toS: EpochS;
  open: boolean;
  values: number;
  peak: number;
  multiple: string | null;
}

/**
 * The newest verdicts and events: a table that can be rebuilt at any time from readings, acts and configuration. Its only writer is
 * the re-judging of the process that projects.
 */
export interface LatestVerdictStore {
  /** Rows of a station by period; of all stations' without one. */
  known(station?: string): Promise<Pick<LatestVerdict, 'station' | 'medium' | 'period' | 'id' | 'rules'>[]>;
  /** Writes rows over the ones of the same station and period. */
  put(rows: readonly LatestVerdict[]): Promise<void>;
  /** Rows after a key, in the order of station and period. */
  list(
    query: {
      station?: string;
      medium?: LatestVerdict['medium'];
      kind?: string;
      period?: string;
      changedAfterSeq?: number;
      /** Stations of which nothing is given. */
      except?: readonly string[];
    } & Page<Pick<LatestVerdict, 'station' | 'period'>>,
  ): Promise<LatestVerdict[]>;
  /** Puts the events of a station in a window in the place of those that begin in it. */
  putEvents(
    station: string,
    window: { fromS: EpochS; toS: EpochS },
    events: readonly LatestEvent[],
  ): Promise<void>;
  /** Newest first. */
  events(
    query: { station?: string; open?: boolean; sinceS?: EpochS; except?: readonly string[] } & Page<
      Pick<LatestEvent, 'fromS' | 'station' | 'criterion'>
    >,
  ): Promise<LatestEvent[]>;
  clear(): Promise<void>;
}
