import { placeOf } from '../analysis/alerting/index.ts';
import type { Alert, RecordAlerts } from '../domain/alerts.ts';
import type { Config } from '../domain/config/config.ts';
import { MonitorError } from '../domain/errors.ts';
import type { Severity } from '../domain/notifications.ts';
import type { EpochS } from '../domain/time.ts';

/** Rule id of drills. */
export const drillRule = 'drill';

/**
 * A marked alert that goes the whole way of a real one: duty, channels, escalation, answer. No silence and no inhibition holds it.
 * Throws E_NOT_FOUND for a station that is not configured.
 */
export function drillOf(
  drill: { station: string; severity: Severity; actor: string; synthetic: boolean },
  config: Config,
  nowS: EpochS,
): RecordAlerts {
  const { station, severity } = drill;
  if (![...config.sections, ...config.airStations].some(({ id }) => id === station))
    throw new MonitorError('E_NOT_FOUND', `there is no station ${station}`, { details: { station } });
  const alert: Alert = {
    id: `${drillRule}~${station}~${nowS}`,
    rule: drillRule,
    kind: 'drill',
    title: { zh: '预警演练', en: 'Alert drill' },
    subject: `${station}~${nowS}`,
    station,
    parameter: null,
    provider: null,
    source: null,
    ...placeOf({ station }, config),
    state: 'open',
    severity,
    worst: severity,
    startS: nowS,
    endS: nowS,
    peakS: nowS,
    peakScore: 0,
    facts: {
      parameter: null,
      value: null,
      unit: null,
      limit: null,
      multiple: null,
      edition: null,
      standing: null,
      summary: {
        zh: '这是一次演练，没有发生任何情况；请按真实预警应答。',
        en: 'This is a drill: nothing has happened. Please answer as if it were real.',
      },
    },
    openedS: nowS,
    changedS: nowS,
    resolvedS: null,
    pending: 'drill',
    pendingSinceS: nowS,
    held: null,
    notifiedS: null,
    escalation: 0,
    lastToldS: null,
    acknowledgedBy: null,
    acknowledgedS: null,
    assignee: null,
    snoozedUntilS: null,
    drill: true,
    synthetic: drill.synthetic,
    steps: 1,
  };
  const step = {
    number: 1,
    atS: nowS,
    kind: 'opened',
    actor: drill.actor,
    reason: 'drill',
    detail: {},
  } as const;
  return { changes: [{ after: 0, alert, steps: [step] }], notifications: [] };
}
