import type { AlertMatch } from './config/alerting.ts';
import type { Text } from './config/facts.ts';
import type { Notification, NotificationKind, Severity } from './notifications.ts';
import type { Page } from './paging.ts';
import type { EpochS } from './time.ts';

export const alertStates = [
  'open',
  'notified',
  'acknowledged',
  'escalated',
  'resolved',
  'closed',
  'withdrawn',
] as const;
export type AlertState = (typeof alertStates)[number];
/** States in which somebody still has to act, or the event still goes on. */
export const activeStates: readonly AlertState[] = ['open', 'notified', 'acknowledged', 'escalated'];

/** What is said of the worst moment so far; numbers as printed. */
export interface AlertFacts {
  parameter: string | null;
  value: string | null;
  unit: string | null;
  limit: string | null;
  multiple: string | null;
  edition: string | null;
  standing: string | null;
  summary: Text;
}

/**
 * One alert: one subject and rule over one time. `startS` and `endS` are event time (null: it goes on); `openedS`, `changedS`,
 * `pendingSinceS` are when the system did it. `pending`: what nobody has been told yet. `steps` counts its history and guards against
 * two writers.
 */
export interface Alert {
  id: string;
  rule: string;
  /** Kind of the rule, or `drill`. */
  kind: string;
  title: Text;
  subject: string;
  station: string | null;
  parameter: string | null;
  provider: string | null;
  source: string | null;
  river: string | null;
  /** Prefectures: whose land, who protects, who benefits; each null where there is none. */
  locatedIn: string | null;
  protecting: string | null;
  benefiting: string | null;
  state: AlertState;
  severity: Severity;
  worst: Severity;
  startS: EpochS;
  endS: EpochS | null;
  peakS: EpochS;
  peakScore: number;
  facts: AlertFacts;
  openedS: EpochS;
  changedS: EpochS;
  resolvedS: EpochS | null;
  pending: NotificationKind | null;
  pendingSinceS: EpochS | null;
  /** Why what is pending has not been told; null where nothing holds it. */
  held: string | null;
  notifiedS: EpochS | null;
  escalation: number;
  lastToldS: EpochS | null;
  acknowledgedBy: string | null;
  acknowledgedS: EpochS | null;
  assignee: string | null;
  snoozedUntilS: EpochS | null;
  drill: boolean;
  synthetic: boolean;
  steps: number;
}

export const alertStepKinds = [
  'opened',
  'held',
  'notified',
  'severity-raised',
  'severity-lowered',
  'new-peak',
  'amended',
  'escalated',
  'fallback',
  'acknowledged',
  'assigned',
  'commented',
  'snoozed',
  'resolved',
  'reopened',
  'withdrawn',
  'closed',
] as const;
export type AlertStepKind = (typeof alertStepKinds)[number];

/** One entry of an alert's history. `actor` null: the system. `reason` is a name, `detail` what it rests on. */
export interface AlertStep {
  number: number;
  atS: EpochS;
  kind: AlertStepKind;
  actor: string | null;
  reason: string;
  detail: Record<string, unknown>;
}

/** New state of one alert with the steps that led there; `after`: steps it had before, 0 for a new one. */
export interface AlertChange {
  after: number;
  alert: Alert;
  steps: AlertStep[];
}

export interface RecordAlerts {
  changes: AlertChange[];
  notifications: Notification[];
}

/**
 * What somebody reported: an accident, a spill. At `stations`, or, where there are none, in a jurisdiction as a whole. `toS` null: it
 * goes on. Withdrawn: it did not happen.
 */
export interface Incident {
  id: string;
  /** One of the kinds of the region's policy. */
  kind: string;
  text: string;
  stations: readonly string[];
  jurisdiction: string | null;
  severity: Severity;
  fromS: EpochS;
  toS: EpochS | null;
  withdrawn: boolean;
  actor: string;
  atS: EpochS;
  endedBy: string | null;
  endReason: string | null;
}

/** Nothing is told of what matches until `toS`; who asked for it says why. */
export interface Silence {
  id: string;
  match: AlertMatch;
  reason: string;
  fromS: EpochS;
  toS: EpochS;
  actor: string;
  atS: EpochS;
}

export type AlertActKind =
  | 'record-alerts'
  | 'acknowledge-alert'
  | 'assign-alert'
  | 'comment-alert'
  | 'snooze-alert'
  | 'close-alert'
  | 'silence-alerts'
  | 'open-incident'
  | 'end-incident'
  | 'record-deliveries'
  | 'resend-notification'
  | 'end-silence';

/** Who was told what, over what. */
export interface Told {
  notification: string;
  alert: string;
  kind: NotificationKind;
  contact: string;
  channel: string;
  address: string;
}

export interface AlertQuery extends Page<{ openedS: EpochS; id: string }> {
  states?: readonly AlertState[];
  station?: string;
  rule?: string;
  /** Any of these prefectures is concerned. */
  jurisdictions?: readonly string[];
}

/** Alerts, their history and whom they were told; all of it follows from acts. */
export interface AlertStore {
  /** Newest first. */
  list(query: AlertQuery): Promise<Alert[]>;
  get(id: string): Promise<{ alert: Alert; steps: AlertStep[] } | null>;
  /**
   * Those that are not over or have something to tell, and whatever is not closed or ended after `sinceS`, withdrawn ones included: of
   * all, or `only` of these stations and rules.
   */
  current(asked: {
    sinceS: EpochS;
    only?: { stations: readonly string[]; rules: readonly string[] };
  }): Promise<Alert[]>;
  told(alerts: readonly string[]): Promise<Told[]>;
  /** Not ended, with `toS` > `nowS`; `all`: also those that are over. */
  silences(nowS: EpochS, all?: boolean): Promise<Silence[]>;
  /** Those that go on, and those that ended after then; newest first. */
  incidents(sinceS: EpochS): Promise<Incident[]>;
  incident(id: string): Promise<Incident | null>;
}
