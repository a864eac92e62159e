import { Temporal } from 'temporal-polyfill';
import { MonitorError } from './errors.ts';

/** Seconds since 1970-01-01T00:00Z, whole. All instants in batches and stores have this form. */
export type EpochS = number;

/**
 * An averaging period. `seconds` is its length, 0 for an instantaneous sample and null for a civil period
 * (day, month), whose length depends on the region's calendar. A sliding mean is keyed by its END, every other one by its BEGIN.
 */
export interface Averaging {
  id: string;
  seconds: number | null;
  sliding: boolean;
}

export const averagings = {
  instant: { id: 'instant', seconds: 0, sliding: false },
  PT1M: { id: 'PT1M', seconds: 60, sliding: false },
  PT5M: { id: 'PT5M', seconds: 300, sliding: false },
  PT10M: { id: 'PT10M', seconds: 600, sliding: false },
  PT15M: { id: 'PT15M', seconds: 900, sliding: false },
  PT30M: { id: 'PT30M', seconds: 1800, sliding: false },
  PT1H: { id: 'PT1H', seconds: 3600, sliding: false },
  'PT8H-sliding': { id: 'PT8H-sliding', seconds: 28800, sliding: true },
  'PT24H-sliding': { id: 'PT24H-sliding', seconds: 86400, sliding: true },
  P1D: { id: 'P1D', seconds: null, sliding: false },
  P1M: { id: 'P1M', seconds: null, sliding: false },
} as const satisfies Record<string, Averaging>;

export type AveragingId = keyof typeof averagings;

/** Half-open `[beginS, endS)`; both equal for an instantaneous sample. */
export interface Interval {
  beginS: EpochS;
  endS: EpochS;
}

/** Whether a time lies in any of these. */
export const isWithin = (timeS: EpochS, intervals: readonly Interval[]): boolean =>
  intervals.some((one) => timeS >= one.beginS && timeS < one.endS);

/** Seconds that two intervals share. */
export const overlapS = (one: Interval, other: Interval): number =>
  Math.max(0, Math.min(one.endS, other.endS) - Math.max(one.beginS, other.beginS));

/** The interval that a reading with this key time covers; civil periods follow `timeZone`. */
export function intervalOf(id: AveragingId, keyS: EpochS, timeZone: string): Interval {
  const averaging: Averaging = averagings[id];
  if (averaging.seconds === null) {
    const begin = Temporal.Instant.fromEpochMilliseconds(keyS * 1000).toZonedDateTimeISO(timeZone);
    const end = id === 'P1D' ? begin.add({ days: 1 }) : begin.add({ months: 1 });
    return { beginS: keyS, endS: end.epochMilliseconds / 1000 };
  }
  if (averaging.sliding) return { beginS: keyS - averaging.seconds, endS: keyS };
  return { beginS: keyS, endS: keyS + averaging.seconds };
}

/** Civil date `YYYY-MM-DD` of an instant in `timeZone`. */
export function civilDate(atS: EpochS, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(atS * 1000)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toString();
}

/** The instant of a wall-clock time; `text` is ISO without offset. Throws E_BAD_REQUEST for an impossible one. */
export function instantOfCivil(text: string, timeZone: string): EpochS {
  try {
    const wall = Temporal.PlainDateTime.from(text, { overflow: 'reject' });
    return wall.toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds / 1000;
  } catch (cause) {
    throw new MonitorError('E_BAD_REQUEST', `not a wall-clock time: "${text}" (expected YYYY-MM-DDTHH:MM)`, {
      cause,
    });
  }
}

/** Where the civil day `YYYY-MM-DD` begins in `timeZone`. Throws E_BAD_REQUEST for what is no day. */
export function beginOfDay(day: string, timeZone: string): EpochS {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new MonitorError('E_BAD_REQUEST', `not a day: "${day}"`);
  return instantOfCivil(`${day}T00:00`, timeZone);
}

/** ISO 8601 with the offset of `timeZone` at that instant, to the second: `2026-03-01T01:00:00+08:00`. */
export function isoWithOffset(atS: EpochS, timeZone: string): string {
  const zoned = Temporal.Instant.fromEpochMilliseconds(atS * 1000).toZonedDateTimeISO(timeZone);
  return zoned.toString({ timeZoneName: 'never', smallestUnit: 'second' });
}

/** A time that can have no offset: asking for one first would cost more than all else of a request. */
const plainTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$/;

/** Parses ISO 8601 with an offset or Z; a text without one is read in `timeZone`. Throws E_BAD_REQUEST. */
export function parseInstant(text: string, timeZone: string): EpochS {
  if (plainTime.test(text)) return instantOfCivil(text.length === 10 ? `${text}T00:00` : text, timeZone);
  try {
    return Math.floor(Temporal.Instant.from(text).epochMilliseconds / 1000);
  } catch {
    return instantOfCivil(text, timeZone);
  }
}
