import { civilPeriods, type CivilPeriods } from '../../analysis/statistics/civil-periods.ts';
import type { SeriesKey } from '../../domain/batch.ts';
import type { SeriesColumns, TalliesQuery, TallyColumns } from '../../domain/ports.ts';
import { checkSummed } from './sums.ts';

/**
 * Rows of tallies as an engine gives them, in any order; `series` and `day` are indices of the plan. A row below zero takes away what
 * another one of the same series and day tells too much.
 */
export interface TallyRows {
  length: number;
  series: Int32Array;
  day: Int32Array;
  flags: Uint16Array;
  readings: Int32Array;
  values: Int32Array;
  scaledSum: Float64Array;
}

export interface TallyPlan {
  query: TalliesQuery;
  days: CivilPeriods;
}

/** Throws E_BAD_REQUEST for what cannot or must not be summed. */
export function planTallies(query: TalliesQuery): TallyPlan {
  checkSummed(query);
  return { query, days: civilPeriods('day', query.fromS, query.toS, query.timeZone) };
}

export function emptyRows(size: number): TallyRows {
  return {
    length: 0,
    series: new Int32Array(size),
    day: new Int32Array(size),
    flags: new Uint16Array(size),
    readings: new Int32Array(size),
    values: new Int32Array(size),
    scaledSum: new Float64Array(size),
  };
}

/** No less than the sum of all amounts: what is below zero counts twice, once for the sum that it took away, once for its amount. */
export const amountsOf = (sum: number, count: number, min: number): number =>
  min < 0 ? sum - 2 * count * min : sum;

/** The same rows with room for `more` further ones. */
export function withRoom(rows: TallyRows, more: number): TallyRows {
  if (rows.length + more <= rows.series.length) return rows;
  const into = emptyRows(Math.max(rows.series.length * 2, rows.length + more));
  into.length = rows.length;
  for (const name of ['series', 'day', 'flags', 'readings', 'values', 'scaledSum'] as const)
    into[name].set(rows[name].subarray(0, rows.length));
  return into;
}

/** Positions of `count` keys below `below`, taken in the order of `order`, in ascending order; equal ones keep theirs. */
function counted(keys: Int32Array | Uint16Array, order: Uint32Array, below: number): Uint32Array {
  const next = new Uint32Array(below + 1);
  for (const at of order) next[keys[at]! + 1]! += 1;
  for (let key = 0; key < below; key++) next[key + 1]! += next[key]!;
  const sorted = new Uint32Array(order.length);
  for (const at of order) sorted[next[keys[at]!]!++] = at;
  return sorted;
}

/** Columns of each series (station × parameters + parameter) by day and flags; rows of one series, day and flags become one. */
export function tallyColumns({ query, days }: TallyPlan, rows: TallyRows): TallyColumns[] {
  const { parameters, averaging, provider } = query;
  const stations = [...new Set(query.stations)];
  const all = Uint32Array.from({ length: rows.length }, (_, at) => at);
  const byFlags = rows.flags.subarray(0, rows.length).every((flags) => flags === 0)
    ? all
    : counted(rows.flags, all, 1 << 16);
  const byDay = counted(rows.day, byFlags, days.beginS.length);
  const sorted = counted(rows.series, byDay, stations.length * parameters.length);
  const columns: TallyColumns[] = [];
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    const series = rows.series[sorted[from]!]!;
    while (to < sorted.length && rows.series[sorted[to]!] === series) to += 1;
    const parameter = parameters[series % parameters.length]!;
    const station = stations[Math.floor(series / parameters.length)]!;
    const key = { station, parameter: parameter.id, averaging, provider };
    const one = oneSeries(rows, sorted.subarray(from, to), days.beginS);
    if (one.dayS.length > 0) columns.push({ key, decimals: parameter.decimals, ...one });
  }
  return columns;
}

function oneSeries(
  rows: TallyRows,
  sorted: Uint32Array,
  beginS: Float64Array,
): Omit<TallyColumns, 'key' | 'decimals'> {
  const dayS = new Float64Array(sorted.length);
  const flags = new Uint16Array(sorted.length);
  const readings = new Int32Array(sorted.length);
  const values = new Int32Array(sorted.length);
  const scaledSum = new Float64Array(sorted.length);
  let count = 0;
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    const first = sorted[from]!;
    [readings[count], values[count], scaledSum[count]] = [0, 0, 0];
    for (; to < sorted.length; to++) {
      const at = sorted[to]!;
      if (rows.day[at] !== rows.day[first] || rows.flags[at] !== rows.flags[first]) break;
      readings[count]! += rows.readings[at]!;
      values[count]! += rows.values[at]!;
      scaledSum[count]! += rows.scaledSum[at]!;
    }
    if (readings[count] === 0) continue;
    dayS[count] = beginS[rows.day[first]!]!;
    flags[count] = rows.flags[first]!;
    if (!Number.isSafeInteger(scaledSum[count])) scaledSum[count] = Number.NaN;
    count += 1;
  }
  return {
    dayS: dayS.subarray(0, count),
    flags: flags.subarray(0, count),
    readings: readings.subarray(0, count),
    values: values.subarray(0, count),
    scaledSum: scaledSum.subarray(0, count),
  };
}

/** Position of each station × parameter of a query, and what its values are scaled by. */
function placesOf({ query }: TallyPlan): (key: SeriesKey) => { series: number; scale: number } {
  const parameters = new Map(query.parameters.map(({ id, decimals }, at) => [id, { at, decimals }]));
  const stations = new Map([...new Set(query.stations)].map((station, at) => [station, at]));
  return ({ station, parameter }) => {
    const { at, decimals } = parameters.get(parameter)!;
    return { series: stations.get(station)! * query.parameters.length + at, scale: 10 ** decimals };
  };
}

/** Each reading as a row of its own, to be put together by {@link tallyColumns}. A value that is no whole number of the last decimal is not summed. */
export function rowsOfReadings(plan: TallyPlan, list: readonly SeriesColumns[]): TallyRows {
  const placeOf = placesOf(plan);
  const { endS } = plan.days;
  const rows = emptyRows(list.reduce((sum, { timeS }) => sum + timeS.length, 0));
  for (const { key, timeS, value, flags } of list) {
    const { series, scale } = placeOf(key);
    let day = 0;
    for (let row = 0; row < timeS.length; row++) {
      while (timeS[row]! >= endS[day]!) day += 1;
      const to = rows.length++;
      rows.series[to] = series;
      rows.day[to] = day;
      rows.flags[to] = flags[row]!;
      rows.readings[to] = 1;
      rows.values[to] = Number.isNaN(value[row]) ? 0 : 1;
      rows.scaledSum[to] = Number.isNaN(value[row]) ? 0 : scaledValue(value[row]!, scale);
    }
  }
  return rows;
}

/** Tallies of the same plan as rows again, behind others. */
export function rowsOfTallies(plan: TallyPlan, list: readonly TallyColumns[], behind: TallyRows): TallyRows {
  const placeOf = placesOf(plan);
  const dayAt = new Map([...plan.days.beginS].map((beginS, at) => [beginS, at]));
  const rows = withRoom(
    behind,
    list.reduce((sum, { dayS }) => sum + dayS.length, 0),
  );
  for (const { key, dayS, flags, readings, values, scaledSum } of list) {
    const { series } = placeOf(key);
    const from = rows.length;
    rows.length += dayS.length;
    rows.series.fill(series, from, rows.length);
    rows.day.set(
      Int32Array.from(dayS, (beginS) => dayAt.get(beginS)!),
      from,
    );
    rows.flags.set(flags, from);
    rows.readings.set(readings, from);
    rows.values.set(values, from);
    rows.scaledSum.set(scaledSum, from);
  }
  return rows;
}

function scaledValue(value: number, scale: number): number {
  const scaled = Math.round(value * scale);
  return scaled / scale === value && Number.isSafeInteger(scaled) ? scaled : Number.NaN;
}
