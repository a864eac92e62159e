import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  basinVerdict,
  evaluationValue,
  hydrogenIonMean,
  periodMean,
  trendByShares,
} from '../../../src/analysis/water/index.ts';
import { rankCorrelation } from '../../../src/analysis/statistics/rank-correlation.ts';
import { roundKeepNonZero } from '../../../src/analysis/statistics/rounding.ts';
import { Decimal } from '../../../src/domain/decimal.ts';
import { evaluation } from '../standards.ts';

const decimals = (...texts: string[]) => texts.map((text) => new Decimal(text));

describe('evaluation values', () => {
  test('the mean of equal pH values is that value, ties included', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1400 }), fc.integer({ min: 1, max: 12 }), (hundredths, count) => {
        const ph = new Decimal(hundredths).div(100);
        expect(hydrogenIonMean(Array.from({ length: count }, () => ph)).toFixed()).toBe(ph.toFixed());
      }),
      { numRuns: 60 },
    );
    expect(evaluationValue('ph', hydrogenIonMean(decimals('7.5', '7.5')), evaluation)).toBe('8');
    expect(evaluationValue('ph', hydrogenIonMean(decimals('6.5', '6.5')), evaluation)).toBe('6');
  });

  test('means are rounded once, half to even, on the exact decimal', () => {
    const of = (item: string, ...texts: string[]) =>
      evaluationValue(item, periodMean(item, decimals(...texts), evaluation)!, evaluation);
    expect(of('nh3n', '1.00', '1.01')).toBe('1.00');
    expect(of('nh3n', '1.01', '1.02')).toBe('1.02');
    expect(of('do', '4.9', '5.0')).toBe('5.0');
    expect(of('tp', '0.0001', '0.0007')).toBe('0.0004');
  });

  test('a mean of scaled integers equals the exact fraction rounded by integers', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(99_999), { minLength: 1, maxLength: 40 }), (thousandths) => {
        const values = thousandths.map((value) => new Decimal(value).div(1000));
        const printed = evaluationValue('nh3n', periodMean('nh3n', values, evaluation)!, evaluation);
        const sum = thousandths.reduce((total, value) => total + value, 0);
        const [numerator, denominator] = [sum, thousandths.length * 10];
        const floor = Math.floor(numerator / denominator);
        const twice = 2 * (numerator - floor * denominator);
        const hundredths =
          twice > denominator || (twice === denominator && floor % 2 === 1) ? floor + 1 : floor;
        if (hundredths > 0) expect(printed).toBe(new Decimal(hundredths).div(100).toFixed(2));
      }),
      { numRuns: 300 },
    );
  });

  test('a result that would become zero keeps one significant digit, a true zero does not', () => {
    expect(roundKeepNonZero(new Decimal('0.00045'), 3)).toBe('0.0004');
    expect(roundKeepNonZero(new Decimal('0.0006'), 3)).toBe('0.001');
    expect(roundKeepNonZero(new Decimal(0), 3)).toBe('0.000');
  });

  test('a period without values has no mean', () => {
    expect(periodMean('nh3n', [], evaluation)).toBeNull();
  });
});

describe('rivers, basins and change', () => {
  test('every split of shares of five or more sections has a verdict', () => {
    for (let sections = 5; sections <= 40; sections++) {
      for (let good = 0; good <= sections; good++) {
        for (let worst = 0; worst + good <= sections; worst++) {
          expect(
            basinVerdict({ sections, good, worst }, evaluation),
            `${sections} ${good} ${worst}`,
          ).not.toBeNull();
        }
      }
    }
    expect(basinVerdict({ sections: 4, good: 4, worst: 0 }, evaluation)).toBeNull();
  });

  test('change from A to B is the opposite of change from B to A', () => {
    const shares = (good: number, worst: number) => ({
      goodPercent: new Decimal(good),
      worstPercent: new Decimal(worst),
    });
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), fc.nat(100), fc.nat(100), (g1, d1, g2, d2) => {
        const there = trendByShares(shares(g1, d1), shares(g2, d2), evaluation);
        const back = trendByShares(shares(g2, d2), shares(g1, d1), evaluation);
        expect(there.points.plus(back.points).isZero()).toBe(true);
      }),
    );
  });

  test('rank correlation needs five periods and treats equal values alike', () => {
    const rule = evaluation.trend.spearman;
    expect(rankCorrelation([1, 2, 3, 4], rule).significant).toBeNull();
    expect(rankCorrelation([1, 2, 3, 4, 5], rule)).toMatchObject({ significant: true, critical: '0.9' });
    expect(rankCorrelation([5, 5, 5, 5, 5], rule).rs.toFixed()).toBe('0.5');
    expect(rankCorrelation([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], rule).critical).toBe('0.564');
  });
});
