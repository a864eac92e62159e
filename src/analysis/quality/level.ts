import { qualifiers } from '../../domain/flags.ts';
import type { EpochS } from '../../domain/time.ts';
import type { Examined } from './rules.ts';
import type { SeriesWindow } from './series-window.ts';

export const usable = (window: SeriesWindow, row: number): boolean =>
  !Number.isNaN(window.value[row]!) && (window.flags[row]! & qualifiers.missing) === 0;

/** Middle value; the mean of the two middle ones of an even number. Sorts in place. */
export function medianOf(values: number[]): number {
  values.sort((a, b) => a - b);
  const middle = values.length >> 1;
  return values.length % 2 === 1 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
}

/** Median of the results of the look-back before a time; null for fewer than `least`. */
export function levelBefore(
  window: SeriesWindow,
  timeS: EpochS,
  { lookbackS, least }: { lookbackS: number; least: number },
): number | null {
  const values: number[] = [];
  for (let row = window.firstFrom(timeS - lookbackS); row < window.length; row++) {
    if (window.timeS[row]! >= timeS) break;
    if (usable(window, row)) values.push(window.value[row]!);
  }
  return values.length < least ? null : medianOf(values);
}

/** Value of another item at the same time; NaN where there is none. */
export function siblingValue(one: Examined, parameter: string): number {
  const window = one.siblings(parameter);
  const row = window?.find(one.window.timeS[one.row]!) ?? -1;
  return window !== undefined && row >= 0 && usable(window, row) ? window.value[row]! : Number.NaN;
}
