import type { AqiIndicator, AqiStandard, Breakpoints } from '../../domain/config/standard.ts';
import { Decimal, roundHalfEven, roundUp } from '../../domain/decimal.ts';

/** Why a pollutant has no index. */
export type NoIndexReason = 'no-value' | 'no-breakpoints' | 'not-computed-above-scale' | 'negative';

export interface IndexResult {
  iaqi: number | null;
  reason: NoIndexReason | null;
}

interface ScaleStep {
  low: Decimal;
  high: Decimal;
  indexLow: number;
  indexHigh: number;
}

interface Scale {
  breakpoints: Breakpoints;
  steps: ScaleStep[];
  top: Decimal;
  decimals: number | null;
}

const compiled = new WeakMap<AqiStandard, Map<string, Scale>>();

function scaleOf(standard: AqiStandard, parameter: string, averaging: string): Scale | null {
  let scales = compiled.get(standard);
  if (scales === undefined) {
    scales = scalesOf(standard);
    compiled.set(standard, scales);
  }
  return scales.get(`${parameter} ${averaging}`) ?? null;
}

function scalesOf(standard: AqiStandard): Map<string, Scale> {
  const scales = new Map<string, Scale>();
  for (const entry of standard.breakpoints) {
    const built = scale(standard, entry);
    scales.set(`${entry.parameter} ${entry.averaging}`, built);
    if (entry.alsoFor !== undefined) scales.set(`${entry.parameter} ${entry.alsoFor}`, built);
  }
  return scales;
}

function scale(standard: AqiStandard, breakpoints: Breakpoints): Scale {
  const given = breakpoints.values.filter((text) => text !== null).map((text) => new Decimal(text));
  const steps = given.slice(1).map((high, at) => ({
    low: given[at]!,
    high,
    indexLow: standard.index[at]!,
    indexHigh: standard.index[at + 1]!,
  }));
  const rounding = standard.concentrationDecimals?.find((entry) => entry.parameter === breakpoints.parameter);
  return { breakpoints, steps, top: given.at(-1)!, decimals: rounding?.decimals ?? null };
}

/**
 * Index of one concentration, rounded up on the exact decimal. `averaging` names the breakpoints, µg/m³ (CO mg/m³).
 * Particles have only 24 h breakpoints: an hourly value uses those where the edition's hourly report does.
 * Source: HJ 633, formula 1 and table 1.
 */
export function iaqiOf(
  standard: AqiStandard,
  pollutant: { parameter: string; averaging: AqiIndicator['averaging'] },
  value: Decimal | null,
): IndexResult {
  if (value === null) return { iaqi: null, reason: 'no-value' };
  const found = scaleOf(standard, pollutant.parameter, pollutant.averaging);
  if (found === null) return { iaqi: null, reason: 'no-breakpoints' };
  if (value.isNegative() && !value.isZero()) return { iaqi: null, reason: 'negative' };
  const concentration = found.decimals === null ? value : roundHalfEven(value, found.decimals);
  if (concentration.gt(found.top)) {
    const { above } = found.breakpoints;
    return { iaqi: above, reason: above === null ? 'not-computed-above-scale' : null };
  }
  const step = found.steps.find((candidate) => concentration.lte(candidate.high))!;
  const slope = concentration.minus(step.low).times(step.indexHigh - step.indexLow);
  // One exact quotient: whole part and remainder, so that no rounding of the division can carry into the next integer.
  const width = step.high.minus(step.low);
  const whole = slope.divToInt(width);
  const rest = slope.minus(whole.times(width));
  return { iaqi: roundUp(whole) + (rest.gt(0) ? 1 : 0) + step.indexLow, reason: null };
}

export interface AqiLevel {
  level: number;
  name: AqiStandard['levels'][number]['name'];
  colour: string;
}

/** Level, name and colour of an index. */
export function aqiLevel(standard: AqiStandard, aqi: number): AqiLevel {
  const found = standard.levels.find((level) => level.upTo === null || aqi <= level.upTo);
  if (found === undefined) throw new RangeError(`${standard.id}: levels do not cover ${aqi}`);
  return found;
}
