import type { Decimal } from '../domain/decimal.ts';

/** Twelve significant digits: more than any reading has, the same on every machine. */
export const textOf = (value: Decimal): string => value.toSignificantDigits(12).toFixed();
export const textOrNull = (value: Decimal | null): string | null => (value === null ? null : textOf(value));
