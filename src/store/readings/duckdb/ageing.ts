import {
  versionColumns,
  type Ageing,
  type ArchiveMark,
  type ArchiveWindow,
  type KeptInterval,
  type VersionColumns,
} from '../../../domain/archive.ts';
import { MonitorError } from '../../../domain/errors.ts';
import type { Catalogue } from './catalogue.ts';
import { numberAt, readColumns, textAt } from './columns.ts';
import type { Database } from './database.ts';
import { whole } from './read.ts';

export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** What the archive needs of a DuckDB file. `alone` runs work while nothing else writes. */
export function duckdbAgeing(
  database: Database,
  catalogue: Catalogue,
  alone: <T>(work: () => Promise<T>) => Promise<T>,
): Ageing {
  return {
    marksFreshMs: Infinity,
    marks: () => readMarks(database),
    async firstTimeS(averaging, provider) {
      const ids = catalogue.group(averaging, provider);
      if (ids.length === 0) return null;
      const sql = `SELECT min(time_s)::DOUBLE FROM reading WHERE series_id IN (${ids.join(',')})`;
      const [row] = (await database.read((connection) => connection.runAndReadAll(sql))).getRows();
      return row?.[0] === null || row === undefined ? null : Number(row[0]);
    },
    versions: (window, kept, take) => readVersions(database, catalogue, { window, kept, take }),
    drop: (mark, file) => alone(() => drop(database, mark, file)),
    takeBack: (mark, file) => alone(() => takeBack(database, catalogue, mark, file)),
  };
}

async function readMarks(database: Database): Promise<ArchiveMark[]> {
  const marks: ArchiveMark[] = [];
  await database.read((connection) =>
    readColumns(connection, 'SELECT mark FROM archived ORDER BY id', ([text], rows) => {
      for (let row = 0; row < rows; row++) marks.push(JSON.parse(textAt(text, row) ?? '') as ArchiveMark);
    }),
  );
  return marks;
}

/** The newest reading of a series stays: it is the series' mark, and what `latest` answers. */
async function readVersions(
  database: Database,
  catalogue: Catalogue,
  asked: {
    window: ArchiveWindow;
    kept: readonly KeptInterval[];
    take: (slice: VersionColumns) => Promise<void>;
  },
): Promise<void> {
  const { window, kept, take } = asked;
  const ids = catalogue
    .group(window.averaging, window.provider)
    .filter((id) => window.parameters?.includes(catalogue.keys[id]!.parameter) ?? true);
  for (const id of ids) {
    const { station, parameter } = catalogue.keys[id]!;
    const stays = kept
      .filter((interval) => interval.station === null || interval.station === station)
      .map(({ fromS, toS }) => ` AND NOT (time_s >= ${whole(fromS)} AND time_s < ${whole(toS)})`);
    const where = `series_id = ${id} AND time_s >= ${whole(window.fromS)} AND time_s < ${whole(window.toS)}
      AND time_s <> ${whole(catalogue.timeS[id]!)}${stays.join('')}`;
    const sql = `SELECT r.time_s::DOUBLE, r.value, r.flags, r.seq::DOUBLE, NULL::DOUBLE, r.published_s::DOUBLE, d.original_text,
        d.original_unit, d.detection_limit FROM (SELECT * FROM reading WHERE ${where}) r LEFT JOIN side d USING (series_id, time_s)
      UNION ALL SELECT time_s::DOUBLE, value, flags, seq::DOUBLE, seq_end::DOUBLE, published_s::DOUBLE, original_text,
        original_unit, detection_limit FROM past WHERE ${where}`;
    const slice = versionColumns();
    await database.read((connection) =>
      readColumns(connection, sql, (columns, rows) =>
        addRows(slice, { station, parameter: () => parameter }, columns, rows),
      ),
    );
    if (slice.length > 0) await take(slice);
  }
}

type Vectors = Parameters<Parameters<typeof readColumns>[2]>[0];

/** Columns in the order of {@link VersionColumns}, after station and parameter. */
export function addRows(
  slice: VersionColumns,
  { station, parameter }: { station: string; parameter: (row: number) => string },
  columns: Vectors,
  rows: number,
): void {
  for (let row = 0; row < rows; row++) {
    slice.station.push(station);
    slice.parameter.push(parameter(row));
    slice.timeS.push(numberAt(columns[0], row));
    slice.value.push(numberAt(columns[1], row));
    slice.flags.push(numberAt(columns[2], row));
    slice.seq.push(numberAt(columns[3], row));
    slice.seqEnd.push(numberAt(columns[4], row));
    slice.publishedS.push(numberAt(columns[5], row));
    slice.text.push(textAt(columns[6], row));
    slice.unit.push(textAt(columns[7], row));
    slice.limit.push(numberAt(columns[8], row));
  }
  slice.length += rows;
}

/** In one transaction: the readings go exactly when the mark says where they are. */
async function drop(database: Database, mark: ArchiveMark, file: string): Promise<void> {
  const { writer } = database;
  const points = `(SELECT DISTINCT s.id AS series_id, a.time_s FROM read_parquet(${quoted(file)}) a JOIN series s
    ON s.station = a.station AND s.parameter = a.parameter AND s.averaging = ${quoted(mark.averaging)}
    AND s.provider = ${quoted(mark.provider)}) gone`;
  await transaction(writer, async () => {
    for (const table of ['reading', 'past', 'side'])
      await writer.run(
        `DELETE FROM ${table} USING ${points} WHERE ${table}.series_id = gone.series_id AND ${table}.time_s = gone.time_s`,
      );
    const text = JSON.stringify({ ...mark, state: 'archived' });
    await writer.run('INSERT INTO archived VALUES ($1, $2)', [mark.id, text]);
  });
  // Gives the room back; while a reader is under way the engine does it later by itself.
  await writer.run('CHECKPOINT').catch(() => undefined);
}

async function takeBack(
  database: Database,
  catalogue: Catalogue,
  mark: ArchiveMark,
  file: string,
): Promise<void> {
  const { writer } = database;
  const rows = `(SELECT s.id, a.*, count(*) FILTER (a.seq_end > a.seq) OVER (PARTITION BY s.id, a.time_s) AS rev
    FROM read_parquet(${quoted(file)}) a JOIN series s ON s.station = a.station AND s.parameter = a.parameter
    AND s.averaging = ${quoted(mark.averaging)} AND s.provider = ${quoted(mark.provider)})`;
  const said = 'original_text, original_unit, detection_limit';
  await transaction(writer, async () => {
    const found = (await writer.runAndReadAll(`SELECT count(*)::DOUBLE FROM ${rows}`)).getRows();
    if (Number(found[0]?.[0]) !== mark.readings + mark.past)
      throw new MonitorError(
        'E_STORE_UNAVAILABLE',
        `archive ${mark.id} names series that the readings file does not know`,
      );
    await writer.run(
      `INSERT INTO reading SELECT id, time_s, value, flags, seq, rev, published_s FROM ${rows} WHERE seq_end IS NULL ORDER BY id, time_s`,
    );
    await writer.run(
      `INSERT INTO past SELECT id, time_s, value, flags, seq, seq_end, published_s, ${said} FROM ${rows} WHERE seq_end IS NOT NULL`,
    );
    await writer.run(
      `INSERT INTO side SELECT id, time_s, ${said} FROM ${rows} WHERE seq_end IS NULL
        AND (original_text IS NOT NULL OR original_unit IS NOT NULL OR detection_limit IS NOT NULL)`,
    );
    await writer.run('DELETE FROM archived WHERE id = $1', [mark.id]);
  });
  catalogue.hasSides ||= (await writer.runAndReadAll('SELECT 1 FROM side LIMIT 1')).currentRowCount > 0;
}

async function transaction(writer: Database['writer'], work: () => Promise<void>): Promise<void> {
  await writer.run('BEGIN');
  try {
    await work();
    await writer.run('COMMIT');
  } catch (cause) {
    await writer.run('ROLLBACK').catch(() => undefined);
    throw cause;
  }
}
