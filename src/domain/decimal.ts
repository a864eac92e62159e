import { Decimal as Base } from 'decimal.js';

/** Exact decimals for verdict boundaries and money; an own constructor, so that no library setting leaks in. */
export const Decimal = Base.clone({
  precision: 40,
  rounding: Base.ROUND_HALF_EVEN,
  toExpNeg: -30,
  toExpPos: 40,
});
export type Decimal = Base;

/** Rounds once to `places` decimals, half to even on the decimal value. Source: GB/T 8170. */
export function roundHalfEven(value: Decimal, places: number): Decimal {
  return value.toDecimalPlaces(places, Base.ROUND_HALF_EVEN);
}

/** Rounds up to a whole number; for indices. Source: HJ 633. */
export function roundUp(value: Decimal): number {
  return value.toDecimalPlaces(0, Base.ROUND_CEIL).toNumber();
}

/** The decimal that a stored float stands for: shortest text that reads back as the same float. */
export function decimalOf(value: number | string): Decimal {
  return new Decimal(value);
}
