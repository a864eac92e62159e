import { type LineDifference, type Party, type StatementLine, partyKey } from '../domain/settlement.ts';

type Payment = { from: Party; to: Party; amountFen: string };

interface PairBalance {
  one: Party;
  other: Party;
  /** Above zero: `one` pays `other`. */
  fen: bigint;
}

interface Balance extends PairBalance {
  line: string;
  section: string;
}

/** Two governments in the order that is the same for both directions of payment. */
function pairOf({ from, to }: Pick<Payment, 'from' | 'to'>): { one: Party; other: Party; forward: bigint } {
  return partyKey(from) <= partyKey(to)
    ? { one: from, other: to, forward: 1n }
    : { one: to, other: from, forward: -1n };
}

/** A balance as a payment from the one who owes. */
export const paymentOf = ({ one, other, fen }: PairBalance): Payment => ({
  from: fen > 0n ? one : other,
  to: fen > 0n ? other : one,
  amountFen: (fen > 0n ? fen : -fen).toString(),
});

/** What payments come to between each two governments, even ones too, in the order in which the pairs appear. */
export function pairBalances(payments: readonly Payment[]): PairBalance[] {
  const balances = new Map<string, PairBalance>();
  for (const payment of payments) {
    const { one, other, forward } = pairOf(payment);
    const key = JSON.stringify([partyKey(one), partyKey(other)]);
    const known = balances.get(key) ?? { one, other, fen: 0n };
    balances.set(key, { ...known, fen: known.fen + forward * BigInt(payment.amountFen) });
  }
  return [...balances.values()];
}

/**
 * What `now` adds to books that hold `before`: line by line and pair by pair, earlier lines reversed, what cancels dropped, what
 * remains kept. Lines in `fixed` were decided otherwise and stay out. From nothing to `now` it is `now` itself.
 */
export function differenceOf(
  before: readonly StatementLine[],
  now: readonly StatementLine[],
  fixed: readonly string[] = [],
): LineDifference[] {
  const balances = new Map<string, Balance>();
  const add = (line: StatementLine, sign: bigint): void => {
    if (fixed.includes(line.id)) return;
    const { one, other, forward } = pairOf(line);
    const key = `${line.id}\n${partyKey(one)}\n${partyKey(other)}`;
    const known = balances.get(key) ?? { line: line.id, section: line.section, one, other, fen: 0n };
    balances.set(key, { ...known, fen: known.fen + sign * forward * BigInt(line.amountFen) });
  };
  for (const line of before) add(line, -1n);
  for (const line of now) add(line, 1n);
  return [...balances]
    .filter(([, balance]) => balance.fen !== 0n)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, balance]) => ({ line: balance.line, section: balance.section, ...paymentOf(balance) }));
}
