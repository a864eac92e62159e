import { rowOutcomes } from '../../../domain/ports.ts';
import { sideOf } from '../rows.ts';
import { pointState, repeats, sameButForMark, show, type PastVersion, type Version } from '../versions.ts';
import type { Catalogue } from './catalogue.ts';
import { appendRows, integer, numberAt, picked, readColumns, textAt } from './columns.ts';
import { emptyStage, type Database } from './database.ts';
import { keyOf, storedRows, versionOf, type PointOfBatch, type StoredRows, type Work } from './work.ts';

/**
 * Decides the rows below the marks: by columns those that say the same and those that no history can change, one by one the
 * few others.
 */
export async function compare(database: Database, work: Work, catalogue: Catalogue): Promise<void> {
  const { batch, below, outcome } = work;
  const stored = await lookUp(database, work, catalogue);
  const showings = work.mayRepeat ? showingsOf(work) : null;
  // An older version, or a side entry to be moved to the past with its row, needs what else is stored.
  const alone = work.sides === null && !work.sidesStored;
  const contested: number[] = [];
  const unknown: number[] = [];
  const replaced: number[] = [];
  for (let at = 0; at < below.length; at++) {
    const row = below[at]!;
    const found = !Number.isNaN(stored.seq[at]!);
    if (showings !== null && showings.get(keyOf(work, row)) !== 1) contested.push(at);
    else if (!found) unknown.push(row);
    else {
      const current = { value: stored.value[at]!, flags: stored.flags[at]! };
      const incoming = { value: batch.value[row]!, flags: batch.flags[row]! };
      if (repeats(current, incoming)) outcome[row] = rowOutcomes.unchanged;
      else if (alone && Number.isNaN(batch.publishedS[row]) && !sameButForMark(current, incoming)) {
        outcome[row] = rowOutcomes.revised;
        replaced.push(at);
      } else contested.push(at);
    }
  }
  const at = Int32Array.from(replaced);
  work.revised = { rows: at.map((nth) => below[nth]!), at, stored };
  if (unknown.length > 0) work.fresh = Int32Array.from([...work.fresh, ...unknown]).sort();
  if (contested.length > 0) await decide(database, work, stored, contested);
}

function showingsOf(work: Work): Map<number, number> {
  const showings = new Map<number, number>();
  for (const row of work.below) {
    const key = keyOf(work, row);
    showings.set(key, (showings.get(key) ?? 0) + 1);
  }
  return showings;
}

/**
 * What is stored at the rows below the marks. The newest row of each series is known without asking: most corrections and all
 * repeated showings of the latest page are about it.
 */
async function lookUp(database: Database, work: Work, catalogue: Catalogue): Promise<StoredRows> {
  const { batch, below, rowIds } = work;
  const stored = storedRows(below.length);
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
  const rows = Int32Array.from(asked, (at) => below[at]!);
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
async function stage(database: Database, work: Work, rows: Int32Array): Promise<string> {
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
  const rows = Int32Array.from(contested, (at) => below[at]!);
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
  rows: Int32Array,
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
