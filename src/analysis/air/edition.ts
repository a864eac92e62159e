import type { AqiStandard } from '../../domain/config/standard.ts';
import { editionInForce } from '../../domain/config/config.ts';
import { civilDate, type Interval } from '../../domain/time.ts';

/**
 * The edition that judges an hour: the one in force on the civil date of its begin or of its end, as the edition itself says.
 * Null before the first edition.
 */
export function aqiEditionOfHour(
  editions: readonly AqiStandard[],
  hour: Interval,
  timeZone: string,
): AqiStandard | null {
  const dates = { begin: civilDate(hour.beginS, timeZone), end: civilDate(hour.endS, timeZone) };
  return (
    editions.find((edition) => editionInForce([edition], dates[edition.hourBelongsTo.value]) !== null) ?? null
  );
}

/** The edition that judges a civil day. */
export function aqiEditionOfDay(editions: readonly AqiStandard[], date: string): AqiStandard | null {
  return editionInForce(editions, date);
}
