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

type Queue = { items: OpenItem[]; accrued: Decimal; booked: bigint };
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

/** Takes from the oldest items first; what they do not cover is the rest. */
function consume(
  queue: Queue,
  fen: bigint,
  atS: EpochS,
  terms: ArrearsTerms,
): { rest: bigint; taken: Taken[] } {
  let rest = fen;
  const from: Taken[] = [];
  while (rest > 0n && queue.items[0] !== undefined) {
    const [oldest] = queue.items;
    const taken = rest < oldest.openFen ? rest : oldest.openFen;
    accrue(queue, oldest, taken, atS, terms);
    oldest.openFen -= taken;
    rest -= taken;
    from.push({ entry: oldest.entry, amountFen: taken });
    if (oldest.openFen === 0n) queue.items.shift();
  }
  return { rest, taken: from };
}

/**
 * Who owes whom what is due and since when, from the books alone. Money is counted per pair and oldest first; what comes back
 * from a hold is due anew, so that no day of a dispute counts as late.
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
  const queueOf = (from: string, to: string): Queue => {
    const key = `${from}\n${to}`;
    const known = queues.get(key) ?? { items: [], accrued: new Decimal(0), booked: 0n };
    queues.set(key, known);
    return known;
  };
  for (const { id, kind, atS, reference, postings } of ledger) {
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
      const { rest: openFen, taken } = consume(queueOf(to, from), fen, atS, terms);
      for (const { entry, amountFen } of taken)
        allotments.push({ entry, by: id, kind, atS, reference, from: to, to: from, amountFen });
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
