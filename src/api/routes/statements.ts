import { Type } from 'typebox';
import type { Balances } from '../../domain/settlement-follow-up.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { metaOf } from '../http/negotiation.ts';
import { pageOf } from '../http/paging.ts';
import { answers, many, one, paging, strict } from '../http/schemas.ts';
import {
  byAgreement,
  byStatement,
  Markings,
  params,
  Plain,
  plain,
  serviceOf,
  Standing,
  Summary,
  tags,
} from '../auth/settlement-access.ts';

const ChangedStatement = Type.Object({
  id: Type.String(),
  sections: Type.Array(Type.String(), { description: 'of which a reading, circumstance or rule is another' }),
  reason: Type.Union([Type.Literal('agreement-not-configured'), Type.Null()], {
    description: 'why nobody can say',
  }),
});
const config = { tier: 'partner' as const, decidedByRow: true };
const schema = (summary: string, answer: Parameters<typeof answers>[0]) => ({
  tags,
  summary,
  params,
  response: answers(answer, 'forbidden', 'notFound'),
});

function agreementReads(app: Api, deps: ApiDeps): void {
  app.get(
    '/agreements/:id/statements',
    {
      config,
      preValidation: byAgreement(deps),
      schema: {
        ...schema('statements and where they stand, newest first', { 200: many(Summary) }),
        querystring: Type.Object(paging(200, 50), strict),
      },
    },
    async (request, reply) => {
      const { rows, next } = await pageOf(request, reply, {
        key: { issuedS: 'number', id: 'text' },
        read: (page) => serviceOf(deps).statements(request.params.id, page),
      });
      return { meta: metaOf(deps, next), results: [...rows] };
    },
  );
  app.get(
    '/agreements/:id/changed-statements',
    {
      config,
      preValidation: byAgreement(deps),
      schema: schema('statements in force of which an input has changed since they were issued', {
        200: many(ChangedStatement),
      }),
    },
    async (request) => ({
      meta: metaOf(deps),
      results: await serviceOf(deps).changed({ agreement: request.params.id }),
    }),
  );
  app.get(
    '/agreements/:id/ledger',
    {
      config,
      preValidation: byAgreement(deps),
      schema: schema('entries and balances; amounts in whole fen', {
        200: one(
          Type.Object({ markings: Markings, entries: Type.Array(Plain), balances: Type.Array(Plain) }),
        ),
      }),
    },
    async (request) => {
      const { markings, entries, balances } = await serviceOf(deps).books(request.params.id);
      const fenText = <T extends { amountFen: bigint }>(row: T) => ({
        ...row,
        amountFen: row.amountFen.toString(),
      });
      const shown = entries.map((entry) => ({ ...entry, postings: entry.postings.map(fenText) }));
      return { meta: metaOf(deps), result: { markings, entries: shown, balances: balances.map(fenText) } };
    },
  );
  app.get(
    '/agreements/:id/disputes',
    {
      config,
      preValidation: byAgreement(deps),
      schema: schema('disputes with their states and deadlines', { 200: many(Plain) }),
    },
    async (request) => ({
      meta: metaOf(deps),
      results: (await serviceOf(deps).disputes({ agreement: request.params.id })).map((dispute) => ({
        ...dispute,
      })),
    }),
  );
}

const fenTexts = ({ due, held, paid }: Balances) => ({
  due: due.toString(),
  held: held.toString(),
  paid: paid.toString(),
});

function statementReads(app: Api, deps: ApiDeps): void {
  app.get(
    '/statements/:id',
    {
      config,
      preValidation: byStatement(deps),
      schema: schema('a statement: where it stands, and the document with every step', {
        200: one(Type.Object({ summary: Summary, document: Plain })),
      }),
    },
    async (request) => ({
      meta: metaOf(deps),
      result: await serviceOf(deps).statement(request.params.id),
    }),
  );
  app.get(
    '/statements/:id/standing',
    {
      config,
      preValidation: byStatement(deps),
      schema: schema('what became of a statement: signatures, objections, entries, payments', {
        200: one(Standing),
      }),
    },
    async (request) => {
      const found = await serviceOf(deps).standing(request.params.id);
      return {
        meta: metaOf(deps),
        result: {
          statement: found.statement,
          disputes: found.disputes.map(plain),
          entries: found.entries.map((one) => ({ ...one, change: fenTexts(one.change) })),
          settledBy: found.settledBy.map((one) => ({ ...one, amountFen: one.amountFen.toString() })),
          open: found.open.map((one) => ({ ...one, openFen: one.openFen.toString() })),
        },
      };
    },
  );
  app.get(
    '/statements/:id/bundle',
    {
      config,
      preValidation: byStatement(deps),
      schema: schema('the file that `jiehe settle verify` checks offline', { 200: Plain }),
    },
    async (request, reply) => {
      const text = await serviceOf(deps).bundle(request.params.id);
      void reply.header('content-disposition', `attachment; filename="${request.params.id}.jiehe"`);
      return reply.type('application/json; charset=utf-8').send(Buffer.from(text));
    },
  );
}

/** Statements, their bundles, disputes and books, for the parties of their agreement. */
export function statementRoutes(app: Api, deps: ApiDeps): void {
  agreementReads(app, deps);
  statementReads(app, deps);
}
