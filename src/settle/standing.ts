import {
  type Dispute,
  disputeDeadlineS,
  type LedgerTransaction,
  type StatementSignature,
} from '../domain/settlement.ts';
import type {
  IssuedDocument,
  ListedStatement,
  Movement,
  PartyPayment,
  StatementOutline,
  StatementStanding,
} from '../domain/statement-list.ts';
import type { Statement } from '../domain/statement.ts';
import { allotmentsOf } from './arrears.ts';
import { entriesOf, openOf, statementState } from './books.ts';
import { pairBalances, paymentOf } from './difference.ts';

const dayS = 86_400;

/** What is known of the agreement of a statement. */
export interface AgreementBooks {
  outlines: readonly StatementOutline[];
  disputes: readonly Dispute[];
  ledger: readonly LedgerTransaction[];
  nowS: number;
}

const paymentsOf = (lines: readonly PartyPayment[]): PartyPayment[] =>
  pairBalances(lines)
    .filter(({ fen }) => fen !== 0n)
    .map(paymentOf);

/** Open disputes about any statement of the period: what they hold, later statements of it hold as well. */
function openDisputes(
  { agreement, period }: StatementOutline,
  { outlines, disputes }: AgreementBooks,
): Dispute[] {
  const ofPeriod = new Set(outlines.filter((one) => one.period === period).map(({ id }) => id));
  return disputes.filter(
    (one) => one.agreement === agreement && one.state !== 'closed' && ofPeriod.has(one.statement),
  );
}

/** A statement as a list shows it. */
export function listedStatement(
  statement: IssuedDocument,
  signatures: readonly StatementSignature[],
  books: AgreementBooks,
): ListedStatement {
  const { document, ...rest } = statement;
  const { id, issuedS, withdrawnS } = rest;
  const { parties, markings, status, lines, difference, procedure }: Statement = JSON.parse(document);
  const { ledger, nowS } = books;
  const open = openDisputes(statement, books);
  const asked = [parties.protecting, parties.benefiting].flatMap(({ code }) =>
    procedure.signatures.map((purpose) => ({ party: code ?? '', purpose })),
  );
  const given = (one: { party: string; purpose: string }): boolean =>
    signatures.some(({ party, purpose }) => party === one.party && purpose === one.purpose);
  const correction = books.outlines.findLast((one) => one.corrects === id && one.withdrawnS === null);
  return {
    ...rest,
    ...statementState(statement, { signatures: signatures.length, ledger, nowS }),
    signatures: signatures.map(({ party, purpose, signer, keyId, algorithm, signedS }) => ({
      party,
      purpose,
      signer,
      keyId,
      algorithm,
      signedS,
    })),
    parties,
    markings,
    outcome: status,
    payments: paymentsOf(lines),
    posts: paymentsOf(difference),
    held: [...new Set(open.flatMap((one) => one.lines))],
    openDisputes: open.length,
    awaited: withdrawnS === null ? asked.filter((one) => !given(one)) : [],
    reviewByS: procedure.reviewDays === undefined ? null : issuedS + procedure.reviewDays * dayS,
    objectUntilS: issuedS + procedure.objectionDays * dayS,
    correctedBy: correction?.id ?? null,
  };
}

/** Entries as one reads them: of each two governments the one that owed first is the one that pays. */
function movementsOf(entries: readonly LedgerTransaction[]): Movement[] {
  const payers = new Map<string, string>();
  const movements: Movement[] = [];
  for (const { id: entry, kind, atS, reference, postings } of entries) {
    const own = new Map<string, Movement>();
    for (const { party, counterparty, account, amountFen } of postings) {
      const pair = [party, counterparty].toSorted().join('\n');
      const payer = payers.get(pair) ?? (amountFen < 0n ? party : counterparty);
      payers.set(pair, payer);
      // Each movement is posted on both sides; the receiver's says it all.
      if (party === payer) continue;
      const head = { entry, kind, atS, reference, from: payer, to: party };
      const known = own.get(pair) ?? { ...head, change: { due: 0n, held: 0n, paid: 0n } };
      known.change[account] += amountFen;
      own.set(pair, known);
    }
    movements.push(...own.values());
  }
  return movements;
}

/** What became of a statement: objections to it, what stands in the books, what settled it. */
export function standingOf(
  statement: IssuedDocument,
  signatures: readonly StatementSignature[],
  books: AgreementBooks,
): StatementStanding {
  const { id } = statement;
  const { procedure }: Statement = JSON.parse(statement.document);
  const { ledger, disputes, nowS } = books;
  const entries = entriesOf(id, ledger);
  const own = new Set(entries.map((entry) => entry.id));
  return {
    statement: listedStatement(statement, signatures, books),
    disputes: disputes
      .filter((one) => one.statement === id)
      .map((one) => ({ ...one, deadlineS: disputeDeadlineS(one, procedure) })),
    entries: movementsOf(entries),
    // A line that waits for a dispute is due no more, yet nobody has paid it.
    settledBy: allotmentsOf(ledger).filter(({ entry, kind }) => own.has(entry) && kind !== 'hold'),
    open: openOf(id, ledger, { dueDays: procedure.dueDays, nowS }),
  };
}
