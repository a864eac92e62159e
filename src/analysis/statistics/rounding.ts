import { Decimal, roundHalfEven } from '../../domain/decimal.ts';

/**
 * Rounds once, half to even; a result that would be zero although the value is not keeps one significant digit.
 * Returns the printed text, with trailing zeros. Source: GB/T 8170, 总站水字〔2018〕87号.
 */
export function roundKeepNonZero(value: Decimal, decimals: number): string {
  const rounded = roundHalfEven(value, decimals);
  if (!rounded.isZero() || value.isZero()) return rounded.toFixed(decimals);
  return value.toSignificantDigits(1, Decimal.ROUND_HALF_EVEN).toFixed();
}
