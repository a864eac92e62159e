import type { Page } from './paging.ts';
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

/** A review at a named level of a network. Version 2 of the act: final readings stay unless it `reopens` them. */
export interface LevelReview extends Review {
  /** Id of the level as configured; `stage` is its stage. */
  level: string;
  network: string;
  /** Who reviewed, as it stands in the record; the actor is the key that sent it. */
  reviewer: string;
  /** Until when this level had to be done; null: no deadline was known. */
  dueS: EpochS | null;
  reopens: boolean;
}

/** What a provider calls a station of ours, from a civil day on; files of the configuration stay the base. */
export interface Registration {
  provider: string;
  naturalKey: string;
  station: string;
  /** Civil dates, both inclusive; `to` null: until further notice. */
  from: string;
  to: string | null;
  /** Why this name is that station (version 2): an approved suggestion names its score and reasons. */
  grounds?: RegistrationGrounds;
}

export const stationRelations = ['same', 'renamed', 'moved', 'replaced', 'split'] as const;
export type StationRelation = (typeof stationRelations)[number];

export interface RegistrationGrounds {
  /** What became of the station on that day. `split`: a part of what `of` was. */
  relation: StationRelation;
  /** Registered station that it was before, for `replaced` and `split`. */
  of: string | null;
  /** Where it stands from that day on; null: as before. */
  position: { lon: number; lat: number; uncertaintyKm: number } | null;
  score: number | null;
  reasons: readonly string[];
  note: string;
}

export interface StoredReview extends Review, Partial<Omit<LevelReview, keyof Review>> {
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
  /** Newest first. */
  reviews(query: { station?: string } & Page<{ seq: number }>): Promise<StoredReview[]>;
  registrations(): Promise<StoredRegistration[]>;
}
