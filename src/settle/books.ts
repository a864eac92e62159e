import type { Account, IssuedStatement, LedgerTransaction, StatementHead } from '../domain/settlement.ts';
import type { OpenAmount, StatementOutline } from '../domain/statement-list.ts';
import { arrearsOf } from './arrears.ts';

/** What one party has with another on one account; above zero: it receives. */
export interface AccountBalance {
  party: string;
  counterparty: string;
  account: Account;
  amountFen: bigint;
}

const placeOf = ({ party, counterparty, account }: AccountBalance): string =>
  `${party}\n${counterparty}\n${account}`;

/** Balances of an agreement, netted per pair; empty ones left out. */
export function balancesOf(ledger: readonly LedgerTransaction[]): AccountBalance[] {
  const balances = new Map<string, AccountBalance>();
  for (const { party, counterparty, account, amountFen } of ledger.flatMap((entry) => entry.postings)) {
    const key = `${party}\n${counterparty}\n${account}`;
    const known = balances.get(key) ?? { party, counterparty, account, amountFen: 0n };
    balances.set(key, { ...known, amountFen: known.amountFen + amountFen });
  }
  return [...balances.values()]
    .filter((balance) => balance.amountFen !== 0n)
    .toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}

export const statementStates = [
  'withdrawn',
  'issued',
  'partly-signed',
  'in-force',
  'late',
  'settled',
] as const;
export type StatementState = (typeof statementStates)[number];

/** Entries of a statement: its own, and those of objections to it. */
export const entriesOf = (id: string, ledger: readonly LedgerTransaction[]): readonly LedgerTransaction[] =>
  ledger.filter((entry) => entry.concerns === id);

/** What is still due of what a statement, or an objection to it, brought into the books; money settles the oldest first. */
export function openOf(
  id: string,
  ledger: readonly LedgerTransaction[],
  of: { dueDays: number; nowS: number },
): OpenAmount[] {
  const own = new Set(entriesOf(id, ledger).map((entry) => entry.id));
  return arrearsOf(ledger, { ...of, interestPerDay: null }).flatMap(({ from, to, items }) =>
    items
      .filter((item) => own.has(item.entry))
      .map(({ entry, kind, openFen, dueS, daysLate }) => ({
        entry,
        kind,
        from,
        to,
        openFen,
        dueS,
        daysLate,
      })),
  );
}

/** Whether lines of the period are on hold in the books. */
function isHeld({ agreement, period }: StatementOutline, ledger: readonly LedgerTransaction[]): boolean {
  const ofPeriod = `${agreement}.${period}.`;
  const entries = ledger.filter(({ concerns }) => concerns?.startsWith(ofPeriod) === true);
  return balancesOf(entries).some((balance) => balance.account === 'held');
}

/**
 * Where a statement stands. Money is counted per pair and oldest first: a statement is settled when nothing of what it, or an
 * objection to it, brought into the books is due or held any more, late when some of it is due for longer than its due days.
 */
export function statementState(
  statement: StatementOutline & Pick<IssuedStatement, 'document'>,
  of: { signatures: number; ledger: readonly LedgerTransaction[]; nowS: number },
): { state: StatementState; dueS: number | null } {
  if (statement.withdrawnS !== null) return { state: 'withdrawn', dueS: null };
  if (statement.effectiveS === null)
    return { state: of.signatures === 0 ? 'issued' : 'partly-signed', dueS: null };
  const { procedure }: StatementHead = JSON.parse(statement.document);
  const { ledger, nowS } = of;
  const dueS = statement.effectiveS + procedure.dueDays * 86_400;
  const open = openOf(statement.id, ledger, { dueDays: procedure.dueDays, nowS });
  if (open.some((item) => nowS > item.dueS)) return { state: 'late', dueS };
  return { state: open.length > 0 || isHeld(statement, ledger) ? 'in-force' : 'settled', dueS };
}
