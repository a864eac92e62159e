import type { EpochS } from '../../domain/time.ts';

/** The published time of a row that was read back from a store, which does not tell it. */
export const publishedUnknown = -1;

const firstCapacity = 16;

/** Recent rows of one series in columns, sorted by time; what the rules of screening look at. */
export class SeriesWindow {
  length = 0;
  timeS = new Float64Array(firstCapacity);
  value = new Float64Array(firstCapacity);
  flags = new Uint16Array(firstCapacity);
  publishedS = new Float64Array(firstCapacity);

  /** Row of this time, or where it would stand as `-1 - row`. Later times are looked for first: they are the usual ones. */
  find(timeS: EpochS): number {
    const last = this.length - 1;
    if (last < 0 || this.timeS[last]! < timeS) return -1 - this.length;
    if (this.timeS[last] === timeS) return last;
    const row = this.firstFrom(timeS);
    return this.timeS[row] === timeS ? row : -1 - row;
  }

  /** First row at or after this time; `length` when there is none. */
  firstFrom(timeS: EpochS): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.timeS[middle]! < timeS) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  set(row: number, one: { value: number; flags: number; publishedS: number }): void {
    this.value[row] = one.value;
    this.flags[row] = one.flags;
    this.publishedS[row] = one.publishedS;
  }

  insert(row: number, one: { timeS: EpochS; value: number; flags: number; publishedS: number }): void {
    if (this.length === this.timeS.length) this.#grow();
    if (row < this.length)
      for (const column of [this.timeS, this.value, this.flags, this.publishedS])
        column.copyWithin(row + 1, row, this.length);
    this.timeS[row] = one.timeS;
    this.set(row, one);
    this.length += 1;
  }

  /** Drops the rows before this time. */
  dropBefore(timeS: EpochS): void {
    const from = this.firstFrom(timeS);
    if (from === 0) return;
    for (const column of [this.timeS, this.value, this.flags, this.publishedS])
      column.copyWithin(0, from, this.length);
    this.length -= from;
  }

  #grow(): void {
    const size = this.timeS.length * 2;
    const enlarged = <T extends Float64Array | Uint16Array>(into: T, from: T): T => {
      into.set(from);
      return into;
    };
    this.timeS = enlarged(new Float64Array(size), this.timeS);
    this.value = enlarged(new Float64Array(size), this.value);
    this.flags = enlarged(new Uint16Array(size), this.flags);
    this.publishedS = enlarged(new Float64Array(size), this.publishedS);
  }
}
