import type { Text } from '../../domain/config/facts.ts';
import type { LoadCoverage, LoadMethod, LoadMethodId } from '../../domain/config/load-method.ts';
import { Decimal } from '../../domain/decimal.ts';
import type { EpochS } from '../../domain/time.ts';
import { averagingMethods } from './averaging.ts';
import { type Coverage, coverageOf, shortfalls, type Shortfall } from './coverage.ts';
import { type LeftOut, leftOutOf, type UnderReview } from './left-out.ts';
import { loadCase, type LoadCase, type LoadFigure } from './load-case.ts';
import { ratingCurveLoad } from './rating-curve.ts';
import { type FlowSteps, type LoadSample, meanOf } from './samples.ts';
import { stepwiseLoad } from './stepwise.ts';

export interface LoadRequest {
  samples: readonly LoadSample[];
  /** When the concentration was measured, where the samples are means of longer times (monthly values); absent: at the samples. */
  sampledS?: readonly EpochS[];
  /** Days of the period and, where known, of the years around it. */
  flow: FlowSteps;
  period: { beginS: EpochS; endS: EpochS };
  rules: LoadMethod;
  /** Absent: what the rules prefer. */
  method?: LoadMethodId;
  /** What the parties agreed on; absent: the rules' own. */
  minimum?: LoadCoverage;
  /** Relative standard error of the transfer from the gauging station to the section. */
  transferError?: Decimal;
  /** Times of which nothing counts and nothing is expected. */
  exempt?: readonly { beginS: EpochS; endS: EpochS }[];
  /** What is left out for review; absent: it is not looked at. */
  underReview?: UnderReview;
}

/**
 * A load over one period. `tonnes` null: it may not be relied on, and `reasons` says why; `indicativeTonnes` still shows what
 * the method gives, null where it gives nothing. `interval90` holds the truth in nine of ten cases if the stated errors do.
 */
export interface LoadEstimate {
  method: LoadMethodId;
  status: 'computed' | 'not-assessable';
  reasons: { code: Shortfall['code'] | 'no-result' | 'no-flow' | 'no-samples'; text: Text }[];
  tonnes: Decimal | null;
  indicativeTonnes: Decimal | null;
  standardErrorTonnes: Decimal | null;
  interval90: [Decimal, Decimal] | null;
  volumeM3: Decimal | null;
  meanFlowM3s: Decimal | null;
  flowWeightedMeanGM3: Decimal | null;
  coverage: Coverage;
  minimum: LoadCoverage;
  extrapolatedShare: Decimal | null;
  leftOut: LeftOut | null;
}

/** 95 % point of the normal distribution: a 90 % interval is this many standard errors to each side. */
export const intervalFactor = new Decimal('1.6449');
const gramsPerTonne = 1_000_000;

/** One load by one method, with its uncertainty and what it rests on. Throws only for a method the rules give no coverage for. */
export function estimateLoad(request: LoadRequest): LoadEstimate {
  const of = loadCase(request.samples, request.flow, request.period, request.exempt);
  const method = request.method ?? preferredMethod(of, request.rules);
  const figure = figureOf(of, method, request.rules);
  const sampledS = request.sampledS ?? of.samples.map((one) => one.timeS);
  const coverage = coverageOf(of, sampledS, request.rules.highFlow.shareOfDays, figure);
  const minimum = request.minimum ?? minimumOf(request.rules, method);
  const indicativeTonnes = tonnesOf(figure);
  const leftOut = leftOutIn(request, of, method, indicativeTonnes);
  const reasons: LoadEstimate['reasons'] = [
    ...absences(of, method, figure),
    ...shortfalls(coverage, minimum),
    ...(request.underReview?.bounds.beyond === 'refuse' ? (leftOut?.exceeded ?? []) : []),
  ];
  const standardErrorTonnes = figure === null ? null : withMeasuring(figure, request).div(gramsPerTonne);
  const volumeM3 = of.meanFlowM3s?.times(of.durationS) ?? null;
  return {
    method,
    status: reasons.length === 0 ? 'computed' : 'not-assessable',
    reasons,
    tonnes: reasons.length === 0 ? indicativeTonnes : null,
    indicativeTonnes,
    standardErrorTonnes,
    interval90: intervalOf(indicativeTonnes, standardErrorTonnes),
    volumeM3,
    meanFlowM3s: of.meanFlowM3s,
    flowWeightedMeanGM3:
      figure === null || volumeM3 === null || volumeM3.isZero() ? null : figure.grams.div(volumeM3),
    coverage,
    minimum,
    extrapolatedShare: figure?.extrapolatedShare ?? null,
    leftOut,
  };
}

const tonnesOf = (figure: LoadFigure | null): Decimal | null => figure?.grams.div(gramsPerTonne) ?? null;

/** The same method once more with what is under review, where anything is. */
function leftOutIn(
  request: LoadRequest,
  of: LoadCase,
  method: LoadMethodId,
  without: Decimal | null,
): LeftOut | null {
  const { underReview: under, period, exempt = [], rules } = request;
  if (under === undefined) return null;
  const highFlowShare = rules.highFlow.shareOfDays;
  const nothing = under.concentration.outS.length + under.discharge.outS.length === 0;
  const all = nothing ? of : loadCase(under.samples, under.flow, period, exempt);
  const tonnes = { without, with: nothing ? without : tonnesOf(figureOf(all, method, rules)) };
  return leftOutOf(all, under, { highFlowShare, exempt }, tonnes);
}

/** What the rules prefer: one method where every day may have a flow, another where only the samples have one. */
function preferredMethod(of: LoadCase, rules: LoadMethod): LoadMethodId {
  return of.stepsWithFlow > 1 ? rules.preferred.withDailyFlow : rules.preferred.otherwise;
}

function figureOf(of: LoadCase, method: LoadMethodId, rules: LoadMethod): LoadFigure | null {
  if (method === 'interpolation' || method === 'period-weighted')
    return stepwiseLoad(of, method === 'period-weighted');
  if (method === 'rating-curve') return ratingCurveLoad(of, rules.ratingCurve);
  return averagingMethods[method]?.(of) ?? null;
}

/** Half-open towards nothing: below zero only where the load itself is (backflow). */
function intervalOf(tonnes: Decimal | null, error: Decimal | null): [Decimal, Decimal] | null {
  if (tonnes === null || error === null) return null;
  const half = error.times(intervalFactor);
  const low = tonnes.minus(half);
  return [tonnes.isNegative() ? low : Decimal.max(low, 0), tonnes.plus(half)];
}

function withMeasuring(figure: LoadFigure, { rules, transferError }: LoadRequest): Decimal {
  const { flow, concentration } = rules.measurement;
  const relative = [flow, concentration, transferError ?? 0].reduce(
    (sum: Decimal, error) => sum.plus(new Decimal(error).pow(2)),
    new Decimal(0),
  );
  return figure.standardErrorGrams.pow(2).plus(figure.grams.pow(2).times(relative)).sqrt();
}

export function minimumOf(rules: LoadMethod, method: LoadMethodId): LoadCoverage {
  const found = rules.coverage.find((one) => one.methods.includes(method));
  if (found === undefined) throw new RangeError(`${rules.id} states no coverage for ${method}`);
  return found.minimum;
}

function absences(of: LoadCase, method: LoadMethodId, figure: LoadFigure | null): LoadEstimate['reasons'] {
  if (of.stepsWithFlow === 0 && of.paired.length === 0)
    return [{ code: 'no-flow', text: { zh: '本期无流量数据', en: 'no flow in the period' } }];
  if (of.samples.length === 0 && method !== 'rating-curve')
    return [{ code: 'no-samples', text: { zh: '本期无水质数据', en: 'no concentration in the period' } }];
  if (figure !== null) return [];
  const text = {
    zh: '该方法对这些数据无结果（样品过少、流量为负或不足以定出各项）',
    en: 'the method gives no result on this data (too few samples, negative flow, or terms not decided)',
  };
  return [{ code: 'no-result', text }];
}

export interface FlowNormalised {
  tonnes: Decimal;
  basis: 'rating-curve' | 'mean-flow';
  fromS: EpochS;
  toS: EpochS;
}

/**
 * The load under usual flow, so that a wet year is not taken for more pollution: by the rating curve over the flows of the same
 * season in all years of the record, otherwise the flow-weighted mean concentration times the mean flow of the same season.
 * Null where the record of flow is no longer than the period.
 */
export function flowNormalisedLoad(request: LoadRequest, estimate: LoadEstimate): FlowNormalised | null {
  const of = loadCase(request.samples, request.flow, request.period, request.exempt);
  const [fromS, toS] = [of.record.beginS[0], of.record.endS.at(-1)];
  if (fromS === undefined || toS === undefined || toS - fromS < 1.9 * of.durationS) return null;
  if (estimate.method === 'rating-curve') {
    const grams = figureOf(of, 'rating-curve', request.rules)?.flowNormalisedGrams?.() ?? null;
    return grams === null ? null : { tonnes: grams.div(gramsPerTonne), basis: 'rating-curve', fromS, toS };
  }
  const usual = meanOf(sameSeason(of));
  if (usual === null || estimate.flowWeightedMeanGM3 === null) return null;
  const tonnes = estimate.flowWeightedMeanGM3.times(usual).times(of.durationS).div(gramsPerTonne);
  return { tonnes, basis: 'mean-flow', fromS, toS };
}

const yearS = 31_556_952;

/** Flow of the steps of all years at the same time of the year as the period; all steps where the period is a year or more. */
function sameSeason(of: LoadCase): Decimal[] {
  return [...of.record.m3s.keys()].flatMap((at) => {
    const offsetS = (((of.record.beginS[at]! - of.beginS) % yearS) + yearS) % yearS;
    const q = of.record.m3s[at] ?? null;
    return q === null || (of.durationS < yearS && offsetS >= of.durationS) ? [] : [q];
  });
}
