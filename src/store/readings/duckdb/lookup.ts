import { rowOutcomes } from '../../../domain/ports.ts';
import { sideOf } from '../rows.ts';
import { pointState, sameValue, show, type PastVersion, type Version } from '../versions.ts';
import type { Catalogue } from './catalogue.ts';
import { appendRows, integer, numberAt, picked, readColumns, textAt } from './columns.ts';
import { emptyStage, type Database } from './database.ts';
import { keyOf, versionOf, type PointOfBatch, type Work } from './work.ts';

/** Decides the rows below the marks: equal ones by columns, the few others one by one with their history. */
export async function compare(database: Database, work: Work, catalogue: Catalogue): Promise<void> {
  const { batch, below, outcome } = work;
  const stored = await storedRows(database, work, catalogue);
  const repeats = new Map<number, number>();
  for (const row of below) {
    const key = keyOf(work, row);
    repeats.set(key, (repeats.get(key) ?? 0) + 1);
  }
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

/**
 * What is stored at the rows below the marks. The newest row of each series is known without asking: most corrections and all
 * repeated showings of the latest page are about it.
 */
async function storedRows(database: Database, work: Work, catalogue: Catalogue): Promise<StoredRows> {
  const { batch, below, rowIds } = work;
  const stored: StoredRows = {
    value: new Float64Array(below.length),
    flags: new Uint16Array(below.length),
    seq: new Float64Array(below.length).fill(Number.NaN),
    rev: new Int32Array(below.length),
    publishedS: new Float64Array(below.length),
  };
  const asked: number[] = [];
  for (let at = 0; at < below.length; at++) {
    const row = below[at]!;
    const id = rowIds[row]!;
    const timeS = batch.timeS[row]!;
    const mark = catalogue.timeS[id]!;
    if (timeS < mark) asked.push(at);
    if (timeS !== mark) continue;
    stored.value[at] = catalogue.value[id]!;
    stored.flags[at] = catalogue.flags[id]!;
    stored.seq[at] = catalogue.seq[id]!;
    stored.rev[at] = catalogue.rev[id]!;
    stored.publishedS[at] = catalogue.publishedS[id]!;
  }
  if (asked.length === 0) return stored;
  const rows = asked.map((at) => below[at]!);
  const window = await stage(database, work, rows);
  const sql = `SELECT s.row, r.value, r.flags, r.seq::DOUBLE, r.rev, r.published_s::DOUBLE FROM reading r
    JOIN stage s USING (series_id, time_s) WHERE ${window}`;
  await readColumns(database.writer, sql, ([row, value, flags, seq, rev, published], count) => {
    for (let nth = 0; nth < count; nth++) {
      const at = asked[numberAt(row, nth)]!;
      stored.value[at] = numberAt(value, nth);
      stored.flags[at] = numberAt(flags, nth);
      stored.seq[at] = numberAt(seq, nth);
      stored.rev[at] = numberAt(rev, nth);
      stored.publishedS[at] = numberAt(published, nth);
    }
  });
  return stored;
}

/** Whether rows below the marks must be looked up in the table. */
export function needsStage(work: Work, catalogue: Catalogue): boolean {
  return work.below.some((row) => work.batch.timeS[row]! < catalogue.timeS[work.rowIds[row]!]!);
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
  const columns = [integer((at) => at), picked(work.rowIds, rows), picked(batch.timeS, rows)];
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
  const { batch, below, rowIds, outcome } = work;
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
        id: rowIds[row]!,
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
  await database.writer.run(emptyStage);
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
