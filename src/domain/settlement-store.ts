import type { Page } from './paging.ts';
import type {
  Dispute,
  IssuedStatement,
  LedgerTransaction,
  PublishedKey,
  Reminder,
  StatementSignature,
} from './settlement.ts';
import type { NoticeKey, ToldNotice } from './settlement-notices.ts';
import type {
  IssuedDocument,
  StatementKey,
  StatementOutline,
  StatementQuery,
  StatementTerms,
} from './statement-list.ts';
import type { EpochS } from './time.ts';

/** What is kept of settlements, read only: every change is an act. */
export interface SettlementStore {
  /** By agreement and period where given, in the order of issue. */
  statements(query: { agreement?: string; period?: string }): Promise<IssuedStatement[]>;
  /** The newest first. */
  documents(query: StatementQuery, page: Page<StatementKey>): Promise<IssuedDocument[]>;
  /** In the order of issue. */
  outlines(query: StatementQuery): Promise<StatementOutline[]>;
  /** Statements of an agreement that wait for signatures, or to which objections are taken at `nowS`. */
  openTerms(query: { agreement: string; nowS: EpochS }): Promise<StatementTerms[]>;
  /** Null for an unknown id. */
  statement(id: string): Promise<IssuedStatement | null>;
  signatures(statement: string): Promise<StatementSignature[]>;
  signingKeys(): Promise<PublishedKey[]>;
  disputes(query: { agreement?: string; statement?: string }): Promise<Dispute[]>;
  /** Entries of an agreement in the order of the journal. */
  ledger(agreement: string): Promise<LedgerTransaction[]>;
  /** Reminders of an agreement, oldest first. */
  reminders(agreement: string): Promise<Reminder[]>;
  /** Notices that went out, oldest first. */
  notices(query: { agreement: string; party?: string; subject?: string }): Promise<ToldNotice[]>;
  /** Those of these notices that went out. */
  toldAmong(ids: readonly string[]): Promise<Set<string>>;
  /** Notices that went out, newest first. */
  newestNotices(query: { agreement: string; party?: string }, page: Page<NoticeKey>): Promise<ToldNotice[]>;
  /** The newest statement in force of each agreement and period, by agreement and period. */
  inForce(): Promise<Pick<IssuedStatement, 'id' | 'agreement' | 'period'>[]>;
}
