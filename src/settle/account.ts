import type { LedgerTransaction } from '../domain/settlement.ts';
import { accounts } from '../domain/settlement.ts';
import type { AccountEntry, AccountStatement, Balances } from '../domain/settlement-follow-up.ts';
import type { EpochS } from '../domain/time.ts';

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
