import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Exact } from '../../../src/analysis/liability/exact.ts';
import {
  fenOf,
  settleAmount,
  splitByLargestRemainder,
  wanOf,
} from '../../../src/analysis/liability/money.ts';
import { Missing } from '../../../src/analysis/liability/value.ts';
import type { SchemeMoney } from '../../../src/domain/config/scheme.ts';

const wan: SchemeMoney = {
  currency: 'CNY',
  unit: 'wan-yuan',
  decimals: 2,
  rounding: 'half-away-from-zero',
  provenance: { source: 'test', confidence: 'assumed' },
};
const amount = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }).map((units) => new Exact(units, 10_000n));
const fraction = fc
  .tuple(fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }), fc.bigInt({ min: 1n, max: 10n ** 6n }))
  .map(([numerator, denominator]) => new Exact(numerator, denominator));

describe('exact numbers', () => {
  it('rounds halves away from zero or to even, once', () => {
    const round = (text: string, places: number, rounding: 'half-even' | 'half-away-from-zero' | 'down') =>
      Exact.of(text).round(places, rounding).toString();
    expect(round('0.205', 2, 'half-even')).toBe('0.2');
    expect(round('0.215', 2, 'half-even')).toBe('0.22');
    expect(round('0.205', 2, 'half-away-from-zero')).toBe('0.21');
    expect(round('-0.205', 2, 'half-away-from-zero')).toBe('-0.21');
    expect(round('-0.209', 2, 'down')).toBe('-0.2');
  });

  it('keeps quotients that do not end: three thirds are one', () => {
    const third = Exact.of('1').over(Exact.of('3'));
    expect(third.plus(third).plus(third).compare(Exact.of('1'))).toBe(0);
    expect(third.times(Exact.of('0.85')).over(Exact.of('0.85')).compare(third)).toBe(0);
  });

  it('refuses what is no decimal and a zero divisor', () => {
    for (const text of ['', 'abc', '1e3', '1.', '.5', '０', 'NaN'])
      expect(() => Exact.of(text)).toThrow(RangeError);
    expect(() => Exact.of('1').over(Exact.zero)).toThrow(RangeError);
  });

  it('floor and ceil bracket every number, and text reads back', () => {
    fc.assert(
      fc.property(fraction, (x) => {
        expect(x.floor().compare(x)).toBeLessThanOrEqual(0);
        expect(x.ceil().compare(x)).toBeGreaterThanOrEqual(0);
        expect(x.ceil().minus(x.floor()).compare(new Exact(1n))).toBeLessThanOrEqual(0);
        expect(Exact.of(x.toFixed(4)).compare(x.round(4, 'half-away-from-zero'))).toBe(0);
        expect(x.negated().round(3, 'half-even').compare(x.round(3, 'half-even').negated())).toBe(0);
      }),
    );
  });
});

describe('largest remainder', () => {
  it('gives the odd cent to the first of equals', () => {
    const parts = splitByLargestRemainder(Exact.of('33.33'), [new Exact(1n), new Exact(1n)], 2);
    expect(parts).not.toBeInstanceOf(Missing);
    expect((parts as Exact[]).map((part) => part.toFixed(2))).toEqual(['16.67', '16.66']);
  });

  it('never loses a cent and never moves a part by a whole one', () => {
    const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 6n }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(amount, weights, (total, raw) => {
        const given = raw.map((weight) => new Exact(weight));
        const parts = splitByLargestRemainder(total, given, 2);
        if (parts instanceof Missing) {
          expect(raw.every((weight) => weight === 0n)).toBe(true);
          return;
        }
        const whole = total.round(2, 'half-away-from-zero');
        const sum = parts.reduce((left, right) => left.plus(right), Exact.zero);
        expect(sum.compare(whole)).toBe(0);
        const all = given.reduce((left, right) => left.plus(right), Exact.zero);
        for (const [at, part] of parts.entries()) {
          const ideal = whole.times(given[at] ?? Exact.zero).over(all);
          expect(part.minus(ideal).abs().compare(Exact.of('0.01'))).toBe(-1);
        }
      }),
    );
  });

  it('splits the opposite into the opposite parts', () => {
    fc.assert(
      fc.property(
        amount,
        fc.array(fc.bigInt({ min: 1n, max: 99n }), { minLength: 1, maxLength: 6 }),
        (total, raw) => {
          const weights = raw.map((weight) => new Exact(weight));
          const there = splitByLargestRemainder(total, weights, 2) as Exact[];
          const back = splitByLargestRemainder(total.negated(), weights, 2) as Exact[];
          expect(back.map(String)).toEqual(there.map((part) => part.negated().toString()));
        },
      ),
    );
  });

  it('has no answer for weights that are negative or all zero', () => {
    expect(splitByLargestRemainder(Exact.of('1'), [Exact.zero], 2)).toBeInstanceOf(Missing);
    expect(splitByLargestRemainder(Exact.of('1'), [Exact.of('2'), Exact.of('-1')], 2)).toBeInstanceOf(
      Missing,
    );
  });
});

describe('money', () => {
  it('counts whole fen: 0.01 万元 is 10 000 fen', () => {
    const rounded = settleAmount(Exact.of('0.0885'), wan);
    expect(wanOf(rounded, wan).toFixed(2)).toBe('0.09');
    expect(fenOf(rounded, wan)).toBe(90_000n);
    expect(fenOf(Exact.of('12.34'), { ...wan, unit: 'yuan' })).toBe(1234n);
  });
});
