import { type Reviewed, type UnderReview } from '../analysis/load/index.ts';
import type { Parameter } from '../domain/config/parameter.ts';
import { Decimal } from '../domain/decimal.ts';
import { isSuspect, isValid, qualifiers } from '../domain/flags.ts';
import type { SeriesColumns } from '../domain/ports.ts';
import { isWithin } from '../domain/time.ts';
import type { Span } from '../domain/civil-period.ts';

/** A value that counts. */
export const usable = (value: number, flags: number): boolean =>
  Number.isFinite(value) && isValid(flags) && (flags & qualifiers.missing) === 0;

/** What an instrument shows while it is not measuring the water: no review makes a reading of it. */
const notMeasuring =
  qualifiers.missing |
  qualifiers.calibration |
  qualifiers.maintenance |
  qualifiers.fault |
  qualifiers.sliding;

/** A value that does not count until somebody reviews it: marked by screening, held by an act, doubted by its source. */
export const isUnderReview = (value: number, flags: number): boolean =>
  Number.isFinite(value) && isSuspect(flags) && (flags & notMeasuring) === 0;

/** The same, where it could be one: what the parameter cannot be is left out whatever a review says. */
export function mayCount(parameter: Pick<Parameter, 'plausible'> | undefined) {
  const { min = -Infinity, max = Infinity } = parameter?.plausible ?? {};
  return (value: number, flags: number): boolean =>
    usable(value, flags) || (isUnderReview(value, flags) && min <= value && value <= max);
}

/** When readings of a span were taken that count, and that are left out for review. */
export function reviewedTimes(
  columns: Pick<SeriesColumns, 'timeS' | 'value' | 'flags'> | undefined,
  span: Span,
  exempt: readonly Span[],
): Reviewed {
  const [keptS, outS]: [number[], number[]] = [[], []];
  for (const at of columns?.timeS.keys() ?? []) {
    const [timeS, value, flags] = [columns!.timeS[at]!, columns!.value[at]!, columns!.flags[at]!];
    if (!isWithin(timeS, [span]) || isWithin(timeS, exempt)) continue;
    if (usable(value, flags)) keptS.push(timeS);
    else if (isUnderReview(value, flags)) outS.push(timeS);
  }
  return { keptS, outS };
}

/** The same of a concentration, with the means of both, by exact sums of the stored decimals; below detection counts as the rules say. */
export function reviewedReadings(
  columns: SeriesColumns | undefined,
  of: {
    parameter: Parameter;
    gramsPerM3: Decimal;
    shareOfLimit: string;
    span: Span;
    exempt: readonly Span[];
  },
): UnderReview['concentration'] {
  const times = reviewedTimes(columns, of.span, of.exempt);
  if (columns === undefined || times.outS.length === 0)
    return { ...times, keptMeanGM3: null, outMeanGM3: null };
  const scale = 10 ** of.parameter.decimals;
  const out = new Set(times.outS);
  const kept = new Set(times.keptS);
  const sums = { kept: [0, 0], out: [0, 0] };
  for (const [at, timeS] of columns.timeS.entries()) {
    const sum = kept.has(timeS) ? sums.kept : out.has(timeS) ? sums.out : null;
    if (sum === null) continue;
    const below = (columns.flags[at]! & qualifiers.belowDetection) !== 0 ? 1 : 0;
    sum[below]! += Math.round(columns.value[at]! * scale);
  }
  const meanOf = ([whole, below]: number[], count: number): Decimal | null =>
    count === 0
      ? null
      : new Decimal(below!).times(of.shareOfLimit).plus(whole!).div(scale).div(count).times(of.gramsPerM3);
  return {
    ...times,
    keptMeanGM3: meanOf(sums.kept, times.keptS.length),
    outMeanGM3: meanOf(sums.out, times.outS.length),
  };
}
