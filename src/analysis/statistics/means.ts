import { type Decimal, decimalOf, roundHalfEven } from '../../domain/decimal.ts';
import type { SumColumns } from '../../domain/ports.ts';

/** Why a period has no mean. */
export type NoMean = 'no-valid-reading' | 'too-few-valid' | 'sum-not-exact';

export interface MeanRule {
  /** Decimals of the printed mean. */
  decimals: number;
  /** Least number of valid readings, and least share of the expected ones, 0 to 1; a share that is not known is too small. */
  leastValid?: number;
  leastShare?: number;
}

export interface PeriodMeans {
  /** Printed with its decimals; null with the reason beside it. */
  mean: (string | null)[];
  reason: (NoMean | null)[];
}

/**
 * Mean of an exact sum, rounded once, half to even. A quotient that is no tie lies further from one than 40 digits can blur.
 * `count` > 0. Source: GB/T 8170.
 */
export function roundedMean(sum: number | string, count: number, decimals: number): Decimal {
  return roundHalfEven(decimalOf(sum).div(count), decimals);
}

/**
 * Means of a store's sums, one a period. Not for quantities whose mean is taken otherwise (pH goes through the activity of
 * hydrogen ions, from the readings themselves: `hydrogenIonMean`).
 */
export function periodMeans(sums: SumColumns, rule: MeanRule): PeriodMeans {
  const { leastValid = 1, leastShare = 0 } = rule;
  const means: PeriodMeans = { mean: [], reason: [] };
  for (const [at, valid] of sums.valid.entries()) {
    const share = sums.share[at]!;
    const reason: NoMean | null =
      valid === 0
        ? 'no-valid-reading'
        : valid < leastValid || (leastShare > 0 && !(share >= leastShare))
          ? 'too-few-valid'
          : sums.exact[at] === 0
            ? 'sum-not-exact'
            : null;
    means.reason.push(reason);
    means.mean.push(
      reason === null ? roundedMean(sums.sum[at]!, valid, rule.decimals).toFixed(rule.decimals) : null,
    );
  }
  return means;
}
