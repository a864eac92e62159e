import { civilDate, instantOfCivil, type EpochS } from '../../../domain/time.ts';

const STAMP = /^(\d{2})-(\d{2}) (\d{2}):(\d{2})$/;
const DAY_S = 86_400;

export interface Stamp {
  timeS: EpochS;
  civilDate: string;
}

/**
 * The instant of `MM-DD HH:MM`, which has no year: that of `shownS`, or the year before if that would lie more than a day
 * after it. 02-29 belongs to the one of the two years that has it. Null for what is no date in either.
 */
export function stampOf(text: string, shownS: EpochS, timeZone: string): Stamp | null {
  const match = STAMP.exec(text);
  if (match === null) return null;
  const [, month, day, hour, minute] = match;
  const year = Number(civilDate(shownS, timeZone).slice(0, 4));
  for (const candidate of [year, year - 1]) {
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
