import type { Text } from './config/facts.ts';
import type { Page } from './paging.ts';
import type {
  Balance,
  DecidedLine,
  Dispute,
  DisputeStep,
  Evidence,
  LedgerTransaction,
  LineDifference,
  PublishedKey,
  Recomputed,
  SigningKey,
  StatementSignature,
} from './settlement.ts';
import type { ChangedStatement } from './settlement-notices.ts';
import type { ListedStatement, StatementKey, StatementStanding } from './statement-list.ts';
import type { EpochS } from './time.ts';

/** What the API asks of settlements. Acts answer with their journal position; refusals are E_CONFLICT, E_BAD_REQUEST, E_NOT_FOUND. */
export interface SettlementService {
  /** Of an agreement, the newest first. */
  statements(agreement: string, page: Page<StatementKey>): Promise<ListedStatement[]>;
  /** Whose it is; null for an unknown id. */
  agreementOf(of: { statement: string } | { dispute: string }): Promise<string | null>;
  /** Those in force of which an input has changed since they were issued, or of which nobody can say. */
  changed(query: { agreement?: string }): Promise<ChangedStatement[]>;
  /** Throws E_NOT_FOUND. */
  statement(id: string): Promise<{ summary: ListedStatement; document: Record<string, unknown> }>;
  /** What became of it: objections, entries, payments. Throws E_NOT_FOUND. */
  standing(id: string): Promise<StatementStanding>;
  /** Canonical text of the bundle. Throws E_NOT_FOUND. */
  bundle(id: string): Promise<string>;
  /** `markings`: what stands beside every amount, such as that nothing is payable; empty for a signed agreement on real data. */
  books(agreement: string): Promise<{ markings: Text[]; entries: LedgerTransaction[]; balances: Balance[] }>;
  disputes(query: {
    agreement?: string;
    statement?: string;
  }): Promise<(Dispute & { deadlineS: EpochS | null })[]>;
  signingKeys(): Promise<PublishedKey[]>;
  issue(request: {
    agreement: string;
    period: string;
    actor: string;
  }): Promise<{ id: string; sha256: string; seq: number }>;
  correct(request: { agreement: string; period: string; actor: string | null }): Promise<{
    corrects: string;
    recomputed: Recomputed;
    difference: LineDifference[];
    changed: { section: string; parameter: string; before: string | null; now: string | null }[];
    issued: { id: string; sha256: string; seq: number } | null;
  }>;
  withdraw(request: { statement: string; reason: string; actor: string }): Promise<number>;
  acceptSignature(signature: StatementSignature, actor: string): Promise<number>;
  object(
    objection: Pick<Dispute, 'statement' | 'party' | 'section' | 'parameter' | 'grounds' | 'evidence'> & {
      dispute: string;
      line: string | null;
      /** Absent: the line named, otherwise the readings of the parameter. */
      about?: 'verdict' | 'attribution';
      /** Single readings of the parameter, by key time in `[fromS, toS)`. */
      readings?: { fromS: EpochS; toS: EpochS };
    },
    actor: string,
  ): Promise<{ seq: number; lines: string[] }>;
  proceed(
    move: {
      dispute: string;
      step: DisputeStep;
      note: string;
      documentNumber: string | null;
      evidence: Evidence[];
      outcome: DecidedLine[];
    },
    actor: string,
  ): Promise<number>;
  pay(
    payment: { agreement: string; from: string; to: string; amountFen: string; reference: string },
    actor: string,
  ): Promise<number>;
  publishKey(key: SigningKey, actor: string): Promise<number>;
  revokeKey(request: { keyId: string; reason: string; actor: string }): Promise<number>;
}
