import type { AlertActKind } from './alerts.ts';
import type { CircumstanceActKind } from './circumstance.ts';
import type { DeviceActKind } from './device-acts.ts';
import type { IdentityActKind } from './identity.ts';
import type { QualityActKind } from './quality.ts';
import type { PublicationActKind } from './sharing.ts';
import type { SubscriptionActKind } from './subscriptions.ts';
import type { EpochS } from './time.ts';
import type { RecordedActKind } from './uploads.ts';

export type ActKind =
  | AlertActKind
  | RecordedActKind
  | CircumstanceActKind
  | DeviceActKind
  | QualityActKind
  | IdentityActKind
  | PublicationActKind
  | SubscriptionActKind
  | 'create-key'
  | 'revoke-key'
  | 'give-public-ids';

/** An act of a person or of the system that others rely on; applied to the state and journaled before it is answered. */
export interface Act {
  kind: ActKind;
  version: 1 | 2 | 3;
  id: string;
  actor: string;
  atS: EpochS;
  payload: Record<string, unknown>;
}

export interface ActLog {
  /** Validates, applies, journals, commits, in one queue; resolves with the journal position. */
  perform(act: Act): Promise<number>;
  /** Position of an act that was performed before, whatever its `atS`; null: none. Throws E_CONFLICT for another content under its id. */
  done(act: Act): Promise<number | null>;
  appliedThrough(): Promise<number>;
  /**
   * Changes before `perform` or `recover` resolves, and at other times as well: what was read from the state at another number may be
   * out of date. It counts what this process did; acts of another process on the same state do not change it.
   */
  revision(): number;
  /** Whether the act of this entry is in the state; false: it was taken back. Waits for acts that are under way. */
  kept(seq: number): Promise<boolean>;
  /** Applies acts of the journal that the state has not seen; for start-up and for rebuilding from empty. */
  recover(): Promise<number>;
}
