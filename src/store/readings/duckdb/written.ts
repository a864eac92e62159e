import type { ReadingBatch } from '../../../domain/batch.ts';
import { WrittenBatches } from '../written.ts';
import type { Catalogue } from './catalogue.ts';
import { numberAt, readColumns, textAt } from './columns.ts';
import type { Database } from './database.ts';
import { whole } from './read.ts';

/** Versions that the entry itself replaced come before the one that stood after it. */
export async function readWritten(
  database: Database,
  catalogue: Catalogue,
  fromSeq: number,
  throughSeq: number,
): Promise<Map<number, ReadingBatch>> {
  const range = `seq BETWEEN ${whole(fromSeq)} AND ${whole(throughSeq)}`;
  const sql = `SELECT series_id, time_s::DOUBLE, value, flags, seq::DOUBLE, published_s::DOUBLE, original_text, original_unit,
      detection_limit FROM (
      SELECT r.series_id, r.time_s, r.value, r.flags, r.seq, r.published_s, d.original_text, d.original_unit, d.detection_limit,
        1 AS place FROM (SELECT * FROM reading WHERE ${range}) r LEFT JOIN side d USING (series_id, time_s)
      UNION ALL SELECT series_id, time_s, value, flags, seq, published_s, original_text, original_unit, detection_limit,
        (seq_end > seq)::INTEGER FROM past WHERE ${range})
    ORDER BY seq, place, series_id, time_s`;
  const batches = new WrittenBatches();
  await database.read((connection) =>
    readColumns(connection, sql, ([id, time, value, flags, seq, published, text, unit, limit], rows) => {
      for (let row = 0; row < rows; row++) {
        batches.add({
          ...catalogue.keys[numberAt(id, row)]!,
          timeS: numberAt(time, row),
          value: numberAt(value, row),
          flags: numberAt(flags, row),
          seq: numberAt(seq, row),
          publishedS: numberAt(published, row),
          text: textAt(text, row),
          unit: textAt(unit, row),
          limit: numberAt(limit, row),
        });
      }
    }),
  );
  return batches.build();
}
