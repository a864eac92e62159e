import { sql } from 'kysely';
import type { Act } from '../../domain/ports.ts';
import {
  type Account,
  type DisputeState,
  owed,
  type Posting,
  type TransactionKind,
} from '../../domain/settlement.ts';
import type { StateTransaction } from './tables.ts';

interface Entry {
  id: string;
  agreement: string;
  kind: TransactionKind;
  statement?: string | null;
  dispute?: string | null;
  reference?: string | null;
}

/** Writes one entry; nothing where there is nothing to post. The database refuses one that does not sum to zero. */
export async function post(
  trx: StateTransaction,
  act: Act,
  entry: Entry,
  postings: readonly Posting[],
): Promise<void> {
  const weighty = postings.filter((posting) => posting.amountFen !== 0n);
  if (weighty.length === 0) return;
  const { id, agreement, kind, statement = null, dispute = null, reference = null } = entry;
  const last = await trx
    .selectFrom('ledger_transaction')
    .select((select) => select.fn.max('position').as('position'))
    .executeTakeFirst();
  const position = (last?.position ?? 0) + 1;
  const row = { id, position, agreement, kind, statement, dispute, reference, at_s: act.atS };
  await trx.insertInto('ledger_transaction').values(row).execute();
  const rows = weighty.map((posting, at) => ({
    transaction: id,
    position: at,
    party: posting.party,
    counterparty: posting.counterparty,
    account: posting.account,
    line: posting.line,
    amount_fen: posting.amountFen.toString(),
  }));
  await trx.insertInto('ledger_posting').values(rows).execute();
  // Now and not at the commit, so that an entry that does not balance is refused before it is journaled.
  await sql`set constraints ledger_balances immediate`.execute(trx);
  await sql`set constraints ledger_balances deferred`.execute(trx);
}

/** Lines of a statement, and of those it corrects or that correct it, that open disputes hold. */
export async function heldLines(
  trx: StateTransaction,
  agreement: string,
  period: string,
): Promise<Set<string>> {
  const rows = await trx
    .selectFrom('dispute')
    .innerJoin('statement', 'statement.id', 'dispute.statement')
    .select(['dispute.id', 'dispute.lines'])
    .where('statement.agreement', '=', agreement)
    .where('statement.period', '=', period)
    .execute();
  const held = new Set<string>();
  for (const { id, lines } of rows) {
    if ((await stateOf(trx, id)).state === 'closed') continue;
    const named: string[] = JSON.parse(lines);
    for (const one of named) held.add(one);
  }
  return held;
}

export async function stateOf(
  trx: StateTransaction,
  dispute: string,
): Promise<{ state: DisputeState; position: number }> {
  const last = await trx
    .selectFrom('dispute_step')
    .select(['state', 'position'])
    .where('dispute', '=', dispute)
    .orderBy('position', 'desc')
    .executeTakeFirst();
  if (last === undefined) return { state: 'raised', position: 0 };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only disputeStateAfter wrote it
  return { state: last.state as DisputeState, position: last.position };
}

/** What lines are worth in the books on one account, as movements from the payer. */
export async function balanceOf(
  trx: StateTransaction,
  of: { agreement: string; period: string; account: 'due' | 'held'; lines: ReadonlySet<string> },
): Promise<LineMovement[]> {
  const rows = await trx
    .selectFrom('ledger_posting')
    .innerJoin('ledger_transaction', 'ledger_transaction.id', 'ledger_posting.transaction')
    .leftJoin('dispute', 'dispute.id', 'ledger_transaction.dispute')
    .innerJoin('statement', (join) =>
      join.on((on) =>
        on.or([
          on('statement.id', '=', on.ref('ledger_transaction.statement')),
          on('statement.id', '=', on.ref('dispute.statement')),
        ]),
      ),
    )
    .select(['ledger_posting.party', 'ledger_posting.counterparty', 'ledger_posting.line'])
    .select((select) => select.cast<string>('ledger_posting.amount_fen', 'text').as('fen'))
    .where('statement.agreement', '=', of.agreement)
    .where('statement.period', '=', of.period)
    .where('ledger_posting.account', '=', of.account)
    .execute();
  const sums = new Map<string, { from: string; to: string; amountFen: bigint; line: string }>();
  for (const { party: one, counterparty, line: name, fen: amount } of rows) {
    // Each movement is posted on both sides; one side of every pair says it all.
    if (name === null || !of.lines.has(name) || one > counterparty) continue;
    const key = `${name}\n${one}\n${counterparty}`;
    const sum = sums.get(key) ?? { from: one, to: counterparty, amountFen: 0n, line: name };
    sums.set(key, { ...sum, amountFen: sum.amountFen - BigInt(amount) });
  }
  return [...sums.values()];
}

export type LineMovement = { from: string; to: string; amountFen: bigint; line: string };

/** Postings that bring a line of a period from what it is worth in the books to `movement`; none where it is worth that already. */
export async function broughtTo(
  trx: StateTransaction,
  { agreement, period }: { agreement: string; period: string },
  { movement, held }: { movement: LineMovement; held: boolean },
): Promise<Posting[]> {
  const account = held ? 'held' : 'due';
  const sums = await balanceOf(trx, { agreement, period, account, lines: new Set([movement.line]) });
  const worth = sums.filter((sum) => sum.amountFen !== 0n);
  const [first] = worth;
  const same =
    first === undefined
      ? movement.amountFen === 0n
      : worth.length === 1 &&
        (first.from === movement.from
          ? first.to === movement.to && first.amountFen === movement.amountFen
          : first.to === movement.from &&
            first.from === movement.to &&
            first.amountFen === -movement.amountFen);
  if (same) return [];
  const back = worth.flatMap((sum) => owed({ ...sum, amountFen: -sum.amountFen }, account));
  return [...back, ...owed(movement, account)];
}

/** What a party has on one account, with one other or with all; whole fen. */
export async function sumOf(
  trx: StateTransaction,
  of: { agreement: string; account: Account; party: string; counterparty?: string },
): Promise<bigint> {
  let select = trx
    .selectFrom('ledger_posting')
    .innerJoin('ledger_transaction', 'ledger_transaction.id', 'ledger_posting.transaction')
    .select((of) => of.cast<string | null>(of.fn.sum('ledger_posting.amount_fen'), 'text').as('fen'))
    .where('ledger_transaction.agreement', '=', of.agreement)
    .where('ledger_posting.account', '=', of.account)
    .where('ledger_posting.party', '=', of.party);
  if (of.counterparty !== undefined)
    select = select.where('ledger_posting.counterparty', '=', of.counterparty);
  const row = await select.executeTakeFirstOrThrow();
  return BigInt(row.fen ?? '0');
}
