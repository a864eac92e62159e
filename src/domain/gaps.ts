import type { Page } from './paging.ts';
import type { AveragingId, EpochS } from './time.ts';

/** Where readings are missing between two stored ones: `[fromS, toS)` of one series of one source. */
export interface FoundGap {
  station: string;
  parameter: string;
  averaging: AveragingId;
  fromS: EpochS;
  toS: EpochS;
}

/** `open`: not asked for often enough yet. `unfillable`: asked for, and the upstream has no value there, or nothing can be asked. */
export type GapState = 'open' | 'filled' | 'unfillable';

export interface Gap extends FoundGap {
  id: number;
  source: string;
  state: GapState;
  /** Times that the upstream answered without filling it. */
  attempts: number;
  lastAttemptS: EpochS | null;
  foundS: EpochS;
  /** When it was filled or given up. */
  decidedS: EpochS | null;
  reason: string | null;
}

/** The gap list: what a back-fill, or a listener that can ask its loggers, works off. */
export interface GapLog {
  /** What was looked at and found. Known gaps within the window that are not found any more are filled. */
  note(
    source: string,
    window: { fromS: EpochS; toS: EpochS },
    found: readonly FoundGap[],
    atS: EpochS,
  ): Promise<void>;
  /** Oldest first. */
  list(query: { source: string; state?: GapState } & Page<Pick<Gap, 'fromS' | 'id'>>): Promise<Gap[]>;
  /** The upstream was asked; `answered` false where it gave no answer, which is no attempt but delays the next one. */
  attempted(ids: readonly number[], atS: EpochS, answered: boolean): Promise<void>;
  giveUp(ids: readonly number[], atS: EpochS, reason: string): Promise<void>;
}

/** A long back-fill; everything before `doneS` is journaled. */
export interface Backfill {
  id: number;
  source: string;
  fromS: EpochS;
  toS: EpochS;
  doneS: EpochS;
  startedS: EpochS;
  finishedS: EpochS | null;
  message: string | null;
}

export interface BackfillLog {
  /** The unfinished one of this source and begin (and end, where given), or a new one. */
  resume(of: { source: string; fromS: EpochS; toS: EpochS | null; nowS: EpochS }): Promise<Backfill>;
  advance(id: number, doneS: EpochS): Promise<void>;
  /** `finishedS` null: it stopped there and can be resumed. */
  end(id: number, finishedS: EpochS | null, message: string | null): Promise<void>;
  recent(query: { source?: string; limit: number }): Promise<Backfill[]>;
}

/**
 * Gaps between sorted key times of one series: a distance of more than one and a half steps. `[before + step, after)`.
 * Nothing is expected before the first reading or after the last one: that is silence, not a gap.
 */
export function gapsBetween(timeS: ArrayLike<number>, stepS: number): { fromS: EpochS; toS: EpochS }[] {
  const gaps: { fromS: EpochS; toS: EpochS }[] = [];
  for (let at = 1; at < timeS.length; at++) {
    const [before, after] = [timeS[at - 1]!, timeS[at]!];
    if (after - before > stepS * 1.5) gaps.push({ fromS: before + stepS, toS: after });
  }
  return gaps;
}

/** The windows that cover all gaps: sorted, joined where they lie within `joinS` of each other, cut to `longestS`. */
export function windowsOver(
  gaps: readonly { fromS: EpochS; toS: EpochS }[],
  by: { joinS: number; longestS: number },
): { fromS: EpochS; toS: EpochS }[] {
  const joined: { fromS: EpochS; toS: EpochS }[] = [];
  for (const { fromS, toS } of gaps.toSorted((a, b) => a.fromS - b.fromS)) {
    const last = joined.at(-1);
    if (last !== undefined && fromS <= last.toS + by.joinS) last.toS = Math.max(last.toS, toS);
    else joined.push({ fromS, toS });
  }
  return joined.flatMap(({ fromS, toS }) => {
    const parts = [];
    for (let begin = fromS; begin < toS; begin += by.longestS)
      parts.push({ fromS: begin, toS: Math.min(toS, begin + by.longestS) });
    return parts;
  });
}
