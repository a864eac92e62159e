import type { ReadingBatch } from '../../../domain/batch.ts';
import type { sideByRow } from '../rows.ts';
import type { PointState, Version } from '../versions.ts';

/** A batch with what the engine calls its series, and what has been decided of it so far. */
export interface Work {
  seq: number;
  receivedS: number;
  batch: ReadingBatch;
  /** The engine's series id of each row. */
  rowIds: Int32Array;
  sides: ReturnType<typeof sideByRow>;
  /** Whether the side table has any row. */
  sidesStored: boolean;
  outcome: Uint8Array;
  /** Rows that become new stored rows as they are (rev 0), ascending. */
  fresh: Int32Array;
  /** Rows whose key may be stored already, or came twice in this batch, ascending. */
  below: Int32Array;
  /** Whether a key can come twice among `below`; where each series' times only rise it cannot. */
  mayRepeat: boolean;
  points: PointOfBatch[];
  /** Rows that replace a stored one without a look at its history. */
  revised: RevisedRows;
}

/** Stored rows by columns. `seq` NaN: nothing is stored there. */
export interface StoredRows {
  value: Float64Array;
  flags: Uint16Array;
  seq: Float64Array;
  rev: Int32Array;
  publishedS: Float64Array;
}

/** `rows` of the batch, ascending, over the rows `at` of `stored`. */
export interface RevisedRows {
  rows: Int32Array;
  at: Int32Array;
  stored: StoredRows;
}

export interface PointOfBatch {
  id: number;
  timeS: number;
  state: PointState;
  /** Whether the table has a row to overwrite. */
  stored: boolean;
}

export function versionOf(work: Work, row: number): Version {
  const { batch } = work;
  return {
    value: batch.value[row]!,
    flags: batch.flags[row]!,
    publishedS: batch.publishedS[row]!,
    seq: work.seq,
    side: work.sides?.get(row) ?? null,
  };
}

export function storedRows(length: number): StoredRows {
  return {
    value: new Float64Array(length),
    flags: new Uint16Array(length),
    seq: new Float64Array(length).fill(Number.NaN),
    rev: new Int32Array(length),
    publishedS: new Float64Array(length),
  };
}

export function noneRevised(): RevisedRows {
  return { rows: new Int32Array(), at: new Int32Array(), stored: storedRows(0) };
}

/** Series and time in one number; exact for times of ±2^32 s and a million series, and only compared for equality. */
export function keyOf(work: Work, row: number): number {
  return work.rowIds[row]! * 2 ** 33 + work.batch.timeS[row]!;
}
