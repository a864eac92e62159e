import { Type } from 'typebox';
import type { Validity } from '../../domain/flags.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { rejectIfAny } from '../http/faults.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import { pageOf } from '../http/paging.ts';
import { byOf, deskOf, requireOwner, tags, windowOf, windowQuery } from '../auth/quality-access.ts';
import { ActId, Done, Reason } from '../http/act-shapes.ts';
import {
  answers,
  AveragingInput,
  IdInput,
  IdList,
  Instant,
  InstantInput,
  many,
  NullableInstant,
  NullableText,
  one,
  oneOf,
  paging,
  strict,
  TextPair,
} from '../http/schemas.ts';
import { registry } from '../region/stations-view.ts';

function levelReviewRoute(app: Api, deps: ApiDeps): void {
  const validities = ['valid', 'suspect', 'invalid'] as const satisfies readonly Validity[];
  const body = Type.Object(
    {
      id: ActId,
      station: IdInput,
      parameters: Type.Array(IdInput, { minItems: 1, maxItems: 50, uniqueItems: true }),
      averaging: AveragingInput,
      provider: IdInput,
      from: InstantInput,
      to: InstantInput,
      level: Type.String({ description: 'level of the network that the station belongs to' }),
      validity: oneOf(validities),
      reviewer: Type.String({ minLength: 1, maxLength: 200, description: 'who reviewed' }),
      opinion: Reason,
      seenSeq: Type.Integer({
        minimum: 0,
        description: '`meta.appliedSeq` of the answer that was looked at',
      }),
      reopens: Type.Optional(Type.Boolean({ description: 'also what is final already' })),
    },
    strict,
  );
  app.post(
    '/quality/reviews',
    {
      config: { tier: 'owner' },
      schema: {
        tags,
        summary: 'review readings at a level of their network: stage and validity follow',
        body,
        response: answers({ 201: one(Done) }, 'forbidden', 'conflict'),
      },
    },
    async (request, reply) => {
      const { id, from, to, opinion, reopens = false, ...review } = request.body;
      requireOwner(deps, request, review.station);
      const window = windowOf(deps, { from, to });
      const head = deps.journal.head().seq;
      if (review.seenSeq > head)
        rejectIfAny([{ field: 'body.seenSeq', value: review.seenSeq, expected: `up to ${head}` }]);
      const by = byOf(request, id);
      const seq = await deskOf(deps).review(by, { ...review, ...window, reason: opinion, reopens });
      return reply.code(201).send({ meta: metaOf(deps), result: { id: `review-${by.id}`, seq } });
    },
  );
}

function dueRoute(app: Api, deps: ApiDeps): void {
  const DueShape = Type.Object({
    station: Type.String(),
    provider: Type.String(),
    network: Type.String(),
    networkName: TextPair,
    level: Type.String(),
    levelName: TextPair,
    day: Instant,
    readings: Type.Integer(),
    due: Instant,
    overdue: Type.Boolean(),
  });
  app.get(
    '/quality/reviews-due',
    {
      config: { tier: 'partner' },
      schema: {
        tags,
        summary: 'civil days with readings that a level has not reviewed, and when it was due',
        querystring: Type.Object(
          { stations: IdList, provider: IdInput, overdue: Type.Optional(Type.Boolean()), ...windowQuery },
          strict,
        ),
        response: answers({ 200: many(DueShape) }, 'forbidden'),
      },
    },
    async (request) => {
      const iso = isoTimes(deps.config().region.timeZone);
      const { stations, provider, averaging, overdue = false } = request.query;
      const window = windowOf(deps, request.query);
      const query = { ...window, stations: stations.split(','), provider, averaging, overdueOnly: overdue };
      const due = await deskOf(deps).due(query);
      const results = due.map(({ dayS, dueS, ...rest }) => ({ ...rest, day: iso(dayS), due: iso(dueS) }));
      return { meta: metaOf(deps), results };
    },
  );
}

function objectionRoute(app: Api, deps: ApiDeps): void {
  const evidence = Type.Array(
    Type.Object(
      {
        name: Type.String({ minLength: 1, maxLength: 300 }),
        sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
      },
      strict,
    ),
    { maxItems: 100 },
  );
  const body = Type.Object(
    {
      id: ActId,
      station: IdInput,
      provider: IdInput,
      parameters: Type.Array(IdInput, { minItems: 1, maxItems: 50, uniqueItems: true }),
      averaging: AveragingInput,
      from: InstantInput,
      to: InstantInput,
      seenSeq: Type.Integer({ minimum: 0 }),
      claim: Reason,
      evidence: Type.Optional(evidence),
    },
    strict,
  );
  app.post(
    '/quality/objections',
    {
      config: { tier: 'owner' },
      schema: {
        tags,
        summary: 'object to readings, delivered final ones included; they stay as they are',
        body,
        response: answers({ 201: one(Done) }, 'forbidden', 'conflict'),
      },
    },
    async (request, reply) => {
      const { id, from, to, evidence: files = [], ...given } = request.body;
      const by = byOf(request, id);
      const window = windowOf(deps, { from, to });
      if (!registry(deps.config()).has(given.station))
        rejectIfAny([{ field: 'body.station', value: given.station, expected: 'an id of /api/v1/stations' }]);
      const seq = await deskOf(deps).object(by, { ...given, ...window, evidence: files });
      return reply.code(201).send({ meta: metaOf(deps), result: { id: `objection-${by.id}`, seq } });
    },
  );
}

function answerRoute(app: Api, deps: ApiDeps): void {
  app.post(
    '/quality/answers',
    {
      config: { tier: 'office' },
      schema: {
        tags,
        summary: 'answer an objection (joint office)',
        body: Type.Object(
          { id: ActId, objection: IdInput, outcome: oneOf(['upheld', 'rejected'] as const), text: Reason },
          strict,
        ),
        response: answers({ 201: one(Done) }, 'forbidden', 'notFound', 'conflict'),
      },
    },
    async (request, reply) => {
      const { id, ...answer } = request.body;
      const by = byOf(request, id);
      const seq = await deskOf(deps).answer(by, answer);
      return reply.code(201).send({ meta: metaOf(deps), result: { id: `answer-${by.id}`, seq } });
    },
  );
}

function objectionListRoute(app: Api, deps: ApiDeps): void {
  const ObjectionShape = Type.Object({
    id: Type.String(),
    seq: Type.Integer(),
    actor: Type.String(),
    at: Instant,
    station: Type.String(),
    provider: Type.String(),
    parameters: Type.Array(Type.String()),
    averaging: Type.String(),
    from: Instant,
    to: Instant,
    claim: Type.String(),
    outcome: NullableText,
    answer: NullableText,
    answered: NullableInstant,
  });
  app.get(
    '/quality/objections',
    {
      config: { tier: 'partner' },
      schema: {
        tags,
        summary: 'objections to readings and their answers, newest first',
        querystring: Type.Object({ station: Type.Optional(IdInput), ...paging(500, 100) }, strict),
        response: answers({ 200: many(ObjectionShape) }, 'forbidden'),
      },
    },
    async (request, reply) => {
      const iso = isoTimes(deps.config().region.timeZone);
      const { rows, next } = await pageOf(request, reply, {
        key: { seq: 'number' },
        read: (page) => deps.state.quality.objections({ ...request.query, ...page }),
      });
      const results = rows.map(({ id, seq, actor, station, provider, averaging, claim, ...rest }) => ({
        id,
        seq,
        actor,
        station,
        provider,
        averaging,
        claim,
        parameters: [...rest.parameters],
        at: iso(rest.atS),
        from: iso(rest.fromS),
        to: iso(rest.toS),
        outcome: rest.answer?.outcome ?? null,
        answer: rest.answer?.text ?? null,
        answered: rest.answer === null ? null : iso(rest.answer.atS),
      }));
      return { meta: metaOf(deps, next), results };
    },
  );
}

/** Reviews by level, what is due, and objections to what is final. */
export function qualityReviewRoutes(app: Api, deps: ApiDeps): void {
  levelReviewRoute(app, deps);
  dueRoute(app, deps);
  objectionRoute(app, deps);
  answerRoute(app, deps);
  objectionListRoute(app, deps);
}
