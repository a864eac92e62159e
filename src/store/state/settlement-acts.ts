import { canonicalJson } from '../../domain/canonical-json.ts';
import type { Static } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import type { Act } from '../../domain/ports.ts';
import {
  type DecidedLine,
  type Posting,
  type SettlementActKind,
  type StatementHead,
  disputeStateAfter,
  moved,
  movementOf,
  owed,
} from '../../domain/settlement.ts';
import {
  publishKeyV1,
  revokeKeyV1,
  issueV1,
  withdrawV1,
  signV1,
  payV1,
  raiseV1,
  raiseV2,
  raiseV3,
  stepV1,
} from './settlement-payloads.ts';
import {
  balanceOf,
  broughtTo,
  heldLines,
  type LineMovement,
  post,
  stateOf,
  sumOf,
} from './settlement-books.ts';
import type { StateTransaction } from './tables.ts';
import { actKind, type ActKind } from './act-kind.ts';

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

/**
 * What the lines of a period come to by agreement or decision, the last one of each: it holds for every statement of the period that takes
 * effect, whichever the objection was to.
 */
async function decidedLines(
  trx: StateTransaction,
  { agreement, period }: StatementHead,
): Promise<Map<string, LineMovement>> {
  const rows = await trx
    .selectFrom('dispute_step')
    .innerJoin('dispute', 'dispute.id', 'dispute_step.dispute')
    .innerJoin('statement', 'statement.id', 'dispute.statement')
    .select(['statement.id', 'dispute_step.outcome'])
    .where('statement.agreement', '=', agreement)
    .where('statement.period', '=', period)
    .where('dispute_step.outcome', '<>', '[]')
    .orderBy('dispute_step.at_s')
    .orderBy('dispute.id')
    .execute();
  const decided = new Map<string, LineMovement>();
  for (const { id, outcome } of rows)
    for (const movement of outcomeOf(await headOf(trx, id), JSON.parse(outcome)))
      decided.set(movement.line, movement);
  return decided;
}

/** Decided amounts between those whom the lines of the statement name. */
const outcomeOf = (head: StatementHead, outcome: readonly DecidedLine[]): LineMovement[] =>
  outcome.flatMap(({ line, amountFen }) => {
    const declared = head.lines.find(({ id }) => id === line);
    return declared === undefined ? [] : [{ ...movementOf({ ...declared, line, amountFen }), line }];
  });

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
  const decided = await decidedLines(trx, head);
  const postings = head.difference
    .filter((one) => !decided.has(one.line))
    .flatMap((one) => owed(movementOf(one), held.has(one.line) ? 'held' : 'due'));
  for (const movement of decided.values())
    postings.push(...(await broughtTo(trx, head, { movement, held: held.has(movement.line) })));
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
  const document = canonicalJson(payload);
  await trx
    .insertInto('statement_signature')
    .values({ statement: id, party: by, purpose: what, key_id: keyId, document, accepted_s: act.atS })
    .execute();
  await takeEffect(trx, head, act);
}

async function raise(trx: StateTransaction, payload: Static<typeof raiseV3>, act: Act): Promise<void> {
  const head = await headOf(trx, payload.statement);
  if (await isWithdrawn(trx, head.id)) throw conflict(`statement ${head.id} is withdrawn`);
  const { dispute: id, lines, evidence: files, fromS, toS, ...rest } = payload;
  const already = await heldLines(trx, head.agreement, head.period);
  await trx
    .insertInto('dispute')
    .values({
      ...rest,
      id,
      from_s: fromS,
      to_s: toS,
      agreement: head.agreement,
      lines: canonicalJson(lines),
      evidence: canonicalJson(files),
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
      evidence: canonicalJson(payload.evidence),
      outcome: canonicalJson(payload.outcome),
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
  // What is decided of a statement that waits for signatures comes into the books with it.
  if (!(await isInForce(trx, head.id))) return;
  const postings: Posting[] = [];
  for (const movement of outcomeOf(head, payload.outcome))
    postings.push(...(await broughtTo(trx, head, { movement, held: stillHeld.has(movement.line) })));
  const reference = payload.documentNumber;
  const entry = { id: `decision ${dispute.id}`, agreement, dispute: dispute.id, reference };
  await post(trx, act, { ...entry, kind: 'decision' }, postings);
}

async function pay(trx: StateTransaction, payload: Static<typeof payV1>, act: Act): Promise<void> {
  const { agreement, from, to, reference } = payload;
  const due = await sumOf(trx, { agreement, account: 'due', party: to, counterparty: from });
  const amountFen = BigInt(payload.amountFen);
  if (amountFen > due)
    throw conflict(`${from} owes ${to} ${due} fen net under ${agreement}, less than the ${amountFen} paid`);
  const postings = moved({ from, to, amountFen, line: null }, 'due', 'paid');
  await post(trx, act, { id: `payment ${act.id}`, agreement, kind: 'payment', reference }, postings);
}

const ofAllReadings = (trx: StateTransaction, payload: Static<typeof raiseV2>, act: Act): Promise<void> =>
  raise(trx, { ...payload, fromS: null, toS: null }, act);

/** Acts of settlements. Each checks in its transaction what must still hold; computing and signatures are checked before. */
export const settlementKinds: Record<
  `${SettlementActKind}@1` | 'raise-dispute@2' | 'raise-dispute@3',
  ActKind
> = {
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
  'raise-dispute@1': actKind(raiseV1, ofAllReadings),
  'raise-dispute@2': actKind(raiseV2, ofAllReadings),
  'raise-dispute@3': actKind(raiseV3, raise),
  'dispute-step@1': actKind(stepV1, step),
};
