import type { LoadMethod } from '../../domain/config/load-method.ts';
import { Decimal } from '../../domain/decimal.ts';

const secondsPerDay = 86_400;

/** Rate of first-order decay at the water's temperature, 1/d. */
export interface Decay {
  perDay: Decimal;
  standardErrorPerDay: Decimal;
}

/** Time that water takes, in days, with its standard error. */
export interface TravelTime {
  days: Decimal;
  standardErrorDays: Decimal;
}

/** k20 θ^(T − 20); the temperature of reference where none is measured. Null for a parameter that the rules give no rate for. */
export function decayOf(
  rules: Pick<LoadMethod, 'attribution'>,
  parameter: string,
  temperatureC: Decimal | null,
): Decay | null {
  const { decay, referenceTemperatureC } = rules.attribution;
  const rate = decay.find((one) => one.parameter === parameter);
  if (rate === undefined) return null;
  const warmer = (temperatureC ?? new Decimal(referenceTemperatureC)).minus(referenceTemperatureC);
  const factor = new Decimal(rate.theta).pow(warmer);
  return {
    perDay: new Decimal(rate.perDay).times(factor),
    standardErrorPerDay: new Decimal(rate.standardErrorPerDay).times(factor),
  };
}

/** Share that is left after a time: exp(−k t). */
export function survival(decay: Decay | null, days: Decimal): Decimal {
  return decay === null ? new Decimal(1) : decay.perDay.times(days).negated().exp();
}

/** t = x / u. */
export function travelTime(
  km: Decimal | number,
  metresPerSecond: Decimal | number | string,
  relativeStandardError: string,
): TravelTime {
  const days = new Decimal(km).times(1000).div(metresPerSecond).div(secondsPerDay);
  return { days, standardErrorDays: days.times(relativeStandardError) };
}

/**
 * k = ln(C above / C below) / t, from a pair of sections at low flow without inflow between them; negative where the river gained.
 * Null unless both concentrations and the time are above zero.
 */
export function fittedDecay(above: Decimal, below: Decimal, days: Decimal): Decimal | null {
  if (above.lte(0) || below.lte(0) || days.lte(0)) return null;
  return above.div(below).ln().div(days);
}
