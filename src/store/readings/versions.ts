import type { VersionColumns } from '../../domain/archive.ts';
import type { Side } from '../../domain/batch.ts';
import { qualifiers, stageOf } from '../../domain/flags.ts';
import { rowOutcomes, type PointVersion } from '../../domain/ports.ts';
import { sideOf } from './rows.ts';

/** One version of one reading. `value` NaN: no value; `publishedS` NaN: the source does not say. */
export interface Version {
  value: number;
  flags: number;
  publishedS: number;
  seq: number;
  side: Side | null;
}

export interface PastVersion extends Version {
  /** Entry that replaced it; equal to `seq` for a version that never was the current one at any position. */
  seqEnd: number;
}

/** What a row of archived versions says; one in the past has its `seqEnd`. */
export function versionAt(slice: VersionColumns, row: number): Version | PastVersion {
  const side = sideOf(slice.text[row], slice.unit[row], slice.limit[row]);
  const version: Version = {
    value: slice.value[row]!,
    flags: slice.flags[row]!,
    seq: slice.seq[row]!,
    publishedS: slice.publishedS[row]!,
    side: Object.keys(side).length === 0 ? null : side,
  };
  const seqEnd = slice.seqEnd[row]!;
  return Number.isNaN(seqEnd) ? version : { ...version, seqEnd };
}

/** A point while one entry's rows are shown to it: what was stored, and what this entry adds. */
export interface PointState {
  current: Version | null;
  rev: number;
  past: readonly PastVersion[];
  added: PastVersion[];
  changed: boolean;
}

export function pointState(current: Version | null, rev: number, past: readonly PastVersion[]): PointState {
  return { current, rev, past, added: [], changed: false };
}

const markBits = qualifiers.screened | 3;

type Said = Pick<Version, 'value' | 'flags'>;

/**
 * The source repeats a value that a person has reviewed since, or that an act holds for review: nothing new is learned, the
 * review or the hold stands.
 */
function reviewStands(current: Said, incoming: Said): boolean {
  if (!sameValue(current.value, incoming.value)) return false;
  const released = (current.flags & qualifiers.held) === 0 || (incoming.flags & qualifiers.held) !== 0;
  return stageOf(current.flags) > stageOf(incoming.flags) || (!released && stageOf(incoming.flags) === 0);
}

/** The same reading but for the mark of screening, which follows from the readings around it. */
export function sameButForMark(a: Said, b: Said): boolean {
  const marked = ((a.flags | b.flags) & qualifiers.screened) !== 0;
  return marked && sameValue(a.value, b.value) && ((a.flags ^ b.flags) & ~markBits) === 0;
}

/** Whether a reading adds nothing to the current one, whatever its history. */
export function repeats(current: Said, incoming: Said): boolean {
  return sameReading(current, incoming) || reviewStands(current, incoming);
}

/** Same reading: NaN equals NaN, and 0 equals -0. */
export function sameValue(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

function sameReading(a: Said, b: Said): boolean {
  return a.flags === b.flags && sameValue(a.value, b.value);
}

/**
 * Shows one reading to a point and says what becomes of it; the only place where this is decided, for every engine.
 * 1. Same value and flags as the current one, the same value at a lower stage of review, or one that an act holds: unchanged.
 * The same but for the mark of screening: revised, with the published time and side values that it had. 2. A version of the same published time already said the same:
 * unchanged. 3. Published before the current one: superseded, kept in the past, unless the version that stood at that
 * published time says the same (then unchanged: nothing new is learned). 4. Otherwise: revised, the current goes to the past.
 */
export function show(point: PointState, incoming: Version): number {
  const { current } = point;
  if (current === null) {
    point.current = incoming;
    point.changed = true;
    return rowOutcomes.accepted;
  }
  if (repeats(current, incoming)) return rowOutcomes.unchanged;
  if (sameButForMark(current, incoming) && !(incoming.publishedS < current.publishedS))
    return revise(point, {
      ...incoming,
      publishedS: current.publishedS,
      side: incoming.side ?? current.side,
    });
  if (knownInPast(point, incoming, incoming.publishedS)) return rowOutcomes.unchanged;
  if (incoming.publishedS < current.publishedS) {
    if (knownInPast(point, incoming, newestPublishedUpTo(point, incoming.publishedS)))
      return rowOutcomes.unchanged;
    point.added.push({ ...incoming, seqEnd: incoming.seq });
    return rowOutcomes.superseded;
  }
  return revise(point, incoming);
}

function revise(point: PointState, incoming: Version): number {
  const { current } = point;
  if (current !== null) point.added.push({ ...current, seqEnd: incoming.seq });
  point.current = incoming;
  point.rev += 1;
  point.changed = true;
  return rowOutcomes.revised;
}

function knownInPast(point: PointState, incoming: Version, publishedS: number): boolean {
  const says = (version: PastVersion): boolean =>
    version.publishedS === publishedS &&
    (sameReading(version, incoming) || sameButForMark(version, incoming));
  return point.past.some(says) || point.added.some(says);
}

function newestPublishedUpTo(point: PointState, publishedS: number): number {
  let newest = Number.NaN;
  for (const versions of [point.past, point.added]) {
    for (const version of versions) {
      if (version.publishedS <= publishedS && !(version.publishedS <= newest)) newest = version.publishedS;
    }
  }
  return newest;
}

/** All versions for a reader, in one order for every engine: by the entry that ended them, the current one last. */
export function pointVersions(past: readonly PastVersion[], current: Version | null): PointVersion[] {
  const rows: PointVersion[] = past.map((version) => pointVersion(version, version.seqEnd));
  rows.sort(
    (a, b) =>
      (a.seqEnd ?? 0) - (b.seqEnd ?? 0) ||
      a.seq - b.seq ||
      (a.publishedS ?? -Infinity) - (b.publishedS ?? -Infinity) ||
      (a.value ?? -Infinity) - (b.value ?? -Infinity) ||
      a.flags - b.flags,
  );
  if (current !== null) rows.push(pointVersion(current, null));
  return rows;
}

function pointVersion(version: Version, seqEnd: number | null): PointVersion {
  return {
    value: Number.isNaN(version.value) ? null : version.value,
    flags: version.flags,
    seq: version.seq,
    seqEnd,
    publishedS: Number.isNaN(version.publishedS) ? null : version.publishedS,
    ...(version.side === null ? {} : { side: version.side }),
  };
}
