import { ExactSum } from './exact-sum.ts';
import { firstRowAt, type MeasuredSeries, type TalliedSeries } from './month-values.ts';

export interface ReadingTallies {
  tallied: TalliedSeries;
  /** By row, the sum where it is no whole number of the last decimal (`scaledSum` is NaN there), else null. */
  fractions: (string | null)[];
}

/**
 * Readings of one series counted and summed by civil day and flags, as a store does it; `byValue`: equal values of a day are counted, and
 * `scaledSum` holds the value. `bounds`: begins of the days, and the end of the last one.
 */
export function talliesOf(
  series: MeasuredSeries,
  bounds: Float64Array,
  of: { decimals: number; byValue: boolean },
): ReadingTallies {
  const { parameter, timeS, value, flags } = series;
  const rows = new Rows();
  let from = firstRowAt(timeS, bounds[0]!);
  for (let day = 0; day + 1 < bounds.length; day++) {
    let to = from;
    let plain = true;
    for (; to < timeS.length && timeS[to]! < bounds[day + 1]!; to++)
      plain &&= flags[to] === flags[from] && !Number.isNaN(value[to]!);
    const dayS = bounds[day]!;
    if (plain && from < to) addAlike(rows, { dayS, flags: flags[from]! }, value.slice(from, to), of);
    else
      for (const [own, cells] of Map.groupBy(range(from, to), (row) => flags[row]!)
        .entries()
        .toArray()
        .toSorted(([x], [y]) => x - y)) {
        const valued = Float64Array.from(
          cells.filter((row) => !Number.isNaN(value[row]!)),
          (row) => value[row]!,
        );
        const without = cells.length - valued.length;
        addAlike(rows, { dayS, flags: own }, valued, of, without);
      }
    from = to;
  }
  return { tallied: { parameter, decimals: of.decimals, ...rows.columns() }, fractions: rows.fractions };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

class Rows {
  readonly #dayS: number[] = [];
  readonly #flags: number[] = [];
  readonly #readings: number[] = [];
  readonly #values: number[] = [];
  readonly #sum: number[] = [];
  readonly fractions: (string | null)[] = [];

  add(
    of: { dayS: number; flags: number },
    readings: number,
    values: number,
    sum: number,
    fraction: string | null,
  ): void {
    this.#dayS.push(of.dayS);
    this.#flags.push(of.flags);
    this.#readings.push(readings);
    this.#values.push(values);
    this.#sum.push(sum);
    this.fractions.push(fraction);
  }

  columns(): Pick<TalliedSeries, 'dayS' | 'flags' | 'readings' | 'values' | 'scaledSum'> {
    return {
      dayS: Float64Array.from(this.#dayS),
      flags: Uint16Array.from(this.#flags),
      readings: Int32Array.from(this.#readings),
      values: Int32Array.from(this.#values),
      scaledSum: Float64Array.from(this.#sum),
    };
  }
}

/** Readings of one day with the same flags, `without` of them without a value. */
function addAlike(
  rows: Rows,
  cell: { dayS: number; flags: number },
  values: Float64Array,
  of: { decimals: number; byValue: boolean },
  without = 0,
): void {
  if (!of.byValue) {
    const { sum, fraction } = summed(values, of.decimals);
    rows.add(cell, values.length + without, values.length, sum, fraction);
    return;
  }
  if (without > 0) rows.add(cell, without, 0, 0, null);
  values.sort();
  for (let from = 0, to = 0; from < values.length; from = to) {
    while (to < values.length && values[to] === values[from]) to++;
    // Zero is zero, whatever its sign.
    rows.add(cell, to - from, to - from, values[from]! + 0, null);
  }
}

/** The sum in units of the last decimal; NaN for none of those, and the text of it. */
function summed(values: Float64Array, decimals: number): { sum: number; fraction: string | null } {
  const total = new ExactSum(decimals);
  for (const value of values) total.add(value);
  const units = total.sum().times(10 ** decimals);
  const number = units.toNumber();
  if (units.isInteger() && Number.isSafeInteger(number)) return { sum: number, fraction: null };
  return { sum: Number.NaN, fraction: total.sum().toFixed() };
}
