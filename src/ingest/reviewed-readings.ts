import { BatchBuilder, type ReadingBatch } from '../domain/batch.ts';
import { finalStage, qualifiers, stageOf, validity } from '../domain/flags.ts';
import type { Act, JournalEntry, ReadingStore, SeriesColumns } from '../domain/ports.ts';
import type { LevelReview, Review } from '../domain/reading-acts.ts';

const reviewBits = 0b11111 | qualifiers.screened | qualifiers.held;

/**
 * A review as readings: the values that the reviewer saw and that stand just before the act, with validity and stage as reviewed.
 * Shown at the moment of the act, so that an archive that is older does not undo it. null: it concerns no reading.
 */
export async function reviewedReadings(
  entry: JournalEntry,
  store: ReadingStore,
): Promise<ReadingBatch | null> {
  // The state checked the payload before the act was journaled.
  const act = JSON.parse(Buffer.from(entry.body).toString('utf8')) as Act;
  const review = act.payload as unknown as Review | LevelReview;
  const sparesFinal = 'level' in review && !review.reopens;
  const window = {
    stations: [review.station],
    parameters: review.parameters,
    averaging: review.averaging,
    provider: review.provider,
    fromS: review.fromS,
    toS: review.toS,
  };
  const before = await store.series({ ...window, asOfSeq: entry.seq - 1 });
  const seen = await store.series({ ...window, asOfSeq: Math.min(review.seenSeq, entry.seq - 1) });
  const batch = new BatchBuilder(review.provider);
  for (const columns of before) {
    const { station, parameter, averaging } = columns.key;
    const valueSeen = valuesOf(seen.find(({ key }) => key.parameter === parameter));
    const series = batch.seriesOf(station, parameter, averaging);
    for (const [row, timeS] of columns.timeS.entries()) {
      const flags = columns.flags[row] ?? 0;
      const value = columns.value[row] ?? Number.NaN;
      if (Number.isNaN(value) || (flags & qualifiers.missing) !== 0 || valueSeen.get(timeS) !== value)
        continue;
      if (sparesFinal && stageOf(flags) === finalStage) continue;
      const reviewed = (flags & ~reviewBits) | validity[review.validity] | (review.stage << 2);
      batch.add({ series, timeS, value, flags: reviewed, publishedS: act.atS });
    }
  }
  return batch.length === 0 ? null : batch.build();
}

function valuesOf(columns: SeriesColumns | undefined): Map<number, number> {
  const values = new Map<number, number>();
  columns?.timeS.forEach((timeS, row) => values.set(timeS, columns.value[row] ?? Number.NaN));
  return values;
}
