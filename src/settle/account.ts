import type { Account, LedgerTransaction, TransactionKind } from '../domain/settlement.ts';
import { accounts } from '../domain/settlement.ts';
import type { EpochS } from '../domain/time.ts';

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

const nothing = (): Balances => ({ due: 0n, held: 0n, paid: 0n });
const plus = (one: Balances, other: Balances): Balances => ({
  due: one.due + other.due,
  held: one.held + other.held,
  paid: one.paid + other.paid,
});

/** Of the entries in `[fromS, toS)`; earlier ones are the opening balance. */
export function accountStatement(
  ledger: readonly LedgerTransaction[],
  of: { party: string; fromS: EpochS; toS: EpochS },
): AccountStatement {
  const { party, fromS, toS } = of;
  const sums = new Map<string, { opening: Balances; closing: Balances }>();
  const entries: AccountEntry[] = [];
  for (const { id, kind, atS, reference, postings } of ledger) {
    if (atS >= toS) continue;
    const changes = new Map<string, Balances>();
    for (const posting of postings) {
      if (posting.party !== party) continue;
      const change = changes.get(posting.counterparty) ?? nothing();
      change[posting.account] += posting.amountFen;
      changes.set(posting.counterparty, change);
    }
    for (const [counterparty, change] of changes) {
      const known = sums.get(counterparty) ?? { opening: nothing(), closing: nothing() };
      const closing = plus(known.closing, change);
      sums.set(counterparty, { opening: atS < fromS ? closing : known.opening, closing });
      if (atS >= fromS && accounts.some((account) => change[account] !== 0n))
        entries.push({ id, kind, atS, reference, counterparty, change, dueFen: closing.due });
    }
  }
  const counterparties = [...sums]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([counterparty, balances]) => ({ counterparty, ...balances }));
  return { party, fromS, toS, counterparties, entries };
}
