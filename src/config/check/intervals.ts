import type { ConfigFault } from '../../domain/config/config.ts';
import type { ValuePath } from '../document.ts';
import type { Draft } from '../draft.ts';
import { collections } from '../kinds.ts';
import { everyMap } from './every-map.ts';

/** Civil dates, both included; an absent or null end is open. */
export interface DatedFromTo {
  from?: string;
  to?: string | null;
}

/** Whether two dated facts hold on a common day. */
export function overlaps(a: DatedFromTo, b: DatedFromTo): boolean {
  return firstDay(a) <= lastDay(b) && firstDay(b) <= lastDay(a);
}

/** First day, or one before all others. */
export function firstDay(dated: DatedFromTo): string {
  return dated.from ?? '0000-01-01';
}

/** Last day, or one after all others. */
export function lastDay(dated: DatedFromTo): string {
  return dated.to ?? '9999-12-31';
}

/** Nothing may end before it begins, wherever `from` and `to` stand side by side. */
export function intervalFaults(draft: Draft): ConfigFault[] {
  const faults: ConfigFault[] = [];
  for (const entry of collections.flatMap((name) => soundEntries(draft, name))) {
    everyMap(entry, (map, path: ValuePath) => {
      const { from, to } = map;
      if (!isDate(from) || !isDate(to) || from <= to) return;
      faults.push(
        draft.fault(entry, [...path, 'to'], {
          message: 'ends before it begins',
          expected: `a date from ${from} on`,
        }),
      );
    });
  }
  return faults;
}

/** Other things have a `from` and a `to` as well: a payment has. */
function isDate(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value);
}

/** Entries of a list that fit their schema. */
export function soundEntries(draft: Draft, name: (typeof collections)[number]): readonly object[] {
  if (name === 'regions') return draft.region === null ? [] : [draft.region];
  return draft[name] ?? [];
}
