import { Type } from 'typebox';
import { nameOf } from '../../domain/config/facts.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { Marked as Marking, SettlementFollowUp } from '../../domain/settlement-follow-up.ts';
import { type InputChange, noticeKinds } from '../../domain/settlement-notices.ts';
import { beginOfDay } from '../../domain/time.ts';
import { decide } from '../auth/access.ts';
import { actorOf } from '../auth/authentication.ts';
import {
  byAgreement,
  byStatement,
  Fen,
  PositiveFen,
  Line,
  Marked,
  params,
  Party,
  PeriodBody,
  Plain,
  plain,
  Seq,
  tags,
} from '../auth/settlement-access.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { rejectIfAny } from '../http/faults.ts';
import { metaOf } from '../http/negotiation.ts';
import { pageOf } from '../http/paging.ts';
import {
  answers,
  IdInput,
  many,
  NullableInteger,
  NullableTextPair,
  one,
  oneOf,
  paging,
  represented,
  strict,
} from '../http/schemas.ts';

const config = { tier: 'partner' as const, decidedByRow: true };
const office = { tier: 'office' as const };
const refusals = ['forbidden', 'notFound', 'conflict'] as const;

function followUpOf(deps: ApiDeps): SettlementFollowUp {
  if (deps.followUp === null || deps.followUp === undefined)
    throw new MonitorError('E_NOT_READY', 'this process computes no settlements');
  return deps.followUp;
}

/** An answer about money with its fen as text. */
const marked = ({ markings, ...rest }: Marking) => ({ markings, ...plain(rest) });

const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const Day = Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$' });

const Notice = Type.Object({
  id: Type.String(),
  kind: oneOf([...noticeKinds]),
  agreement: Type.String(),
  party: Type.String(),
  subject: Type.String({ description: 'statement, or entry of the books' }),
  endsS: Type.Integer(),
  atS: Type.Integer({ description: 'when it went out' }),
  change: Type.Unsafe<InputChange | null>({ type: ['object', 'null'], additionalProperties: true }),
  title: NullableTextPair,
  summary: NullableTextPair,
  messages: Type.Array(
    Type.Object({
      contact: Type.String(),
      contactName: NullableTextPair,
      channel: Type.String(),
      channelName: NullableTextPair,
      state: oneOf(['waiting', 'delivered', 'failed', 'dead']),
      deliveredS: NullableInteger,
    }),
  ),
});

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
        response: answers({ 200: many(Marked) }, ...refusals),
      },
    },
    async (request) => ({
      meta: metaOf(deps),
      results: (await followUpOf(deps).arrears(request.params.id)).map(marked),
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
        response: answers({ 200: one(Marked) }, ...refusals),
      },
    },
    async (request) => {
      const { party, from, to } = request.query;
      rejectIfAny(from < to ? [] : [{ field: 'querystring.to', value: to, expected: 'a date after `from`' }]);
      const { timeZone } = deps.config().region;
      const [fromS, toS] = [from, to].map((day) => beginOfDay(day, timeZone));
      const found = await followUpOf(deps).account(request.params.id, { party, fromS: fromS!, toS: toS! });
      return { meta: metaOf(deps), result: marked(found) };
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
        response: answers({ 200: one(Marked) }, ...refusals),
      },
    },
    async (request) => ({
      meta: metaOf(deps),
      result: marked(await followUpOf(deps).fund(request.params.id)),
    }),
  );
}

function noticesRoute(app: Api, deps: ApiDeps): void {
  app.get(
    '/agreements/:id/notices',
    {
      config,
      preValidation: byAgreement(deps, true),
      schema: {
        tags,
        params,
        querystring: Type.Object(paging(1000, 100), strict),
        summary: "what the finance desks of one's own side were told, newest first; the office reads all",
        response: answers({ 200: many(Notice) }, ...refusals),
      },
    },
    async (request, reply) => {
      const { actor, params: asked } = request;
      const everything = decide(actor, { tier: 'office' }).allow;
      const party = everything ? null : (actor?.jurisdiction ?? '');
      const { rows, next } = await pageOf(request, reply, {
        key: { atS: 'number', id: 'text' },
        read: (page) => followUpOf(deps).notices(asked.id, { party, ...page }),
      });
      const { contacts, channels } = deps.config();
      const results = rows.map(({ messages, ...notice }) => ({
        ...notice,
        messages: messages.map((message) => ({
          ...message,
          contactName: nameOf(contacts, message.contact),
          channelName: nameOf(channels, message.channel),
        })),
      }));
      return { meta: metaOf(deps, next), results };
    },
  );
  app.get(
    '/agreements/:id/reminders',
    {
      config,
      preValidation: byAgreement(deps),
      schema: {
        tags,
        params,
        summary: 'whom the office reminded of what is late, newest first; amounts in whole fen',
        response: answers({ 200: many(Plain) }, ...refusals),
      },
    },
    async (request) => ({
      meta: metaOf(deps),
      results: (await followUpOf(deps).reminders(request.params.id)).map(plain),
    }),
  );
}

function priceRoute(app: Api, deps: ApiDeps): void {
  app.post(
    '/agreements/:id/prices',
    {
      config,
      preValidation: byAgreement(deps),
      schema: {
        tags,
        params,
        body: Type.Object(
          {
            from: PeriodBody,
            to: Type.Optional(PeriodBody),
            clauses: Type.Array(Line, { minItems: 1, maxItems: 10, description: 'each `kind=value`' }),
          },
          strict,
        ),
        summary: 'what each clause is worth, varied alone over stored periods; a trial that is kept nowhere',
        response: answers({ 200: many(Plain) }, ...refusals),
      },
    },
    async (request) => {
      const { from, to = from, clauses } = request.body;
      const priced = await followUpOf(deps).price(request.params.id, { from, to, clauses });
      return { meta: metaOf(deps), results: priced.map(plain) };
    },
  );
}

function moneyActs(app: Api, deps: ApiDeps): void {
  app.post(
    '/agreements/:id/reminders',
    {
      config: office,
      schema: {
        tags,
        params,
        summary: 'remind everyone who is late, once a day at most; answers whom',
        response: answers({ 200: many(Plain) }, ...refusals),
      },
    },
    async (request) => ({
      meta: metaOf(deps),
      results: (await followUpOf(deps).remind(request.params.id, actorOf(request))).map(plain),
    }),
  );
  app.post(
    '/agreements/:id/deductions',
    {
      config: office,
      schema: {
        tags,
        params,
        body: Type.Object({ from: Line, to: Line, amountFen: PositiveFen, reference: Line }, strict),
        summary: 'book a deduction by the superior government, where the agreement allows one',
        response: answers({ 200: one(Seq) }, ...refusals),
      },
    },
    async (request) => {
      const deduction = { ...request.body, agreement: request.params.id };
      const seq = await followUpOf(deps).deduct(deduction, actorOf(request));
      return { meta: metaOf(deps), result: { seq } };
    },
  );
  app.post(
    '/agreements/:id/contributions',
    {
      config: office,
      schema: {
        tags,
        params,
        body: Type.Object(
          { party: Party, year: Type.String({ pattern: '^\\d{4}$' }), revenueFen: PositiveFen, source: Line },
          strict,
        ),
        summary: 'book what a member owes the cooperation fund for a year, by its share of its revenue',
        response: answers({ 200: one(Type.Object({ amountFen: Fen })) }, ...refusals),
      },
    },
    async (request) => {
      const contribution = { ...request.body, agreement: request.params.id };
      const amountFen = await followUpOf(deps).contribute(contribution, actorOf(request));
      return { meta: metaOf(deps), result: { amountFen } };
    },
  );
}

function bookingActs(app: Api, deps: ApiDeps): void {
  app.post(
    '/agreements/:id/interest',
    {
      config: office,
      schema: {
        tags,
        params,
        body: Type.Object({ from: Line, to: Line }, strict),
        summary: 'book the interest accrued between two parties, where the agreement asks for any',
        response: answers({ 200: one(Type.Object({ amountFen: Fen })) }, ...refusals),
      },
    },
    async (request) => {
      const pair = { ...request.body, agreement: request.params.id };
      const amountFen = await followUpOf(deps).bookInterest(pair, actorOf(request));
      return { meta: metaOf(deps), result: { amountFen: amountFen.toString() } };
    },
  );
  app.post(
    '/agreements/:id/fund-uses',
    {
      config: office,
      schema: {
        tags,
        params,
        body: Type.Object({ use: Line, to: Line, amountFen: PositiveFen, reference: Line }, strict),
        summary:
          'spend from the cooperation fund on a declared use, once a reference, never more than is in it',
        response: answers({ 200: one(Seq) }, ...refusals),
      },
    },
    async (request) => {
      const spending = { ...request.body, agreement: request.params.id };
      const seq = await followUpOf(deps).spend(spending, actorOf(request));
      return { meta: metaOf(deps), result: { seq } };
    },
  );
}

/** What follows a statement, and the statement to hold in hand, for the parties of its agreement. */
export function settlementFollowUpRoutes(app: Api, deps: ApiDeps): void {
  moneyReads(app, deps);
  noticesRoute(app, deps);
  priceRoute(app, deps);
  moneyActs(app, deps);
  bookingActs(app, deps);
  app.get(
    '/statements/:id/why',
    {
      config,
      preValidation: byStatement(deps),
      schema: {
        tags,
        params,
        querystring: Type.Object(
          { section: Type.Optional(IdInput), readings: Type.Optional(Type.Boolean({ default: false })) },
          strict,
        ),
        summary:
          'why a statement says what it says, in both languages: lines, rule step by step with source and clause, readings',
        response: answers({ 200: one(Marked) }, 'forbidden', 'notFound'),
      },
    },
    async (request) => {
      const { section, readings = false } = request.query;
      const why = await followUpOf(deps).why(request.params.id, { section, readings });
      return { meta: metaOf(deps), result: marked(why) };
    },
  );
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
