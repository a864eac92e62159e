import type { Text } from './config/facts.ts';
import type { SignaturePurpose } from './config/region.ts';
import type {
  Dispute,
  IssuedStatement,
  Party,
  StatementHead,
  StatementSignature,
  TransactionKind,
} from './settlement.ts';
import type { Balances } from './settlement-follow-up.ts';
import type { EpochS } from './time.ts';

/** A statement without what it was computed from, which is many times as long. */
export type IssuedDocument = Omit<IssuedStatement, 'inputs' | 'facts'>;
/** A statement without any of its texts. */
export type StatementOutline = Omit<IssuedDocument, 'document' | 'sha256'>;
export type StatementQuery = { agreement: string } | { id: string };
/** Where a list of statements goes on. */
export type StatementKey = { issuedS: EpochS; id: string };

/** What terms a statement sets its parties, and who has signed it so far. */
export interface StatementTerms extends Pick<StatementHead, 'id' | 'parties' | 'procedure'> {
  issuedS: EpochS;
  effectiveS: EpochS | null;
  /** Empty once it is in force: then nobody is waited for. */
  signed: Pick<StatementSignature, 'party' | 'purpose'>[];
}

/** From the one who pays, whole fen above zero. */
export type PartyPayment = { from: Party; to: Party; amountFen: string };

/** A statement as its parties and the joint office see it in a list. */
export type ListedStatement = Omit<IssuedDocument, 'document'> & {
  state: string;
  dueS: EpochS | null;
  signatures: Pick<StatementSignature, 'party' | 'purpose' | 'signer' | 'keyId' | 'algorithm' | 'signedS'>[];
  parties: StatementHead['parties'];
  /** What a reader must know first; empty for a statement on reviewed data under a signed agreement. */
  markings: Text[];
  /** What it came to: assessed, assessed-zero, not-assessed. */
  outcome: string;
  /** What its lines come to between each two governments; even ones left out. */
  payments: PartyPayment[];
  /** What it added, or will add, to the books: of a correction the difference only. */
  posts: PartyPayment[];
  /** Lines that an open dispute holds. */
  held: string[];
  openDisputes: number;
  /** Signatures that the agreement asks for and nobody has given; empty once it is withdrawn. */
  awaited: { party: string; purpose: SignaturePurpose }[];
  /** By when the parties have agreed to review and sign; null where no day is agreed. */
  reviewByS: EpochS | null;
  objectUntilS: EpochS;
  /** The correction that stands on it, waiting or in force. */
  correctedBy: string | null;
};

/** What one entry of the books took from what another had left due: a payment, or a debt the other way. */
export interface Allotment {
  /** The entry that it settles. */
  entry: string;
  by: string;
  kind: TransactionKind;
  atS: EpochS;
  reference: string | null;
  from: string;
  to: string;
  amountFen: bigint;
}

/** What is still due of one entry. */
export interface OpenAmount {
  entry: string;
  kind: TransactionKind;
  from: string;
  to: string;
  openFen: bigint;
  dueS: EpochS;
  /** Whole days since it was due; 0 before. */
  daysLate: number;
}

/** One entry of the books between two governments: what it changes of what `from` owes, has on hold with, and has paid `to`. */
export interface Movement {
  entry: string;
  kind: TransactionKind;
  atS: EpochS;
  reference: string | null;
  from: string;
  to: string;
  change: Balances;
}

/** What became of a statement. */
export interface StatementStanding {
  statement: ListedStatement;
  disputes: (Dispute & { deadlineS: EpochS | null })[];
  /** Entries of the books that concern it, in their order. */
  entries: Movement[];
  /** What has settled them, oldest first. */
  settledBy: Allotment[];
  open: OpenAmount[];
}
