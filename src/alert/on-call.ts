import { civilMinute, holdsMoment } from '../analysis/alerting/signal.ts';
import type { Contact } from '../domain/config/alerting.ts';
import type { Config } from '../domain/config/config.ts';
import type { EpochS } from '../domain/time.ts';

/**
 * Who is on duty for a jurisdiction at a moment, in the order in which they are told; null: the joint office. The calendar's exception
 * of the civil day decides, else the first shift that holds the moment; without a calendar every contact of the jurisdiction but
 * its finance desk is on duty, and one without contacts leaves its duty to the joint office.
 */
export function onDuty(
  jurisdiction: string | null,
  config: Pick<Config, 'contacts' | 'onCall' | 'region'>,
  nowS: EpochS,
): Contact[] {
  const byId = new Map(config.contacts.map((contact) => [contact.id, contact]));
  const calendar = config.onCall.find((one) => one.jurisdiction === jurisdiction);
  if (calendar !== undefined) {
    const at = civilMinute(nowS, calendar.timeZone ?? config.region.timeZone);
    const exception = calendar.exceptions?.find(({ date }) => date === at.date);
    const shift = calendar.shifts.find((one) => holdsMoment(one, at));
    const named = exception?.contacts ?? shift?.contacts ?? [];
    const found = named.flatMap((id) => byId.get(id) ?? []);
    if (found.length > 0) return found;
  }
  const own = config.contacts.filter(
    (contact) => contact.jurisdiction === jurisdiction && contact.desk === undefined,
  );
  return own.length > 0 || jurisdiction === null ? own : onDuty(null, config, nowS);
}
