import { civilDate, instantOfCivil, type EpochS } from '../../../domain/time.ts';

const STAMP = /^(\d{2})-(\d{2}) (\d{2}):(\d{2})$/;
const DAY_S = 86_400;

export interface Stamp {
  timeS: EpochS;
  civilDate: string;
}

/**
 * The instant of `MM-DD HH:MM`, which has no year: the newest that lies at most a day after `shownS`, so that of its year, the
 * one before, or in the last hours of a year the next. 02-29 belongs to the year that has it. Null for what is no date in any.
 */
export function stampOf(text: string, shownS: EpochS, timeZone: string): Stamp | null {
  const match = STAMP.exec(text);
  if (match === null) return null;
  const [, month, day, hour, minute] = match;
  const year = Number(civilDate(shownS, timeZone).slice(0, 4));
  for (const candidate of [year + 1, year, year - 1]) {
    const date = `${String(candidate).padStart(4, '0')}-${month}-${day}`;
    const timeS = instantOrNull(`${date}T${hour}:${minute}`, timeZone);
    if (timeS !== null && timeS <= shownS + DAY_S) return { timeS, civilDate: date };
  }
  return null;
}

function instantOrNull(text: string, timeZone: string): EpochS | null {
  try {
    return instantOfCivil(text, timeZone);
  } catch {
    return null;
  }
}
