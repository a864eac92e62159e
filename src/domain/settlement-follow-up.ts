import type { Text } from './config/facts.ts';
import type { Account, Reminder, StatementDocument, StatementForm, TransactionKind } from './settlement.ts';
import type { Page } from './paging.ts';
import type { NoticeKey, SentNotice } from './settlement-notices.ts';
import type { EpochS } from './time.ts';

/** What one government owes another from one entry in the books, and how late it is. */
export interface OpenItem {
  entry: string;
  kind: TransactionKind;
  sinceS: EpochS;
  dueS: EpochS;
  openFen: bigint;
  /** Whole days since it was due; 0 before. */
  daysLate: number;
}

/** What one government owes another under an agreement. */
export interface Arrears {
  from: string;
  to: string;
  items: OpenItem[];
  openFen: bigint;
  /** The part of it that is late. */
  lateFen: bigint;
  daysLate: number;
  /** Interest accrued until now and not booked, whole fen, cut; null where the agreement asks for none. */
  interestFen: bigint | null;
}

export type Balances = Record<Account, bigint>;

/** One entry as one party sees it: what it adds to what the party is to receive, holds, or has received. */
export interface AccountEntry {
  id: string;
  kind: TransactionKind;
  atS: EpochS;
  reference: string | null;
  counterparty: string;
  change: Balances;
  /** What the party is to receive from this counterparty after the entry; below zero: it owes. */
  dueFen: bigint;
}

/** A statement of account (对账单) of one party: opening, every entry, closing. Above zero: the party receives. */
export interface AccountStatement {
  party: string;
  fromS: EpochS;
  toS: EpochS;
  counterparties: { counterparty: string; opening: Balances; closing: Balances }[];
  entries: AccountEntry[];
}

/** What is in a cooperation fund, what each member still owes it, what went to each use; whole fen. */
export interface FundStanding {
  balanceFen: bigint;
  owedFen: Record<string, bigint>;
  usedFen: Record<string, bigint>;
}

/** What has to stand beside every amount of an agreement that is not one to be paid on. */
export interface Marked {
  markings: Text[];
}

/** What the API asks of what follows a statement. Amounts are whole fen; throws E_NOT_FOUND, and E_CONFLICT where there is no fund. */
export interface SettlementFollowUp {
  arrears(agreement: string): Promise<(Arrears & Marked)[]>;
  account(
    agreement: string,
    of: { party: string; fromS: EpochS; toS: EpochS },
  ): Promise<AccountStatement & Marked>;
  fund(agreement: string): Promise<FundStanding & Marked>;
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
  /**
   * Why a statement says what it says, in both languages, one section or all; `readings`: each of them. Throws E_NOT_FOUND for a statement
   * or a section that is not there.
   */
  why(statement: string, of: { section: string | undefined; readings: boolean }): Promise<object & Marked>;
  /** A statement as a page or a workbook. Throws E_NOT_FOUND. */
  document(statement: string, form: StatementForm): Promise<StatementDocument>;
}
