import type { Text } from '../../domain/config/facts.ts';
import type { WaterEvaluation } from '../../domain/config/standard.ts';
import type { Decimal } from '../../domain/decimal.ts';

/** Change between two verdicts, given by their rank (0 the best). */
export function trendByLevels(before: number, after: number, method: WaterEvaluation): Text {
  const steps = Math.abs(after - before);
  const row = method.trend.byLevels.find((entry) => entry.upTo === null || steps <= entry.upTo)!;
  return after > before ? row.worse : row.better;
}

export interface Shares {
  /** Percent of sections that meet the good class, and percent worse than class V. */
  goodPercent: Decimal;
  worstPercent: Decimal;
}

/** Change between two periods by shares: ΔG − ΔD in percentage points, positive is better. Source: 环办〔2011〕22号, trends. */
export function trendByShares(
  before: Shares,
  after: Shares,
  method: WaterEvaluation,
): { points: Decimal; verdict: Text } {
  const good = after.goodPercent.minus(before.goodPercent);
  const points = good.minus(after.worstPercent.minus(before.worstPercent));
  const row = method.trend.byShares.find((entry) => entry.upTo === null || points.abs().lte(entry.upTo))!;
  return { points, verdict: points.isNegative() ? row.worse : row.better };
}
