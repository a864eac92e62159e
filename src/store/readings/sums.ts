import {
  civilPeriods,
  dayBegin,
  dueWithin,
  type CivilPeriods,
} from '../../analysis/statistics/civil-periods.ts';
import { MonitorError } from '../../domain/errors.ts';
import { qualifiers, stageOf, validity } from '../../domain/flags.ts';
import type { ReadingFilter, SumColumns, SumsQuery } from '../../domain/ports.ts';
import { averagings } from '../../domain/time.ts';

/** Cells (groups × parameters × periods) of one answer. */
const mostCells = 2_000_000;
const mostDecimals = 8;
/** Scaled sums up to here are whole numbers of at most 15 digits: the shortest text of their quotient is the exact decimal. */
const mostExact = 1e15;

/** The filter as bits of the flags. */
export interface FlagFilter {
  /** Accepted by `flags & 3`. */
  validities: ReadonlySet<number>;
  leastStage: number;
  without: number;
}

/** A query with its civil periods and its cells: cell = (group × parameters + parameter) × periods + period. */
export interface SumPlan {
  query: SumsQuery;
  periods: CivilPeriods;
  filter: FlagFilter;
  /** Groups that a station belongs to. */
  groupsOf: ReadonlyMap<string, readonly number[]>;
}

/** Throws E_BAD_REQUEST for what cannot or must not be summed. */
export function checkSummed(query: Pick<SumsQuery, 'averaging' | 'parameters' | 'fromS' | 'toS'>): void {
  const bad = (text: string): never => {
    throw new MonitorError('E_BAD_REQUEST', text);
  };
  if (averagings[query.averaging].sliding) bad(`${query.averaging} readings overlap and are never summed`);
  for (const { id, decimals } of query.parameters) {
    if (!Number.isInteger(decimals) || decimals < 0 || decimals > mostDecimals)
      bad(`${id}: ${decimals} decimals, expected 0 to ${mostDecimals}`);
  }
  if (!Number.isFinite(query.toS - query.fromS)) bad('sums need a window with both ends');
}

/** Throws E_BAD_REQUEST for what cannot or must not be summed, and for more cells than one answer may have. */
export function planSums(query: SumsQuery): SumPlan {
  checkSummed(query);
  const shortestS = { hour: 3600, day: 86_400, month: 28 * 86_400, year: 365 * 86_400 }[query.period];
  const series = query.groups.length * query.parameters.length;
  const cells = series * ((query.toS - query.fromS) / shortestS + 1);
  if (cells > mostCells)
    throw new MonitorError(
      'E_BAD_REQUEST',
      `about ${Math.round(cells)} sums asked for, at most ${mostCells}: ask for fewer stations or a shorter window`,
    );
  const groupsOf = new Map<string, number[]>();
  for (const [group, { stations }] of query.groups.entries()) {
    for (const station of new Set(stations)) {
      const groups = groupsOf.get(station);
      if (groups === undefined) groupsOf.set(station, [group]);
      else groups.push(group);
    }
  }
  const periods = civilPeriods(query.period, query.fromS, query.toS, query.timeZone);
  return { query, periods, filter: flagFilter(query.filter), groupsOf };
}

function flagFilter(filter: ReadingFilter = {}): FlagFilter {
  const without = [...(filter.without ?? []), 'missing', 'sliding'] as const;
  return {
    validities: new Set((filter.validity ?? ['valid']).map((name) => validity[name])),
    leastStage: filter.leastStage ?? 0,
    without: without.reduce((bits, name) => bits | qualifiers[name], 0),
  };
}

export function passes(filter: FlagFilter, flags: number): boolean {
  return (
    filter.validities.has(flags & 3) && stageOf(flags) >= filter.leastStage && (flags & filter.without) === 0
  );
}

/** A part of one cell's sum. `scaledSum` is the sum × 10^decimals, a whole number. */
export interface PartialSum {
  observed: number;
  valid: number;
  scaledSum: number;
  min: number;
  max: number;
}

/** Collects partial sums; whole numbers below 2^53 add exactly, in any order. */
export class SumTable {
  readonly #plan: SumPlan;
  readonly #observed: Float64Array;
  readonly #valid: Float64Array;
  readonly #scaledSum: Float64Array;
  readonly #min: Float64Array;
  readonly #max: Float64Array;
  readonly #inexact: Uint8Array;

  constructor(plan: SumPlan) {
    this.#plan = plan;
    const cells = plan.query.groups.length * plan.query.parameters.length * plan.periods.beginS.length;
    this.#observed = new Float64Array(cells);
    this.#valid = new Float64Array(cells);
    this.#scaledSum = new Float64Array(cells);
    this.#min = new Float64Array(cells).fill(Infinity);
    this.#max = new Float64Array(cells).fill(-Infinity);
    this.#inexact = new Uint8Array(cells);
  }

  /** `series` is group × parameters + parameter. `exact` false: the engine's own sum may have been off. */
  add(series: number, period: number, part: PartialSum, exact = true): void {
    const cell = series * this.#plan.periods.beginS.length + period;
    this.#observed[cell]! += part.observed;
    if (part.valid === 0) return;
    this.#valid[cell]! += part.valid;
    this.#scaledSum[cell]! += part.scaledSum;
    if (part.min < this.#min[cell]!) this.#min[cell] = part.min;
    if (part.max > this.#max[cell]!) this.#max[cell] = part.max;
    if (!exact) this.#inexact[cell] = 1;
  }

  columns(): SumColumns[] {
    const { query, periods } = this.#plan;
    const count = periods.beginS.length;
    return query.groups.flatMap((group, groupAt) => {
      const expected = expectedOf(this.#plan, group.stations);
      return query.parameters.map(({ id, decimals }, parameterAt): SumColumns => {
        const from = (groupAt * query.parameters.length + parameterAt) * count;
        const cut = (cells: Float64Array): Float64Array => cells.slice(from, from + count);
        const valid = cut(this.#valid);
        const [min, max] = [cut(this.#min), cut(this.#max)];
        const sum = new Float64Array(count).fill(Number.NaN);
        const exact = new Uint8Array(count).fill(1);
        for (let at = 0; at < count; at++) {
          if (valid[at] === 0) {
            min[at] = max[at] = Number.NaN;
            continue;
          }
          sum[at] = this.#scaledSum[from + at]! / 10 ** decimals;
          const largest = Math.max(Math.abs(min[at]!), Math.abs(max[at]!)) * valid[at]! * 10 ** decimals;
          if (this.#inexact[from + at] === 1 || largest > mostExact) exact[at] = 0;
        }
        const share = valid.map((number, at) => (expected[at]! > 0 ? number / expected[at]! : Number.NaN));
        const { beginS, endS } = periods;
        const observed = cut(this.#observed);
        return {
          group: group.id,
          parameter: id,
          beginS,
          endS,
          expected,
          observed,
          valid,
          share,
          sum,
          min,
          max,
          exact,
        };
      });
    });
  }
}

/** Readings due in each period as far as it lies in the window; NaN where a station's cadence is not known. */
function expectedOf({ query, periods }: SumPlan, stations: readonly string[]): Float64Array {
  const { cadenceS, fromS, toS, averaging, timeZone } = query;
  const { beginS, endS } = periods;
  const counts = new Map<number, number>();
  for (const station of new Set(stations)) {
    const every = typeof cadenceS === 'object' ? (cadenceS?.[station] ?? Number.NaN) : cadenceS;
    counts.set(every, (counts.get(every) ?? 0) + 1);
  }
  return beginS.map((begin, at) => {
    const from = Math.max(begin, fromS);
    const to = Math.min(endS[at]!, toS);
    if (averaging === 'P1D' || averaging === 'P1M')
      return civilMeansDue(averaging, from, to, timeZone) * new Set(stations).size;
    const origin = query.period === 'hour' ? dayBegin(begin, timeZone) : begin;
    let due = 0;
    for (const [every, number] of counts)
      due += every > 0 ? number * dueWithin(from, to, every, origin) : Number.NaN;
    return due;
  });
}

/** A daily or monthly mean is due once a civil day or month, at its begin, whatever the cadence says. */
function civilMeansDue(averaging: 'P1D' | 'P1M', fromS: number, toS: number, timeZone: string): number {
  const { beginS } = civilPeriods(averaging === 'P1D' ? 'day' : 'month', fromS, toS, timeZone);
  return beginS.filter((begin) => begin >= fromS).length;
}
