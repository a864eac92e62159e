import type { Reminder, StatementDocument, StatementForm } from './settlement.ts';
import type { Page } from './paging.ts';
import type { NoticeKey, SentNotice } from './settlement-notices.ts';
import type { EpochS } from './time.ts';

/** What the API asks of what follows a statement. Amounts are whole fen; throws E_NOT_FOUND, and E_CONFLICT where there is no fund. */
export interface SettlementFollowUp {
  arrears(agreement: string): Promise<object[]>;
  account(agreement: string, of: { party: string; fromS: EpochS; toS: EpochS }): Promise<object>;
  fund(agreement: string): Promise<object>;
  /** What desks were told, newest first; of one party, or null: of everybody under the agreement. */
  notices(agreement: string, of: Page<NoticeKey> & { party: string | null }): Promise<SentNotice[]>;
  /** What the office recorded: whom it reminded of what, newest first. */
  reminders(agreement: string): Promise<Reminder[]>;
  /** What each clause is worth, varied alone from period to period; a trial. Throws E_BAD_REQUEST. */
  price(agreement: string, of: { clauses: readonly string[]; from: string; to: string }): Promise<object[]>;
  /** Acts; those that are refused are E_CONFLICT or E_BAD_REQUEST. */
  remind(agreement: string, actor: string): Promise<Reminder[]>;
  deduct(
    deduction: Record<'agreement' | 'from' | 'to' | 'amountFen' | 'reference', string>,
    actor: string,
  ): Promise<number>;
  /** Interest accrued and not yet booked; resolves with the whole fen booked. */
  bookInterest(of: Record<'agreement' | 'from' | 'to', string>, actor: string): Promise<bigint>;
  /** Money out of the fund on a declared use. */
  spend(
    spending: Record<'agreement' | 'use' | 'to' | 'amountFen' | 'reference', string>,
    actor: string,
  ): Promise<number>;
  /** Resolves with the whole fen owed. */
  contribute(
    contribution: Record<'agreement' | 'party' | 'year' | 'revenueFen' | 'source', string>,
    actor: string,
  ): Promise<string>;
  /** A statement as a page or a workbook. Throws E_NOT_FOUND. */
  document(statement: string, form: StatementForm): Promise<StatementDocument>;
}
