import type { Version } from '../versions.ts';
import {
  appendRows,
  constant,
  double,
  integer,
  long,
  picked,
  sideColumnsOf,
  smallFlags,
  type Column,
} from './columns.ts';
import { emptyChange, type Database } from './database.ts';
import { versionOf, type PointOfBatch, type Work } from './work.ts';

/** Appends what is new; returns the statements that overwrite what is not, each ended, to run before the commit. */
export async function write(database: Database, work: Work): Promise<string> {
  const { batch, rowIds, fresh, seq, sides } = work;
  const { writer } = database;
  const columns = [
    picked(rowIds, fresh),
    picked(batch.timeS, fresh),
    picked(batch.value, fresh),
    picked(batch.flags, fresh),
    constant('long', seq),
    constant('integer', 0),
    picked(batch.publishedS, fresh),
  ];
  await appendRows(writer, { name: 'reading' }, columns, fresh.length);
  const overwrite = await writePoints(database, work);
  const sideRows = sides === null ? [] : Array.from(fresh).filter((row) => sides.has(row));
  const entries = sideRows.map((row) => ({
    id: rowIds[row]!,
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
  return overwrite;
}

async function writePoints(database: Database, work: Work): Promise<string> {
  const { writer } = database;
  const changed = work.points.filter((point) => point.state.changed);
  await writeCurrent(
    database,
    changed.filter((point) => !point.stored),
    'reading',
  );
  const overwrite = await overwriting(
    database,
    work,
    changed.filter((point) => point.stored),
  );
  await appendRows(writer, { name: 'past' }, replacedColumns(work), work.revised.rows.length);
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
  return overwrite;
}

/** The stored rows that the revised ones replace, for the past. */
function replacedColumns({ batch, rowIds, revised, seq }: Work): Column[] {
  const { rows, at, stored } = revised;
  return [
    picked(rowIds, rows),
    picked(batch.timeS, rows),
    picked(stored.value, at),
    picked(stored.flags, at),
    picked(stored.seq, at),
    constant('long', seq),
    picked(stored.publishedS, at),
    ...sideColumnsOf(() => null),
  ];
}

function revisedColumns({ batch, rowIds, revised, seq }: Work): Column[] {
  const { rows, at, stored } = revised;
  return [
    picked(rowIds, rows),
    picked(batch.timeS, rows),
    picked(batch.value, rows),
    picked(batch.flags, rows),
    constant('long', seq),
    integer((nth) => stored.rev[at[nth]!]! + 1),
    picked(batch.publishedS, rows),
  ];
}

/** Puts the rows into the change table; returns what is still to be run for them. */
async function overwriting(database: Database, work: Work, points: readonly PointOfBatch[]): Promise<string> {
  const { revised, batch } = work;
  if (points.length + revised.rows.length === 0) return '';
  await writeCurrent(database, points, 'change');
  const change = { name: 'change', temporary: true };
  await appendRows(database.writer, change, revisedColumns(work), revised.rows.length);
  let least = Infinity;
  let most = -Infinity;
  const span = (timeS: number): void => {
    least = Math.min(least, timeS);
    most = Math.max(most, timeS);
  };
  for (const { timeS } of points) span(timeS);
  for (const row of revised.rows) span(batch.timeS[row]!);
  const window = `time_s BETWEEN ${least} AND ${most}`;
  const update = `UPDATE reading SET value = c.value, flags = c.flags, seq = c.seq, rev = c.rev, published_s = c.published_s
    FROM change c WHERE reading.series_id = c.series_id AND reading.time_s = c.time_s AND reading.${window};`;
  if (!work.sidesStored) return `${update}${emptyChange}`;
  // Before the new side rows are appended, which it would take for the old ones.
  await database.writer.run(`${update} DELETE FROM side USING change c
    WHERE side.series_id = c.series_id AND side.time_s = c.time_s AND side.${window}; ${emptyChange}`);
  return '';
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
