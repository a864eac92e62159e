import type { Version } from '../versions.ts';
import { appendRows, constant, double, integer, long, picked, sideColumnsOf, smallFlags } from './columns.ts';
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
  const sideRows = sides === null ? [] : fresh.filter((row) => sides.has(row));
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

/** Puts the points into the change table; returns what is still to be run for them. */
async function overwriting(database: Database, work: Work, points: readonly PointOfBatch[]): Promise<string> {
  if (points.length === 0) return '';
  await writeCurrent(database, points, 'change');
  let least = Infinity;
  let most = -Infinity;
  for (const { timeS } of points) {
    least = Math.min(least, timeS);
    most = Math.max(most, timeS);
  }
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
