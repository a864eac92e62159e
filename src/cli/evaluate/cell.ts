import { Temporal } from 'temporal-polyfill';
import { parseMeasured, type Measured } from '../../analysis/water/measured.ts';
import type { Decimal } from '../../domain/decimal.ts';
import { civilDate, parseInstant } from '../../domain/time.ts';
import { RowFault } from './table.ts';

/** How sources write "no value". */
const MISSING = new Set(['', '-', '--', '—', '/', '*', 'na', 'n/a', 'null', 'nan']);
/** How sources write "not part of the monitoring plan". */
export const NOT_IN_PLAN = '/';

export function isMissing(text: string): boolean {
  return MISSING.has(text.toLowerCase());
}

/** A concentration, or null for "no value". Throws {@link RowFault} for a text that is neither, and below `minimum`. */
export function measuredCell(
  cell: { text: string; line: number; column: string },
  share: Decimal,
  allowNegative: boolean,
): Measured | null {
  const { text, line, column } = cell;
  if (isMissing(text)) return null;
  const measured = parseMeasured(text, share);
  if (measured === null) {
    throw new RowFault(
      'VALUE_NOT_A_NUMBER',
      `line ${line}, column "${column}": "${text}" (expected a number, <limit or limitL, or empty)`,
    );
  }
  if (measured.value.isNegative() && !measured.value.isZero() && !allowNegative) {
    throw new RowFault(
      'VALUE_OUT_OF_RANGE',
      `line ${line}, column "${column}": "${text}" (expected 0 or more)`,
    );
  }
  return measured;
}

/** A time label: its civil date (as written; of the region's zone where the label has an offset), and the instant where the label names an hour. */
export interface TimeLabel {
  date: string;
  instantS: number | null;
}

const LABEL =
  /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(\d{1,2})(?::?(\d{2}))?(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/;

const labels = new Map<string, TimeLabel>();
const LABELS_KEPT = 5000;

/** Reads `2026-03-01`, `2026-03-01 01:00`, `2026-03-01T0100`, `2026-02-28T24:00`, with or without an offset. */
export function timeLabel(cell: { text: string; line: number; column: string }, timeZone: string): TimeLabel {
  const key = `${timeZone} ${cell.text}`;
  const known = labels.get(key);
  if (known !== undefined) return known;
  const label = readLabel(cell, timeZone);
  if (labels.size >= LABELS_KEPT) labels.clear();
  labels.set(key, label);
  return label;
}

function readLabel(cell: { text: string; line: number; column: string }, timeZone: string): TimeLabel {
  const match = LABEL.exec(cell.text);
  const fault = () =>
    new RowFault(
      'TIME_NOT_READABLE',
      `line ${cell.line}, column "${cell.column}": "${cell.text}" (expected YYYY-MM-DD or YYYY-MM-DDTHH:MM)`,
    );
  if (match === null) throw fault();
  const [, year, month, day, hour, minute = '00', second = '00', offset] = match;
  const date = `${year}-${month?.padStart(2, '0')}-${day?.padStart(2, '0')}`;
  try {
    Temporal.PlainDate.from(date, { overflow: 'reject' });
    if (hour === undefined) return { date, instantS: null };
    const midnight = Number(hour) === 24 && minute === '00' && second === '00';
    const clock = `${midnight ? '00' : hour.padStart(2, '0')}:${minute}:${second}`;
    const zone =
      offset === undefined || offset === 'Z' || offset.includes(':')
        ? offset
        : `${offset.slice(0, 3)}:${offset.slice(3)}`;
    const instantS = parseInstant(`${date}T${clock}${zone ?? ''}`, timeZone) + (midnight ? 86_400 : 0);
    return { date: zone === undefined ? date : civilDate(instantS, timeZone), instantS };
  } catch {
    throw fault();
  }
}
