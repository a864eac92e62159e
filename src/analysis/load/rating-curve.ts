import type { RatingCurveRule } from '../../domain/config/load-method.ts';
import { Decimal } from '../../domain/decimal.ts';
import type { EpochS } from '../../domain/time.ts';
import { dot, type Fit, leastSquares } from './least-squares.ts';
import type { LoadCase, LoadFigure, PairedSample } from './load-case.ts';
import { total } from './samples.ts';
import { fillFactor } from './stepwise.ts';

/** The tropical year that seasons repeat by. */
const yearS = 31_556_926;
/** Twenty digits, the same on every machine: a fit needs no forty, and logarithms cost by the digit. */
const Fitted = Decimal.clone({ precision: 20 });
const turn = new Fitted(2).times(Fitted.acos(-1));

interface Curve {
  fit: Fit;
  /** Multiplies exp(fitted): the mean of a logarithm is not the logarithm of the mean. */
  bias: Decimal;
  row: (timeS: EpochS, logFlow: Decimal) => Decimal[];
  greatestFlow: Decimal;
}

/**
 * Rating curve: ln C on ln Q, its square, trend and season, fitted to the samples around the period, the nearer in time the
 * heavier (tricube); retransformed with Duan's smearing or half the residual variance. A day of no flow carries no load. Null
 * where there are fewer samples than the rule wants, where they do not decide the terms, or where a day's flow is negative.
 * Source: Cohn et al. (1992), LOADEST; Duan (1983); Hirsch et al. (2010) for the weights.
 */
export function ratingCurveLoad(of: LoadCase, rule: RatingCurveRule): LoadFigure | null {
  const curve = fitted(of, rule);
  if (curve === null || of.flow.m3s.some((q) => q?.isNegative() === true && !q.isZero())) return null;
  const size = curve.fit.coefficients.length;
  let [grams, beyond, own] = [new Decimal(0), new Decimal(0), new Decimal(0)];
  let gradient = Array.from({ length: size }, () => new Fitted(0));
  const noise = curve.fit.variance.exp().minus(1);
  const daily = of.flow.m3s.map((q, at) => {
    if (q === null) return null;
    if (q.isZero()) return new Decimal(0);
    const row = curve.row(middleOf(of.flow, at), new Fitted(q).ln());
    const lengthS = of.flow.endS[at]! - of.flow.beginS[at]!;
    const load = dot(row, curve.fit.coefficients).exp().times(curve.bias).times(q).times(lengthS);
    grams = grams.plus(load);
    gradient = gradient.map((value, term) => value.plus(row[term]!.times(load)));
    own = own.plus(load.pow(2).times(noise));
    if (q.gt(curve.greatestFlow)) beyond = beyond.plus(load);
    return load;
  });
  const spread = curve.fit.inverse.map((row) => dot(row, gradient));
  const model = dot(gradient, spread).times(curve.fit.variance);
  const fill = fillFactor(of);
  return {
    grams: grams.times(fill),
    standardErrorGrams: Decimal.max(model.plus(own), 0).sqrt().times(fill),
    daily,
    extrapolatedShare: grams.isZero() ? new Decimal(0) : beyond.div(grams),
    flowNormalisedGrams: () => flowNormalised(of, curve),
  };
}

function fitted(of: LoadCase, rule: RatingCurveRule): Curve | null {
  const middleS = (of.beginS + of.endS) / 2;
  const windowS = new Fitted(rule.windowYears).times(yearS);
  const used = of.calibration
    .map((sample) => ({ sample, weight: tricube(new Fitted(Math.abs(sample.timeS - middleS)).div(windowS)) }))
    .filter(({ sample, weight }) => weight.gt(0) && sample.flowM3s.gt(0) && sample.gM3.gt(0));
  if (used.length < rule.leastSamples) return null;
  const samples = used.map((one) => one.sample);
  const weights = used.map((one) => one.weight);
  const logs = samples.map((one) => new Fitted(one.flowM3s).ln());
  const centre = total(logs).div(logs.length);
  const row = (timeS: EpochS, logFlow: Decimal): Decimal[] =>
    termsOf(rule.terms, new Fitted(timeS - middleS).div(yearS), logFlow.minus(centre), timeS);
  const fit = leastSquares(
    samples.map((one, at) => row(one.timeS, logs[at]!)),
    samples.map((one) => new Fitted(one.gM3).ln()),
    weights,
  );
  if (fit === null) return null;
  const smeared = total(fit.residuals.map((value, at) => value.exp().times(weights[at]!)));
  const bias = rule.biasCorrection === 'smearing' ? smeared.div(total(weights)) : fit.variance.div(2).exp();
  return { fit, bias, row, greatestFlow: greatest(samples) };
}

function termsOf(
  terms: RatingCurveRule['terms'],
  years: Decimal,
  logFlow: Decimal,
  timeS: EpochS,
): Decimal[] {
  const row: Decimal[] = [new Fitted(1)];
  for (const term of terms) {
    if (term === 'flow') row.push(logFlow);
    else if (term === 'flow-squared') row.push(logFlow.pow(2));
    else if (term === 'trend') row.push(years);
    else {
      const angle = turn.times(((timeS % yearS) + yearS) % yearS).div(yearS);
      row.push(angle.sin(), angle.cos());
    }
  }
  return row;
}

const tricube = (share: Decimal): Decimal =>
  share.gte(1) ? new Fitted(0) : new Fitted(1).minus(share.pow(3)).pow(3);

const greatest = (samples: readonly PairedSample[]): Decimal =>
  samples.reduce((most, one) => Decimal.max(most, one.flowM3s), new Decimal(0));

const middleOf = (steps: LoadCase['flow'], at: number): number => (steps.beginS[at]! + steps.endS[at]!) / 2;

/**
 * The period's load under the flows that the whole record has at the same time of the year, so that a wet year is not taken for
 * more pollution. Null for a record of less than three years.
 */
function flowNormalised(of: LoadCase, curve: Curve): Decimal | null {
  const { record } = of;
  const lengthS = (record.endS.at(-1) ?? 0) - (record.beginS[0] ?? 0);
  if (lengthS < 3 * yearS || of.durationS > 1.01 * yearS) return null;
  let [sum, coveredS] = [new Decimal(0), 0];
  record.m3s.forEach((q, at) => {
    const offsetS = (((middleOf(record, at) - of.beginS) % yearS) + yearS) % yearS;
    if (q === null || offsetS >= of.durationS) return;
    const stepS = record.endS[at]! - record.beginS[at]!;
    coveredS += stepS;
    if (q.lte(0)) return;
    const row = curve.row(of.beginS + offsetS, new Fitted(q).ln());
    sum = sum.plus(dot(row, curve.fit.coefficients).exp().times(curve.bias).times(q).times(stepS));
  });
  return coveredS === 0 ? null : sum.times(of.durationS).div(coveredS);
}
