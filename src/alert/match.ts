import type { Alert } from '../domain/alerts.ts';
import { severities, type AlertMatch } from '../domain/config/alerting.ts';

/** Prefectures that an alert concerns, each once. */
export function concerned({ locatedIn, protecting, benefiting }: Alert): string[] {
  return [...new Set([locatedIn, protecting, benefiting].filter((code) => code !== null))];
}

/** Whether an alert is one of those that a route, an inhibition or a silence is about; what is absent is not asked for. */
export function matches(alert: Alert, match: AlertMatch): boolean {
  const { rules, stations, jurisdictions, rivers, leastSeverity, kinds } = match;
  if (rules !== undefined && !rules.includes(alert.rule)) return false;
  if (kinds !== undefined && !kinds.includes(alert.kind)) return false;
  if (stations !== undefined && (alert.station === null || !stations.includes(alert.station))) return false;
  if (rivers !== undefined && (alert.river === null || !rivers.includes(alert.river))) return false;
  if (leastSeverity !== undefined && severities.indexOf(alert.severity) < severities.indexOf(leastSeverity))
    return false;
  return jurisdictions === undefined || concerned(alert).some((code) => jurisdictions.includes(code));
}
