import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkFlowUnit,
  estimateLoad,
  flowNormalisedLoad,
  flowSteps,
  gramsPerM3Of,
  type FlowSteps,
  type LoadSample,
} from '../../../src/analysis/load/index.ts';
import type { LoadMethodId } from '../../../src/domain/config/load-method.ts';
import { Decimal } from '../../../src/domain/decimal.ts';
import { dayS, loadRules, sample } from './load-files.ts';

const rules = loadRules();
const lenient = { flowDays: '0', sampledDays: '0', highFlowDays: '0', leastSamples: 1 };
const methods: LoadMethodId[] = [
  'sample-means',
  'period-mean',
  'mean-of-products',
  'period-weighted',
  'flow-weighted',
  'beale-ratio',
  'interpolation',
];

function days(flows: readonly (number | null)[]): FlowSteps {
  const beginS = Float64Array.from(flows, (_, at) => at * dayS);
  const m3s = flows.map((q) => (q === null ? null : new Decimal(q)));
  return { beginS, endS: beginS.map((begin) => begin + dayS), m3s, zeroNotReported: m3s.map(() => 0) };
}

const noon = (day: number): number => day * dayS + dayS / 2;
const daily = (values: readonly (number | null)[]): LoadSample[] =>
  values.flatMap((value, day) => (value === null ? [] : [sample(noon(day), value)]));

function load(
  samples: readonly LoadSample[],
  flow: FlowSteps,
  method: LoadMethodId,
  minimum: typeof lenient | undefined = lenient,
) {
  const period = { beginS: 0, endS: flow.beginS.length * dayS };
  return estimateLoad({
    samples,
    flow,
    period,
    rules,
    method,
    ...(minimum === undefined ? {} : { minimum }),
  });
}

describe('a load by each method, worked by hand', () => {
  const flow = days([10, 20, 30, 20]);
  const samples = daily([1, 2, 3, 2]);

  it.each([
    ['sample-means', '13.824'],
    ['period-mean', '13.824'],
    ['mean-of-products', '15.552'],
    ['flow-weighted', '15.552'],
    ['interpolation', '15.552'],
    ['period-weighted', '15.552'],
  ] as const)('%s: %s t over four days', (method, tonnes) => {
    expect(load(samples, flow, method).tonnes?.toFixed()).toBe(tonnes);
  });

  it('interpolates between the days sampled, and takes the nearest where the method says so', () => {
    // Days 1 and 2 lie a third and two thirds of the way from 1 to 4 g/m³: 10×(1+2+3+4)×0.0864; nearest: 10×(1+1+4+4)×0.0864
    const two = daily([1, null, null, 4]);
    expect(load(two, days([10, 10, 10, 10]), 'interpolation').tonnes?.toFixed(10)).toBe('8.6400000000');
    expect(load(two, days([10, 10, 10, 10]), 'period-weighted').tonnes?.toFixed(10)).toBe('8.6400000000');
    expect(load(two, days([10, 20, 10, 10]), 'interpolation').tonnes?.toFixed(10)).toBe('10.3680000000');
    expect(load(two, days([10, 20, 10, 10]), 'period-weighted').tonnes?.toFixed(10)).toBe('9.5040000000');
  });

  it('takes the first-order bias of the ratio out by Beale, which is none when every day is sampled', () => {
    expect(load(samples, flow, 'beale-ratio').tonnes?.toFixed()).toBe('15.552');
    // n 2 of N 4, f 1/4: l̄ 25, q̄ 15, S_lq 150 (15×5×2), S_qq 50: (1 + 37.5/375) / (1 + 12.5/225) = 1.1 / 1.0555…
    const half = load(daily([1, 2, null, null]), flow, 'beale-ratio').tonnes!;
    const ratio = new Decimal(50)
      .div(30)
      .times(20)
      .times(4 * dayS)
      .div(1e6);
    expect(half.toFixed(9)).toBe(ratio.times('1.1').div(new Decimal(12.5).div(225).plus(1)).toFixed(9));
  });

  it('finds a power law again by a rating curve, days without samples included', () => {
    const flows = Array.from({ length: 60 }, (_, day) => 20 + ((day * 37) % 50));
    const law = (q: number): Decimal => new Decimal(q).sqrt().times(2);
    const sampled = flows.flatMap((q, day) =>
      day % 2 === 0 ? [{ ...sample(noon(day), 0), gM3: law(q) }] : [],
    );
    const period = { beginS: 0, endS: 60 * dayS };
    const terms = { ...rules.ratingCurve, terms: ['flow' as const] };
    const method = 'rating-curve' as const;
    const request = { samples: sampled, flow: days(flows), period, rules: { ...rules, ratingCurve: terms } };
    const estimate = estimateLoad({ ...request, method });
    const truth = flows.reduce((sum, q) => sum.plus(law(q).times(q).times(dayS)), new Decimal(0)).div(1e6);
    expect(estimate.tonnes?.div(truth).toNumber()).toBeCloseTo(1, 12);
    expect(estimate.interval90?.[0].lt(truth)).toBe(true);
  });

  it('a day on which the river ran dry carries nothing; water that ran back counts against', () => {
    expect(load(daily([1, 5]), days([10, 0]), 'interpolation').tonnes?.toFixed()).toBe('0.864');
    expect(load(daily([1, 1]), days([10, -10]), 'interpolation').tonnes?.toFixed()).toBe('0');
    expect(load(daily([2, 2]), days([5, -10]), 'mean-of-products').tonnes?.toFixed()).toBe('-0.864');
  });
});

describe('what a load rests on', () => {
  const agreed = { flowDays: '0.9', sampledDays: '0.5', highFlowDays: '0.75', leastSamples: 4 };
  const flows = Array.from({ length: 20 }, (_, day) => (day >= 18 ? 500 : 10));

  it('is refused without the floods, and still shown for information', () => {
    const estimate = load(
      daily(flows.map((_, day) => (day >= 18 ? null : 1))),
      days(flows),
      'period-mean',
      agreed,
    );
    expect(estimate.status).toBe('not-assessable');
    expect(estimate.tonnes).toBeNull();
    expect(estimate.indicativeTonnes).not.toBeNull();
    expect(estimate.reasons.map((one) => one.code)).toEqual(['high-flow-coverage']);
    expect(estimate.reasons[0]?.text.zh).toBe('高流量日中有水质数据的占0 %，低于约定的75 %');
    expect(estimate.coverage.highFlowUnsampledS).toEqual([18 * dayS, 19 * dayS]);
    expect(estimate.coverage.topFiveVolumeShare?.toFixed(3)).toBe('0.873');
  });

  it('is refused without flow on enough days, on too few days sampled and on too few samples', () => {
    const codes = (samples: (number | null)[], flow: (number | null)[]): string[] =>
      load(daily(samples), days(flow), 'period-mean', agreed).reasons.map((one) => one.code);
    expect(
      codes(
        flows.map(() => 1),
        flows,
      ),
    ).toEqual([]);
    expect(
      codes(
        flows.map(() => 1),
        flows.map((q, day) => (day < 5 ? null : q)),
      ),
    ).toEqual(['flow-coverage']);
    expect(
      codes(
        flows.map((_, day) => (day >= 17 ? 1 : null)),
        flows,
      ),
    ).toEqual(['sample-coverage', 'too-few-samples']);
    expect(
      codes(
        flows.map(() => null),
        flows,
      ),
    ).toContain('no-samples');
    expect(
      codes(
        flows.map(() => 1),
        flows.map(() => null),
      ),
    ).toContain('no-flow');
  });

  it('takes a zero of a source that means "not reported" for no value, and one that is measured for a dry river', () => {
    const window = { beginS: Float64Array.of(0, dayS), endS: Float64Array.of(dayS, 2 * dayS) };
    const readings = { timeS: [28_800, 50_400, 115_200], value: [0, 12, 0] };
    const silent = flowSteps(readings, window, { zero: 'not-reported', transfer: new Decimal('0.5') });
    expect(silent.m3s.map((q) => q?.toNumber() ?? null)).toEqual([6, null]);
    expect(silent.zeroNotReported).toEqual([1, 1]);
    const dry = flowSteps(readings, window, { zero: 'measured' });
    expect(dry.m3s.map((q) => q?.toNumber() ?? null)).toEqual([6, 0]);
  });

  it('refuses units that make no load', () => {
    expect(gramsPerM3Of('chla', 'μg/L').toFixed()).toBe('0.001');
    expect(() => gramsPerM3Of('ph', null)).toThrow(/ph has no load: its unit is none, expected one of mg\/L/);
    expect(() => checkFlowUnit('L/s')).toThrow(/discharge is in L\/s, expected m³\/s/);
  });

  it('shows the load of a wet period under usual flow', () => {
    const wet = Array.from({ length: 730 }, (_, day) => (day < 365 ? 10 : 20));
    const flow = days(wet);
    const period = { beginS: 365 * dayS, endS: 730 * dayS };
    const samples = wet.map((_, day) => sample(noon(day), 2));
    const request = { samples, flow, period, rules, method: 'flow-weighted' as const };
    const estimate = estimateLoad(request);
    const usual = flowNormalisedLoad(request, estimate);
    expect(usual?.basis).toBe('mean-flow');
    expect(usual?.tonnes.div(estimate.tonnes!).toFixed(4)).toBe('0.7500');
    expect(flowNormalisedLoad({ ...request, flow: days(wet.slice(0, 365)) }, estimate)).toBeNull();
  });
});

describe('properties of every method', () => {
  const series = fc.array(fc.tuple(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 400 })), {
    minLength: 3,
    maxLength: 12,
  });

  it('twice the concentration is twice the load, and the order of the samples says nothing', () => {
    fc.assert(
      fc.property(series, fc.constantFrom(...methods), (pairs, method) => {
        const flow = days(pairs.map(([, q]) => q));
        const samples = daily(pairs.map(([c]) => c / 100));
        const once = load(samples, flow, method).tonnes!;
        const doubled = samples.map((one) => ({ ...one, gM3: one.gM3.times(2) }));
        expect(load(doubled, flow, method).tonnes!.div(once).toFixed(20)).toBe(new Decimal(2).toFixed(20));
        expect(load(samples.toReversed(), flow, method).tonnes!.toFixed()).toBe(once.toFixed());
      }),
      { numRuns: 60 },
    );
  });

  it('all agree where concentration is constant and every day has a flow and a sample', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 2, maxLength: 9 }), (flows) => {
        const loads = methods.map((method) => load(daily(flows.map(() => 3)), days(flows), method));
        const volume = flows.reduce((sum, q) => sum + q * dayS, 0);
        for (const { tonnes } of loads) expect(tonnes!.toNumber()).toBeCloseTo((3 * volume) / 1e6, 9);
      }),
      { numRuns: 40 },
    );
  });
});
