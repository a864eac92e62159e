import type { AveragingId, EpochS } from './time.ts';

/** A station's time that stays in the store; `station` null: of every station. Half-open, on the key time. */
export interface KeptInterval {
  station: string | null;
  fromS: EpochS;
  toS: EpochS;
}

/** Readings of one averaging and provider in one civil month; `parameters` null: all. */
export interface ArchiveWindow {
  averaging: AveragingId;
  provider: string;
  parameters: readonly string[] | null;
  fromS: EpochS;
  toS: EpochS;
}

/**
 * Readings of a window that lie in a Parquet file now. `moving`: the store may still hold them, too, so that a reader takes each
 * once; `archived`: it does not.
 */
export interface ArchiveMark extends ArchiveWindow {
  /** Name of the file without its ending; never used twice for other readings. */
  id: string;
  /** Folder below the archive. */
  place: string;
  state: 'moving' | 'archived';
  readings: number;
  past: number;
  /** Of the file, hex. */
  sha256: string;
}

/** Versions of readings as columns, current ones with `seqEnd` NaN. `value` NaN: no value; `publishedS` NaN: not said. */
export interface VersionColumns {
  length: number;
  station: string[];
  parameter: string[];
  timeS: number[];
  value: number[];
  flags: number[];
  seq: number[];
  seqEnd: number[];
  publishedS: number[];
  text: (string | null)[];
  unit: (string | null)[];
  limit: number[];
}

export function versionColumns(): VersionColumns {
  return {
    length: 0,
    station: [],
    parameter: [],
    timeS: [],
    value: [],
    flags: [],
    seq: [],
    seqEnd: [],
    publishedS: [],
    text: [],
    unit: [],
    limit: [],
  };
}

/** What a reading store does for an archive. Called by nobody while an entry is applied. */
export interface Ageing {
  /** How long a reader may use marks that it has read; infinite where no other process can change them. */
  readonly marksFreshMs: number;
  marks(): Promise<ArchiveMark[]>;
  /** Begin of the stored readings of an averaging and provider; null for none. */
  firstTimeS(averaging: AveragingId, provider: string): Promise<EpochS | null>;
  /** Every version of every reading of the window that may leave the store, in slices. */
  versions(
    window: ArchiveWindow,
    kept: readonly KeptInterval[],
    take: (slice: VersionColumns) => Promise<void>,
  ): Promise<void>;
  /** The readings of a written and verified file leave the store. Again after an interruption: completes it. */
  drop(mark: ArchiveMark, file: string, kept: readonly KeptInterval[]): Promise<void>;
  /**
   * Readings that are `archived` come back, all versions, and the mark goes. Interrupted, they are `moving`. `versions`: slices in
   * which all of a station follow each other.
   */
  takeBack(mark: ArchiveMark, file: string, versions: () => AsyncIterable<VersionColumns>): Promise<void>;
}

/** Moves readings between a store and its archive. Reads of the store see both. */
export interface ReadingArchive {
  marks(): Promise<ArchiveMark[]>;
  firstTimeS(averaging: AveragingId, provider: string): Promise<EpochS | null>;
  /** How many readings (and past versions) `age` would move. */
  count(window: ArchiveWindow, kept: readonly KeptInterval[]): Promise<{ readings: number; past: number }>;
  /** Writes, syncs and verifies the file, then takes its readings out of the store; null where there are none. */
  age(
    window: ArchiveWindow,
    how: { id: string; place: string; kept: readonly KeptInterval[]; facts: Record<string, string> },
  ): Promise<ArchiveMark | null>;
  /** Completes what an interruption left half done. */
  resume(): Promise<void>;
  /** Throws E_NOT_FOUND for no such archive in use. */
  restore(id: string): Promise<ArchiveMark>;
  /** What is wrong with the file of a mark; null: it is as it was written. */
  fault(mark: ArchiveMark): Promise<string | null>;
}
