import type { DeliveryState, Notification } from './notifications.ts';
import type { Page } from './paging.ts';
import type { EpochS } from './time.ts';

/**
 * A notification and what became of it. `position` grows with every one that is added; `deliveredOrder` with every one that is
 * delivered, in the order of the commits: who has seen one has been able to see all before it. Null: not delivered.
 */
export interface StoredNotification extends Notification {
  position: number;
  deliveredOrder: number | null;
  state: DeliveryState;
  attempts: number;
  /** Not before; the instant of its making at first. */
  nextTryS: EpochS;
  deliveredS: EpochS | null;
  lastError: string | null;
}

/** Where notifications and their fate are kept. `waiting` was never tried, `failed` will be tried again, `dead` will not. */
export interface DeliveryStore extends DeliveryView {
  /** Reminders of the last days that are stuck, and instead of which no other was sent, oldest first. */
  stuckReminders(patience: DeliveryPatience): Promise<StoredNotification[]>;
  get(id: string): Promise<StoredNotification | null>;
  /** Newest first. */
  list(
    query: { alertId?: string; state?: DeliveryState } & Page<{ position: number }>,
  ): Promise<StoredNotification[]>;
  /** The oldest of a key that is neither delivered nor dead; null where there is none. */
  head(orderingKey: string): Promise<StoredNotification | null>;
  /** Delivered over one of these channels, of one alert where named, in the order of their delivery. */
  published(query: {
    channels: readonly string[];
    alertId?: string;
    afterOrder: number;
    limit: number;
  }): Promise<StoredNotification[]>;
  /** As {@link published}, newest first and from the end. */
  newest(query: { channels: readonly string[]; limit: number }): Promise<StoredNotification[]>;
  counts(): Promise<Record<DeliveryState, number>>;
  /** Age of the oldest that is neither delivered nor dead; null where there is none. */
  oldestPendingS(): Promise<EpochS | null>;
  /** The end of a message, as an act: a state that is made again from the journal sends nothing twice. */
  noteOutcome(
    id: string,
    outcome: { state: 'delivered' | 'dead'; atS: EpochS; error: string | null },
  ): Promise<void>;
}

/** When another way is chosen. `failingS`: how long a channel may fail until it counts as down. */
export interface DeliveryPatience {
  nowS: EpochS;
  failingS(channel: string): number;
}

/** What became of messages, as the pipeline asks it in order to choose another way. */
export interface DeliveryView {
  /** Those of these messages that are dead, or that their channel has tried in vain for too long. */
  stuck(notifications: readonly string[], patience: DeliveryPatience): Promise<ReadonlySet<string>>;
  /**
   * Channels on which a message is stuck and that delivered nothing since it was made. What was refused at its first attempt says
   * something of its recipient, not of the channel.
   */
  down(patience: DeliveryPatience): Promise<string[]>;
}

/** A wake of one ordering key; `id` names the notification whose next attempt is due. */
export interface DeliveryWake {
  orderingKey: string;
  id?: string;
}

/** The jobs behind the outbox: of one ordering key one runs at a time, over all processes. */
export interface DeliveryQueue {
  work(
    handler: (wake: DeliveryWake, signal: AbortSignal) => Promise<void>,
    choices: { concurrency: number },
  ): Promise<void>;
  /** Notes that an attempt failed (or, with `error` null, was put off) and wakes the key again, both or neither. */
  postpone(id: string, change: { atS: EpochS; delayS: number; error: string | null }): Promise<void>;
  /** Wakes every key that has something due: what a lost job would leave behind. Resolves with how many. */
  sweep(nowS: EpochS): Promise<number>;
}

/** One-time links. Only hashes are kept. */
export interface AcknowledgeTokens {
  /** Remembers a token; a known one is left as it is. */
  issue(token: {
    sha256: string;
    notificationId: string;
    alertId: string;
    contact: string;
    createdS: EpochS;
    expiresS: EpochS;
  }): Promise<void>;
  find(sha256: string): Promise<AcknowledgeToken | null>;
  /** True for the one caller that uses it. */
  use(sha256: string, by: { atS: EpochS; from: string }): Promise<boolean>;
  /** What it was used for did not happen. */
  release(sha256: string): Promise<void>;
}

export interface AcknowledgeToken {
  notificationId: string;
  alertId: string;
  contact: string;
  createdS: EpochS;
  expiresS: EpochS;
  usedS: EpochS | null;
}

/** Performs the act behind an acknowledge link. Throws E_NOT_FOUND and E_CONFLICT for an alert that is closed. */
export type AcknowledgeByLink = (act: {
  alertId: string;
  notificationId: string;
  contact: string;
  atS: EpochS;
}) => Promise<void>;
