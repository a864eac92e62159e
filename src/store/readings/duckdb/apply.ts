import type { ReadingBatch } from '../../../domain/batch.ts';
import type { ApplyResult } from '../../../domain/ports.ts';
import { changeParts } from '../changes.ts';
import { checkRows, nothingApplied, resultOf, sideByRow } from '../rows.ts';
import type { Catalogue } from './catalogue.ts';
import { appendRows, constant, integer, text } from './columns.ts';
import { emptyStage, type Database } from './database.ts';
import { compare, needsStage } from './lookup.ts';
import { keyOf, noneRevised, type Work } from './work.ts';
import { write } from './write.ts';

/** One entry in one transaction; the catalogue learns of it only after the commit. */
export async function applyEntry(
  database: Database,
  catalogue: Catalogue,
  entry: { seq: number; receivedS: number },
  batch: ReadingBatch | null,
): Promise<ApplyResult> {
  const { writer } = database;
  if (batch === null || batch.length === 0) {
    await writer.run(
      `INSERT INTO applied VALUES (${entry.seq}, 0, ${Math.floor(entry.receivedS)}, 0, 0, 0, 0, NULL, NULL)`,
    );
    return nothingApplied();
  }
  checkRows(batch);
  const seriesBefore = catalogue.size;
  try {
    const work = workOf(catalogue, entry, batch);
    split(work, catalogue);
    // Each statement is a trip to the engine's thread and back, which a busy machine makes slow: they travel together.
    await writer.run(needsStage(work, catalogue) ? `BEGIN; ${emptyStage}` : 'BEGIN');
    await catalogue.store(database, seriesBefore);
    if (work.below.length > 0) await compare(database, work, catalogue);
    const result = resultOf(work.outcome);
    await log(database, work, result);
    const overwrite = await write(database, work);
    await writer.run(`${overwrite}COMMIT`);
    noteCommitted(catalogue, work);
    return result;
  } catch (cause) {
    catalogue.truncate(seriesBefore);
    // A failed COMMIT has ended the transaction already; the first fault is the one to report.
    await writer.run('ROLLBACK').catch(() => undefined);
    throw cause;
  }
}

function workOf(catalogue: Catalogue, entry: { seq: number; receivedS: number }, batch: ReadingBatch): Work {
  const ids = catalogue.idsOf(batch.series, batch.provider);
  const rowIds = new Int32Array(batch.length);
  for (let row = 0; row < batch.length; row++) rowIds[row] = ids[batch.seriesIndex[row]!]!;
  return {
    ...entry,
    batch,
    rowIds,
    sides: sideByRow(batch),
    sidesStored: catalogue.hasSides,
    outcome: new Uint8Array(batch.length),
    fresh: new Int32Array(),
    below: new Int32Array(),
    mayRepeat: false,
    points: [],
    revised: noneRevised(),
  };
}

/** The entry's rows of the projection log; the newest `seq` there is the store's position. */
async function log(database: Database, work: Work, result: ApplyResult): Promise<void> {
  const parts = changeParts(work.batch, work.outcome);
  const columns = [
    constant('long', work.seq),
    integer((row) => row),
    constant('long', Math.floor(work.receivedS)),
    constant('integer', result.accepted),
    constant('integer', result.unchanged),
    constant('integer', result.revised),
    constant('integer', result.superseded),
    text(() => work.batch.provider),
    text((row) => parts[row] ?? null),
  ];
  await appendRows(database.writer, { name: 'applied' }, columns, Math.max(1, parts.length));
}

/** Rows above the series' mark cannot be stored yet: appended unread. The mark rises within the batch, so a repeat is found. */
function split(work: Work, catalogue: Catalogue): void {
  const { batch, rowIds } = work;
  const stored = catalogue.timeS;
  const marks = stored.slice(0, catalogue.size);
  const fresh = new Int32Array(batch.length);
  const below = new Int32Array(batch.length);
  const newestBelow = new Float64Array(catalogue.size).fill(-Infinity);
  let freshRows = 0;
  let belowRows = 0;
  let withinBatch = false;
  for (let row = 0; row < batch.length; row++) {
    const id = rowIds[row]!;
    const timeS = batch.timeS[row]!;
    if (timeS > marks[id]!) {
      marks[id] = timeS;
      fresh[freshRows++] = row;
    } else {
      withinBatch ||= timeS > stored[id]!;
      work.mayRepeat ||= timeS <= newestBelow[id]!;
      newestBelow[id] = timeS;
      below[belowRows++] = row;
    }
  }
  work.fresh = fresh.subarray(0, freshRows);
  work.below = below.subarray(0, belowRows);
  if (withinBatch) withdrawRepeated(work);
}

/** A fresh row whose key comes again in this batch is decided together with its repeats. */
function withdrawRepeated(work: Work): void {
  const again = new Set<number>();
  for (const row of work.below) again.add(keyOf(work, row));
  const repeated = work.fresh.filter((row) => again.has(keyOf(work, row)));
  if (repeated.length === 0) return;
  work.mayRepeat = true;
  work.fresh = work.fresh.filter((row) => !again.has(keyOf(work, row)));
  const below = new Int32Array(work.below.length + repeated.length);
  below.set(work.below);
  below.set(repeated, work.below.length);
  work.below = below.sort();
}

function noteCommitted(catalogue: Catalogue, work: Work): void {
  if (work.sides !== null) catalogue.hasSides = true;
  const { revised } = work;
  noteRows(catalogue, work, work.fresh, () => 0);
  noteRows(catalogue, work, revised.rows, (nth) => revised.stored.rev[revised.at[nth]!]! + 1);
  for (const { id, timeS, state } of work.points) {
    if (!state.changed || state.current === null) continue;
    const { value, flags, publishedS } = state.current;
    catalogue.note(id, { timeS, value, flags, seq: work.seq, rev: state.rev, publishedS });
  }
}

/** Notes rows of the batch that are stored as they are. */
function noteRows(catalogue: Catalogue, work: Work, rows: Int32Array, rev: (nth: number) => number): void {
  const { batch, rowIds, seq } = work;
  for (let nth = 0; nth < rows.length; nth++) {
    const row = rows[nth]!;
    const id = rowIds[row]!;
    const timeS = batch.timeS[row]!;
    if (timeS < catalogue.timeS[id]!) continue;
    catalogue.timeS[id] = timeS;
    catalogue.value[id] = batch.value[row]!;
    catalogue.flags[id] = batch.flags[row]!;
    catalogue.seq[id] = seq;
    catalogue.rev[id] = rev(nth);
    catalogue.publishedS[id] = batch.publishedS[row]!;
  }
}
