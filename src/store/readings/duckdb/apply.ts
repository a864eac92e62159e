import type { ReadingBatch } from '../../../domain/batch.ts';
import { rowOutcomes, type ApplyResult } from '../../../domain/ports.ts';
import { checkRows, nothingApplied, resultOf, sideByRow, sideOf } from '../rows.ts';
import { pointState, sameValue, show, type PastVersion, type PointState, type Version } from '../versions.ts';
import type { Catalogue } from './catalogue.ts';
import {
  appendRows,
  constant,
  double,
  integer,
  long,
  numberAt,
  picked,
  readColumns,
  sideColumnsOf,
  smallFlags,
  textAt,
} from './columns.ts';
import type { Database } from './database.ts';

/** A batch with what the engine calls its series, and what has been decided of it so far. */
interface Work {
  seq: number;
  batch: ReadingBatch;
  ids: Int32Array;
  sides: ReturnType<typeof sideByRow>;
  /** Whether the side table has any row. */
  sidesStored: boolean;
  outcome: Uint8Array;
  /** Rows that become new stored rows as they are (rev 0). */
  fresh: number[];
  /** Rows whose key may be stored already, or came twice in this batch. */
  below: number[];
  points: PointOfBatch[];
}

interface PointOfBatch {
  id: number;
  timeS: number;
  state: PointState;
  /** Whether the table has a row to overwrite. */
  stored: boolean;
}

/** One entry in one transaction; the catalogue learns of it only after the commit. */
export async function applyEntry(
  database: Database,
  catalogue: Catalogue,
  seq: number,
  batch: ReadingBatch | null,
): Promise<ApplyResult> {
  if (batch === null || batch.length === 0) {
    await database.writer.run(`UPDATE position SET seq = ${seq}`);
    return nothingApplied();
  }
  checkRows(batch);
  const seriesBefore = catalogue.size;
  const work: Work = {
    seq,
    batch,
    ids: catalogue.idsOf(batch.series, batch.provider),
    sides: sideByRow(batch),
    sidesStored: catalogue.hasSides,
    outcome: new Uint8Array(batch.length),
    fresh: [],
    below: [],
    points: [],
  };
  const { writer } = database;
  await writer.run('BEGIN');
  try {
    await catalogue.store(database, seriesBefore);
    split(work, catalogue);
    if (work.below.length > 0) await compare(database, work);
    await write(database, work);
    await writer.run(`UPDATE position SET seq = ${seq}`);
    await writer.run('COMMIT');
  } catch (cause) {
    catalogue.truncate(seriesBefore);
    // A failed COMMIT has ended the transaction already; the first fault is the one to report.
    await writer.run('ROLLBACK').catch(() => undefined);
    throw cause;
  }
  noteCommitted(catalogue, work);
  return resultOf(work.outcome);
}

/** Rows above the series' mark cannot be stored yet: appended unread. The mark rises within the batch, so a repeat is found. */
function split(work: Work, catalogue: Catalogue): void {
  const { batch, ids } = work;
  const marks = catalogue.timeS.slice(0, catalogue.size);
  let outOfOrder = false;
  for (let row = 0; row < batch.length; row++) {
    const id = ids[batch.seriesIndex[row]!]!;
    const timeS = batch.timeS[row]!;
    if (timeS > marks[id]!) {
      marks[id] = timeS;
      work.fresh.push(row);
    } else {
      outOfOrder ||= timeS > catalogue.timeS[id]!;
      work.below.push(row);
    }
  }
  if (outOfOrder) withdrawRepeated(work);
}

/** A fresh row whose key comes again in this batch is decided together with its repeats. */
function withdrawRepeated(work: Work): void {
  const again = new Set(work.below.map((row) => keyOf(work, row)));
  const repeated = work.fresh.filter((row) => again.has(keyOf(work, row)));
  if (repeated.length === 0) return;
  const moved = new Set(repeated);
  work.fresh = work.fresh.filter((row) => !moved.has(row));
  work.below = work.below.concat(repeated).sort((a, b) => a - b);
}

/** Series and time in one number; exact for times of ±2^32 s and a million series, and only compared for equality. */
function keyOf(work: Work, row: number): number {
  return work.ids[work.batch.seriesIndex[row]!]! * 2 ** 33 + work.batch.timeS[row]!;
}

/** The engine's series id of each row. */
function seriesIds(work: Work): Int32Array {
  const { batch, ids } = work;
  const column = new Int32Array(batch.length);
  for (let row = 0; row < column.length; row++) column[row] = ids[batch.seriesIndex[row]!]!;
  return column;
}

/** Decides the rows below the marks: equal ones by columns, the few others one by one with their history. */
async function compare(database: Database, work: Work): Promise<void> {
  const { batch, below, outcome } = work;
  const stored = await storedRows(database, work, below);
  const repeats = new Map<number, number>();
  for (const row of below) repeats.set(keyOf(work, row), (repeats.get(keyOf(work, row)) ?? 0) + 1);
  const contested: number[] = [];
  for (let at = 0; at < below.length; at++) {
    const row = below[at]!;
    const found = !Number.isNaN(stored.seq[at]!);
    if (repeats.get(keyOf(work, row)) !== 1) contested.push(at);
    else if (!found) work.fresh.push(row);
    else if (batch.flags[row] === stored.flags[at] && sameValue(batch.value[row]!, stored.value[at]!)) {
      outcome[row] = rowOutcomes.unchanged;
    } else contested.push(at);
  }
  if (contested.length > 0) await decide(database, work, stored, contested);
}

interface StoredRows {
  value: Float64Array;
  flags: Uint16Array;
  /** NaN: not stored. */
  seq: Float64Array;
  rev: Int32Array;
  publishedS: Float64Array;
}

async function storedRows(database: Database, work: Work, rows: readonly number[]): Promise<StoredRows> {
  const window = await stage(database, work, rows);
  const stored: StoredRows = {
    value: new Float64Array(rows.length),
    flags: new Uint16Array(rows.length),
    seq: new Float64Array(rows.length).fill(Number.NaN),
    rev: new Int32Array(rows.length),
    publishedS: new Float64Array(rows.length),
  };
  const sql = `SELECT s.row, r.value, r.flags, r.seq::DOUBLE, r.rev, r.published_s::DOUBLE FROM reading r
    JOIN stage s USING (series_id, time_s) WHERE ${window}`;
  await readColumns(database.writer, sql, ([at, value, flags, seq, rev, published], count) => {
    for (let row = 0; row < count; row++) {
      const index = numberAt(at, row);
      stored.value[index] = numberAt(value, row);
      stored.flags[index] = numberAt(flags, row);
      stored.seq[index] = numberAt(seq, row);
      stored.rev[index] = numberAt(rev, row);
      stored.publishedS[index] = numberAt(published, row);
    }
  });
  return stored;
}

/** Puts the keys of `rows` into the stage; answers the time window they span, for the engine to skip the rest of the table. */
async function stage(database: Database, work: Work, rows: readonly number[]): Promise<string> {
  const { batch } = work;
  let least = Infinity;
  let most = -Infinity;
  for (const row of rows) {
    const timeS = batch.timeS[row]!;
    if (timeS < least) least = timeS;
    if (timeS > most) most = timeS;
  }
  await database.writer.run('DELETE FROM stage');
  const columns = [integer((at) => at), picked(seriesIds(work), rows), picked(batch.timeS, rows)];
  await appendRows(database.writer, { name: 'stage', temporary: true }, columns, rows.length);
  return `time_s BETWEEN ${least} AND ${most}`;
}

/** Shows the contested rows to their points, in the order of the batch. */
async function decide(
  database: Database,
  work: Work,
  stored: StoredRows,
  contested: readonly number[],
): Promise<void> {
  const { batch, below, ids, outcome } = work;
  const rows = contested.map((at) => below[at]!);
  const { past, side } = await histories(database, work, rows);
  const points = new Map<number, PointOfBatch>();
  for (const [nth, at] of contested.entries()) {
    const row = rows[nth]!;
    const key = keyOf(work, row);
    let point = points.get(key);
    if (point === undefined) {
      const found = !Number.isNaN(stored.seq[at]!);
      const current: Version | null = found
        ? {
            value: stored.value[at]!,
            flags: stored.flags[at]!,
            publishedS: stored.publishedS[at]!,
            seq: stored.seq[at]!,
            side: side.get(nth) ?? null,
          }
        : null;
      const state = pointState(current, found ? stored.rev[at]! : 0, past.get(nth) ?? []);
      point = {
        id: ids[batch.seriesIndex[row]!]!,
        timeS: batch.timeS[row]!,
        state,
        stored: found,
      };
      points.set(key, point);
    }
    outcome[row] = show(point.state, versionOf(work, row));
  }
  work.points = [...points.values()];
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

/** Past versions and side entries of the staged keys, by their place in `rows`. */
async function histories(
  database: Database,
  work: Work,
  rows: readonly number[],
): Promise<{ past: Map<number, PastVersion[]>; side: Map<number, NonNullable<Version['side']>> }> {
  const past = new Map<number, PastVersion[]>();
  const side = new Map<number, NonNullable<Version['side']>>();
  // The past matters only to a row with a published time.
  const withPast = rows.some((row) => !Number.isNaN(work.batch.publishedS[row]));
  if (!withPast && !work.sidesStored) return { past, side };
  const window = await stage(database, work, rows);
  const pastSql = `SELECT s.row, p.value, p.flags, p.seq::DOUBLE, p.seq_end::DOUBLE, p.published_s::DOUBLE FROM past p
    JOIN stage s USING (series_id, time_s) WHERE ${window}`;
  const pastVersions: Parameters<typeof readColumns>[2] = (
    [at, value, flags, seq, seqEnd, published],
    count,
  ) => {
    for (let row = 0; row < count; row++) {
      const version: PastVersion = {
        value: numberAt(value, row),
        flags: numberAt(flags, row),
        publishedS: numberAt(published, row),
        seq: numberAt(seq, row),
        side: null,
        seqEnd: numberAt(seqEnd, row),
      };
      const list = past.get(numberAt(at, row));
      if (list === undefined) past.set(numberAt(at, row), [version]);
      else list.push(version);
    }
  };
  if (withPast) await readColumns(database.writer, pastSql, pastVersions);
  if (!work.sidesStored) return { past, side };
  const sideSql = `SELECT s.row, d.original_text, d.original_unit, d.detection_limit FROM side d
    JOIN stage s USING (series_id, time_s) WHERE ${window}`;
  await readColumns(database.writer, sideSql, ([at, original, unit, limit], count) => {
    for (let row = 0; row < count; row++) {
      side.set(numberAt(at, row), sideOf(textAt(original, row), textAt(unit, row), numberAt(limit, row)));
    }
  });
  return { past, side };
}

async function write(database: Database, work: Work): Promise<void> {
  const { batch, ids, fresh, seq, sides } = work;
  const { writer } = database;
  const seriesId = (row: number): number => ids[batch.seriesIndex[row]!]!;
  const columns = [
    picked(seriesIds(work), fresh),
    picked(batch.timeS, fresh),
    picked(batch.value, fresh),
    picked(batch.flags, fresh),
    constant('long', seq),
    constant('integer', 0),
    picked(batch.publishedS, fresh),
  ];
  await appendRows(writer, { name: 'reading' }, columns, fresh.length);
  await writePoints(database, work);
  const sideRows = sides === null ? [] : fresh.filter((row) => sides.has(row));
  const entries = sideRows.map((row) => ({
    id: seriesId(row),
    timeS: batch.timeS[row]!,
    version: versionOf(work, row),
  }));
  for (const { id, timeS, state } of work.points) {
    if (state.changed && state.current?.side) entries.push({ id, timeS, version: state.current });
  }
  const sideColumns = [
    integer((at) => entries[at]?.id ?? 0),
    long((at) => entries[at]?.timeS ?? Number.NaN),
    ...sideColumnsOf((at) => entries[at]?.version.side),
  ];
  await appendRows(writer, { name: 'side' }, sideColumns, entries.length);
}

async function writePoints(database: Database, work: Work): Promise<void> {
  const { writer } = database;
  const changed = work.points.filter((point) => point.state.changed);
  await writeCurrent(
    database,
    changed.filter((point) => !point.stored),
    'reading',
  );
  const overwritten = changed.filter((point) => point.stored);
  if (overwritten.length > 0) {
    await writer.run('DELETE FROM change');
    await writeCurrent(database, overwritten, 'change');
    const times = overwritten.map((point) => point.timeS);
    const window = `time_s BETWEEN ${times.reduce((a, b) => Math.min(a, b))} AND ${times.reduce((a, b) => Math.max(a, b))}`;
    await writer.run(`UPDATE reading SET value = c.value, flags = c.flags, seq = c.seq, rev = c.rev, published_s = c.published_s
      FROM change c WHERE reading.series_id = c.series_id AND reading.time_s = c.time_s AND reading.${window}`);
    if (work.sidesStored) {
      await writer.run(`DELETE FROM side USING change c
        WHERE side.series_id = c.series_id AND side.time_s = c.time_s AND side.${window}`);
    }
  }
  const added = work.points.flatMap(({ id, timeS, state }) =>
    state.added.map((version) => ({ id, timeS, version })),
  );
  const at = (row: number): (typeof added)[number] => added[row]!;
  const columns = [
    integer((row) => at(row).id),
    long((row) => at(row).timeS),
    double((row) => at(row).version.value),
    smallFlags((row) => at(row).version.flags),
    long((row) => at(row).version.seq),
    long((row) => at(row).version.seqEnd),
    long((row) => at(row).version.publishedS),
    ...sideColumnsOf((row) => at(row).version.side),
  ];
  await appendRows(writer, { name: 'past' }, columns, added.length);
}

async function writeCurrent(
  database: Database,
  points: readonly PointOfBatch[],
  table: 'reading' | 'change',
): Promise<void> {
  const at = (row: number): PointOfBatch => points[row]!;
  const version = (row: number): Version => at(row).state.current!;
  const columns = [
    integer((row) => at(row).id),
    long((row) => at(row).timeS),
    double((row) => version(row).value),
    smallFlags((row) => version(row).flags),
    long((row) => version(row).seq),
    integer((row) => at(row).state.rev),
    long((row) => version(row).publishedS),
  ];
  await appendRows(database.writer, { name: table, temporary: table === 'change' }, columns, points.length);
}

function noteCommitted(catalogue: Catalogue, work: Work): void {
  const { batch, ids, seq } = work;
  if (work.sides !== null) catalogue.hasSides = true;
  for (const row of work.fresh) {
    const id = ids[batch.seriesIndex[row]!]!;
    catalogue.note(id, batch.timeS[row]!, batch.value[row]!, batch.flags[row]!, seq);
  }
  for (const { id, timeS, state } of work.points) {
    if (state.changed && state.current !== null)
      catalogue.note(id, timeS, state.current.value, state.current.flags, seq);
  }
}
