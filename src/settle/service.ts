import type { Clock } from '../domain/ports.ts';
import {
  type Dispute,
  type IssuedStatement,
  type SettlementService,
  type StatementHead,
  type StatementSummary,
  disputeDeadlineS,
} from '../domain/settlement.ts';
import { MonitorError } from '../domain/errors.ts';
import { balancesOf, statementState } from './books.ts';
import { bundleText } from './bundle.ts';
import type { Issued, SettlementDesk } from './desk.ts';

const shortOf = ({ statement, sha256, seq }: Issued) => ({ id: statement.id, sha256, seq });

/** The desk as the API sees it. */
export function settlementService(desk: SettlementDesk, clock: Clock): SettlementService {
  const { store } = desk;
  const summaryOf = async (statement: IssuedStatement): Promise<StatementSummary> => {
    const { id, agreement, period, number, corrects, sha256, issuedS, effectiveS, withdrawnS } = statement;
    const signatures = await store.signatures(id);
    const ledger = await store.ledger(agreement);
    const standing = statementState(statement, {
      signatures: signatures.length,
      ledger,
      nowS: clock.nowS(),
    });
    return {
      id,
      agreement,
      period,
      number,
      corrects,
      sha256,
      issuedS,
      effectiveS,
      withdrawnS,
      ...standing,
      signatures: signatures.map(({ party, purpose, signer, keyId, algorithm, signedS }) => ({
        party,
        purpose,
        signer,
        keyId,
        algorithm,
        signedS,
      })),
    };
  };
  const deadlineOf = async (dispute: Dispute): Promise<number | null> => {
    const statement = await store.statement(dispute.statement);
    if (statement === null) return null;
    const head: StatementHead = JSON.parse(statement.document);
    return disputeDeadlineS(dispute, head.procedure);
  };
  return {
    statements: async (query) => Promise.all((await store.statements(query)).map(summaryOf)),
    changed: (query) => desk.changed(query),
    async statement(id) {
      const found = await store.statement(id);
      if (found === null) throw new MonitorError('E_NOT_FOUND', `there is no statement ${id}`);
      return { summary: await summaryOf(found), document: JSON.parse(found.document) };
    },
    bundle: async (id) => bundleText(await desk.bundle(id)),
    async books(agreement) {
      const entries = await store.ledger(agreement);
      return { entries, balances: balancesOf(entries) };
    },
    disputes: async (query) =>
      Promise.all(
        (await store.disputes(query)).map(async (one) => ({ ...one, deadlineS: await deadlineOf(one) })),
      ),
    signingKeys: () => store.signingKeys(),
    issue: async (request) => shortOf(await desk.issue(request)),
    async correct(request) {
      const { issued, ...rest } = await desk.correct(request);
      return { ...rest, issued: issued === null ? null : shortOf(issued) };
    },
    withdraw: (request) => desk.withdraw(request),
    acceptSignature: (signature, actor) => desk.acceptSignature(signature, actor),
    object: (objection, actor) => desk.object(objection, actor),
    proceed: (move, actor) => desk.proceed(move, actor),
    pay: (payment, actor) => desk.pay(payment, actor),
    publishKey: (key, actor) => desk.publishKey(key, actor),
    revokeKey: (request) => desk.revokeKey(request),
  };
}
