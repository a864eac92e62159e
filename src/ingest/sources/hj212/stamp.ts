import type { EpochS } from '../../../domain/time.ts';

const BEIJING_OFFSET_S = 8 * 3600;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/**
 * Instant of `YYYYMMDDhhmmss`, or of 17 digits with milliseconds, which are cut off; null when it is no such time.
 * The protocol carries no zone: it is Beijing time, +08:00, without daylight saving.
 */
export function stampS(text: string): EpochS | null {
  if (text.length !== 14 && (text.length !== 17 || digits(text, 14, 17) < 0)) return null;
  const year = digits(text, 0, 4);
  const month = digits(text, 4, 6);
  const day = digits(text, 6, 8);
  const hour = digits(text, 8, 10);
  const minute = digits(text, 10, 12);
  const second = digits(text, 12, 14);
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > DAYS[month - 1]!) return null;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return null;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month === 2 && day === 29 && !leap) return null;
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - BEIJING_OFFSET_S;
}

/** `YYYYMMDDhhmmss` in Beijing time. */
export function stampText(atS: EpochS): string {
  return new Date((atS + BEIJING_OFFSET_S) * 1000).toISOString().replace(/\D/g, '').slice(0, 14);
}

/** A QN, `YYYYMMDDhhmmsszzz` in Beijing time, of an instant in epoch milliseconds. */
export function qnText(atMs: number): string {
  return new Date(atMs + BEIJING_OFFSET_S * 1000).toISOString().replace(/\D/g, '').slice(0, 17);
}

/** `YYYY-MM-DDThh:mm:ssZ`. */
export function utcText(atS: EpochS): string {
  return new Date(atS * 1000).toISOString().replace('.000Z', 'Z');
}

/** Civil date `YYYY-MM-DD` in Beijing. */
export function beijingDate(atS: EpochS): string {
  return new Date((atS + BEIJING_OFFSET_S) * 1000).toISOString().slice(0, 10);
}
