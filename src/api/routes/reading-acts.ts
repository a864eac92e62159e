import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import type { Validity } from '../../domain/flags.ts';
import { stationRelations } from '../../domain/reading-acts.ts';
import { parseInstant } from '../../domain/time.ts';
import { actorOf } from '../auth/authentication.ts';
import type { ApiDeps } from '../deps.ts';
import { ActId, Day, Done, NullableDay, Reason, stationFaults } from '../http/act-shapes.ts';
import type { Api } from '../http/fastify-types.ts';
import { rejectIfAny } from '../http/faults.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import { pageOf } from '../http/paging.ts';
import {
  answers,
  AveragingInput,
  IdInput,
  Instant,
  InstantInput,
  many,
  NullableInstant,
  NullableText,
  one,
  oneOf,
  paging,
  strict,
} from '../http/schemas.ts';

const tags = ['acts'];
const validities = ['valid', 'suspect', 'invalid'] as const satisfies readonly Validity[];

const Grounds = Type.Object(
  {
    relation: oneOf(stationRelations, { description: 'what became of the station on that day' }),
    of: NullableText,
    position: Type.Union([
      Type.Object(
        {
          lon: Type.Number({ minimum: -180, maximum: 180 }),
          lat: Type.Number({ minimum: -90, maximum: 90 }),
          uncertaintyKm: Type.Number({ minimum: 0 }),
        },
        strict,
      ),
      Type.Null(),
    ]),
    score: Type.Unsafe<number | null>({ type: ['number', 'null'], minimum: 0, maximum: 1 }),
    reasons: Type.Array(Type.String({ maxLength: 300 }), { maxItems: 20 }),
    note: Type.String({ maxLength: 2000 }),
  },
  {
    ...strict,
    description: 'why this name is that station; a suggestion that is approved names its score and reasons',
  },
);

function reviewRoute(app: Api, deps: ApiDeps): void {
  const body = Type.Object(
    {
      id: ActId,
      station: IdInput,
      parameters: Type.Array(IdInput, { minItems: 1, maxItems: 50, uniqueItems: true }),
      averaging: AveragingInput,
      provider: IdInput,
      from: InstantInput,
      to: InstantInput,
      validity: oneOf(validities),
      stage: Type.Integer({ minimum: 1, maximum: 7, description: 'level of the review; 7 is final' }),
      seenSeq: Type.Integer({
        minimum: 0,
        description: '`meta.appliedSeq` of the answer that the reviewer looked at',
      }),
      reason: Reason,
    },
    strict,
  );
  app.post(
    '/reviews',
    {
      config: { tier: 'office' },
      schema: {
        tags,
        summary: 'review readings: validity and stage of the values that were seen (joint office)',
        body,
        response: answers({ 201: one(Done) }, 'forbidden', 'conflict'),
      },
    },
    async (request, reply) => {
      const { id = randomUUID(), from, to, ...review } = request.body;
      const zone = deps.config().region.timeZone;
      const [fromS, toS] = [parseInstant(from, zone), parseInstant(to, zone)];
      const head = deps.journal.head().seq;
      const seen =
        review.seenSeq <= head
          ? []
          : [{ field: 'body.seenSeq', value: review.seenSeq, expected: `up to ${head}` }];
      const order = fromS < toS ? [] : [{ field: 'body.to', value: to, expected: 'later than body.from' }];
      rejectIfAny([...stationFaults(deps, review.station), ...seen, ...order]);
      const act = { actor: actorOf(request), atS: deps.clock.nowS(), id: `review-${id}` };
      const seq = await deps.readingActs.review({ ...act, review: { ...review, fromS, toS } });
      return reply.code(201).send({ meta: metaOf(deps), result: { id: act.id, seq } });
    },
  );
}

function reviewListRoute(app: Api, deps: ApiDeps): void {
  const ReviewShape = Type.Object({
    id: Type.String(),
    seq: Type.Integer(),
    actor: Type.String(),
    at: Instant,
    station: Type.String(),
    parameters: Type.Array(Type.String()),
    averaging: Type.String(),
    provider: Type.String(),
    from: Instant,
    to: Instant,
    validity: Type.String(),
    stage: Type.Integer(),
    seenSeq: Type.Integer(),
    reason: Type.String(),
    level: Type.Optional(Type.String()),
    reviewer: Type.Optional(Type.String()),
    due: NullableInstant,
    late: Type.Boolean({ description: 'done after its deadline' }),
  });
  const query = Type.Object({ station: Type.Optional(IdInput), ...paging(500, 100) }, strict);
  app.get(
    '/reviews',
    {
      config: { tier: 'partner' },
      schema: {
        tags,
        summary: 'reviews of readings, newest first',
        querystring: query,
        response: answers({ 200: many(ReviewShape) }, 'forbidden'),
      },
    },
    async (request, reply) => {
      const iso = isoTimes(deps.config().region.timeZone);
      const { rows, next } = await pageOf(request, reply, {
        key: { seq: 'number' },
        read: (page) => deps.state.readingActs.reviews({ ...request.query, ...page }),
      });
      const results = rows.map(({ fromS, toS, atS, dueS = null, parameters, ...review }) => ({
        ...review,
        parameters: [...parameters],
        at: iso(atS),
        from: iso(fromS),
        to: iso(toS),
        due: dueS === null ? null : iso(dueS),
        late: dueS !== null && atS > dueS,
      }));
      return { meta: metaOf(deps, next), results };
    },
  );
}

function registrationRoute(app: Api, deps: ApiDeps): void {
  const body = Type.Object(
    {
      id: ActId,
      provider: IdInput,
      naturalKey: Type.String({
        minLength: 1,
        maxLength: 300,
        description: 'exactly what the provider calls it',
      }),
      station: IdInput,
      from: Day,
      to: Type.Optional(NullableDay),
      grounds: Type.Optional(Grounds),
    },
    strict,
  );
  app.post(
    '/registrations',
    {
      config: { tier: 'office' },
      schema: {
        tags,
        summary: 'register what a provider calls a station, from a civil day on (joint office)',
        body,
        response: answers({ 201: one(Done) }, 'forbidden', 'conflict'),
      },
    },
    async (request, reply) => {
      const { id = randomUUID(), to = null, grounds, ...registration } = request.body;
      const why = grounds === undefined ? {} : { grounds };
      const order =
        to === null || to >= registration.from
          ? []
          : [{ field: 'body.to', value: to, expected: 'no earlier than body.from' }];
      rejectIfAny([...stationFaults(deps, registration.station), ...order]);
      const act = { actor: actorOf(request), atS: deps.clock.nowS(), id: `register-${id}` };
      const seq = await deps.readingActs.register({ ...act, registration: { ...registration, to, ...why } });
      return reply.code(201).send({ meta: metaOf(deps), result: { id: act.id, seq } });
    },
  );
}

function registrationListRoute(app: Api, deps: ApiDeps): void {
  const RegistrationShape = Type.Object({
    id: Type.String(),
    seq: Type.Integer(),
    actor: Type.String(),
    at: Instant,
    provider: Type.String(),
    naturalKey: Type.String(),
    station: Type.String(),
    from: Type.String(),
    to: NullableText,
    relation: NullableText,
    note: NullableText,
  });
  app.get(
    '/registrations',
    {
      config: { tier: 'partner' },
      schema: {
        tags,
        summary: 'names of stations that were registered by acts',
        response: answers({ 200: many(RegistrationShape) }, 'forbidden'),
      },
    },
    async () => {
      const iso = isoTimes(deps.config().region.timeZone);
      const registrations = await deps.state.readingActs.registrations();
      return {
        meta: metaOf(deps),
        results: registrations.map(({ atS, grounds, ...registration }) => ({
          ...registration,
          relation: grounds?.relation ?? null,
          note: grounds?.note ?? null,
          at: iso(atS),
        })),
      };
    },
  );
}

/** Acts on readings: reviews and registrations of stations. */
export function readingActRoutes(app: Api, deps: ApiDeps): void {
  reviewRoute(app, deps);
  reviewListRoute(app, deps);
  registrationRoute(app, deps);
  registrationListRoute(app, deps);
}
