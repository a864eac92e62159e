import { array, assert, constantFrom, double, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { HydrogenIonSum } from '../../../src/analysis/assessment/exact-sum.ts';
import { Decimal } from '../../../src/domain/decimal.ts';

const Fine = Decimal.clone({ precision: 60 });

/** How far a mean is from the one that the decimal library alone has, in units of its thirtieth digit. */
function off(mean: Decimal | null, values: readonly Decimal[]): number {
  const sum = values
    .map((value) => Fine.pow(10, new Fine(value).negated()))
    .reduce((total, power) => total.plus(power));
  const plain = Fine.log10(sum.div(values.length)).negated();
  const unit = Fine.pow(10, Math.max(plain.e, -6) - 29);
  return plain.minus(mean!).abs().div(unit).toNumber();
}

test('the mean of pH is that of the decimal library to 30 digits, of usual values and of others', () => {
  assert(
    property(
      array(integer({ min: -120, max: 1600 }), { minLength: 1, maxLength: 40 }),
      constantFrom(100, 10_000 / 97, 1000),
      (units, scale) => {
        const values = units.map((unit) => unit / scale);
        const sum = new HydrogenIonSum();
        for (const value of values) sum.add(value);
        expect(
          off(
            sum.mean(),
            values.map((value) => new Decimal(value)),
          ),
        ).toBeLessThan(0.5001);
      },
    ),
    { numRuns: 60 },
  );
});

test('means of months are averaged as finely as they are told', () => {
  assert(
    property(array(double({ min: 5, max: 9, noNaN: true }), { minLength: 1, maxLength: 12 }), (list) => {
      const means = list.map((one) => new Decimal(one).plus('1e-25').toSignificantDigits(30));
      const sum = new HydrogenIonSum();
      for (const mean of means) sum.addDecimal(mean);
      expect(off(sum.mean(), means)).toBeLessThan(0.5001);
    }),
    { numRuns: 60 },
  );
});

test('equal values give that value, whatever their number', () => {
  for (const value of [7, 6.85, 7.0321, 0, -0.5, 14, 30]) {
    const sum = new HydrogenIonSum();
    for (let nth = 0; nth < 7; nth++) sum.add(value);
    expect(sum.mean()!.toNumber()).toBe(value);
    expect(sum.mean()!.minus(value).abs().lt('1e-28')).toBe(true);
  }
});
