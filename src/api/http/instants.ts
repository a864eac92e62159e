import { MonitorError } from '../../domain/errors.ts';
import type { Journal } from '../../domain/ports.ts';
import { parseInstant, type EpochS } from '../../domain/time.ts';

const mostRead = 4096;
/** A time with nanoseconds and an offset is shorter; annotations of a zone or calendar have no end, and no chart sends them. */
const longestRead = 40;
const read = new Map<string, EpochS>();

/** As {@link parseInstant}; texts that come again with every request of a chart are read once. Throws E_BAD_REQUEST. */
export function instantOf(text: string, timeZone: string): EpochS {
  const name = `${timeZone} ${text}`;
  const known = read.get(name);
  if (known !== undefined) return known;
  const atS = parseInstant(text, timeZone);
  if (text.length > longestRead) return atS;
  if (read.size === mostRead) read.clear();
  read.set(name, atS);
  return atS;
}

/** Whether {@link instantOf} will read it, in any zone. */
export function isInstant(text: string): boolean {
  try {
    instantOf(text, 'UTC');
    return true;
  } catch {
    return false;
  }
}

export function isAsOf(text: string): boolean {
  return /^\d{1,15}$/.test(text) || isInstant(text);
}

/** Newest journal position received at or before `atS`, by halving; 0 when there is none. */
async function positionAt(journal: Pick<Journal, 'get' | 'head'>, atS: EpochS): Promise<number> {
  let low = 0;
  let high = journal.head().seq;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((await journal.get(middle)).receivedS <= atS) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The journal position that `asOf` means: itself, or the newest one received by that time. Throws E_BAD_REQUEST beyond the head. */
export async function asOfPosition(
  journal: Pick<Journal, 'get' | 'head'>,
  asOf: string,
  timeZone: string,
): Promise<number> {
  if (!/^\d+$/.test(asOf)) return positionAt(journal, parseInstant(asOf, timeZone));
  const seq = Number(asOf);
  const head = journal.head().seq;
  if (seq <= head) return seq;
  const faults = [{ field: 'querystring.asOf', value: asOf, expected: `a journal position up to ${head}` }];
  throw new MonitorError('E_BAD_REQUEST', 'the request cannot be understood: querystring.asOf', {
    details: { faults },
  });
}
