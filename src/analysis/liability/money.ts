import type { SchemeMoney } from '../../domain/config/scheme.ts';
import { Exact, type Rounding } from './exact.ts';
import { type Value, Missing, isMap, numberOf } from './value.ts';

const yuanPerWan = new Exact(10_000n);
const fenPerYuan = new Exact(100n);

/** Rounds an amount in the scheme's money unit, once. */
export function settleAmount(amount: Exact, money: SchemeMoney): Exact {
  const rounding: Rounding = money.rounding;
  return amount.round(money.decimals, rounding);
}

/** Whole fen of an amount in the scheme's money unit that has been rounded by {@link settleAmount}. */
export function fenOf(amount: Exact, money: SchemeMoney): bigint {
  const yuan = money.unit === 'wan-yuan' ? amount.times(yuanPerWan) : amount;
  return yuan.times(fenPerYuan).round(0, 'half-away-from-zero').numerator;
}

/** The amount in 万元, whatever unit the scheme counts in. */
export function wanOf(amount: Exact, money: SchemeMoney): Exact {
  return money.unit === 'wan-yuan' ? amount : amount.over(yuanPerWan);
}

/**
 * Splits `total` over weights so that the parts are whole units of `decimals` and add up to `total` rounded to them:
 * largest remainder, ties to the first. A negative total splits as its opposite does.
 * Missing where the weights are negative or all zero.
 */
export function splitByLargestRemainder(
  total: Exact,
  weights: readonly Exact[],
  decimals: number,
): Exact[] | Missing {
  const sum = weights.reduce((left, right) => left.plus(right), Exact.zero);
  if (sum.sign() <= 0 || weights.some((weight) => weight.sign() < 0))
    return new Missing(['weights above zero']);
  if (total.sign() < 0) {
    const parts = splitByLargestRemainder(total.negated(), weights, decimals);
    return parts instanceof Missing ? parts : parts.map((part) => part.negated());
  }
  const whole = total.round(decimals, 'half-away-from-zero');
  const exact = weights.map((weight) => whole.times(weight).over(sum));
  const parts = exact.map((part) => part.round(decimals, 'down'));
  const unit = new Exact(1n, 10n ** BigInt(decimals));
  const rest = parts.reduce((left, part) => left.minus(part), whole).over(unit).numerator;
  const byRemainder = exact
    .map((part, at) => ({ at, remainder: part.minus(parts[at] ?? Exact.zero) }))
    .sort((left, right) => right.remainder.compare(left.remainder) || left.at - right.at);
  for (const { at } of byRemainder.slice(0, Number(rest))) parts[at] = (parts[at] ?? Exact.zero).plus(unit);
  return parts;
}

/** A table or list of weights to a table or list of parts. */
export function splitValue(total: Value, weights: Value, decimals: number): Value {
  if (total instanceof Missing) return total;
  const entries = isMap(weights) ? [...weights.values()] : (weights as readonly Value[]);
  const gaps = entries.filter((entry) => entry instanceof Missing);
  if (gaps.length > 0) return new Missing(gaps.flatMap((gap) => [...gap.what]));
  const numbers = entries.map((entry) => numberOf(entry, 'split'));
  const parts = splitByLargestRemainder(numberOf(total, 'split'), numbers, decimals);
  if (parts instanceof Missing || !isMap(weights)) return parts;
  return new Map([...weights.keys()].map((key, at) => [key, parts[at] ?? Exact.zero]));
}
