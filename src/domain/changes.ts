import type { SeriesKey } from './batch.ts';
import type { ApplyCounts } from './ports.ts';
import type { EpochS } from './time.ts';

/** What one entry changed in one series. The points of a long list of revisions are spread over several of these. */
export interface SeriesChange {
  key: SeriesKey;
  /** First and last key time among its changed rows, inclusive. */
  firstS: EpochS;
  lastS: EpochS;
  accepted: number;
  revised: number;
  /** Went to the past on arrival: no current value changed. */
  superseded: number;
  /** Key times of the points whose current value was replaced, ascending, each once. */
  revisedS: readonly EpochS[];
}

/** One applied entry that changed something, with the counts of all its rows. */
export interface EntryChange extends ApplyCounts {
  seq: number;
  series: SeriesChange[];
}

export interface ChangePage {
  entries: EntryChange[];
  /** Give it back for what comes after; stays as it is while nothing more was applied. */
  cursor: string;
  /** Whether more is there already. */
  more: boolean;
}

/** Entry and told series changes of a store's cursor: `17` is after all of entry 17, `17.3` after three series changes of it. */
const placeOf = (cursor: string): [number, number] => {
  const [seq = '0', told] = cursor.split('.');
  return [Number(seq), told === undefined ? Infinity : Number(told)];
};

/** Whichever of two cursors of one store has told less; null: nothing yet. */
export function earlierCursor(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return null;
  const [[seqA, toldA], [seqB, toldB]] = [placeOf(a), placeOf(b)];
  return seqA < seqB || (seqA === seqB && toldA <= toldB) ? a : b;
}
