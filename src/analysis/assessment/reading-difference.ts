/** Columns of one series as they were known at some position. */
export interface KnownSeries {
  provider: string;
  averaging: string;
  parameter: string;
  timeS: Float64Array;
  value: Float64Array;
  flags: Uint16Array;
}

/** `added`: not known before. `revised`: another value. `marked`: the same value, other flags (a review for example). `gone`: no longer there. */
export type ReadingChangeKind = 'added' | 'revised' | 'marked' | 'gone';

export interface ReadingDifference {
  provider: string;
  averaging: string;
  parameter: string;
  timeS: number;
  change: ReadingChangeKind;
  /** Null: no value, or no reading. */
  before: number | null;
  after: number | null;
  flagsBefore: number | null;
  flagsAfter: number | null;
}

const nameOf = ({ provider, averaging, parameter }: KnownSeries) => `${provider}\n${averaging}\n${parameter}`;
const valueOf = (value: number) => (Number.isNaN(value) ? null : value);

function changesOf(before: KnownSeries | undefined, after: KnownSeries | undefined): ReadingDifference[] {
  const { provider, averaging, parameter } = (after ?? before)!;
  const changes: ReadingDifference[] = [];
  let [old, now] = [0, 0];
  const [oldEnd, nowEnd] = [before?.timeS.length ?? 0, after?.timeS.length ?? 0];
  while (old < oldEnd || now < nowEnd) {
    const oldS = old < oldEnd ? before!.timeS[old]! : Infinity;
    const nowS = now < nowEnd ? after!.timeS[now]! : Infinity;
    const was = oldS <= nowS ? { value: before!.value[old]!, flags: before!.flags[old]! } : null;
    const is = nowS <= oldS ? { value: after!.value[now]!, flags: after!.flags[now]! } : null;
    if (was !== null) old++;
    if (is !== null) now++;
    const same = was !== null && is !== null && Object.is(valueOf(was.value), valueOf(is.value));
    if (same && was.flags === is.flags) continue;
    changes.push({
      provider,
      averaging,
      parameter,
      timeS: Math.min(oldS, nowS),
      change: was === null ? 'added' : is === null ? 'gone' : same ? 'marked' : 'revised',
      before: was === null ? null : valueOf(was.value),
      after: is === null ? null : valueOf(is.value),
      flagsBefore: was?.flags ?? null,
      flagsAfter: is?.flags ?? null,
    });
  }
  return changes;
}

/** What two states of knowledge say differently of the same span; columns sorted by time. In the order of series, then of time. */
export function readingDifferences(
  before: readonly KnownSeries[],
  after: readonly KnownSeries[],
): ReadingDifference[] {
  const old = new Map(before.map((series) => [nameOf(series), series]));
  const now = new Map(after.map((series) => [nameOf(series), series]));
  return [...new Set([...old.keys(), ...now.keys()])]
    .toSorted()
    .flatMap((name) => changesOf(old.get(name), now.get(name)));
}
