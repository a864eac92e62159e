import type { Text } from './config/facts.ts';
import type { Procedure, SignaturePurpose } from './config/region.ts';
import { MonitorError } from './errors.ts';
import type { EpochS } from './time.ts';

/** A government that pays or receives. `code` null: named by the scheme, no party of the agreement. */
export type Party = { code: string | null; name: Text };

/** How the books name a party: its jurisdiction code, or its Chinese name where it has none. */
export const partyKey = (party: Party): string => party.code ?? party.name.zh;

/** One line of a statement, whole fen. `dependsOn`: parameters of its section whose loss would change it. */
export type StatementLine = {
  id: string;
  section: string;
  from: Party;
  to: Party;
  amountFen: string;
  amountWan: string;
  basis: string | null;
  step: string;
  dependsOn: string[];
};

/** What a second look at a statement computed anew: the sections of which an input changed, of how many, on how many readings. */
export type Recomputed = { sections: string[]; of: number; readings: number };

/** What a statement adds to the books for one line: all of it in a first statement, the change in a correction. */
export type LineDifference = {
  line: string;
  section: string;
  from: Party;
  to: Party;
  /** Above zero. */
  amountFen: string;
};

/** The part of an issued statement that the books, the states and the readers of a list need. The document holds more. */
export type StatementHead = {
  id: string;
  agreement: string;
  period: string;
  /** 1 for the first of this agreement and period. */
  number: number;
  corrects: { id: string; sha256: string; decidedLines: string[] } | null;
  parties: { protecting: Party; benefiting: Party };
  lines: StatementLine[];
  difference: LineDifference[];
  procedure: Procedure;
};

/** A statement as it was issued. Texts are canonical JSON, to the byte. */
export interface IssuedStatement {
  id: string;
  agreement: string;
  period: string;
  number: number;
  corrects: string | null;
  /** SHA-256 of `document`, hex: what the parties sign. */
  sha256: string;
  document: string;
  inputs: string;
  facts: string;
  issuedS: EpochS;
  withdrawnS: EpochS | null;
  /** When the last signature asked for arrived; from then on the statement stands in the books. */
  effectiveS: EpochS | null;
}

export type SignatureAlgorithm = 'ed25519' | 'sm2-sm3';

/** A party's public key. The private one never leaves the party. */
export interface SigningKey {
  /** SHA-256 of the public key's DER (SPKI), hex. */
  keyId: string;
  algorithm: SignatureAlgorithm;
  /** Jurisdiction code. */
  party: string;
  holder: string;
  /** DER (SPKI), base64. */
  publicKey: string;
  /** PEM, where a certificate authority stands behind the key. */
  certificate: string | null;
}

export interface PublishedKey extends SigningKey {
  publishedS: EpochS;
  revokedS: EpochS | null;
  revocation: string | null;
}

/** A signature over canonical JSON of every other member. */
export type StatementSignature = {
  format: 'jiehe-signature';
  version: 1;
  statement: string;
  sha256: string;
  party: string;
  purpose: SignaturePurpose;
  signer: string;
  keyId: string;
  algorithm: SignatureAlgorithm;
  signedS: number;
  /** SHA-256 of the scanned sealed original, which is the legal act; null while there is none. */
  sealedOriginalSha256: string | null;
  /** RFC 3161 token, base64, where a time-stamp authority was asked. */
  timeStamp: string | null;
  /** Base64. */
  signature: string;
};

/* ---------- books ---------- */

/** `due`: owed between the two now. `held`: the same, while a dispute lasts. `paid`: money that moved. */
export const accounts = ['due', 'held', 'paid'] as const;
export type Account = (typeof accounts)[number];

/** One side of an entry. Above zero: the party is to receive, or has received. */
export interface Posting {
  party: string;
  counterparty: string;
  account: Account;
  line: string | null;
  amountFen: bigint;
}

export type TransactionKind =
  | 'statement'
  | 'hold'
  | 'release'
  | 'decision'
  | 'payment'
  | 'deduction'
  | 'interest'
  | 'contribution'
  | 'fund-use';

/** How the books name a cooperation fund: it belongs to no government. */
export const fundParty = 'fund';

/** Section of lines that come from no section: what a superior government adds. */
export const noSection = '*';

/** A payer was told what is late. */
export interface Reminder {
  from: string;
  to: string;
  amountFen: string;
  daysLate: number;
  atS: EpochS;
}

/** An entry in the books: postings that sum to zero. */
export interface LedgerTransaction {
  id: string;
  agreement: string;
  kind: TransactionKind;
  statement: string | null;
  dispute: string | null;
  /** The statement, or the one that the dispute is about; null for money between parties. */
  concerns: string | null;
  atS: EpochS;
  reference: string | null;
  postings: Posting[];
}

type Movement = { from: string; to: string; amountFen: bigint; line: string | null };

/** `from` owes `to`: two postings on one account that sum to zero. */
export function owed({ from, to, amountFen, line }: Movement, account: Account): Posting[] {
  return [
    { party: from, counterparty: to, account, line, amountFen: -amountFen },
    { party: to, counterparty: from, account, line, amountFen },
  ];
}

/** Moves what `from` owes `to` from one account to another. */
export function moved(movement: Movement, accountFrom: Account, accountTo: Account): Posting[] {
  const back = { ...movement, amountFen: -movement.amountFen };
  return [...owed(back, accountFrom), ...owed(movement, accountTo)];
}

export function movementOf(difference: LineDifference): Movement {
  return {
    from: partyKey(difference.from),
    to: partyKey(difference.to),
    amountFen: BigInt(difference.amountFen),
    line: difference.line,
  };
}

/* ---------- disputes ---------- */

export const disputeStates = ['raised', 'answered', 'mediated', 'referred', 'closed'] as const;
export type DisputeState = (typeof disputeStates)[number];
export const disputeSteps = ['answer', 'mediate', 'refer', 'withdraw', 'settle', 'decide'] as const;
export type DisputeStep = (typeof disputeSteps)[number];

const stepsFrom: Record<DisputeState, readonly DisputeStep[]> = {
  raised: ['answer', 'mediate', 'withdraw', 'settle'],
  answered: ['mediate', 'withdraw', 'settle'],
  mediated: ['refer', 'withdraw', 'settle'],
  referred: ['decide', 'withdraw', 'settle'],
  closed: [],
};
const stateAfter: Record<DisputeStep, DisputeState> = {
  answer: 'answered',
  mediate: 'mediated',
  refer: 'referred',
  withdraw: 'closed',
  settle: 'closed',
  decide: 'closed',
};

/** The state a step leads to. Throws E_CONFLICT for a step that the state does not have. */
export function disputeStateAfter(state: DisputeState, step: DisputeStep): DisputeState {
  if (stepsFrom[state].includes(step)) return stateAfter[step];
  const possible = stepsFrom[state].join(', ') || 'nothing';
  throw new MonitorError('E_CONFLICT', `a dispute that is ${state} cannot ${step} (possible: ${possible})`);
}

/** What an objection may be to: the readings of an input, the class of a section, who is found to have caused what, or a line. */
export const objectedTo = ['input', 'verdict', 'attribution', 'line'] as const;

/** A file that a party brings: its bytes stay with the party, its hash is in the record. */
export type Evidence = { name: string; sha256: string; bytes: number };

export interface Dispute {
  id: string;
  statement: string;
  agreement: string;
  party: string;
  /** What is objected to. All but a line hold every line of the section that depends on it. */
  about: (typeof objectedTo)[number];
  section: string;
  /** For an input. */
  parameter: string | null;
  /** For single readings of the input, by key time in `[fromS, toS)`; null: all of them. */
  fromS: EpochS | null;
  toS: EpochS | null;
  lines: string[];
  grounds: string;
  evidence: Evidence[];
  state: DisputeState;
  raisedS: EpochS;
  /** When it entered its state. */
  sinceS: EpochS;
  history: {
    step: DisputeStep;
    actor: string;
    atS: EpochS;
    note: string;
    documentNumber: string | null;
    evidence: Evidence[];
    outcome: DecidedLine[];
  }[];
}

/** What a line comes to by agreement of the parties or by decision; signed as the line is, null: as it stood. */
export type DecidedLine = { line: string; amountFen: string };

/** When the state must have been left; null for one that has no end. */
export function disputeDeadlineS(
  dispute: Pick<Dispute, 'state' | 'sinceS'>,
  procedure: Pick<Procedure, 'answerDays' | 'mediationDays'>,
): EpochS | null {
  const days = { raised: procedure.answerDays, answered: procedure.mediationDays }[dispute.state as 'raised'];
  return days === undefined ? null : dispute.sinceS + days * 86_400;
}

/** Lines that an objection puts on hold: the one it names, or every line that depends on the input. */
export function linesHeldBy(
  statement: Pick<StatementHead, 'lines'>,
  about: { section: string; parameter: string | null; line: string | null },
): string[] {
  return statement.lines
    .filter((line) =>
      about.line === null
        ? line.section === about.section && line.dependsOn.includes(about.parameter ?? '')
        : line.id === about.line,
    )
    .map((line) => line.id);
}

/* ---------- port ---------- */

export type SettlementActKind =
  | 'publish-signing-key'
  | 'revoke-signing-key'
  | 'issue-statement'
  | 'withdraw-statement'
  | 'sign-statement'
  | 'record-payment'
  | 'raise-dispute'
  | 'dispute-step';

/** Of what follows a statement in force. */
export type FollowUpActKind =
  | 'remind-payment'
  | 'send-reminders'
  | 'redirect-reminders'
  | 'book-interest'
  | 'record-deduction'
  | 'book-contribution'
  | 'use-fund';

/** A statement as a finance officer holds it: a page to print, or a workbook. */
export type StatementForm = { format: 'html' | 'xlsx'; language: 'zh' | 'en' };
export type StatementDocument = { bytes: Uint8Array; mediaType: string };

export type Balance = { party: string; counterparty: string; account: Account; amountFen: bigint };
