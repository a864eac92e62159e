import { civilDate, type EpochS } from '../../domain/time.ts';
import { cumulativePeriod, monthPeriod, periodOf, type AssessmentPeriod } from './period.ts';

/** A change of readings of one station: key times, both inclusive. */
export interface ReadingChange {
  station: string;
  firstS: EpochS;
  lastS: EpochS;
}

/** Verdicts on one station that a change can have changed, as ids of periods, in the order of the calendar. */
export interface TouchedVerdicts {
  station: string;
  periods: AssessmentPeriod[];
}

function monthsBetween(first: string, last: string): { year: number; month: number }[] {
  const list: { year: number; month: number }[] = [];
  let [year, month] = [Number(first.slice(0, 4)), Number(first.slice(5, 7))];
  const end = last.slice(0, 7);
  for (;;) {
    const { id } = monthPeriod(year, month);
    if (id > end) return list;
    list.push({ year, month });
    if (month === 12) [year, month] = [year + 1, 1];
    else month++;
  }
}

/**
 * The days, months, months 1 to N, quarters and years that a change reaches: exactly those whose span holds one of its readings, up to
 * `throughDate`. A cumulative period is reached by any change in its months, so from the month of the change to December.
 */
export function touchedPeriods(
  change: ReadingChange,
  timeZone: string,
  throughDate: string,
): AssessmentPeriod[] {
  const [first, last] = [civilDate(change.firstS, timeZone), civilDate(change.lastS, timeZone)];
  const found = new Map<string, AssessmentPeriod>();
  const add = (period: AssessmentPeriod) => {
    if (period.from <= throughDate) found.set(period.id, period);
  };
  const dayMs = 86_400_000;
  for (let at = Date.parse(`${first}T00:00:00Z`); at <= Date.parse(`${last}T00:00:00Z`); at += dayMs)
    add(periodOf(new Date(at).toISOString().slice(0, 10)));
  for (const { year, month } of monthsBetween(first, last)) {
    add(monthPeriod(year, month));
    for (let through = month; through <= 12; through++) {
      const cumulative = cumulativePeriod(year, through);
      if (monthPeriod(year, through).from <= throughDate) add(cumulative);
    }
    add(periodOf(`${String(year).padStart(4, '0')}-Q${Math.ceil(month / 3)}`));
    add(periodOf(String(year).padStart(4, '0')));
  }
  return [...found.values()];
}

/** Touched verdicts of several changes, one entry a station, each period once. */
export function touchedVerdicts(
  changes: readonly ReadingChange[],
  timeZone: string,
  throughDate: string,
): TouchedVerdicts[] {
  const byStation = new Map<string, Map<string, AssessmentPeriod>>();
  for (const change of changes) {
    const periods = byStation.get(change.station) ?? new Map<string, AssessmentPeriod>();
    byStation.set(change.station, periods);
    for (const period of touchedPeriods(change, timeZone, throughDate)) periods.set(period.id, period);
  }
  return [...byStation].map(([station, periods]) => ({ station, periods: [...periods.values()] }));
}

/** Editions of one kind before and after a change of the configuration: civil spans whose verdicts it touches. */
export function touchedByEditions(
  before: readonly { id: string; inForce: { from: string; to: string | null } }[],
  after: readonly { id: string; inForce: { from: string; to: string | null } }[],
): { from: string; to: string | null }[] {
  const text = (edition: object) => JSON.stringify(edition);
  const [old, now] = [new Set(before.map(text)), new Set(after.map(text))];
  return [...before.filter((one) => !now.has(text(one))), ...after.filter((one) => !old.has(text(one)))].map(
    ({ inForce }) => ({ from: inForce.from, to: inForce.to }),
  );
}
