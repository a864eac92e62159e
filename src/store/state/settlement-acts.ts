import { sql } from 'kysely';
import { Type, type Static, type TSchema } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import type { Act } from '../../domain/ports.ts';
import {
  type DisputeState,
  type Posting,
  type SettlementActKind,
  type StatementHead,
  type TransactionKind,
  disputeStateAfter,
  disputeSteps,
  moved,
  movementOf,
  owed,
} from '../../domain/settlement.ts';
import type { StateTransaction } from './tables.ts';

type MakeKind<K> = <S extends TSchema>(
  schema: S,
  apply: (trx: StateTransaction, payload: Static<S>, act: Act) => Promise<void>,
) => K;

const strict = { additionalProperties: false };
const line = Type.String({ minLength: 1, maxLength: 300, pattern: '^[^\\u0000-\\u001f]+$' });
const note = Type.String({ maxLength: 4000, pattern: '^[^\\u0000]*$' });
const sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const base64 = Type.String({ pattern: '^[A-Za-z0-9+/]+=*$', maxLength: 10_000 });
const party = Type.String({ pattern: '^\\d{6}$' });
const algorithm = Type.Enum(['ed25519', 'sm2-sm3']);
const purpose = Type.Enum(['data', 'funds']);
const fen = Type.String({ pattern: '^-?(0|[1-9]\\d{0,15})$' });
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const evidence = Type.Array(
  Type.Object({ name: line, sha256, bytes: Type.Integer({ minimum: 0 }) }, strict),
  { maxItems: 100 },
);

const publishKeyV1 = Type.Object(
  { keyId: sha256, algorithm, party, holder: line, publicKey: base64, certificate: nullable(Type.String()) },
  strict,
);
const revokeKeyV1 = Type.Object({ keyId: sha256, reason: line }, strict);
const text = Type.String({ minLength: 2 });
const issueV1 = Type.Object({ sha256, document: text, inputs: text, facts: text }, strict);
const withdrawV1 = Type.Object({ statement: line, reason: line }, strict);
const signV1 = Type.Object(
  {
    format: Type.Literal('jiehe-signature'),
    version: Type.Literal(1),
    statement: line,
    sha256,
    party,
    purpose,
    signer: line,
    keyId: sha256,
    algorithm,
    signedS: Type.Integer(),
    sealedOriginalSha256: nullable(sha256),
    timeStamp: nullable(base64),
    signature: base64,
  },
  strict,
);
const payV1 = Type.Object(
  {
    agreement: line,
    from: line,
    to: line,
    amountFen: Type.String({ pattern: '^[1-9]\\d{0,15}$' }),
    reference: line,
  },
  strict,
);
const raiseV1 = Type.Object(
  {
    dispute: line,
    statement: line,
    party,
    about: Type.Enum(['input', 'line']),
    section: line,
    parameter: nullable(line),
    lines: Type.Array(line, { minItems: 1, maxItems: 10_000 }),
    grounds: note,
    evidence,
  },
  strict,
);
const stepV1 = Type.Object(
  {
    dispute: line,
    step: Type.Enum([...disputeSteps]),
    note,
    documentNumber: nullable(line),
    evidence,
    outcome: Type.Array(Type.Object({ line, amountFen: fen }, strict), { maxItems: 10_000 }),
  },
  strict,
);

const conflict = (message: string): MonitorError => new MonitorError('E_CONFLICT', message);

async function headOf(trx: StateTransaction, id: string): Promise<StatementHead> {
  const row = await trx.selectFrom('statement').select('document').where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw new MonitorError('E_NOT_FOUND', `there is no statement ${id}`);
  const head: StatementHead = JSON.parse(row.document);
  return head;
}

const isWithdrawn = async (trx: StateTransaction, statement: string): Promise<boolean> =>
  (await trx
    .selectFrom('statement_withdrawal')
    .select('statement')
    .where('statement', '=', statement)
    .executeTakeFirst()) !== undefined;

const isInForce = async (trx: StateTransaction, statement: string): Promise<boolean> =>
  (await trx
    .selectFrom('statement_effect')
    .select('statement')
    .where('statement', '=', statement)
    .executeTakeFirst()) !== undefined;

interface Entry {
  id: string;
  agreement: string;
  kind: TransactionKind;
  statement?: string | null;
  dispute?: string | null;
  reference?: string | null;
}

/** Writes one entry; nothing where there is nothing to post. The database refuses one that does not sum to zero. */
async function post(
  trx: StateTransaction,
  act: Act,
  entry: Entry,
  postings: readonly Posting[],
): Promise<void> {
  const weighty = postings.filter((posting) => posting.amountFen !== 0n);
  if (weighty.length === 0) return;
  const { id, agreement, kind, statement = null, dispute = null, reference = null } = entry;
  const row = { id, agreement, kind, statement, dispute, reference, at_s: act.atS };
  await trx.insertInto('ledger_transaction').values(row).execute();
  const rows = weighty.map((posting, position) => ({
    transaction: id,
    position,
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
async function heldLines(trx: StateTransaction, agreement: string, period: string): Promise<Set<string>> {
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

async function stateOf(
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
async function balanceOf(
  trx: StateTransaction,
  of: { agreement: string; period: string; account: 'due' | 'held'; lines: ReadonlySet<string> },
): Promise<{ from: string; to: string; amountFen: bigint; line: string }[]> {
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

async function issue(trx: StateTransaction, payload: Static<typeof issueV1>, act: Act): Promise<void> {
  const head: StatementHead = JSON.parse(payload.document);
  const earlier = await trx
    .selectFrom('statement')
    .select(['id', 'number'])
    .where('agreement', '=', head.agreement)
    .where('period', '=', head.period)
    .orderBy('number', 'desc')
    .execute();
  const expected = (earlier[0]?.number ?? 0) + 1;
  if (head.number !== expected)
    throw conflict(`${head.agreement} ${head.period}: number ${head.number}, expected ${expected}`);
  let inForce: string | null = null;
  for (const { id } of earlier) {
    if (await isInForce(trx, id)) inForce ??= id;
    else if (!(await isWithdrawn(trx, id))) throw conflict(`statement ${id} still waits for signatures`);
  }
  if ((head.corrects?.id ?? null) !== inForce) {
    const message =
      inForce === null
        ? 'there is nothing in force to correct'
        : `it must correct ${inForce}, which is in force`;
    throw conflict(`statement ${head.id}: ${message}`);
  }
  const { id, agreement, period, number } = head;
  await trx
    .insertInto('statement')
    .values({ ...payload, id, agreement, period, number, corrects: inForce, issued_s: act.atS })
    .execute();
}

async function takeEffect(trx: StateTransaction, head: StatementHead, act: Act): Promise<void> {
  const codes = [head.parties.protecting.code, head.parties.benefiting.code];
  const signed = await trx
    .selectFrom('statement_signature')
    .select(['party', 'purpose'])
    .where('statement', '=', head.id)
    .execute();
  const complete = codes.every((code) =>
    head.procedure.signatures.every((one) => signed.some((row) => row.party === code && row.purpose === one)),
  );
  if (!complete) return;
  await trx.insertInto('statement_effect').values({ statement: head.id, effective_s: act.atS }).execute();
  const held = await heldLines(trx, head.agreement, head.period);
  const postings = head.difference.flatMap((one) =>
    owed(movementOf(one), held.has(one.line) ? 'held' : 'due'),
  );
  const entry = { id: `statement ${head.id}`, agreement: head.agreement, statement: head.id };
  await post(trx, act, { ...entry, kind: 'statement' }, postings);
}

async function sign(trx: StateTransaction, payload: Static<typeof signV1>, act: Act): Promise<void> {
  const head = await headOf(trx, payload.statement);
  const statement = await trx
    .selectFrom('statement')
    .select('sha256')
    .where('id', '=', head.id)
    .executeTakeFirstOrThrow();
  if (statement.sha256 !== payload.sha256)
    throw conflict(`statement ${head.id} has another hash than signed`);
  if (await isWithdrawn(trx, head.id)) throw conflict(`statement ${head.id} is withdrawn`);
  const key = await trx
    .selectFrom('signing_key')
    .leftJoin('signing_key_revocation', 'signing_key_revocation.key_id', 'signing_key.key_id')
    .select(['signing_key.party', 'signing_key_revocation.revoked_s'])
    .where('signing_key.key_id', '=', payload.keyId)
    .executeTakeFirst();
  if (key === undefined) throw conflict(`key ${payload.keyId} is not published`);
  if (key.revoked_s !== null) throw conflict(`key ${payload.keyId} is revoked`);
  if (key.party !== payload.party) throw conflict(`key ${payload.keyId} is not of ${payload.party}`);
  const codes = [head.parties.protecting.code, head.parties.benefiting.code];
  if (!codes.includes(payload.party) || !head.procedure.signatures.includes(payload.purpose))
    throw conflict(`statement ${head.id} asks for no ${payload.purpose} signature of ${payload.party}`);
  const { statement: id, party: by, purpose: what, keyId } = payload;
  const taken = await trx
    .selectFrom('statement_signature')
    .select('key_id')
    .where('statement', '=', id)
    .where('party', '=', by)
    .where('purpose', '=', what)
    .executeTakeFirst();
  if (taken !== undefined) throw conflict(`${by} has signed ${id} for ${what} already`);
  const document = JSON.stringify(payload);
  await trx
    .insertInto('statement_signature')
    .values({ statement: id, party: by, purpose: what, key_id: keyId, document, accepted_s: act.atS })
    .execute();
  await takeEffect(trx, head, act);
}

async function raise(trx: StateTransaction, payload: Static<typeof raiseV1>, act: Act): Promise<void> {
  const head = await headOf(trx, payload.statement);
  if (await isWithdrawn(trx, head.id)) throw conflict(`statement ${head.id} is withdrawn`);
  const { dispute: id, lines, evidence: files, ...rest } = payload;
  const already = await heldLines(trx, head.agreement, head.period);
  await trx
    .insertInto('dispute')
    .values({
      ...rest,
      id,
      agreement: head.agreement,
      lines: JSON.stringify(lines),
      evidence: JSON.stringify(files),
      raised_s: act.atS,
    })
    .execute();
  const fresh = new Set(lines.filter((one) => !already.has(one)));
  const { agreement, period } = head;
  const movements = await balanceOf(trx, { agreement, period, account: 'due', lines: fresh });
  const postings = movements.flatMap((movement) => moved(movement, 'due', 'held'));
  await post(trx, act, { id: `hold ${id}`, agreement, kind: 'hold', dispute: id }, postings);
}

async function step(trx: StateTransaction, payload: Static<typeof stepV1>, act: Act): Promise<void> {
  const dispute = await trx
    .selectFrom('dispute')
    .selectAll()
    .where('id', '=', payload.dispute)
    .executeTakeFirst();
  if (dispute === undefined) throw new MonitorError('E_NOT_FOUND', `there is no dispute ${payload.dispute}`);
  const { state, position } = await stateOf(trx, dispute.id);
  const next = disputeStateAfter(state, payload.step);
  if (payload.step === 'decide' && payload.documentNumber === null)
    throw new MonitorError('E_BAD_REQUEST', 'a decision names its document number');
  if (payload.outcome.length > 0 && payload.step !== 'decide' && payload.step !== 'settle')
    throw new MonitorError('E_BAD_REQUEST', 'only an agreement or a decision has an outcome');
  const named: string[] = JSON.parse(dispute.lines);
  const foreign = payload.outcome.find((one) => !named.includes(one.line));
  if (foreign !== undefined)
    throw new MonitorError('E_BAD_REQUEST', `line ${foreign.line} is not part of ${dispute.id}`);
  await trx
    .insertInto('dispute_step')
    .values({
      dispute: dispute.id,
      position: position + 1,
      step: payload.step,
      state: next,
      actor: act.actor,
      at_s: act.atS,
      note: payload.note,
      document_number: payload.documentNumber,
      evidence: JSON.stringify(payload.evidence),
      outcome: JSON.stringify(payload.outcome),
    })
    .execute();
  if (next === 'closed') await release(trx, { dispute, lines: named, payload }, act);
}

/** Ends the hold of lines that no other dispute holds, then brings decided lines to what was decided. */
async function release(
  trx: StateTransaction,
  of: {
    dispute: { id: string; statement: string; agreement: string };
    lines: string[];
    payload: Static<typeof stepV1>;
  },
  act: Act,
): Promise<void> {
  const { dispute, payload } = of;
  const head = await headOf(trx, dispute.statement);
  const { agreement, period } = head;
  const stillHeld = await heldLines(trx, agreement, period);
  const free = new Set(of.lines.filter((one) => !stillHeld.has(one)));
  const held = await balanceOf(trx, { agreement, period, account: 'held', lines: free });
  const back = held.flatMap((movement) => moved(movement, 'held', 'due'));
  await post(
    trx,
    act,
    { id: `release ${dispute.id}`, agreement, kind: 'release', dispute: dispute.id },
    back,
  );
  const postings: Posting[] = [];
  for (const { line: name, amountFen } of payload.outcome) {
    const account = stillHeld.has(name) ? 'held' : 'due';
    const declared = head.lines.find((one) => one.id === name);
    if (declared === undefined) continue;
    const wanted = movementOf({ ...declared, line: name, amountFen });
    const sums = await balanceOf(trx, { agreement, period, account, lines: new Set([name]) });
    for (const sum of sums) postings.push(...owed({ ...sum, amountFen: -sum.amountFen }, account));
    postings.push(...owed(wanted, account));
  }
  const reference = payload.documentNumber;
  const entry = { id: `decision ${dispute.id}`, agreement, dispute: dispute.id, reference };
  await post(trx, act, { ...entry, kind: 'decision' }, postings);
}

async function pay(trx: StateTransaction, payload: Static<typeof payV1>, act: Act): Promise<void> {
  const { agreement, from, to, reference } = payload;
  const row = await trx
    .selectFrom('ledger_posting')
    .innerJoin('ledger_transaction', 'ledger_transaction.id', 'ledger_posting.transaction')
    .select((select) =>
      select.cast<string | null>(select.fn.sum('ledger_posting.amount_fen'), 'text').as('fen'),
    )
    .where('ledger_transaction.agreement', '=', agreement)
    .where('ledger_posting.account', '=', 'due')
    .where('ledger_posting.party', '=', to)
    .where('ledger_posting.counterparty', '=', from)
    .executeTakeFirstOrThrow();
  const due = BigInt(row.fen ?? '0');
  const amountFen = BigInt(payload.amountFen);
  if (amountFen > due)
    throw conflict(`${from} owes ${to} ${due} fen net under ${agreement}, less than the ${amountFen} paid`);
  const postings = moved({ from, to, amountFen, line: null }, 'due', 'paid');
  await post(trx, act, { id: `payment ${act.id}`, agreement, kind: 'payment', reference }, postings);
}

/** Acts of settlements. Each checks in its transaction what must still hold; computing and signatures are checked before. */
export function settlementKinds<K>(actKind: MakeKind<K>): Record<`${SettlementActKind}@1`, K> {
  return {
    'publish-signing-key@1': actKind(publishKeyV1, async (trx, key, act) => {
      const { keyId, publicKey, ...rest } = key;
      const taken = await trx
        .selectFrom('signing_key')
        .select('key_id')
        .where('key_id', '=', keyId)
        .executeTakeFirst();
      if (taken !== undefined) throw conflict(`key ${keyId} is published already`);
      await trx
        .insertInto('signing_key')
        .values({ ...rest, key_id: keyId, public_key: publicKey, published_s: act.atS })
        .execute();
    }),
    'revoke-signing-key@1': actKind(revokeKeyV1, async (trx, { keyId, reason }, act) => {
      const key = await trx
        .selectFrom('signing_key')
        .leftJoin('signing_key_revocation', 'signing_key_revocation.key_id', 'signing_key.key_id')
        .select('signing_key_revocation.revoked_s')
        .where('signing_key.key_id', '=', keyId)
        .executeTakeFirst();
      if (key === undefined) throw new MonitorError('E_NOT_FOUND', `there is no signing key ${keyId}`);
      if (key.revoked_s !== null) throw conflict(`key ${keyId} is revoked already`);
      const row = { key_id: keyId, revoked_s: act.atS, reason };
      await trx.insertInto('signing_key_revocation').values(row).execute();
    }),
    'issue-statement@1': actKind(issueV1, issue),
    'withdraw-statement@1': actKind(withdrawV1, async (trx, { statement, reason }, act) => {
      await headOf(trx, statement);
      if (await isInForce(trx, statement))
        throw conflict(`statement ${statement} is in force; it can only be corrected`);
      if (await isWithdrawn(trx, statement)) throw conflict(`statement ${statement} is withdrawn already`);
      const row = { statement, reason, withdrawn_s: act.atS };
      await trx.insertInto('statement_withdrawal').values(row).execute();
    }),
    'sign-statement@1': actKind(signV1, sign),
    'record-payment@1': actKind(payV1, pay),
    'raise-dispute@1': actKind(raiseV1, raise),
    'dispute-step@1': actKind(stepV1, step),
  };
}
