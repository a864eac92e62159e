import { Decimal } from '../domain/decimal.ts';
import type { LedgerTransaction } from '../domain/settlement.ts';
import type { Arrears, OpenItem } from '../domain/settlement-follow-up.ts';
import type { Allotment } from '../domain/statement-list.ts';
import type { EpochS } from '../domain/time.ts';

const dayS = 86_400;

export interface ArrearsTerms {
  dueDays: number;
  /** Share of the amount for each day late; null: no interest. */
  interestPerDay: string | null;
  nowS: EpochS;
}

/** `credit`: money that moved for what is on hold by now; it pays what comes back, and is no debt of who received it. */
type Queue = { items: OpenItem[]; accrued: Decimal; booked: bigint; credit: bigint };
type Taken = { entry: string; amountFen: bigint };

const lateDays = (item: Pick<OpenItem, 'dueS'>, atS: EpochS): number =>
  Math.max(0, Math.floor((atS - item.dueS) / dayS));

/** Interest bears none. */
function accrue(queue: Queue, item: OpenItem, fen: bigint, atS: EpochS, terms: ArrearsTerms): void {
  if (terms.interestPerDay === null || item.kind === 'interest') return;
  queue.accrued = queue.accrued.plus(
    new Decimal(fen.toString()).times(terms.interestPerDay).times(lateDays(item, atS)),
  );
}

const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);

/** Takes from the oldest items first, before them from those of the entries `first`; what they do not cover is the rest. */
function consume(
  queue: Queue,
  of: { fen: bigint; atS: EpochS; first: ReadonlySet<string> },
  terms: ArrearsTerms,
): { rest: bigint; taken: Taken[] } {
  let rest = of.fen;
  const from: Taken[] = [];
  const { true: own = [], false: others = [] } = Object.groupBy(queue.items, ({ entry }) =>
    of.first.has(entry) ? 'true' : 'false',
  );
  for (const item of [...own, ...others]) {
    if (rest === 0n) break;
    const taken = least(rest, item.openFen);
    accrue(queue, item, taken, of.atS, terms);
    item.openFen -= taken;
    rest -= taken;
    from.push({ entry: item.entry, amountFen: taken });
  }
  queue.items = queue.items.filter(({ openFen }) => openFen > 0n);
  return { rest, taken: from };
}

/** Which entries concern one statement, and how much money has moved for each. */
class Moved {
  readonly #concerning = new Map<string, Set<string>>();
  readonly #fen = new Map<string, bigint>();

  note({ id, concerns }: LedgerTransaction): void {
    if (concerns === null) return;
    this.#concerning.set(concerns, (this.#concerning.get(concerns) ?? new Set()).add(id));
  }

  /** The claim that a hold or a decision is about; money and other debts take the oldest. */
  claimOf({ kind, concerns }: LedgerTransaction): ReadonlySet<string> {
    const isOfClaim = concerns !== null && (kind === 'hold' || kind === 'decision');
    return (isOfClaim ? this.#concerning.get(concerns) : undefined) ?? new Set();
  }

  for(entry: string, fen: bigint): void {
    this.#fen.set(entry, (this.#fen.get(entry) ?? 0n) + fen);
  }

  /** Up to `fen` of the money that moved for these entries, which pays for them no more. */
  takeBack(entries: ReadonlySet<string>, fen: bigint): bigint {
    let left = fen;
    for (const entry of entries) {
      const back = least(left, this.#fen.get(entry) ?? 0n);
      this.for(entry, -back);
      left -= back;
    }
    return fen - left;
  }
}

/**
 * Who owes whom what is due and since when, from the books alone. Money is counted per pair and oldest first; a hold takes what it holds
 * and no other debt, and gives back no money that moved for it; what comes back from a hold is due anew, so that no day of a dispute
 * counts as late.
 */
export function arrearsOf(ledger: readonly LedgerTransaction[], terms: ArrearsTerms): Arrears[] {
  return [...queuesOf(ledger, terms).queues]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, queue]) => arrearsOfPair(key, queue, terms))
    .filter((one) => one.items.length > 0 || (one.interestFen ?? 0n) > 0n);
}

/** Which entry settled how much of which, by the same order. */
export const allotmentsOf = (ledger: readonly LedgerTransaction[]): Allotment[] =>
  queuesOf(ledger, { dueDays: 0, interestPerDay: null, nowS: 0 }).allotments;

function queuesOf(
  ledger: readonly LedgerTransaction[],
  terms: ArrearsTerms,
): { queues: Map<string, Queue>; allotments: Allotment[] } {
  const queues = new Map<string, Queue>();
  const allotments: Allotment[] = [];
  const money = new Moved();
  const queueOf = (from: string, to: string): Queue => {
    const key = `${from}\n${to}`;
    const known = queues.get(key) ?? { items: [], accrued: new Decimal(0), booked: 0n, credit: 0n };
    queues.set(key, known);
    return known;
  };
  for (const entry of ledger) {
    const { id, kind, atS, reference, postings } = entry;
    const first = money.claimOf(entry);
    money.note(entry);
    const owed = new Map<string, bigint>();
    for (const { party, counterparty, account, amountFen } of postings) {
      // Each movement is posted on both sides; the receiver's says it all.
      if (account !== 'due' || party > counterparty) continue;
      const key = `${counterparty}\n${party}`;
      owed.set(key, (owed.get(key) ?? 0n) + amountFen);
    }
    for (const [key, change] of owed) {
      if (change === 0n) continue;
      const [one = '', two = ''] = key.split('\n');
      const [from, to] = change > 0n ? [one, two] : [two, one];
      const fen = change > 0n ? change : -change;
      const queue = queueOf(from, to);
      if (kind === 'interest') queue.booked += fen;
      const paid = least(queue.credit, fen);
      queue.credit -= paid;
      money.for(id, paid);
      const other = queueOf(to, from);
      const { rest, taken } = consume(other, { fen: fen - paid, atS, first }, terms);
      for (const { entry: settled, amountFen } of taken) {
        allotments.push({ entry: settled, by: id, kind, atS, reference, from: to, to: from, amountFen });
        if (kind === 'payment' || kind === 'deduction') money.for(settled, amountFen);
      }
      const back = kind === 'hold' ? money.takeBack(first, rest) : 0n;
      other.credit += back;
      const openFen = rest - back;
      if (openFen === 0n) continue;
      queue.items.push({
        entry: id,
        kind,
        sinceS: atS,
        dueS: atS + terms.dueDays * dayS,
        openFen,
        daysLate: 0,
      });
    }
  }
  return { queues, allotments };
}

function arrearsOfPair(key: string, queue: Queue, terms: ArrearsTerms): Arrears {
  const [from = '', to = ''] = key.split('\n');
  for (const item of queue.items) {
    item.daysLate = lateDays(item, terms.nowS);
    accrue(queue, item, item.openFen, terms.nowS, terms);
  }
  const late = queue.items.filter((item) => item.daysLate > 0);
  const sum = (items: readonly OpenItem[]): bigint => items.reduce((left, one) => left + one.openFen, 0n);
  const accrued = BigInt(queue.accrued.toFixed(0, Decimal.ROUND_DOWN));
  return {
    from,
    to,
    items: queue.items,
    openFen: sum(queue.items),
    lateFen: sum(late),
    daysLate: Math.max(0, ...late.map((item) => item.daysLate)),
    interestFen: terms.interestPerDay === null ? null : accrued - queue.booked,
  };
}
