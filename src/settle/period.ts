import { MonitorError } from '../domain/errors.ts';
import { type EpochS, instantOfCivil } from '../domain/time.ts';

export type PeriodKind = 'month' | 'quarter' | 'year';

/** A civil period of the region, `[beginS, endS)`. */
export interface Period {
  id: string;
  kind: PeriodKind;
  beginS: EpochS;
  endS: EpochS;
}

/** Begin and end of a time whose readings do not count, `[beginS, endS)`. */
export type Span = { beginS: EpochS; endS: EpochS };

const pattern = /^(\d{4})(?:-(0[1-9]|1[0-2])|-Q([1-4]))?$/;

/** `YYYY-MM`, `YYYY-Qn` or `YYYY` in the region's time zone. Throws E_BAD_REQUEST for anything else. */
export function civilPeriod(id: string, timeZone: string): Period {
  const match = pattern.exec(id);
  if (match === null) {
    throw new MonitorError('E_BAD_REQUEST', `not a period: "${id}" (expected YYYY-MM, YYYY-Qn or YYYY)`);
  }
  const [, yearText = '', monthText, quarterText] = match;
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
