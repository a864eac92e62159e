import type { AqiIndicator, AqiStandard } from '../../domain/config/standard.ts';
import { Decimal } from '../../domain/decimal.ts';
import { iaqiOf } from './index-limits.ts';

/** Columns of concentrations, NaN for no value, all of one length. */
export interface AirColumns {
  length: number;
  values: Readonly<Record<string, Float64Array>>;
  /** By pollutant: 1 where the monitoring plan leaves it out and its history is clean, so that it is not missing. */
  notInPlan?: Readonly<Record<string, Uint8Array>>;
}

/** `aqi` -1 where it cannot be judged. `primary` is a bit set: bit i is `columns[i]`, the order of the edition's report. */
export interface AqiColumns {
  edition: string;
  columns: readonly string[];
  aqi: Int16Array;
  primary: Uint8Array;
}

/**
 * AQI of many rows of one edition without an object a row; equal to `judgeAqi` on the same numbers, with the same rules for missing
 * pollutants. Values are scaled to whole millionths; one that is finer takes the decimal path.
 */
export function aqiColumns(
  standard: AqiStandard,
  report: 'hourly' | 'daily',
  columns: AirColumns,
): AqiColumns {
  const { indicators } = standard[report];
  const { length } = columns;
  const indices = indicators.map((indicator) => {
    const values = columns.values[indicator.column] ?? columns.values[indicator.otherwise ?? ''];
    return indexColumn(standard, indicator, values, length, columns);
  });
  const aqi = new Int16Array(length);
  const primary = new Uint8Array(length);
  const groups = pollutantGroups(indicators);
  for (let row = 0; row < length; row++) {
    let largest = -1;
    for (const index of indices) largest = Math.max(largest, index[row]!);
    const complete = groups.every(
      (group) =>
        group.some((at) => indices[at]![row] !== -1) ||
        columns.notInPlan?.[indicators[group[0]!]!.parameter]?.[row] === 1,
    );
    const shown = Math.max(largest, standard.minimumIndex);
    const judged =
      largest >= 0 &&
      (complete || (standard.missing === 'mark-na-unless-polluted' && shown > standard.pollutedAbove));
    aqi[row] = judged ? shown : -1;
    if (!judged || shown <= standard.primaryAbove) continue;
    let bits = 0;
    for (let at = 0; at < indices.length; at++) if (indices[at]![row] === shown) bits |= 1 << at;
    primary[row] = bits;
  }
  return { edition: standard.id, columns: indicators.map((indicator) => indicator.column), aqi, primary };
}

function pollutantGroups(indicators: readonly AqiIndicator[]): number[][] {
  const groups = new Map<string, number[]>();
  for (const [at, { parameter }] of indicators.entries())
    groups.set(parameter, [...(groups.get(parameter) ?? []), at]);
  return [...groups.values()];
}

const SCALE = 1_000_000;

function indexColumn(
  standard: AqiStandard,
  indicator: AqiIndicator,
  values: Float64Array | undefined,
  length: number,
  columns: AirColumns,
): Int16Array {
  const result = new Int16Array(length).fill(-1);
  if (values === undefined) return result;
  const scale = numericScale(standard, indicator);
  const instead = indicator.instead;
  const insteadValues = instead === undefined ? undefined : columns.values[instead.column];
  for (let row = 0; row < length; row++) {
    const value = values[row]!;
    if (Number.isNaN(value)) continue;
    let index = fastIndex(scale, value);
    if (index === UNSURE) index = iaqiOf(standard, indicator, new Decimal(value)).iaqi ?? NOT_COMPUTED;
    if (index === NOT_COMPUTED && value > 0 && instead !== undefined && insteadValues !== undefined) {
      const given = insteadValues[row]!;
      const pollutant = { parameter: indicator.parameter, averaging: instead.averaging };
      if (!Number.isNaN(given)) index = iaqiOf(standard, pollutant, new Decimal(given)).iaqi ?? NOT_COMPUTED;
    }
    result[row] = index;
  }
  return result;
}

const NOT_COMPUTED = -1;
const UNSURE = -2;

interface NumericScale {
  bounds: number[];
  index: readonly number[];
  /** Unit of the rounding in millionths; 1 where the edition does not round. */
  roundTo: number;
  above: number;
}

function numericScale(standard: AqiStandard, indicator: AqiIndicator): NumericScale {
  const found = standard.breakpoints.find(
    (entry) => entry.parameter === indicator.parameter && entry.averaging === indicator.averaging,
  );
  const texts = found?.values.filter((text) => text !== null) ?? [];
  const decimals = standard.concentrationDecimals?.find(
    (entry) => entry.parameter === indicator.parameter,
  )?.decimals;
  return {
    bounds: texts.map((text) => new Decimal(text).times(SCALE).toNumber()),
    index: standard.index,
    roundTo: decimals === undefined ? 1 : SCALE / 10 ** decimals,
    above: found?.above ?? NOT_COMPUTED,
  };
}

/** Whole-number arithmetic below 2^53 throughout, so that rounding up is exact. */
function fastIndex(scale: NumericScale, value: number): number {
  if (value < 0 || scale.bounds.length < 2) return NOT_COMPUTED;
  const exact = value * SCALE;
  let millionths = Math.round(exact);
  if (Math.abs(exact - millionths) > 1e-4 || millionths > 1e12 || millionths / SCALE !== value) return UNSURE;
  if (scale.roundTo > 1) {
    const rest = millionths % scale.roundTo;
    const down = millionths - rest;
    const odd = (down / scale.roundTo) % 2 === 1;
    millionths =
      rest * 2 > scale.roundTo || (rest * 2 === scale.roundTo && odd) ? down + scale.roundTo : down;
  }
  const { bounds, index } = scale;
  if (millionths > bounds.at(-1)!) return scale.above;
  let step = 1;
  while (millionths > bounds[step]!) step++;
  const low = bounds[step - 1]!;
  const rise = index[step]! - index[step - 1]!;
  const slope = rise * (millionths - low);
  return Math.ceil(slope / (bounds[step]! - low)) + index[step - 1]!;
}
