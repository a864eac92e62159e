import type { ConfigFault } from '../../domain/config/config.ts';
import { Temporal } from 'temporal-polyfill';
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
  const faults: ConfigFault[] = [];
  for (const [index, edition] of editions.entries()) {
    const before = editions[index - 1];
    if (before === undefined) continue;
    const expected = nextDay(lastDay(before.inForce));
    const from = firstDay(edition.inForce);
    if (from === expected) continue;
    const message = from < expected ? `overlaps with ${before.id}` : `leaves a gap after ${before.id}`;
    faults.push(
      draft.fault(edition, ['inForce', 'from'], {
        message,
        expected: `${expected}, the day after ${before.id} ends`,
      }),
    );
  }
  return faults;
}

function nextDay(day: string): string {
  return Temporal.PlainDate.from(day).add({ days: 1 }).toString();
}
