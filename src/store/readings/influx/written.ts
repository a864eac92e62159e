import type { ReadingBatch } from '../../../domain/batch.ts';
import { isAveraging } from '../rows.ts';
import { WrittenBatches } from '../written.ts';
import type { InfluxClient } from './client.ts';
import { whole } from './lookup.ts';
import { columnMap, measurements, wideAt } from './points.ts';

/** Of each version of a point that these entries wrote, the readings that are theirs; the others the point only carries on. */
export async function readWritten(
  client: InfluxClient,
  fromSeq: number,
  throughSeq: number,
): Promise<Map<number, ReadingBatch>> {
  const batches = new WrittenBatches();
  // Versions that the entry itself replaced (asides) come before the one that stood after it.
  for (const measurement of [measurements.past, measurements.reading]) {
    const tables = await client.query(
      `SELECT * FROM "${client.retentionPolicy}"."${measurement}" WHERE seq >= ${whole(fromSeq)} AND seq <= ${whole(throughSeq)}
        GROUP BY station, averaging, provider`,
    );
    for (const { tags, columns, values } of tables) {
      const { station = '', averaging = '', provider = '' } = tags;
      const map = columnMap(columns);
      const aside = (row: (typeof values)[number]): number =>
        map.seqEnd === -1 || row[map.seqEnd] !== row[map.seq] ? 1 : 0;
      for (const row of values.toSorted((a, b) => aside(a) - aside(b))) {
        const point = wideAt(row, map);
        for (const [parameter, version] of point.readings) {
          if (version.seq !== point.seq || !isAveraging(averaging)) continue;
          const { value, flags, seq, publishedS, side } = version;
          batches.add({
            station,
            parameter,
            averaging,
            provider,
            timeS: Number(row[map.time]),
            value,
            flags,
            seq,
            publishedS,
            text: side?.originalText ?? null,
            unit: side?.originalUnit ?? null,
            limit: side?.detectionLimit ?? Number.NaN,
          });
        }
      }
    }
  }
  return batches.build();
}
