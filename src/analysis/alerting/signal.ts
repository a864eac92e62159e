import type { AlertRule } from '../../domain/config/alerting.ts';
import type { Text } from '../../domain/config/facts.ts';
import type { AirStation, Section } from '../../domain/config/region.ts';
import type { SeriesColumns } from '../../domain/ports.ts';
import type { EpochS } from '../../domain/time.ts';
import { civilDate, isoWithOffset } from '../../domain/time.ts';

/** What an alert is about. `source` alone for the schedule of a source; otherwise a station, and where one decides, an item and a provider. */
export interface Subject {
  station: string | null;
  parameter: string | null;
  provider: string | null;
  source: string | null;
}

/** One name a subject, stable over restarts and replicas. */
export function subjectKey({ station, parameter, provider, source }: Subject): string {
  return [station, parameter, provider, source].filter((part) => part !== null).join('~');
}

/** What is said of one moment: numbers as printed, and the only wording that may be used. */
export interface Explanation {
  parameter: string | null;
  value: string | null;
  unit: string | null;
  limit: string | null;
  multiple: string | null;
  edition: string | null;
  standing: string | null;
  summary: Text;
}

/** Scores of one subject in event time, ascending; NaN where it cannot be judged. `representsS`: what one value stands for. */
export interface Signal {
  subject: Subject;
  beginS: Float64Array;
  endS: Float64Array;
  score: Float64Array;
  representsS: number;
  /** Of silences: how long after their begin they are noticed. Absent: when a value is there. */
  noticedAfterS?(startS: EpochS): number;
  explain(row: number): Explanation;
}

/** What one provider reported of one station. `cadenceS` null: nobody says how often readings are due. */
export interface StationData {
  station: Section | AirStation;
  provider: string;
  cadenceS: number | null;
  series: readonly SeriesColumns[];
}

export const isSection = (station: Section | AirStation): station is Section => 'targets' in station;

/** Whether a rule is in force on a civil date. */
export function inForce(rule: Pick<AlertRule, 'from' | 'to'>, date: string): boolean {
  return rule.from <= date && (rule.to === null || date <= rule.to);
}

const quarterS = 900;

/** Civil dates of instants; each quarter of an hour is looked up once, which is what offsets of zones are multiples of. */
export function civilDates(timeZone: string): (atS: EpochS) => string {
  const known = new Map<number, string>();
  return (atS) => {
    const quarter = Math.floor(atS / quarterS);
    const date = known.get(quarter) ?? civilDate(atS, timeZone);
    known.set(quarter, date);
    return date;
  };
}

const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));

/** Civil minute of the day and ISO weekday of an instant. */
export function civilMinute(
  atS: EpochS,
  timeZone: string,
): { minute: number; weekday: number; date: string } {
  const [date = '', clock = ''] = isoWithOffset(atS, timeZone).split('T');
  const weekday = ((new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7) + 1;
  return { minute: minutesOf(clock), weekday, date };
}

/** Whether `[begin, end)` of the clock on those weekdays holds the moment; an end not after the begin runs past midnight. */
export function holdsMoment(
  window: { weekdays: readonly number[]; begin: string; end: string },
  at: { minute: number; weekday: number },
): boolean {
  const [begin, end] = [minutesOf(window.begin), minutesOf(window.end)];
  const day = window.weekdays.includes(at.weekday);
  if (begin < end) return day && begin <= at.minute && at.minute < end;
  if (at.minute >= begin) return day;
  return at.minute < end && window.weekdays.includes(at.weekday === 1 ? 7 : at.weekday - 1);
}
