import type { IPoint } from 'influx';
import type { ReadingBatch } from '../../../domain/batch.ts';
import { MonitorError } from '../../../domain/errors.ts';
import { rowOutcomes, type ApplyResult } from '../../../domain/ports.ts';
import { resultOf, sideByRow } from '../rows.ts';
import { pointState, sameValue, show, type PastVersion, type PointState, type Version } from '../versions.ts';
import type { InfluxClient, RejectedPoint } from './client.ts';
import { logLines } from './log.ts';
import { before, loadPoints, pointName, readingPast, type Stored } from './lookup.ts';
import {
  freshFields,
  isValueField,
  linePoint,
  measurements,
  pastFields,
  rewrittenFields,
  tagsOf,
  type PointKey,
  type WidePoint,
} from './points.ts';
import type { Group, WriterState } from './writer-state.ts';

/** The rows of a batch that belong to one wide point. */
interface Slot {
  group: Group;
  key: PointKey;
  rows: number[];
  /** Whether a parameter comes more than once. */
  repeated: boolean;
}

interface Lines {
  past: IPoint[];
  fresh: IPoint[];
  rewritten: IPoint[];
}

interface Work {
  seq: number;
  batch: ReadingBatch;
  sides: ReturnType<typeof sideByRow>;
  outcome: Uint8Array;
  lines: Lines;
  state: WriterState;
  /** Only points that are older than this entry are made good; newer ones stay as they are. */
  repairing: boolean;
}

/**
 * One entry: the past and the points that stand over nothing, then the rewritten ones, then the kept latest rows and the
 * projection log; the caller writes the position last. Interrupted anywhere and applied again, it sees through what it wrote
 * before (`before`) and ends the same. Points above their group's mark are written unread. Returns the counts.
 */
export async function applyBatch(
  client: InfluxClient,
  state: WriterState,
  entry: { seq: number; receivedS: number },
  batch: ReadingBatch,
  { repairing = false }: { repairing?: boolean } = {},
): Promise<ApplyResult> {
  const work: Work = {
    seq: entry.seq,
    batch,
    sides: sideByRow(batch),
    outcome: new Uint8Array(batch.length),
    lines: { past: [], fresh: [], rewritten: [] },
    state,
    repairing,
  };
  const below = new Map<string, Slot[]>();
  for (const slot of slotsOf(batch, state)) {
    if (slot.key.timeS > slot.group.markS && !slot.repeated) writeFresh(work, slot);
    else {
      const slots = below.get(slot.key.averaging);
      if (slots === undefined) below.set(slot.key.averaging, [slot]);
      else slots.push(slot);
    }
  }
  for (const slots of below.values()) await compare(client, work, slots);
  const result = resultOf(work.outcome);
  const { past, fresh, rewritten } = work.lines;
  const log = repairing ? [] : logLines(entry, batch, result);
  for (const lines of [past.concat(fresh), rewritten, state.latestLines().concat(log)])
    refuse(await client.write(lines));
  return result;
}

function slotsOf(batch: ReadingBatch, state: WriterState): Iterable<Slot> {
  const { provider, series } = batch;
  const numbers = new Map<Group, number>();
  const groups = series.map(({ station, averaging }) => {
    const group = state.groupOf({ station, averaging, provider });
    if (!numbers.has(group)) numbers.set(group, numbers.size);
    return group;
  });
  const numberOf = Int32Array.from(groups, (group) => numbers.get(group)!);
  const slots = new Map<number, Slot>();
  // Readings of a point mostly follow each other: the one before is tried first.
  let slot: Slot | undefined;
  let open = Number.NaN;
  for (let row = 0; row < batch.length; row++) {
    const index = batch.seriesIndex[row]!;
    const timeS = batch.timeS[row]!;
    const at = numberOf[index]! * 2 ** 33 + timeS;
    if (at !== open) slot = slots.get(at);
    open = at;
    if (slot === undefined) {
      const { station, averaging } = series[index]!;
      slot = {
        group: groups[index]!,
        key: { station, averaging, provider, timeS },
        rows: [row],
        repeated: false,
      };
      slots.set(at, slot);
      continue;
    }
    const { parameter } = series[index]!;
    slot.repeated ||= slot.rows.some((other) => parameterOf(batch, other) === parameter);
    slot.rows.push(row);
  }
  return slots.values();
}

function parameterOf(batch: ReadingBatch, row: number): string {
  return batch.series[batch.seriesIndex[row]!]?.parameter ?? '';
}

function versionOf(work: Work, row: number): Version {
  const { batch } = work;
  return {
    value: batch.value[row]!,
    flags: batch.flags[row]!,
    publishedS: batch.publishedS[row]!,
    seq: work.seq,
    side: work.sides?.get(row) ?? null,
  };
}

function writeFresh({ batch, sides, seq, lines, state }: Work, { group, key, rows }: Slot): void {
  const fields = freshFields(batch, rows, sides, seq);
  lines.fresh.push(linePoint(measurements.reading, group.tags, key.timeS, fields));
  for (const row of rows) {
    const [value, flags] = [batch.value[row]!, batch.flags[row]!];
    state.keepLatest(group, key.timeS, parameterOf(batch, row), { value, flags, seq });
  }
}

/** Points that may be stored: equal ones need only the current point, the others their history. */
async function compare(client: InfluxClient, work: Work, slots: readonly Slot[]): Promise<void> {
  const stored = await loadPoints(
    client,
    slots.map((slot) => slot.key),
    'reading',
  );
  const contested = slots.filter(
    (slot) => !unchanged(work, slot, stored.get(pointName(slot.key))?.current ?? null),
  );
  if (contested.length === 0) return;
  // History decides nothing for readings without a published time, unless an interrupted attempt stands in its place.
  const seen = contested.filter((slot) => {
    const current = stored.get(pointName(slot.key))?.current ?? null;
    if (current === null) return false;
    return current.seq >= work.seq || slot.rows.some((row) => !Number.isNaN(work.batch.publishedS[row]));
  });
  // A past line without its current one is what an interrupted attempt leaves; it is seen through, so it need not be read.
  const past = await loadPoints(
    client,
    seen.map((slot) => slot.key),
    'past',
  );
  for (const slot of contested) {
    const name = pointName(slot.key);
    const raw: Stored = { current: stored.get(name)?.current ?? null, past: past.get(name)?.past ?? [] };
    decide(work, slot, before(raw, work.seq), raw.current);
  }
}

function unchanged(work: Work, slot: Slot, current: WidePoint | null): boolean {
  if (work.repairing && current !== null && current.seq >= work.seq) {
    for (const row of slot.rows) work.outcome[row] = rowOutcomes.unchanged;
    return true;
  }
  if (current === null || current.seq >= work.seq) return false;
  const { batch, outcome } = work;
  const same = slot.rows.every((row) => {
    const reading = current.readings.get(parameterOf(batch, row));
    if (reading === undefined) return false;
    return reading.flags === batch.flags[row] && sameValue(reading.value, batch.value[row]!);
  });
  if (same) for (const row of slot.rows) outcome[row] = rowOutcomes.unchanged;
  return same;
}

/** Shows the rows to their readings; `held` is what the server holds there now, also from an interrupted attempt. */
function decide(work: Work, slot: Slot, stored: Stored, held: WidePoint | null): void {
  const { batch, outcome, lines, seq } = work;
  const states = new Map<string, PointState>();
  for (const row of slot.rows) {
    const parameter = parameterOf(batch, row);
    const current = stored.current?.readings.get(parameter) ?? null;
    const state = states.get(parameter) ?? pointState(current, 0, readingPast(stored, parameter));
    states.set(parameter, state);
    outcome[row] = show(state, versionOf(work, row));
  }
  const readings = new Map(stored.current?.readings);
  const asides: Map<string, PastVersion>[] = [];
  let changed = false;
  for (const [parameter, state] of states) {
    for (const [nth, version] of state.added.filter((added) => added.seq === seq).entries()) {
      (asides[nth] ??= new Map()).set(parameter, version);
    }
    if (!state.changed || state.current === null) continue;
    changed = true;
    readings.set(parameter, state.current);
    work.state.keepLatest(slot.group, slot.key.timeS, parameter, state.current);
  }
  for (const [nth, aside] of asides.entries()) {
    const point: WidePoint = { rev: 0, seq, publishedS: Number.NaN, readings: aside, held: new Map() };
    lines.past.push(pastLine(slot.key, `s${seq}-${nth}`, point, seq));
  }
  if (!changed) return;
  if (stored.current !== null)
    lines.past.push(pastLine(slot.key, `r${stored.current.rev}`, stored.current, seq));
  const rev = stored.current === null ? 0 : stored.current.rev + 1;
  const next: WidePoint = {
    rev,
    seq,
    publishedS: held?.publishedS ?? Number.NaN,
    readings,
    held: held?.held ?? new Map(),
  };
  const fields = rewrittenFields(next);
  lines.rewritten.push(linePoint(measurements.reading, slot.group.tags, slot.key.timeS, fields));
}

function pastLine(key: PointKey, version: string, point: WidePoint, seqEnd: number): IPoint {
  return linePoint(measurements.past, { ...tagsOf(key), version }, key.timeS, pastFields(point, seqEnd));
}

const pointsNamed = 20;

/** Throws E_STORE_REJECTED with the points the server does not take; every other one is stored, and the position stays. */
export function refuse(rejected: readonly RejectedPoint[]): void {
  if (rejected.length === 0) return;
  const named = rejected.slice(0, pointsNamed).map(({ point, message }) => ({
    station: point.tags?.['station'],
    averaging: point.tags?.['averaging'],
    provider: point.tags?.['provider'],
    measurement: point.measurement,
    timeS: Number(point.timestamp),
    parameters: Object.keys(point.fields ?? {}).filter(isValueField),
    message,
  }));
  throw new MonitorError(
    'E_STORE_REJECTED',
    `the server refuses ${rejected.length} points: ${rejected[0]?.message ?? ''}`,
    {
      details: { count: rejected.length, rejected: named },
    },
  );
}
