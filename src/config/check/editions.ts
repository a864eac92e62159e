import type { ConfigFault } from '../../domain/config/config.ts';
import { Temporal } from 'temporal-polyfill';
import type { FaultText } from '../document.ts';
import type { Draft } from '../draft.ts';
import { firstDay, lastDay, type DatedFromTo } from './intervals.ts';

interface Edition {
  id: string;
  inForce: DatedFromTo;
}

/** The editions that the region names follow each other day by day: no day has two, none between them has none. */
export function editionFaults(draft: Draft): ConfigFault[] {
  const { region } = draft;
  if (region === null) return [];
  return [
    ...sequenceFaults(draft, named(region.standards.water, draft.waterStandards)),
    ...sequenceFaults(draft, named(region.standards.air, draft.airStandards)),
    ...sequenceFaults(draft, named(region.standards.aqi, draft.aqiStandards)),
  ];
}

function named<T extends Edition>(ids: readonly string[], editions: readonly T[]): T[] {
  const unique = new Map(
    editions.filter((edition) => ids.includes(edition.id)).map((edition) => [edition.id, edition]),
  );
  return [...unique.values()].toSorted((a, b) => (firstDay(a.inForce) < firstDay(b.inForce) ? -1 : 1));
}

function sequenceFaults(draft: Draft, editions: readonly Edition[]): ConfigFault[] {
  return stepFaults(editions.map(({ id, inForce }) => ({ name: id, inForce }))).map(({ at, text }) =>
    draft.fault(editions[at]!, ['inForce', 'from'], text),
  );
}

/** Where one of a row of dated entries does not begin on the day after the one before it ends. */
export function stepFaults(
  row: readonly { name: string; inForce: DatedFromTo }[],
): { at: number; text: FaultText }[] {
  return row.flatMap(({ inForce }, at) => {
    const before = row[at - 1];
    if (before === undefined) return [];
    const expected = nextDay(lastDay(before.inForce));
    const from = firstDay(inForce);
    if (from === expected) return [];
    const message = from < expected ? `overlaps with ${before.name}` : `leaves a gap after ${before.name}`;
    return [{ at, text: { message, expected: `${expected}, the day after ${before.name} ends` } }];
  });
}

function nextDay(day: string): string {
  return Temporal.PlainDate.from(day).add({ days: 1 }).toString();
}
