import type { Text } from '../../../src/domain/config/facts.ts';

/** Answers about alerts, their history, and incidents. */
export interface ListedAlert {
  id: string;
  kind: string;
  title: Text;
  summary: Text;
  station: string | null;
  parameter: string | null;
  state: string;
  severity: string;
  worst: string;
  start: string;
  end: string | null;
  opened: string;
  value: string | null;
  unit: string | null;
  limit: string | null;
  multiple: string | null;
  edition: string | null;
  held: string | null;
  jurisdictions: string[];
  acknowledgedBy: string | null;
  acknowledged: string | null;
  assignee: string | null;
  snoozedUntil: string | null;
  drill: boolean;
}
export interface AlertStep {
  number: number;
  at: string;
  kind: string;
  actor: string | null;
  reason: string;
  detail: Record<string, unknown>;
}
export interface ToldMessage {
  notification: string;
  kind: string;
  contact: string;
  contactName: Text | null;
  channel: string;
  channelName: Text | null;
  state: string | null;
}
export interface ShownAlert extends ListedAlert {
  steps: AlertStep[];
  told: ToldMessage[];
}
export interface IncidentKind {
  id: string;
  name: Text;
}
export interface ShownIncident {
  id: string;
  kindName: Text;
  text: string;
  stations: string[];
  jurisdiction: string | null;
  severity: string;
  from: string;
  to: string | null;
  withdrawn: boolean;
  actor: string;
}
