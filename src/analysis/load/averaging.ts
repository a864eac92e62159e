import { Decimal } from '../../domain/decimal.ts';
import { meanOf, total } from './samples.ts';
import type { LoadCase, LoadFigure, PairedSample } from './load-case.ts';

/**
 * The methods that average: one figure for the whole period. Gaps of flow are filled by the mean of the other days, which is
 * why coverage is part of every result. Standard errors count neighbouring samples as fewer where they resemble each other.
 * Source: five ways of computing a pollutant flux (A to E); Beale's ratio as in Tin (1965) and Cochran (1977), chapter 6.
 */
export const averagingMethods: Readonly<Record<string, (of: LoadCase) => LoadFigure | null>> = {
  /** A: K mean(C) mean(Q at sampling). */
  'sample-means': (of) => {
    const pairs = of.paired;
    const c = meanOf(pairs.map((one) => one.gM3));
    const q = meanOf(pairs.map((one) => one.flowM3s));
    if (c === null || q === null) return null;
    const error = standardErrorOf(pairs.map((one) => one.gM3.times(q).plus(one.flowM3s.times(c))));
    return { grams: c.times(q).times(of.durationS), standardErrorGrams: error.times(of.durationS) };
  },
  /** B: K mean(C) mean(Q of the period). */
  'period-mean': (of) => {
    const values = of.samples.map((one) => one.gM3);
    const c = meanOf(values);
    if (c === null || of.meanFlowM3s === null) return null;
    const volume = of.meanFlowM3s.times(of.durationS);
    return {
      grams: c.times(volume),
      standardErrorGrams: standardErrorOf(values).times(volume.abs()),
    };
  },
  /** C: K mean(C Q). */
  'mean-of-products': (of) => {
    const products = of.paired.map((one) => one.gM3.times(one.flowM3s));
    const mean = meanOf(products);
    if (mean === null) return null;
    return {
      grams: mean.times(of.durationS),
      standardErrorGrams: standardErrorOf(products).times(of.durationS),
    };
  },
  /** E: K [sum(C Q) / sum(Q)] mean(Q of the period). */
  'flow-weighted': (of) => ratioLoad(of, false),
  /** Beale's ratio: E with the first-order bias of a ratio taken out. */
  'beale-ratio': (of) => ratioLoad(of, true),
};

function ratioLoad(of: LoadCase, unbiased: boolean): LoadFigure | null {
  const pairs = of.paired;
  const flow = total(pairs.map((one) => one.flowM3s));
  if (pairs.length === 0 || flow.isZero() || of.meanFlowM3s === null) return null;
  const loads = pairs.map((one) => one.gM3.times(one.flowM3s));
  const ratio = total(loads).div(flow);
  const volume = of.meanFlowM3s.times(of.durationS);
  const rest = pairs.map((one, at) => loads[at]!.minus(ratio.times(one.flowM3s)));
  const meanFlow = flow.div(pairs.length);
  const error = standardErrorOf(rest).div(meanFlow.abs()).times(volume.abs());
  const bias = unbiased ? bealeFactor(of, pairs, loads) : new Decimal(1);
  return { grams: ratio.times(bias).times(volume), standardErrorGrams: error };
}

/** (1 + f S_lq / l̄q̄) / (1 + f S_qq / q̄²) with f = 1/n − 1/N; N: steps with flow. 1 for fewer than two samples. */
function bealeFactor(of: LoadCase, pairs: readonly PairedSample[], loads: readonly Decimal[]): Decimal {
  const count = pairs.length;
  const [load, flow] = [meanOf(loads), meanOf(pairs.map((one) => one.flowM3s))];
  if (count < 2 || load === null || flow === null || load.isZero()) return new Decimal(1);
  const crossed = total(loads.map((one, at) => one.minus(load).times(pairs[at]!.flowM3s.minus(flow))));
  const squared = total(pairs.map((one) => one.flowM3s.minus(flow).pow(2)));
  const population = Math.max(of.stepsWithFlow, count);
  const f = new Decimal(1).div(count).minus(new Decimal(1).div(population));
  const top = f.times(crossed.div(count - 1)).div(load.times(flow));
  const bottom = f.times(squared.div(count - 1)).div(flow.pow(2));
  return top.plus(1).div(bottom.plus(1));
}

/**
 * Standard error of a mean of values in order of time, by the effective number n (1 − r) / (1 + r), r their lag-1 correlation
 * (0 where it is negative). With fewer than two values: as large as the mean itself.
 */
export function standardErrorOf(values: readonly Decimal[]): Decimal {
  const mean = meanOf(values);
  if (mean === null) return new Decimal(0);
  if (values.length < 2) return mean.abs();
  const apart = values.map((value) => value.minus(mean));
  const squares = total(apart.map((value) => value.pow(2)));
  if (squares.isZero()) return new Decimal(0);
  const lagged = total(apart.slice(1).map((value, at) => value.times(apart[at]!)));
  const r = Decimal.min(Decimal.max(lagged.div(squares), 0), '0.98');
  const effective = Decimal.max(new Decimal(values.length).times(new Decimal(1).minus(r)).div(r.plus(1)), 1);
  return squares
    .div(values.length - 1)
    .div(effective)
    .sqrt();
}
