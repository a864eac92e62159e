import { MonitorError } from './errors.ts';
import { beginOfDay, type EpochS, instantOfCivil } from './time.ts';

export type PeriodKind = 'week' | 'month' | 'quarter' | 'year';

/** A civil period of the region, `[beginS, endS)`. */
export interface Period {
  id: string;
  kind: PeriodKind;
  beginS: EpochS;
  endS: EpochS;
}

/** Begin and end of a time whose readings do not count, `[beginS, endS)`. */
export type Span = { beginS: EpochS; endS: EpochS };

const pattern = /^(\d{4})(?:-(0[1-9]|1[0-2])|-Q([1-4])|-W(0[1-9]|[1-4]\d|5[0-3]))?$/;
const dayMs = 86_400_000;

/** How a period is written. */
export const periodIds = 'YYYY-MM, YYYY-Qn, YYYY or YYYY-Www';

/** Monday of an ISO week as civil date; null for a week that the year does not have. */
function mondayOf(year: string, week: string): string | null {
  const fourth = Date.parse(`${year}-01-04T00:00Z`);
  const monday = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * dayMs + (Number(week) - 1) * 7 * dayMs;
  const thursday = new Date(monday + 3 * dayMs);
  return String(thursday.getUTCFullYear()).padStart(4, '0') === year
    ? new Date(monday).toISOString().slice(0, 10)
    : null;
}

/** Which kind of period an id is written as; null for none. */
export function periodKind(id: string): PeriodKind | null {
  const [, year, month, quarter, week] = pattern.exec(id) ?? [];
  if (year === undefined || (week !== undefined && !isWeek(id))) return null;
  return month !== undefined
    ? 'month'
    : quarter !== undefined
      ? 'quarter'
      : week !== undefined
        ? 'week'
        : 'year';
}

/** `YYYY-Www` (ISO, from Monday), `YYYY-MM`, `YYYY-Qn` or `YYYY` in the region's time zone. Throws E_BAD_REQUEST for anything else. */
export function civilPeriod(id: string, timeZone: string): Period {
  const match = pattern.exec(id);
  const [, yearText = '', monthText, quarterText, weekText] = match ?? [];
  const monday = weekText === undefined ? null : mondayOf(yearText, weekText);
  if (match === null || (weekText !== undefined && monday === null)) {
    throw new MonitorError('E_BAD_REQUEST', `not a period: "${id}" (expected ${periodIds})`);
  }
  if (monday !== null) {
    const next = new Date(Date.parse(`${monday}T00:00Z`) + 7 * dayMs).toISOString().slice(0, 10);
    return {
      id,
      kind: 'week',
      beginS: beginOfDay(monday, timeZone),
      endS: beginOfDay(next, timeZone),
    };
  }
  const first =
    monthText !== undefined ? Number(monthText) : quarterText !== undefined ? Number(quarterText) * 3 - 2 : 1;
  const kind: PeriodKind = monthText !== undefined ? 'month' : quarterText !== undefined ? 'quarter' : 'year';
  const months = { month: 1, quarter: 3, year: 12 }[kind];
  const instant = (monthsOn: number): EpochS => {
    const index = Number(yearText) * 12 + first - 1 + monthsOn;
    const [year, month] = [Math.floor(index / 12), (index % 12) + 1];
    return instantOfCivil(
      `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-01T00:00`,
      timeZone,
    );
  };
  return { id, kind, beginS: instant(0), endS: instant(months) };
}

/** Whether the year has such a week, `YYYY-Www`. */
export const isWeek = (id: string): boolean => mondayOf(id.slice(0, 4), id.slice(6)) !== null;
