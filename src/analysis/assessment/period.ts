import { Temporal } from 'temporal-polyfill';
import { MonitorError } from '../../domain/errors.ts';
import { instantOfCivil, type Interval } from '../../domain/time.ts';

/**
 * A stretch of the region's calendar that one verdict is about, or the moment of a single reading. `months` are the whole months in it,
 * `YYYY-MM`; none for a day and a moment.
 */
export interface AssessmentPeriod {
  kind: 'single' | 'day' | 'month' | 'cumulative' | 'quarter' | 'year';
  /** `2021-04-03T08:00`, `2021-04-03`, `2021-04`, `2021-01/2021-04`, `2021-Q2`, `2021`. */
  id: string;
  /** Civil dates, both inclusive. */
  from: string;
  to: string;
  months: readonly string[];
}

const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/;
const QUARTER = /^(\d{4})-Q([1-4])$/;
const CUMULATIVE = /^(\d{4})-01\/\1-(0[1-9]|1[0-2])$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const YEAR = /^\d{4}$/;
const MOMENT = /^(\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d)(:[0-5]\d)?$/;

function monthText(year: number, month: number): string {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`;
}

const knownPeriods = new Map<string, AssessmentPeriod>();
const PERIODS_KEPT = 2048;

/** Shared by all who ask for the same period: a year of many sections asks for few of them very often. */
function ofMonths(
  kind: AssessmentPeriod['kind'],
  id: string,
  span: { year: number; first: number; last: number },
): AssessmentPeriod {
  const { year, first, last } = span;
  const known = knownPeriods.get(id);
  if (known !== undefined) return known;
  const months = Array.from({ length: last - first + 1 }, (_, at) => monthText(year, first + at));
  const end = Temporal.PlainYearMonth.from(months.at(-1)!);
  const period = {
    kind,
    id,
    from: `${months[0]}-01`,
    to: end.toPlainDate({ day: end.daysInMonth }).toString(),
    months,
  };
  if (knownPeriods.size >= PERIODS_KEPT) knownPeriods.clear();
  knownPeriods.set(id, period);
  return period;
}

/** The period of an id. `2021-01/2021-04` is cumulative: months 1 to N of one year. Throws E_BAD_REQUEST for anything else. */
export function periodOf(id: string): AssessmentPeriod {
  const month = MONTH.exec(id);
  if (month !== null) return monthPeriod(Number(month[1]), Number(month[2]));
  const quarter = QUARTER.exec(id);
  if (quarter !== null) {
    const first = (Number(quarter[2]) - 1) * 3 + 1;
    return ofMonths('quarter', id, { year: Number(quarter[1]), first, last: first + 2 });
  }
  if (YEAR.test(id)) return ofMonths('year', id, { year: Number(id), first: 1, last: 12 });
  const span = CUMULATIVE.exec(id);
  if (span !== null) return cumulativePeriod(Number(span[1]), Number(span[2]));
  if (DAY.test(id) && isDate(id)) return { kind: 'day', id, from: id, to: id, months: [] };
  throw new MonitorError(
    'E_BAD_REQUEST',
    `not a period: "${id}" (expected YYYY-MM-DD, YYYY-MM, YYYY-01/YYYY-MM, YYYY-Qn or YYYY)`,
  );
}

/** The period of an id on a section: the moment of a single reading on the region's clock, or as {@link periodOf}. Throws E_BAD_REQUEST. */
export function sectionPeriodOf(id: string): AssessmentPeriod {
  const moment = MOMENT.exec(id);
  if (moment === null) return periodOf(id);
  const { id: date } = periodOf(id.slice(0, 10));
  const [, minute = id, , second = ':00'] = moment;
  return { kind: 'single', id: second === ':00' ? minute : id, from: date, to: date, months: [] };
}

function isDate(text: string): boolean {
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' }).toString() === text;
  } catch {
    return false;
  }
}

export function monthPeriod(year: number, month: number): AssessmentPeriod {
  return ofMonths('month', monthText(year, month), { year, first: month, last: month });
}

/** Months 1 to `month`. */
export function cumulativePeriod(year: number, month: number): AssessmentPeriod {
  const id = `${monthText(year, 1)}/${monthText(year, month)}`;
  return ofMonths('cumulative', id, { year, first: 1, last: month });
}

/** The same period one year earlier; of 29 February, the 28th. */
export function yearBefore(period: AssessmentPeriod): AssessmentPeriod {
  if (period.kind === 'day') {
    return periodOf(Temporal.PlainDate.from(period.id).subtract({ years: 1 }).toString());
  }
  return periodOf(period.id.replaceAll(/\b\d{4}\b/g, (year) => String(Number(year) - 1).padStart(4, '0')));
}

/** The month before a month. */
export function monthBefore(month: AssessmentPeriod): AssessmentPeriod {
  return periodOf(Temporal.PlainYearMonth.from(month.id).subtract({ months: 1 }).toString());
}

/** The period of the same kind just before; of months 1 to N, those of the year before. */
export function periodBefore(period: AssessmentPeriod): AssessmentPeriod {
  if (period.kind === 'day')
    return periodOf(Temporal.PlainDate.from(period.id).subtract({ days: 1 }).toString());
  if (period.kind === 'month') return monthBefore(period);
  if (period.kind !== 'quarter') return yearBefore(period);
  const quarter = Number(period.id.slice(-1));
  return quarter === 1
    ? periodOf(`${String(Number(period.id.slice(0, 4)) - 1).padStart(4, '0')}-Q4`)
    : periodOf(`${period.id.slice(0, -1)}${quarter - 1}`);
}

const BOUNDS_KEPT = 2048;
const knownIntervals = new Map<string, Interval>();

/**
 * Half-open instants of a period in the region's zone, of a single reading its second; shared by all who ask for the same period and
 * not to be changed.
 */
export function boundsOf(
  period: AssessmentPeriod | Pick<AssessmentPeriod, 'from' | 'to'>,
  timeZone: string,
): Interval {
  if ('kind' in period && period.kind === 'single') {
    const beginS = instantOfCivil(period.id, timeZone);
    return { beginS, endS: beginS + 1 };
  }
  const key = `${period.from} ${period.to} ${timeZone}`;
  const known = knownIntervals.get(key);
  if (known !== undefined) return known;
  const after = Temporal.PlainDate.from(period.to).add({ days: 1 }).toString();
  const bounds = {
    beginS: instantOfCivil(`${period.from}T00:00`, timeZone),
    endS: instantOfCivil(`${after}T00:00`, timeZone),
  };
  if (knownIntervals.size >= BOUNDS_KEPT) knownIntervals.clear();
  knownIntervals.set(key, bounds);
  return bounds;
}

const knownBounds = new Map<string, Float64Array>();

/**
 * Begins of the civil days of a period, and the end of the last one: `days + 1` instants, shared by all who ask for the same
 * period and not to be changed.
 */
export function dayBounds(period: Pick<AssessmentPeriod, 'from' | 'to'>, timeZone: string): Float64Array {
  const key = `${period.from} ${period.to} ${timeZone}`;
  const known = knownBounds.get(key);
  if (known !== undefined) return known;
  const from = Temporal.PlainDate.from(period.from);
  const days = from.until(Temporal.PlainDate.from(period.to), { largestUnit: 'days' }).days + 1;
  const bounds = Float64Array.from({ length: days + 1 }, (_, at) =>
    instantOfCivil(`${from.add({ days: at }).toString()}T00:00`, timeZone),
  );
  if (knownBounds.size >= BOUNDS_KEPT) knownBounds.clear();
  knownBounds.set(key, bounds);
  return bounds;
}
