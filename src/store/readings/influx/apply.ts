import type { IPoint } from 'influx';
import type { ReadingBatch } from '../../../domain/batch.ts';
import { MonitorError } from '../../../domain/errors.ts';
import { rowOutcomes, type ApplyResult } from '../../../domain/ports.ts';
import { resultOf, sideByRow } from '../rows.ts';
import { pointState, sameValue, show, type PastVersion, type PointState, type Version } from '../versions.ts';
import type { InfluxClient, RejectedPoint } from './client.ts';
import { before, loadPoints, pointName, readingPast, type Stored } from './lookup.ts';
import {
  freshFields,
  fullFields,
  isValueField,
  linePoint,
  measurements,
  tagsOf,
  type PointKey,
  type WidePoint,
} from './points.ts';
import type { WriterState } from './writer-state.ts';

/** The rows of a batch that belong to one wide point. */
interface Slot {
  key: PointKey;
  rows: number[];
  /** Whether a parameter comes more than once. */
  repeated: boolean;
}

interface Lines {
  past: IPoint[];
  reading: IPoint[];
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
 * One entry: the past first, then the current points, the kept latest rows, and last the position. Interrupted anywhere and
 * applied again, it sees through what it wrote before (`before`) and ends the same. Points above their group's mark are
 * written unread. Returns the counts; the caller writes the position.
 */
export async function applyBatch(
  client: InfluxClient,
  state: WriterState,
  seq: number,
  batch: ReadingBatch,
  { repairing = false }: { repairing?: boolean } = {},
): Promise<ApplyResult> {
  const work: Work = {
    seq,
    batch,
    sides: sideByRow(batch),
    outcome: new Uint8Array(batch.length),
    lines: { past: [], reading: [] },
    state,
    repairing,
  };
  const below = new Map<string, Slot[]>();
  for (const slot of slotsOf(batch)) {
    const { averaging } = slot.key;
    if (slot.key.timeS > state.markOf(slot.key) && !slot.repeated) writeFresh(work, slot);
    else below.set(averaging, [...(below.get(averaging) ?? []), slot]);
  }
  for (const slots of below.values()) await compare(client, work, slots);
  const { past, reading } = work.lines;
  for (const lines of [past, reading, state.latestLines()]) refuse(await client.write(lines));
  return resultOf(work.outcome);
}

function slotsOf(batch: ReadingBatch): Iterable<Slot> {
  const groups = new Map<string, number>();
  const groupOf = batch.series.map(({ station, averaging }) => {
    const name = `${station}\n${averaging}`;
    const group = groups.get(name) ?? groups.size;
    groups.set(name, group);
    return group;
  });
  const slots = new Map<number, Slot>();
  for (let row = 0; row < batch.length; row++) {
    const index = batch.seriesIndex[row]!;
    const timeS = batch.timeS[row]!;
    const at = groupOf[index]! * 2 ** 33 + timeS;
    const slot = slots.get(at);
    const { station, averaging, parameter } = batch.series[index]!;
    if (slot === undefined) {
      slots.set(at, {
        key: { station, averaging, provider: batch.provider, timeS },
        rows: [row],
        repeated: false,
      });
      continue;
    }
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

function writeFresh(work: Work, slot: Slot): void {
  const readings = slot.rows.map((row): [string, Version] => [
    parameterOf(work.batch, row),
    versionOf(work, row),
  ]);
  work.lines.reading.push(
    linePoint(measurements.reading, tagsOf(slot.key), slot.key.timeS, freshFields(readings, work.seq)),
  );
  for (const [parameter, version] of readings) work.state.keepLatest(slot.key, parameter, version);
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
  const seen = contested.filter((slot) => stored.has(pointName(slot.key)));
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
    work.state.keepLatest(slot.key, parameter, state.current);
  }
  for (const [nth, aside] of asides.entries()) {
    const point: WidePoint = { rev: 0, seq, readings: aside, held: new Set(), sided: new Set() };
    lines.past.push(pastLine(slot.key, `s${seq}-${nth}`, point, seq));
  }
  if (!changed) return;
  if (stored.current !== null)
    lines.past.push(pastLine(slot.key, `r${stored.current.rev}`, stored.current, seq));
  const rev = stored.current === null ? 0 : stored.current.rev + 1;
  const next: WidePoint = {
    rev,
    seq,
    readings,
    held: held?.held ?? new Set(),
    sided: held?.sided ?? new Set(),
  };
  lines.reading.push(linePoint(measurements.reading, tagsOf(slot.key), slot.key.timeS, fullFields(next)));
}

function pastLine(key: PointKey, version: string, point: WidePoint, seqEnd: number): IPoint {
  const fields = { ...fullFields({ ...point, held: new Set(), sided: new Set() }), seq_end: seqEnd };
  return linePoint(measurements.past, { ...tagsOf(key), version }, key.timeS, fields);
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
