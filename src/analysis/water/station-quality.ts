import type { BodyType } from '../../domain/config/region.ts';
import type { StationQuality, WaterStandard } from '../../domain/config/standard.ts';
import { Decimal, roundHalfEven } from '../../domain/decimal.ts';
import { targetLimit } from './classify.ts';
import { waterLimits } from './limits.ts';
import type { Measured } from './measured.ts';

export interface Comparison {
  band: string;
  relativeErrorPercent: string | null;
  /** Null where the rule does not cover the concentration: for review. */
  pass: boolean | null;
}

/**
 * Automatic against laboratory value of the same water; null means below the detection limit. Total nitrogen has only the
 * lake column. Null for an item without class limits. Source: the comparison bands of the quality file.
 */
export function compareWithLaboratory(
  sample: {
    item: string;
    bodyType: BodyType;
    laboratory: Decimal | null;
    automatic: Decimal | null;
    detectionLimit: Decimal;
  },
  rules: StationQuality,
  standard: WaterStandard,
): Comparison | null {
  const { comparison } = rules;
  const entry = waterLimits(standard).byParameter.get(sample.item);
  const limitOf = (aboveClass: number) =>
    entry === undefined
      ? null
      : (targetLimit(entry, sample.bodyType, aboveClass) ?? targetLimit(entry, 'lake', aboveClass));
  const detected = (value: Decimal | null) =>
    value === null || value.lt(sample.detectionLimit) ? null : value;
  const laboratory = detected(sample.laboratory);
  const automatic = detected(sample.automatic);
  if (laboratory === null && automatic === null) {
    return { band: comparison.bothBelowName, relativeErrorPercent: null, pass: true };
  }
  if (laboratory === null || automatic === null) {
    const limit = limitOf(comparison.oneBelowClass);
    if (limit === null) return null;
    return {
      band: comparison.oneBelowName,
      relativeErrorPercent: null,
      pass: (laboratory ?? automatic)!.lt(limit),
    };
  }
  const error = automatic.minus(laboratory).abs().div(laboratory).times(100);
  const relativeErrorPercent = roundHalfEven(error, comparison.errorDecimals).toFixed(
    comparison.errorDecimals,
  );
  const floor = sample.detectionLimit.times(comparison.detectionMultiple);
  for (const band of comparison.bands) {
    const above = band.aboveClass === null ? floor : limitOf(band.aboveClass);
    if (above === null) return null;
    if (laboratory.gt(above))
      return { band: band.name, relativeErrorPercent, pass: error.lte(band.maxErrorPercent) };
  }
  return { band: comparison.uncoveredName, relativeErrorPercent, pass: null };
}

/** What readings of a station in this state may be used for; null for a state that the file does not list. */
export function useOfState(state: number, rules: StationQuality): 'valid' | 'invalid' | 'review' | null {
  return rules.waterStates.states.find((entry) => entry.state === state)?.use ?? null;
}

/** Oxygen in saturated water at normal pressure, mg/L. */
export function oxygenSaturation(temperatureC: Decimal, rules: StationQuality): Decimal {
  return new Decimal(rules.oxygenSaturation.numerator).div(temperatureC.plus(rules.oxygenSaturation.offset));
}

/** True when so many results in a row are equal that the instrument may be stuck; results below detection do not count. */
export function looksStuck(results: readonly (Measured | null)[], rules: StationQuality): boolean {
  let run = 0;
  let last: Decimal | null = null;
  for (const result of results) {
    const value: Decimal | null = result === null || result.detectionLimit !== null ? null : result.value;
    run = value === null ? 0 : last !== null && value.eq(last) ? run + 1 : 1;
    last = value;
    if (run >= rules.stuck.waterConsecutive) return true;
  }
  return false;
}
