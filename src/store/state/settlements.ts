import { sql } from 'kysely';
import type {
  Account,
  Dispute,
  DisputeState,
  DisputeStep,
  PublishedKey,
  SignatureAlgorithm,
  TransactionKind,
} from '../../domain/settlement.ts';
import type { SettlementStore } from '../../domain/settlement-store.ts';
import type { SignaturePurpose } from '../../domain/config/region.ts';
import type { StatementTerms } from '../../domain/statement-list.ts';
import { newestNotices, toldAmong, toldNotices } from './settlement-follow-up.ts';
import type { StateDatabase } from './tables.ts';

function outlineQuery(db: StateDatabase, query: { agreement?: string; id?: string } = {}) {
  const all = db
    .selectFrom('statement')
    .leftJoin('statement_withdrawal', 'statement_withdrawal.statement', 'statement.id')
    .leftJoin('statement_effect', 'statement_effect.statement', 'statement.id')
    .select(['statement.id', 'statement.agreement', 'statement.period', 'statement.number'])
    .select(['statement.corrects', 'statement.issued_s'])
    .select(['statement_withdrawal.withdrawn_s', 'statement_effect.effective_s']);
  if (query.agreement !== undefined) return all.where('statement.agreement', '=', query.agreement);
  return query.id === undefined ? all : all.where('statement.id', '=', query.id);
}

function statementQuery(db: StateDatabase) {
  return outlineQuery(db)
    .select(['statement.sha256', 'statement.document', 'statement.inputs', 'statement.facts'])
    .orderBy('statement.period')
    .orderBy('statement.agreement')
    .orderBy('statement.number');
}

interface Times {
  issued_s: number;
  withdrawn_s: number | null;
  effective_s: number | null;
}

const timesOf = <Row extends Times>({ issued_s, withdrawn_s, effective_s, ...rest }: Row) => ({
  ...rest,
  issuedS: issued_s,
  withdrawnS: withdrawn_s,
  effectiveS: effective_s,
});

async function signingKeys(db: StateDatabase): Promise<PublishedKey[]> {
  const rows = await db
    .selectFrom('signing_key')
    .leftJoin('signing_key_revocation', 'signing_key_revocation.key_id', 'signing_key.key_id')
    .selectAll('signing_key')
    .select(['signing_key_revocation.revoked_s', 'signing_key_revocation.reason'])
    .orderBy('published_s')
    .orderBy('signing_key.key_id')
    .execute();
  return rows.map((row) => ({
    keyId: row.key_id,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the act's schema knows no other
    algorithm: row.algorithm as SignatureAlgorithm,
    party: row.party,
    holder: row.holder,
    publicKey: row.public_key,
    certificate: row.certificate,
    publishedS: row.published_s,
    revokedS: row.revoked_s,
    revocation: row.reason,
  }));
}

async function disputes(
  db: StateDatabase,
  query: { agreement?: string; statement?: string },
): Promise<Dispute[]> {
  let select = db.selectFrom('dispute').selectAll().orderBy('raised_s').orderBy('id');
  if (query.agreement !== undefined) select = select.where('agreement', '=', query.agreement);
  if (query.statement !== undefined) select = select.where('statement', '=', query.statement);
  const rows = await select.execute();
  if (rows.length === 0) return [];
  const steps = await db
    .selectFrom('dispute_step')
    .selectAll()
    .where(
      'dispute',
      'in',
      rows.map((row) => row.id),
    )
    .orderBy('position')
    .execute();
  return rows.map((row) => {
    const own = steps.filter((step) => step.dispute === row.id);
    const last = own.at(-1);
    return {
      id: row.id,
      statement: row.statement,
      agreement: row.agreement,
      party: row.party,
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the act's schema knows no other
      about: row.about as Dispute['about'],
      section: row.section,
      parameter: row.parameter,
      fromS: row.from_s,
      toS: row.to_s,
      lines: JSON.parse(row.lines),
      grounds: row.grounds,
      evidence: JSON.parse(row.evidence),
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only disputeStateAfter wrote it
      state: (last?.state ?? 'raised') as DisputeState,
      raisedS: row.raised_s,
      sinceS: last?.at_s ?? row.raised_s,
      history: own.map((step) => ({
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the act's schema knows no other
        step: step.step as DisputeStep,
        actor: step.actor,
        atS: step.at_s,
        note: step.note,
        documentNumber: step.document_number,
        evidence: JSON.parse(step.evidence),
        outcome: JSON.parse(step.outcome),
      })),
    };
  });
}

async function ledger(db: StateDatabase, agreement: string) {
  const entries = await db
    .selectFrom('ledger_transaction')
    .leftJoin('dispute', 'dispute.id', 'ledger_transaction.dispute')
    .selectAll('ledger_transaction')
    .select('dispute.statement as disputed')
    .where('ledger_transaction.agreement', '=', agreement)
    .orderBy('position')
    .execute();
  const postings = await db
    .selectFrom('ledger_posting')
    .innerJoin('ledger_transaction', 'ledger_transaction.id', 'ledger_posting.transaction')
    .select(['ledger_posting.transaction', 'ledger_posting.party', 'ledger_posting.counterparty'])
    .select(['ledger_posting.account', 'ledger_posting.line'])
    .select(sql<string>`ledger_posting.amount_fen::text`.as('fen'))
    .where('ledger_transaction.agreement', '=', agreement)
    .orderBy('ledger_posting.position')
    .execute();
  const ofEntry = Map.groupBy(postings, ({ transaction }) => transaction);
  return entries.map((entry) => ({
    id: entry.id,
    agreement,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table's check knows no other
    kind: entry.kind as TransactionKind,
    statement: entry.statement,
    dispute: entry.dispute,
    concerns: entry.statement ?? entry.disputed,
    atS: entry.at_s,
    reference: entry.reference,
    postings: (ofEntry.get(entry.id) ?? []).map(({ party, counterparty, account, line, fen }) => ({
      party,
      counterparty,
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table's check knows no other
      account: account as Account,
      line,
      amountFen: BigInt(fen),
    })),
  }));
}

function statementReads(
  db: StateDatabase,
): Pick<SettlementStore, 'statements' | 'documents' | 'outlines' | 'statement'> {
  return {
    async statements({ agreement, period }) {
      let select = statementQuery(db);
      if (agreement !== undefined) select = select.where('statement.agreement', '=', agreement);
      if (period !== undefined) select = select.where('statement.period', '=', period);
      return (await select.execute()).map(timesOf);
    },
    async documents(query, { limit, after }) {
      let select = outlineQuery(db, query)
        .select(['statement.document', 'statement.sha256'])
        .orderBy('statement.issued_s', 'desc')
        .orderBy('statement.id', 'desc')
        .limit(limit);
      if (after !== undefined)
        select = select.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('statement.issued_s', 'statement.id'), '<', tuple(after.issuedS, after.id)),
        );
      return (await select.execute()).map(timesOf);
    },
    async outlines(query) {
      const select = outlineQuery(db, query).orderBy('statement.issued_s').orderBy('statement.id');
      return (await select.execute()).map(timesOf);
    },
    async statement(id) {
      const row = await statementQuery(db).where('statement.id', '=', id).executeTakeFirst();
      return row === undefined ? null : timesOf(row);
    },
  };
}

async function openTerms(
  db: StateDatabase,
  { agreement, nowS }: Parameters<SettlementStore['openTerms']>[0],
): Promise<StatementTerms[]> {
  const rows = await outlineQuery(db, { agreement })
    .select(['statement.parties', 'statement.procedure'])
    .where('statement_withdrawal.statement', 'is', null)
    .where((eb) =>
      eb.or([
        eb('statement_effect.statement', 'is', null),
        sql<boolean>`statement.issued_s + (statement.procedure::json ->> 'objectionDays')::int8 * 86400 > ${nowS}`,
      ]),
    )
    .orderBy('statement.issued_s')
    .orderBy('statement.id')
    .execute();
  const waiting = rows.filter((row) => row.effective_s === null).map(({ id }) => id);
  const signatures =
    waiting.length === 0
      ? []
      : await db
          .selectFrom('statement_signature')
          .select(['statement', 'party', 'purpose'])
          .where('statement', 'in', waiting)
          .execute();
  return rows.map(({ id, parties, procedure, issued_s: issuedS, effective_s: effectiveS }) => ({
    id,
    parties: JSON.parse(parties),
    procedure: JSON.parse(procedure),
    issuedS,
    effectiveS,
    signed: signatures
      .filter(({ statement }) => statement === id)
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the act's schema knows no other
      .map(({ party, purpose }) => ({ party, purpose: purpose as SignaturePurpose })),
  }));
}

/** Reads of what acts have written about settlements. */
export function settlementStore(db: StateDatabase): SettlementStore {
  return {
    ...statementReads(db),
    async signatures(statement) {
      const rows = await db
        .selectFrom('statement_signature')
        .select('document')
        .where('statement', '=', statement)
        .orderBy('party')
        .orderBy('purpose')
        .execute();
      return rows.map((row) => JSON.parse(row.document));
    },
    signingKeys: () => signingKeys(db),
    disputes: (query) => disputes(db, query),
    ledger: (agreement) => ledger(db, agreement),
    openTerms: (query) => openTerms(db, query),
    notices: (query) => toldNotices(db, query),
    toldAmong: (ids) => toldAmong(db, ids),
    newestNotices: (query, page) => newestNotices(db, query, page),
    async inForce() {
      const rows = await db
        .selectFrom('statement')
        .innerJoin('statement_effect', 'statement_effect.statement', 'statement.id')
        .select(['statement.id', 'statement.agreement', 'statement.period'])
        .distinctOn(['statement.agreement', 'statement.period'])
        .orderBy('statement.agreement')
        .orderBy('statement.period')
        .orderBy('statement.number', 'desc')
        .execute();
      return rows;
    },
    async reminders(agreement) {
      const rows = await db
        .selectFrom('reminder')
        .select(['from', 'to', 'days_late', 'at_s'])
        .select(sql<string>`amount_fen::text`.as('fen'))
        .where('agreement', '=', agreement)
        .orderBy('at_s')
        .orderBy('id')
        .execute();
      return rows.map(({ from, to, fen, days_late: daysLate, at_s: atS }) => ({
        from,
        to,
        amountFen: fen,
        daysLate,
        atS,
      }));
    },
  };
}
