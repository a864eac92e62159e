import type { Account, IssuedStatement, LedgerTransaction, StatementHead } from '../domain/settlement.ts';
import { partyKey } from '../domain/settlement.ts';

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

/**
 * Where a statement stands. Money is counted per pair and oldest first: a statement is settled when what is due between its
 * parties, and from a superior government that its lines name, is nothing, late when it is in force for longer than its due days and something is.
 */
export function statementState(
  statement: IssuedStatement,
  of: { signatures: number; ledger: readonly LedgerTransaction[]; nowS: number },
): { state: StatementState; dueS: number | null } {
  if (statement.withdrawnS !== null) return { state: 'withdrawn', dueS: null };
  if (statement.effectiveS === null)
    return { state: of.signatures === 0 ? 'issued' : 'partly-signed', dueS: null };
  const head: StatementHead = JSON.parse(statement.document);
  const dueS = statement.effectiveS + head.procedure.dueDays * 86_400;
  const pairOf = (one: string, other: string): string => [one, other].toSorted().join('\n');
  const pairs = new Set([
    pairOf(partyKey(head.parties.protecting), partyKey(head.parties.benefiting)),
    ...head.lines.map((line) => pairOf(partyKey(line.from), partyKey(line.to))),
  ]);
  const open = balancesOf(of.ledger).filter(
    (balance) => balance.account !== 'paid' && pairs.has(pairOf(balance.party, balance.counterparty)),
  );
  if (open.length === 0) return { state: 'settled', dueS };
  const due = open.some((balance) => balance.account === 'due');
  return { state: due && of.nowS > dueS ? 'late' : 'in-force', dueS };
}
