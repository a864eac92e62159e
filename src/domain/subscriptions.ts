import type { Page } from './paging.ts';
import type { Role } from './roles.ts';
import type { EpochS } from './time.ts';

export const eventKinds = ['readings.changed', 'verdict.changed', 'publication.decided'] as const;
export type EventKind = (typeof eventKinds)[number];

/** What somebody wants to be told of at an address of theirs. It sees what its owner sees. */
export interface Subscription {
  id: string;
  url: string;
  events: readonly EventKind[];
  /** Null: every station or parameter that the owner sees. */
  stations: readonly string[] | null;
  parameters: readonly string[] | null;
  /** On whose behalf it reads. */
  owner: { id: string; role: Role; jurisdiction: string | null; scopes: readonly string[] };
  /** Signing secret, sealed with the server's key. */
  sealedSecret: string;
  createdS: EpochS;
  /** Journal position at which it was made: what came before is not told. */
  afterSeq: number;
  /** Since when nothing is sent, because every attempt failed for days or the receiver wants no more; null: it works. */
  disabledS: EpochS | null;
}

export type SubscriptionActKind =
  'create-subscription' | 'delete-subscription' | 'disable-subscription' | 'enable-subscription';

/** How far a subscription was told. Not from acts: after a rebuild of the state some of it is told again. */
export interface SubscriptionProgress {
  /** Cursor of the change feed. */
  changes: string;
  verdictsSeq: number;
  publicationsS: EpochS;
  failingSinceS: EpochS | null;
  lastOkS: EpochS | null;
}

export interface Delivery {
  atS: EpochS;
  /** The same at every attempt. */
  message: string;
  event: string;
  /** HTTP status; null where there was no answer. */
  status: number | null;
  error: string | null;
  milliseconds: number;
}

export interface SubscriptionStore {
  /** Those that were not deleted, oldest first. */
  list(): Promise<Subscription[]>;
  get(id: string): Promise<Subscription | null>;
  progress(id: string): Promise<SubscriptionProgress | null>;
  setProgress(id: string, progress: SubscriptionProgress): Promise<void>;
  /** Keeps the newest few hundred. */
  note(id: string, delivery: Delivery): Promise<void>;
  /** Newest first. */
  deliveries(id: string, page: Page<{ id: number }>): Promise<(Delivery & { id: number })[]>;
}
