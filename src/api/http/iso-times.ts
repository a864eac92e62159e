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
 * asked once a day of data: only a day on which the offset changes is asked instant by instant.
 */
export function isoTimes(timeZone: string): (atS: EpochS) => string {
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
  return (atS) => {
    const offset = offsetAt(atS);
    return new Date((atS + offset) * 1000).toISOString().slice(0, 19) + offsetText(offset);
  };
}
