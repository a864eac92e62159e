import { BatchBuilder, type ReadingBatch } from '../../domain/batch.ts';
import type { AveragingId } from '../../domain/time.ts';
import { sideOf } from './rows.ts';

interface WrittenRow {
  seq: number;
  station: string;
  parameter: string;
  averaging: AveragingId;
  provider: string;
  timeS: number;
  value: number;
  flags: number;
  publishedS: number;
  text: string | null;
  unit: string | null;
  limit: number;
}

/** Rows of several entries as the batches that would write them again, by entry. An entry's rows are of one provider. */
export class WrittenBatches {
  readonly #batches = new Map<number, BatchBuilder>();

  constructor(before: ReadonlyMap<number, ReadingBatch> = new Map()) {
    for (const [seq, batch] of before) {
      const builder = new BatchBuilder(batch.provider);
      builder.addFrom(batch);
      this.#batches.set(seq, builder);
    }
  }

  add(row: WrittenRow): void {
    const batch = this.#batches.get(row.seq) ?? new BatchBuilder(row.provider);
    this.#batches.set(row.seq, batch);
    const side = sideOf(row.text, row.unit, row.limit);
    batch.add({
      series: batch.seriesOf(row.station, row.parameter, row.averaging),
      timeS: row.timeS,
      value: row.value,
      flags: row.flags,
      publishedS: row.publishedS,
      ...(Object.keys(side).length === 0 ? {} : { side }),
    });
  }

  build(): Map<number, ReadingBatch> {
    return new Map([...this.#batches].map(([seq, batch]) => [seq, batch.build()]));
  }
}
