import type { AveragingId, EpochS } from './time.ts';
import type { Validity } from './flags.ts';

export type ReadingActKind = 'review-readings' | 'register-station';

/** A person looked at readings and says what they are worth. It holds for the values that were seen, not for later ones. */
export interface Review {
  station: string;
  parameters: readonly string[];
  averaging: AveragingId;
  provider: string;
  /** On the key time, half-open. */
  fromS: EpochS;
  toS: EpochS;
  validity: Validity;
  /** Level of the review, 1 to 7 (final); readings that a higher level reviewed stay as they are. */
  stage: number;
  /** Journal position up to which the reviewer saw the readings. */
  seenSeq: number;
  reason: string;
}

/** What a provider calls a station of ours, from a civil day on; files of the configuration stay the base. */
export interface Registration {
  provider: string;
  naturalKey: string;
  station: string;
  /** Civil dates, both inclusive; `to` null: until further notice. */
  from: string;
  to: string | null;
}

export interface StoredReview extends Review {
  seq: number;
  id: string;
  actor: string;
  atS: EpochS;
}

export interface StoredRegistration extends Registration {
  seq: number;
  id: string;
  actor: string;
  atS: EpochS;
}

/** What the acts on readings have said so far. */
export interface ReadingActStore {
  reviews(query: { station?: string; beforeSeq?: number; limit: number }): Promise<StoredReview[]>;
  registrations(): Promise<StoredRegistration[]>;
}
