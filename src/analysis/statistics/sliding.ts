import { Decimal } from '../../domain/decimal.ts';
import type { EpochS } from '../../domain/time.ts';

export interface SlidingRule {
  windowS: number;
  /** A window ends at every multiple of this, counted from `fromS`. */
  stepS: number;
  /** Least number of valid readings in a window. */
  leastValid: number;
  /** Stored decimals of the values, which make the running sum exact. */
  decimals: number;
}

/** `mean` is unrounded, null for a window with fewer valid readings than the rule wants. */
export interface SlidingMeans {
  /** Sliding means are stamped by their end. */
  endS: Float64Array;
  valid: Uint16Array;
  mean: (Decimal | null)[];
}

/**
 * Means over the windows `[end − windowS, end)` for every end in `(fromS, toS]`. `readings`: sorted by begin, each time once;
 * NaN is no valid value. The sum runs in whole numbers, so that leaving readings take away exactly what they brought.
 */
export function slidingMeans(
  readings: { timeS: ArrayLike<EpochS>; value: ArrayLike<number> },
  window: { fromS: EpochS; toS: EpochS },
  rule: SlidingRule,
): SlidingMeans {
  const count = Math.max(0, Math.floor((window.toS - window.fromS) / rule.stepS));
  const scale = 10 ** rule.decimals;
  const means: SlidingMeans = { endS: new Float64Array(count), valid: new Uint16Array(count), mean: [] };
  let [entering, leaving, sum, valid] = [0, 0, 0, 0];
  const scaled = (at: number): number => Math.round(readings.value[at]! * scale);
  for (let at = 0; at < count; at++) {
    const endS = window.fromS + (at + 1) * rule.stepS;
    for (; entering < readings.timeS.length && readings.timeS[entering]! < endS; entering++) {
      if (Number.isNaN(readings.value[entering]!)) continue;
      sum += scaled(entering);
      valid += 1;
    }
    for (; leaving < entering && readings.timeS[leaving]! < endS - rule.windowS; leaving++) {
      if (Number.isNaN(readings.value[leaving]!)) continue;
      sum -= scaled(leaving);
      valid -= 1;
    }
    means.endS[at] = endS;
    means.valid[at] = valid;
    means.mean.push(valid === 0 || valid < rule.leastValid ? null : new Decimal(sum).div(scale).div(valid));
  }
  return means;
}
