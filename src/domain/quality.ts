import type { CheckKind } from './config/quality-checks.ts';
import type { Page } from './paging.ts';
import type { EpochS } from './time.ts';

export type QualityActKind = 'record-check' | 'hold-readings' | 'object-to-readings' | 'answer-objection';

/**
 * A check of a station's instrument, or its planned maintenance, as it was recorded and judged. Values are exact decimals;
 * null: none, or below detection in a comparison with a manual sample (`expected` the laboratory's, `measured` the station's).
 */
export interface QualityCheck {
  station: string;
  provider: string;
  /** Empty for the maintenance of the whole station. */
  parameters: readonly string[];
  check: CheckKind;
  /** When it was done; of a maintenance, its begin and end. */
  fromS: EpochS;
  atS: EpochS;
  expected: string | null;
  measured: string | null;
  detectionLimit: string | null;
  /** Null: no limit covers it, so a person has to decide. Maintenance is neither passed nor failed. */
  passed: boolean | null;
  /** Edition and figures that it was judged by. */
  edition: string;
  figures: Readonly<Record<string, string>>;
  /** Readings from here on go under review; null: none do. */
  holdsFromS: EpochS | null;
  note: string;
}

export interface StoredQualityCheck extends QualityCheck {
  seq: number;
  id: string;
  actor: string;
  recordedS: EpochS;
}

/** Readings put under review by an act. `toS` null: until a check of the same kind passes. */
export interface Hold {
  station: string;
  provider: string;
  /** Empty: every item. */
  parameters: readonly string[];
  fromS: EpochS;
  toS: EpochS | null;
  /** Name of the rule or check that asked for it, and the figures it judged by. */
  rule: string;
  figures: Readonly<Record<string, string>>;
  reason: string;
}

export interface StoredHold extends Hold {
  seq: number;
  id: string;
  actor: string;
  heldS: EpochS;
  /** The check that ended it: readings from `toS` on that arrive after it are not held. */
  released: { seq: number; toS: EpochS } | null;
}

/** What a provider delivered as final is not changed here: one says what is wrong with it, and the answer is recorded. */
export interface ReadingObjection {
  station: string;
  provider: string;
  parameters: readonly string[];
  averaging: string;
  fromS: EpochS;
  toS: EpochS;
  seenSeq: number;
  claim: string;
  evidence: readonly { name: string; sha256: string }[];
}

export interface StoredObjection extends ReadingObjection {
  seq: number;
  id: string;
  actor: string;
  atS: EpochS;
  answer: { outcome: 'upheld' | 'rejected'; text: string; actor: string; atS: EpochS; seq: number } | null;
}

/** What the acts of quality control have said so far; lists newest first. */
export interface QualityStore {
  checks(query: { station?: string } & Page<{ seq: number }>): Promise<StoredQualityCheck[]>;
  /** When a check of this kind and item last passed before `beforeS`; null: never. */
  lastPassed(of: {
    station: string;
    provider: string;
    parameter: string;
    check: CheckKind;
    beforeS: EpochS;
  }): Promise<EpochS | null>;
  /** Oldest first. */
  holds(): Promise<StoredHold[]>;
  objections(query: { station?: string } & Page<{ seq: number }>): Promise<StoredObjection[]>;
}

/** The hold that readings of a check go under; null where it passed or holds nothing. */
export function holdOfCheck(check: QualityCheck): Hold | null {
  if (check.holdsFromS === null) return null;
  const { station, provider, parameters, figures, note } = check;
  const maintenance = check.check === 'maintenance';
  return {
    station,
    provider,
    parameters,
    fromS: check.holdsFromS,
    toS: maintenance ? check.atS : null,
    rule: check.check,
    figures,
    reason: note,
  };
}
