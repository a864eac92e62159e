import { Type } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import type { SettlementFollowUp } from '../../domain/settlement.ts';
import { instantOfCivil } from '../../domain/time.ts';
import { byAgreement, byStatement, Line, params, Plain, strict, tags } from '../auth/settlement-access.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { rejectIfAny } from '../http/faults.ts';
import { metaOf } from '../http/negotiation.ts';
import { answers, many, one, oneOf, represented } from '../http/schemas.ts';

const config = { tier: 'partner' as const, decidedByRow: true };
const refusals = ['forbidden', 'notFound', 'conflict'] as const;

function followUpOf(deps: ApiDeps): SettlementFollowUp {
  if (deps.followUp === null || deps.followUp === undefined)
    throw new MonitorError('E_NOT_READY', 'this process computes no settlements');
  return deps.followUp;
}

/** Fen as text. */
const plain = (value: object): Record<string, unknown> =>
  JSON.parse(JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? one.toString() : one)));

const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const Day = Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$' });

function moneyReads(app: Api, deps: ApiDeps): void {
  app.get(
    '/agreements/:id/arrears',
    {
      config,
      preValidation: byAgreement(deps),
      schema: {
        tags,
        params,
        summary: 'who owes whom what is due, and how late; amounts in whole fen',
        response: answers({ 200: many(Plain) }, ...refusals),
      },
    },
    async (request) => ({
      meta: metaOf(deps),
      results: (await followUpOf(deps).arrears(request.params.id)).map(plain),
    }),
  );
  app.get(
    '/agreements/:id/account',
    {
      config,
      preValidation: byAgreement(deps),
      schema: {
        tags,
        params,
        querystring: Type.Object({ party: Line, from: Day, to: Day }, strict),
        summary: 'statement of account of a party: opening, entries, closing; `to` is not included',
        response: answers({ 200: one(Plain) }, ...refusals),
      },
    },
    async (request) => {
      const { party, from, to } = request.query;
      rejectIfAny(from < to ? [] : [{ field: 'querystring.to', value: to, expected: 'a date after `from`' }]);
      const { timeZone } = deps.config().region;
      const [fromS, toS] = [from, to].map((day) => instantOfCivil(`${day}T00:00`, timeZone));
      const found = await followUpOf(deps).account(request.params.id, { party, fromS: fromS!, toS: toS! });
      return { meta: metaOf(deps), result: plain(found) };
    },
  );
  app.get(
    '/agreements/:id/fund',
    {
      config,
      preValidation: byAgreement(deps),
      schema: {
        tags,
        params,
        summary: 'the cooperation fund: balance, what members owe, what was used',
        response: answers({ 200: one(Plain) }, ...refusals),
      },
    },
    async (request) => ({
      meta: metaOf(deps),
      result: plain(await followUpOf(deps).fund(request.params.id)),
    }),
  );
}

/** What follows a statement, and the statement to hold in hand, for the parties of its agreement. */
export function settlementFollowUpRoutes(app: Api, deps: ApiDeps): void {
  moneyReads(app, deps);
  app.get(
    '/statements/:id/document',
    {
      config,
      preValidation: byStatement(deps),
      schema: {
        tags,
        params,
        querystring: Type.Object(
          {
            format: Type.Optional(oneOf(['html', 'xlsx'])),
            language: Type.Optional(oneOf(['zh', 'en'])),
          },
          strict,
        ),
        summary: 'a statement as a page to print or a workbook',
        response: answers(
          {
            200: represented('the statement as a file', {
              [xlsx]: Type.String(),
              'text/html': Type.String(),
            }),
          },
          'forbidden',
          'notFound',
        ),
      },
    },
    async (request, reply) => {
      const { format = 'html', language = 'zh' } = request.query;
      const { id } = request.params;
      const { bytes, mediaType } = await followUpOf(deps).document(id, { format, language });
      void reply.header('content-disposition', `attachment; filename="${id}.${format}"`);
      return reply.type(mediaType).send(Buffer.from(bytes));
    },
  );
}
