import type { Confidence } from '../../domain/config/facts.ts';
import type { AirStandard } from '../../domain/config/standard.ts';
import { editionInForce } from '../../domain/config/config.ts';
import { Decimal, roundHalfEven } from '../../domain/decimal.ts';

export type AirAveraging = AirStandard['limits'][number]['averaging'];
export type Grade = 1 | 2;

export interface AirLimit {
  standard: AirStandard;
  /** The phase of the standard as documents write it. */
  phase: string;
  /** Null where the standard has no limit for that pollutant and averaging. */
  limit: Decimal | null;
  clause: string | null;
  unit: string | null;
  confidence: Confidence | null;
}

const found = new WeakMap<readonly AirStandard[], Map<string, AirLimit | null>>();
const LIMITS_KEPT = 4096;

/**
 * Limit in force on the civil date on which the averaging period ends (the last day of a year). Null before the first
 * edition. Source: GB 3095, tables 1 and 2.
 */
export function airLimitOn(
  editions: readonly AirStandard[],
  what: { parameter: string; averaging: AirAveraging; grade: Grade; date: string },
): AirLimit | null {
  let known = found.get(editions);
  if (known === undefined) found.set(editions, (known = new Map()));
  // A national hour asks for the same few limits of one date ten thousand times.
  const key = `${what.parameter} ${what.averaging} ${what.grade} ${what.date}`;
  let limit = known.get(key);
  if (limit === undefined) {
    if (known.size >= LIMITS_KEPT) known.clear();
    known.set(key, (limit = limitOn(editions, what)));
  }
  return limit;
}

function limitOn(
  editions: readonly AirStandard[],
  what: { parameter: string; averaging: AirAveraging; grade: Grade; date: string },
): AirLimit | null {
  const standard = editionInForce(editions, what.date);
  if (standard === null) return null;
  const phase = standard.phases.findLast((entry) => entry.from <= what.date)!.label;
  const entry = standard.limits.find(
    (limit) => limit.parameter === what.parameter && limit.averaging === what.averaging,
  );
  const value = entry?.values.findLast((step) => step.from <= what.date);
  const text = what.grade === 1 ? value?.grade1 : value?.grade2;
  return {
    standard,
    phase,
    limit: text ? new Decimal(text) : null,
    clause: entry?.clause ?? null,
    unit: entry?.unit ?? null,
    confidence: entry?.provenance.confidence ?? null,
  };
}

/** First civil date of a phase by the name that documents use; null for an unknown one. */
export function phaseStart(editions: readonly AirStandard[], label: string): string | null {
  return editions.flatMap((edition) => edition.phases).find((phase) => phase.label === label)?.from ?? null;
}

/** A value against its limit; `multiple` (C − S) / S only where it exceeds. A value equal to its limit meets it. */
export function exceedsAirLimit(
  value: Decimal,
  limit: Decimal,
  multipleDecimals: number,
): { exceeds: boolean; multiple: string | null } {
  const exceeds = value.gt(limit);
  if (!exceeds) return { exceeds, multiple: null };
  const multiple = value.minus(limit).div(limit);
  return { exceeds, multiple: roundHalfEven(multiple, multipleDecimals).toFixed(multipleDecimals) };
}

type Validity = AirStandard['validity'];

/** Enough valid daily means for a month. `month` 1 to 12. */
export function monthIsValid(month: number, validDays: number, validity: Validity): boolean {
  return validDays >= (month === 2 ? validity.daysPerFebruary : validity.daysPerMonth);
}

/** Enough valid daily means for a year: in each month, and in all. Twelve monthly minimums alone are not enough. */
export function yearIsValid(validDaysByMonth: readonly number[], validity: Validity): boolean {
  const total = validDaysByMonth.reduce((sum, days) => sum + days, 0);
  const months =
    validDaysByMonth.length === 12 &&
    validDaysByMonth.every((days, at) => monthIsValid(at + 1, days, validity));
  return months && total >= validity.daysPerYear;
}

/**
 * A gas concentration of one reference state in another. Particles are measured as they are and cannot be converted without
 * the local temperature and pressure.
 */
export function convertGasState(
  value: Decimal,
  from: AirStandard['stateConditions'][number],
  to: AirStandard['stateConditions'][number],
): Decimal {
  const pressure = new Decimal(to.gasHpa).div(from.gasHpa);
  return value.times(from.gasKelvin).div(to.gasKelvin).times(pressure);
}
