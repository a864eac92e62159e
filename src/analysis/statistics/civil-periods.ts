import { Temporal } from 'temporal-polyfill';
import type { CivilUnit } from '../../domain/ports.ts';
import type { EpochS } from '../../domain/time.ts';

/** Civil periods in order, each the next one's neighbour: `endS[i] === beginS[i + 1]`. */
export interface CivilPeriods {
  beginS: Float64Array;
  endS: Float64Array;
}

/** Neighbouring periods of one length. */
export interface EvenRun {
  /** Index of its first period. */
  first: number;
  count: number;
  beginS: EpochS;
  lengthS: number;
}

const hourS = 3600;

function zoned(atS: EpochS, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(atS * 1000).toZonedDateTimeISO(timeZone);
}

const secondOf = (time: Temporal.ZonedDateTime): EpochS => time.epochMilliseconds / 1000;

/** Begin of the civil day of an instant. */
export function dayBegin(atS: EpochS, timeZone: string): EpochS {
  return secondOf(zoned(atS, timeZone).startOfDay());
}

/**
 * All civil periods that meet `[fromS, toS)`; empty for an empty window. On days that the clock changes, hours are counted from
 * midnight, so that an hour that comes twice is two periods. Shared by all who ask for the same window and not to be changed.
 */
export function civilPeriods(unit: CivilUnit, fromS: EpochS, toS: EpochS, timeZone: string): CivilPeriods {
  if (!(fromS < toS)) return { beginS: new Float64Array(), endS: new Float64Array() };
  const key = `${unit} ${fromS} ${toS} ${timeZone}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const periods = counted(unit, fromS, toS, timeZone);
  if (periods.beginS.length > LONGEST_KEPT) return periods;
  if (kept.size >= WINDOWS_KEPT) kept.clear();
  kept.set(key, periods);
  return periods;
}

/** Sections of one settlement ask for the same days, and the calendar is slow. Windows that a request names may be of any length. */
const kept = new Map<string, CivilPeriods>();
const WINDOWS_KEPT = 64;
const LONGEST_KEPT = 1000;

function counted(unit: CivilUnit, fromS: EpochS, toS: EpochS, timeZone: string): CivilPeriods {
  const day = zoned(fromS, timeZone).startOfDay();
  const from =
    unit === 'month' ? day.with({ day: 1 }) : unit === 'year' ? day.with({ month: 1, day: 1 }) : day;
  const step = unit === 'year' ? { years: 1 } : unit === 'month' ? { months: 1 } : { days: 1 };
  const bounds = [secondOf(from)];
  // Each bound is counted from the first, so that a month end never shortens the months after it.
  for (let nth = 1; bounds.at(-1)! < toS; nth++) {
    const next = from.add(scaled(step, nth)).startOfDay();
    bounds.push(secondOf(next));
  }
  return between(unit === 'hour' ? hoursOf(bounds, fromS, toS) : bounds);
}

function scaled(step: Record<string, number>, by: number): Record<string, number> {
  return Object.fromEntries(Object.entries(step).map(([name, count]) => [name, count * by]));
}

function hoursOf(days: readonly EpochS[], fromS: EpochS, toS: EpochS): EpochS[] {
  const bounds: EpochS[] = [];
  for (const [at, beginS] of days.entries()) {
    const endS = days[at + 1];
    if (endS === undefined) break;
    for (let hour = beginS; hour < endS; hour += hourS) bounds.push(hour);
  }
  bounds.push(days.at(-1)!);
  const first = bounds.findLastIndex((bound) => bound <= fromS);
  const last = bounds.findIndex((bound) => bound >= toS);
  return bounds.slice(first, last + 1);
}

function between(bounds: readonly EpochS[]): CivilPeriods {
  return { beginS: Float64Array.from(bounds.slice(0, -1)), endS: Float64Array.from(bounds.slice(1)) };
}

/** The periods as few runs of equal length: what an engine can group by with one division. */
export function evenRuns({ beginS, endS }: CivilPeriods): EvenRun[] {
  const runs: EvenRun[] = [];
  for (let at = 0; at < beginS.length; at++) {
    const lengthS = endS[at]! - beginS[at]!;
    const run = runs.at(-1);
    if (run?.lengthS === lengthS) run.count += 1;
    else runs.push({ first: at, count: 1, beginS: beginS[at]!, lengthS });
  }
  return runs;
}

/** Readings due in `[fromS, toS)` every `cadenceS` seconds from `originS` on, which is itself a time at which one is due. */
export function dueWithin(fromS: EpochS, toS: EpochS, cadenceS: number, originS: EpochS): number {
  if (!(fromS < toS)) return 0;
  return Math.ceil((toS - originS) / cadenceS) - Math.ceil((fromS - originS) / cadenceS);
}
