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
  /** Rows that become new stored rows as they are (rev 0). */
  fresh: number[];
  /** Rows whose key may be stored already, or came twice in this batch, in the order of the batch. */
  below: number[];
  points: PointOfBatch[];
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

/** Series and time in one number; exact for times of ±2^32 s and a million series, and only compared for equality. */
export function keyOf(work: Work, row: number): number {
  return work.rowIds[row]! * 2 ** 33 + work.batch.timeS[row]!;
}
