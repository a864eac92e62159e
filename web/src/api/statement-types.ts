import type { Text } from '../../../src/domain/config/facts.ts';
import type {
  AccountStatement,
  Arrears,
  FundStanding,
  Marked,
} from '../../../src/domain/settlement-follow-up.ts';
import type { Explained } from '../../../src/domain/explained.ts';
import type { Reminder } from '../../../src/domain/settlement.ts';
import type { SentNotice } from '../../../src/domain/settlement-notices.ts';
import type { ListedStatement, StatementStanding } from '../../../src/domain/statement-list.ts';
import type { Statement } from '../../../src/domain/statement.ts';

/** As it goes over HTTP: whole fen are text. */
type OverHttp<T> = T extends bigint
  ? string
  : T extends object
    ? { [Member in keyof T]: OverHttp<T[Member]> }
    : T;

export type { ListedStatement, PartyPayment } from '../../../src/domain/statement-list.ts';
export type { Dispute, LineDifference, Party, StatementLine } from '../../../src/domain/settlement.ts';
export type { ChangedStatement } from '../../../src/domain/settlement-notices.ts';
export type { Statement } from '../../../src/domain/statement.ts';
export type Standing = OverHttp<StatementStanding>;
export type Account = OverHttp<AccountStatement & Marked>;
export type Debt = OverHttp<Arrears & Marked>;
export type Fund = OverHttp<FundStanding & Marked>;
export type { Reminder };
export type ShownNotice = Omit<SentNotice, 'messages'> & {
  messages: (SentNotice['messages'][number] & { contactName: Text | null; channelName: Text | null })[];
};
/** The sections of a statement in words of both languages. */
export interface ShownWhy {
  sections: (Explained & { section: string })[];
}
export interface ShownStatement {
  summary: ListedStatement;
  document: Statement;
}
