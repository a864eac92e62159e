import { averagings, instantOfCivil, intervalOf, type EpochS } from '../../../domain/time.ts';

const FIRST_YEAR = 1980;

const two = (text: string | undefined): string => (text ?? '').padStart(2, '0');

const monthForms = [
  /^(\d{4})[-/.年](\d{1,2})月?(?:[-/.]?0?1日?)?$/,
  /^(\d{4})(\d{2})$/,
  /^(\d{4})-(\d{2})-01(?:T.*)?$/,
] as const;
const dateForm =
  /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[t ]?(\d{1,2})[:时](\d{2})?(?::?\d{2})?分?)?$/i;

/** `YYYY-MM` of a month as people write it, with the year in its own column where it has one; null for none. */
export function monthOf(text: string, year: string | null): string | null {
  const plain = text.normalize('NFKC').replaceAll(/\s/g, '');
  const [own] = /\d{4}/.exec((year ?? '').normalize('NFKC')) ?? [];
  const bare = /^(\d{1,2})月?$/.exec(plain);
  const match =
    bare !== null && own !== undefined
      ? [bare[0], own, bare[1]]
      : (monthForms.map((form) => form.exec(plain)).find((found) => found !== null) ?? null);
  if (match === null) return null;
  const month = Number(match[2]);
  return month >= 1 && month <= 12 ? `${match[1]}-${two(match[2])}` : null;
}

/** The month that a title names: `2021年3月…`; null where it names none, or more than one. */
export function monthInTitle(title: string): string | null {
  const found = [...title.normalize('NFKC').matchAll(/(\d{4})\s*年\s*(\d{1,2})\s*月(?!\s*\d)/g)];
  const months = new Set(found.map((match) => monthOf(`${match[1]}-${match[2]}`, null)));
  const [only] = months;
  return months.size === 1 ? (only ?? null) : null;
}

/** `YYYY-MM-DDTHH:MM` of a sampling date; null for none, and for a day that does not exist. */
export function dateOf(text: string): string | null {
  const match = dateForm.exec(text.normalize('NFKC').trim().replaceAll(/\s+/g, ' '));
  if (match === null) return null;
  const [, year, month, day, hour, minute] = match;
  return `${year}-${two(month)}-${two(day)}T${two(hour ?? '0')}:${two(minute ?? '0')}`;
}

/** Begin of a civil month, or what is wrong with it. A month that is not over has no monthly value. */
export function monthBegin(month: string, nowS: EpochS, timeZone: string): EpochS | string {
  if (Number(month.slice(0, 4)) < FIRST_YEAR) return `month ${month} is before ${FIRST_YEAR}`;
  const beginS = instantOfCivil(`${month}-01T00:00`, timeZone);
  if (intervalOf(averagings.P1M.id, beginS, timeZone).endS > nowS) return `month ${month} is not over yet`;
  return beginS;
}

/** Instant of a sampling date, or what is wrong with it. */
export function sampledAt(date: string, nowS: EpochS, timeZone: string): EpochS | string {
  if (Number(date.slice(0, 4)) < FIRST_YEAR) return `${date} is before ${FIRST_YEAR}`;
  let atS: EpochS;
  try {
    atS = instantOfCivil(date, timeZone);
  } catch {
    return `${date} is no day of the calendar`;
  }
  return atS > nowS ? `${date} lies in the future` : atS;
}
