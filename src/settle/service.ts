import type { Clock } from '../domain/ports.ts';
import { type Dispute, disputeDeadlineS, type StatementHead } from '../domain/settlement.ts';
import type { SettlementService } from '../domain/settlement-service.ts';
import type { IssuedDocument, ListedStatement } from '../domain/statement-list.ts';
import { MonitorError } from '../domain/errors.ts';
import { balancesOf } from './books.ts';
import { bundleText } from './bundle.ts';
import type { Issued, SettlementDesk } from './desk.ts';
import { type AgreementBooks, listedStatement, standingOf } from './standing.ts';

const shortOf = ({ statement, sha256, seq }: Issued) => ({ id: statement.id, sha256, seq });

/** The desk as the API sees it. */
export function settlementService(desk: SettlementDesk, clock: Clock): SettlementService {
  const { store } = desk;
  const booksOf = async (agreement: string): Promise<AgreementBooks> => ({
    outlines: await store.outlines({ agreement }),
    disputes: await store.disputes({ agreement }),
    ledger: await store.ledger(agreement),
    nowS: clock.nowS(),
  });
  const found = async (id: string): Promise<IssuedDocument> => {
    const [statement] = await store.documents({ id }, { limit: 1 });
    if (statement === undefined) throw new MonitorError('E_NOT_FOUND', `there is no statement ${id}`);
    return statement;
  };
  const listed = async (statement: IssuedDocument, books: AgreementBooks): Promise<ListedStatement> =>
    listedStatement(statement, await store.signatures(statement.id), books);
  const deadlineOf = async (dispute: Dispute): Promise<number | null> => {
    const statement = await store.statement(dispute.statement);
    if (statement === null) return null;
    const head: StatementHead = JSON.parse(statement.document);
    return disputeDeadlineS(dispute, head.procedure);
  };
  return {
    async statements(agreement, page) {
      const books = await booksOf(agreement);
      const documents = await store.documents({ agreement }, page);
      return Promise.all(documents.map((one) => listed(one, books)));
    },
    async agreementOf(of) {
      if ('statement' in of) return (await store.outlines({ id: of.statement }))[0]?.agreement ?? null;
      return (await store.disputes({})).find(({ id }) => id === of.dispute)?.agreement ?? null;
    },
    changed: (query) => desk.changed(query),
    async statement(id) {
      const statement = await found(id);
      const summary = await listed(statement, await booksOf(statement.agreement));
      return { summary, document: JSON.parse(statement.document) };
    },
    async standing(id) {
      const statement = await found(id);
      return standingOf(statement, await store.signatures(id), await booksOf(statement.agreement));
    },
    bundle: async (id) => bundleText(await desk.bundle(id)),
    async books(agreement) {
      const entries = await store.ledger(agreement);
      return { markings: await desk.bookMarkings(agreement), entries, balances: balancesOf(entries) };
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
