import type { Text } from './config/facts.ts';
import type { LoadMethodId } from './config/load-method.ts';
import type { ReadingStore } from './ports.ts';
import type { LoadCoverageShown, LoadLeftOut, LoadReason } from './load-coverage.ts';
import type { EpochS } from './time.ts';

/** One load from stored readings. Dates are civil days of the region, both counted in. */
export interface LoadQuery {
  section: string;
  parameter: string;
  from: string;
  to: string;
  /** Absent: what the rules prefer. */
  method?: LoadMethodId;
  /** Only what was known up to this journal position. */
  asOfSeq?: number;
}

/** Decimals are text. `tonnes` null: may not be relied on, and `reasons` says why; `indicativeTonnes` still shows the figure. */
export type SectionLoad = {
  marking: Text;
  section: string;
  name: Text;
  parameter: string;
  from: string;
  to: string;
  beginS: EpochS;
  endS: EpochS;
  status: 'computed' | 'not-assessable';
  reasons: LoadReason[];
  method: string | null;
  tonnes: string | null;
  indicativeTonnes: string | null;
  standardErrorTonnes: string | null;
  interval90Tonnes: [string, string] | null;
  volumeM3: string | null;
  meanFlowM3s: string | null;
  flowWeightedMeanMgL: string | null;
  flowNormalised: { tonnes: string; basis: string; fromS: EpochS; toS: EpochS } | null;
  coverage: LoadCoverageShown;
  /** Null where the rules do not look at what is left out. */
  leftOut: LoadLeftOut | null;
  minimum: Record<string, string | number>;
  why: {
    rules: string;
    samples: { provider: string | null; averaging: string };
    flow: {
      station: string | null;
      provider: string | null;
      method: string | null;
      factor: string | null;
      riverKm: number | null;
      confidence: string | null;
      zeroDischarge: string;
    };
  };
  warnings: Text[];
};

export interface AttributionQuery extends Omit<LoadQuery, 'method'> {
  method?: LoadMethodId;
  /** Sections that hand water over; absent: the nearest ones upstream with a declared transfer of flow. */
  entering?: readonly string[];
}

export type AttributionPart = {
  name: Text;
  kind: 'entering' | 'local' | 'unexplained';
  id: string;
  jurisdiction: string | null;
  tonnes: string;
  /** Exact fraction; all of them add up to one. */
  share: string;
  sharePercent: string;
  interval90Percent: [string, string];
  aboveZero: boolean;
  basis: Text | null;
};

export type Attribution = {
  marking: Text;
  section: string;
  parameter: string;
  from: string;
  to: string;
  status: 'computed' | 'not-assessable';
  reasons: LoadReason[];
  text: Text | null;
  greater: 'entering' | 'local' | 'unexplained' | 'indistinguishable' | null;
  parts: AttributionPart[];
  remainderTonnes: string | null;
  negativeRemainder: boolean | null;
  exit: SectionLoad;
  entering: SectionLoad[];
  why: {
    /** `temperatureAt`: sections whose measured temperature it is; empty: the temperature of reference, since none was measured. */
    decay: {
      perDay: string;
      standardErrorPerDay: string;
      temperatureC: string;
      temperatureAt: string[];
    } | null;
    /** `shiftDays`: so many whole days earlier lies the window of the entering load. */
    travel: { section: string; km: number; days: string; shiftDays: number; confidence: string }[];
    remainder: Text;
  };
};

/** Where readings are taken from, as whoever asks may see them. */
type Seen = Pick<ReadingStore, 'series'>;

/**
 * Loads and attributions of stored readings, or of `readings` where somebody may not see all of them. Throw E_NOT_FOUND for an
 * unknown section or parameter, E_BAD_REQUEST otherwise, and whatever `readings` throws.
 */
export interface LoadService {
  load(query: LoadQuery, readings?: Seen): Promise<SectionLoad>;
  attribution(query: AttributionQuery, readings?: Seen): Promise<Attribution>;
}
