/** The contract between the pipeline of alerts, which writes notifications, and the channels, which deliver them. */
import type { EpochS } from './time.ts';

export type NotificationKind =
  'opened' | 'escalated' | 'amended' | 'withdrawn' | 'resolved' | 'digest' | 'drill' | 'reminder';
export type Severity = 'info' | 'minor' | 'major' | 'critical';
export type Language = 'zh' | 'en';

/** What a message says, already in words and numbers of the region; templates only lay it out. */
export interface NotificationFacts {
  alertId: string;
  ruleId: string;
  severity: Severity;
  /** Both languages, always. */
  title: { zh: string; en: string };
  summary: { zh: string; en: string };
  station: string | null;
  stationName: { zh: string; en: string } | null;
  parameter: string | null;
  value: string | null;
  unit: string | null;
  limit: string | null;
  multiple: string | null;
  edition: string | null;
  standing: string | null;
  beginS: EpochS | null;
  endS: EpochS | null;
  /** Position for a map link; null where unknown. */
  lon: number | null;
  lat: number | null;
  jurisdictions: readonly string[];
  drill: boolean;
  synthetic: boolean;
  /** Of a digest: the alerts it sums up. */
  items?: readonly Omit<NotificationFacts, 'items'>[];
}

/** One message to one recipient over one channel. `id` lets a receiver deduplicate. */
export interface Notification {
  id: string;
  kind: NotificationKind;
  contact: string;
  channel: string;
  address: string;
  language: Language;
  /** Messages with one key arrive in the order in which they were made. */
  orderingKey: string;
  createdS: EpochS;
  facts: NotificationFacts;
}

export type DeliveryState = 'waiting' | 'delivered' | 'failed' | 'dead';
