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
  const rows = {
    dayS: [] as number[],
    flags: [] as number[],
    readings: [] as number[],
    values: [] as number[],
    sum: [] as number[],
  };
  const fractions: (string | null)[] = [];
  const valueAt = (row: number): number => (of.byValue && !Number.isNaN(value[row]!) ? value[row]! + 0 : 0);
  let row = firstRowAt(timeS, bounds[0]!);
  for (let day = 0; day + 1 < bounds.length; day++) {
    const ofDay: number[] = [];
    for (; row < timeS.length && timeS[row]! < bounds[day + 1]!; row++) ofDay.push(row);
    ofDay.sort(
      (a, b) =>
        flags[a]! - flags[b]! ||
        Number(!Number.isNaN(value[a]!)) - Number(!Number.isNaN(value[b]!)) ||
        valueAt(a) - valueAt(b),
    );
    for (let from = 0, to = 0; from < ofDay.length; from = to) {
      const first = ofDay[from]!;
      const alike = (at: number): boolean =>
        flags[at] === flags[first] &&
        (!of.byValue ||
          (valueAt(at) === valueAt(first) && Number.isNaN(value[at]!) === Number.isNaN(value[first]!)));
      while (to < ofDay.length && alike(ofDay[to]!)) to++;
      const cell = ofDay.slice(from, to);
      const valued = cell.filter((at) => !Number.isNaN(value[at]!));
      const { sum, fraction } = of.byValue
        ? { sum: valueAt(first), fraction: null }
        : summed(valued, value, of.decimals);
      rows.dayS.push(bounds[day]!);
      rows.flags.push(flags[first]!);
      rows.readings.push(cell.length);
      rows.values.push(valued.length);
      rows.sum.push(sum);
      fractions.push(fraction);
    }
  }
  return {
    tallied: {
      parameter,
      decimals: of.decimals,
      dayS: Float64Array.from(rows.dayS),
      flags: Uint16Array.from(rows.flags),
      readings: Int32Array.from(rows.readings),
      values: Int32Array.from(rows.values),
      scaledSum: Float64Array.from(rows.sum),
    },
    fractions,
  };
}

/** The sum in units of the last decimal; NaN for none of those, and the text of it. */
function summed(
  rows: readonly number[],
  value: Float64Array,
  decimals: number,
): { sum: number; fraction: string | null } {
  const total = new ExactSum(decimals);
  for (const row of rows) total.add(value[row]!);
  const units = total.sum().times(10 ** decimals);
  const number = units.toNumber();
  if (units.isInteger() && Number.isSafeInteger(number)) return { sum: number, fraction: null };
  return { sum: Number.NaN, fraction: total.sum().toFixed() };
}
