import type { Alert } from '../../domain/alerts.ts';
import { MonitorError } from '../../domain/errors.ts';
import { isoWithOffset } from '../../domain/time.ts';
import { knownAt, verdictOn, type AnyVerdict, type VerdictPlaces } from './lookup.ts';

const judged: ReadonlySet<string> = new Set(['class-worse', 'item-over-limit', 'aqi-level', 'early-warning']);

/** The period of the worst moment of an alert, as queries name it; null where no verdict is of that kind of period. */
function periodOfPeak({ kind, peakS, facts }: Alert, timeZone: string): string | null {
  if (!judged.has(kind)) return null;
  const clock = isoWithOffset(peakS, timeZone);
  if (kind === 'aqi-level') return clock.slice(0, 13);
  if (kind === 'early-warning') return clock.slice(0, 7);
  if (facts.standing?.startsWith('single-') === true) return clock.slice(0, 19);
  return facts.standing?.startsWith('day-') === true ? clock.slice(0, 10) : null;
}

/**
 * Whether a verdict is of the readings that an alert was raised on: those of one provider, and of one item where that is watched. A
 * warning is of the section as a whole.
 */
function ofSameReadings({ parameter, provider, kind }: Alert, found: AnyVerdict): boolean {
  if (found.medium === 'air') return found.verdict.provider === provider;
  if (kind === 'early-warning') return true;
  const { items, decidingItems } = found.verdict.assessment;
  const wanted = kind === 'item-over-limit' && parameter !== null ? [parameter] : decidingItems;
  const used = items.filter((item) => wanted.includes(item.parameter) && item.value !== null);
  return used.length > 0 && used.every((item) => item.provider === provider);
}

/**
 * Ids of the verdicts that an alert rests on, as known now: of its worst moment, by the readings of its provider. Empty for alerts on
 * something else than a class, limit or index, and for means of a month that is not over.
 */
export async function verdictsOfAlert(deps: VerdictPlaces, alert: Alert): Promise<string[]> {
  const period = periodOfPeak(alert, deps.config().region.timeZone);
  const { station } = alert;
  if (period === null || station === null) return [];
  try {
    const found = await verdictOn(deps, { ...(await knownAt(deps, undefined)), station, period });
    return ofSameReadings(alert, found) ? [found.verdict.id] : [];
  } catch (error) {
    // A station or standard that is configured no more takes nothing from the alert.
    if (error instanceof MonitorError && error.code === 'E_NOT_FOUND') return [];
    throw error;
  }
}
