import type { AveragingId, EpochS } from './time.ts';

/** Two authorities that report one section are two series: the provider is part of the key. */
export interface SeriesKey {
  station: string;
  parameter: string;
  averaging: AveragingId;
  provider: string;
}

/** A key within a batch, whose provider is the batch's. */
export type BatchSeries = Omit<SeriesKey, 'provider'>;

/**
 * The unit that moves between parser, store and analysis: columns, one entry a reading.
 * `timeS` is the key time (begin; end for sliding means) in epoch seconds. `value` is NaN for "no value".
 * `publishedS` is when the source or its archive showed the value, NaN where it does not say.
 * The side table is sparse: original text, original unit and detection limit of the few rows that have one.
 */
export interface ReadingBatch {
  provider: string;
  series: readonly BatchSeries[];
  length: number;
  seriesIndex: Uint32Array;
  timeS: Float64Array;
  value: Float64Array;
  flags: Uint16Array;
  publishedS: Float64Array;
  side: SideTable;
}

export interface SideTable {
  row: Uint32Array;
  originalText: readonly (string | null)[];
  originalUnit: readonly (string | null)[];
  detectionLimit: Float64Array;
}

export interface Side {
  originalText?: string;
  originalUnit?: string;
  detectionLimit?: number;
}

/** Grows a batch row by row; the only place where typed arrays are resized. */
export class BatchBuilder {
  readonly #provider: string;
  readonly #series: BatchSeries[] = [];
  readonly #indexOf = new Map<string, number>();
  #length = 0;
  #seriesIndex = new Uint32Array(1024);
  #timeS = new Float64Array(1024);
  #value = new Float64Array(1024);
  #flags = new Uint16Array(1024);
  #publishedS = new Float64Array(1024);
  readonly #sideRow: number[] = [];
  readonly #side: Side[] = [];

  constructor(provider: string) {
    this.#provider = provider;
  }

  get length(): number {
    return this.#length;
  }

  /** Index of a series in this batch's dictionary, added when new. */
  seriesOf(station: string, parameter: string, averaging: AveragingId): number {
    const key = `${station}\n${parameter}\n${averaging}`;
    let index = this.#indexOf.get(key);
    if (index === undefined) {
      index = this.#series.push({ station, parameter, averaging }) - 1;
      this.#indexOf.set(key, index);
    }
    return index;
  }

  /** Appends one reading; `value` null for "no value". */
  add(row: {
    series: number;
    timeS: EpochS;
    value: number | null;
    flags?: number;
    publishedS?: EpochS | null;
    side?: Side;
  }): void {
    if (this.#length === this.#timeS.length) this.#grow();
    const at = this.#length++;
    this.#seriesIndex[at] = row.series;
    this.#timeS[at] = row.timeS;
    this.#value[at] = row.value ?? Number.NaN;
    this.#flags[at] = row.flags ?? 0;
    this.#publishedS[at] = row.publishedS ?? Number.NaN;
    if (row.side !== undefined) {
      this.#sideRow.push(at);
      this.#side.push(row.side);
    }
  }

  /** Appends rows of another batch of the same provider, by their index there; all of them when it is left out. */
  addFrom(from: ReadingBatch, wanted: (row: number) => boolean = () => true): void {
    const sides = new Map<number, Side>();
    for (const [at, row] of from.side.row.entries()) {
      const { originalText, originalUnit, detectionLimit } = from.side;
      const [text, unit, limit] = [originalText[at], originalUnit[at], detectionLimit[at]];
      sides.set(row, {
        ...(typeof text === 'string' ? { originalText: text } : {}),
        ...(typeof unit === 'string' ? { originalUnit: unit } : {}),
        ...(limit === undefined || Number.isNaN(limit) ? {} : { detectionLimit: limit }),
      });
    }
    for (let row = 0; row < from.length; row++) {
      const series = from.series[from.seriesIndex[row] ?? 0];
      if (series === undefined || !wanted(row)) continue;
      const side = sides.get(row);
      this.add({
        series: this.seriesOf(series.station, series.parameter, series.averaging),
        timeS: from.timeS[row] ?? 0,
        value: from.value[row] ?? null,
        flags: from.flags[row] ?? 0,
        publishedS: from.publishedS[row] ?? null,
        ...(side === undefined ? {} : { side }),
      });
    }
  }

  #grow(): void {
    const size = this.#timeS.length * 2;
    const copy = <T extends Uint32Array | Float64Array | Uint16Array>(into: T, from: T): T => {
      into.set(from);
      return into;
    };
    this.#seriesIndex = copy(new Uint32Array(size), this.#seriesIndex);
    this.#timeS = copy(new Float64Array(size), this.#timeS);
    this.#value = copy(new Float64Array(size), this.#value);
    this.#flags = copy(new Uint16Array(size), this.#flags);
    this.#publishedS = copy(new Float64Array(size), this.#publishedS);
  }

  build(): ReadingBatch {
    const end = this.#length;
    return {
      provider: this.#provider,
      series: this.#series,
      length: end,
      seriesIndex: this.#seriesIndex.subarray(0, end),
      timeS: this.#timeS.subarray(0, end),
      value: this.#value.subarray(0, end),
      flags: this.#flags.subarray(0, end),
      publishedS: this.#publishedS.subarray(0, end),
      side: {
        row: Uint32Array.from(this.#sideRow),
        originalText: this.#side.map((side) => side.originalText ?? null),
        originalUnit: this.#side.map((side) => side.originalUnit ?? null),
        detectionLimit: Float64Array.from(this.#side, (side) => side.detectionLimit ?? Number.NaN),
      },
    };
  }
}
