import { Temporal } from 'temporal-polyfill';
import type { EpochS } from '../../domain/time.ts';

const daySeconds = 86_400;

function offsetSecondsAt(atS: EpochS, timeZone: string): number {
  return (
    Temporal.Instant.fromEpochMilliseconds(atS * 1000).toZonedDateTimeISO(timeZone).offsetNanoseconds / 1e9
  );
}

function offsetText(seconds: number): string {
  const minutes = Math.abs(seconds) / 60;
  const pad = (value: number) => String(Math.trunc(value)).padStart(2, '0');
  return `${seconds < 0 ? '-' : '+'}${pad(minutes / 60)}:${pad(minutes % 60)}`;
}

/**
 * Formats instants as ISO 8601 with the zone's offset, to the second; made for columns of thousands. The calendar library is
 * asked once a day of data: only a day on which the offset changes is asked instant by instant. Days and clock times are written once.
 */
export function isoTimes(timeZone: string): (atS: EpochS) => string {
  let known = ofZone.get(timeZone);
  if (known === undefined) ofZone.set(timeZone, (known = timesOf(timeZone)));
  return known;
}

const ofZone = new Map<string, (atS: EpochS) => string>();

function timesOf(timeZone: string): (atS: EpochS) => string {
  const offsets = new Map<number, number | null>();
  const offsetAt = (atS: EpochS): number => {
    const day = Math.floor(atS / daySeconds);
    let offset = offsets.get(day);
    if (offset === undefined) {
      const first = offsetSecondsAt(day * daySeconds, timeZone);
      offset = first === offsetSecondsAt((day + 1) * daySeconds, timeZone) ? first : null;
      offsets.set(day, offset);
    }
    return offset ?? offsetSecondsAt(atS, timeZone);
  };
  const dates = new Map<number, string>();
  const clocks = new Map<number, string>();
  return (atS) => {
    const offset = offsetAt(atS);
    const localS = atS + offset;
    const day = Math.floor(localS / daySeconds);
    let date = dates.get(day);
    if (date === undefined)
      dates.set(day, (date = new Date(day * daySeconds * 1000).toISOString().slice(0, -13)));
    const second = localS - day * daySeconds;
    // Two offsets of one zone may show the same clock.
    const clock = second + offset * 2 ** 20;
    let shown = clocks.get(clock);
    if (shown === undefined)
      clocks.set(clock, (shown = new Date(second * 1000).toISOString().slice(11, 19) + offsetText(offset)));
    return `${date}${shown}`;
  };
}
