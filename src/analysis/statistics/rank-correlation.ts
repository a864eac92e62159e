import type { WaterEvaluation } from '../../domain/config/standard.ts';
import { Decimal } from '../../domain/decimal.ts';

export interface RankCorrelation {
  /** −1 to 1, exact to 40 digits. */
  rs: Decimal;
  /** |rs| reaches the critical value; null below the least number of periods. */
  significant: boolean | null;
  critical: string | null;
}

/**
 * Spearman's rank correlation of a series with its own order in time; equal values share the mean of their ranks.
 * Between the tabled numbers of periods the next smaller one counts, which is the stricter. Source: 环办〔2011〕22号, trends.
 */
export function rankCorrelation(
  values: readonly (number | string)[],
  rule: WaterEvaluation['trend']['spearman'],
): RankCorrelation {
  const count = values.length;
  const decimals = values.map((value) => new Decimal(value));
  const squares = decimals.reduce((sum, value, at) => {
    const below = decimals.filter((other) => other.lt(value)).length;
    const equal = decimals.filter((other) => other.eq(value)).length;
    const rank = new Decimal(below).plus(new Decimal(equal + 1).div(2));
    return sum.plus(rank.minus(at + 1).pow(2));
  }, new Decimal(0));
  const rs = new Decimal(1).minus(squares.times(6).div(count ** 3 - count));
  const critical = rule.critical.findLast((row) => row.periods <= count)?.at05 ?? null;
  const enough = count >= rule.minPeriods && critical !== null;
  return { rs, significant: enough ? rs.abs().gte(critical) : null, critical };
}
