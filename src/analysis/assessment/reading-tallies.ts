import { ExactSum } from './exact-sum.ts';
import { firstRowAt, type MeasuredSeries, type TalliedSeries } from './month-values.ts';

interface Cell {
  flags: number;
  /** What the cell is of: 0 unless values are told apart. */
  value: number;
  readings: number;
  values: number;
  sum: ExactSum;
}

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
  const rows: { dayS: number; cell: Cell }[] = [];
  let row = firstRowAt(series.timeS, bounds[0]!);
  for (let day = 0; day + 1 < bounds.length; day++) {
    const cells = new Map<string | number, Cell>();
    for (; row < series.timeS.length && series.timeS[row]! < bounds[day + 1]!; row++) {
      const [value, flags] = [series.value[row]!, series.flags[row]!];
      const apart = of.byValue && !Number.isNaN(value);
      const name = of.byValue ? `${flags} ${value}` : flags;
      const cell = cells.get(name) ?? {
        flags,
        // Zero is zero, whatever its sign.
        value: apart ? value + 0 : 0,
        readings: 0,
        values: 0,
        sum: new ExactSum(of.decimals),
      };
      cells.set(name, cell);
      cell.readings++;
      if (Number.isNaN(value)) continue;
      cell.values++;
      cell.sum.add(value);
    }
    const sorted = [...cells.values()].toSorted(
      (a, b) => a.flags - b.flags || Math.sign(a.values) - Math.sign(b.values) || a.value - b.value,
    );
    for (const cell of sorted) rows.push({ dayS: bounds[day]!, cell });
  }
  const sums = rows.map(({ cell }) => (of.byValue ? cell.value : wholeUnits(cell.sum, of.decimals)));
  return {
    tallied: {
      parameter: series.parameter,
      decimals: of.decimals,
      dayS: Float64Array.from(rows, ({ dayS }) => dayS),
      flags: Uint16Array.from(rows, ({ cell }) => cell.flags),
      readings: Int32Array.from(rows, ({ cell }) => cell.readings),
      values: Int32Array.from(rows, ({ cell }) => cell.values),
      scaledSum: Float64Array.from(sums),
    },
    fractions: rows.map(({ cell }, at) => (Number.isNaN(sums[at]!) ? cell.sum.sum().toFixed() : null)),
  };
}

/** NaN for a sum that is no whole number of the last decimal. */
function wholeUnits(sum: ExactSum, decimals: number): number {
  const units = sum.sum().times(10 ** decimals);
  const number = units.toNumber();
  return units.isInteger() && Number.isSafeInteger(number) ? number : Number.NaN;
}
