import type { StationQuality } from '../../domain/config/standard.ts';
import { Decimal } from '../../domain/decimal.ts';

/**
 * What a zero or negative reading enters statistics as: the replacement while drift is in control, otherwise nothing.
 * A positive reading stays as it is. Source: HJ 817-2018, HJ 818-2018.
 */
export function nonPositiveValue(
  reading: { parameter: string; value: Decimal; driftInControl: boolean },
  rules: StationQuality,
): { value: Decimal | null; valid: boolean } {
  if (reading.value.gt(0)) return { value: reading.value, valid: true };
  const entry = rules.airNonPositive.replacements.find((row) => row.parameter === reading.parameter);
  if (!reading.driftInControl || entry === undefined) return { value: null, valid: false };
  return { value: new Decimal(entry.value), valid: true };
}

/** PM2.5 above PM10 is odd, not wrong: with a healthy instrument the record is valid and carries a note. */
export function particleInversion(
  pm25: Decimal,
  pm10: Decimal,
  instrumentHealthy: boolean,
): { valid: boolean; note: 'inversion' | null } {
  return { valid: instrumentHealthy, note: pm25.gt(pm10) ? 'inversion' : null };
}
