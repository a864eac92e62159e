import { Type } from 'typebox';
import { checkKinds } from '../../domain/config/quality-checks.ts';
import { parseInstant } from '../../domain/time.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import { pageOf } from '../http/paging.ts';
import { byOf, DecimalInput, deskOf, Figures, requireOwner, tags, windowOf } from '../auth/quality-access.ts';
import { ActId, Done, Reason } from '../http/act-shapes.ts';
import {
  answers,
  IdInput,
  Instant,
  InstantInput,
  many,
  NullableBoolean,
  NullableInstant,
  NullableText,
  one,
  oneOf,
  paging,
  strict,
} from '../http/schemas.ts';

function checkRoute(app: Api, deps: ApiDeps): void {
  const body = Type.Object(
    {
      id: ActId,
      station: IdInput,
      provider: IdInput,
      parameters: Type.Array(IdInput, { maxItems: 50, uniqueItems: true }),
      check: oneOf(checkKinds),
      from: Type.Optional(InstantInput),
      at: InstantInput,
      expected: Type.Optional(DecimalInput),
      measured: Type.Optional(DecimalInput),
      detectionLimit: Type.Optional(DecimalInput),
      note: Type.Optional(Type.String({ maxLength: 2000 })),
    },
    strict,
  );
  const Judged = Type.Object({
    ...Done.properties,
    passed: NullableBoolean,
    figures: Figures,
    holdsFrom: NullableInstant,
  });
  app.post(
    '/quality/checks',
    {
      config: { tier: 'owner' },
      schema: {
        tags,
        summary:
          'record a zero, span, drift, recovery, standard-sample or comparison check, or maintenance; a failed one puts readings under review',
        body,
        response: answers({ 201: one(Judged) }, 'forbidden', 'conflict'),
      },
    },
    async (request, reply) => {
      const { id, from, at, ...given } = request.body;
      requireOwner(deps, request, given.station);
      const zone = deps.config().region.timeZone;
      const by = byOf(request, id);
      const { seq, check } = await deskOf(deps).recordCheck(by, {
        expected: null,
        measured: null,
        detectionLimit: null,
        note: '',
        ...given,
        ...(from === undefined ? {} : { fromS: parseInstant(from, zone) }),
        atS: parseInstant(at, zone),
      });
      const { passed, figures, holdsFromS } = check;
      const holdsFrom = holdsFromS === null ? null : isoTimes(zone)(holdsFromS);
      const result = { id: `check-${by.id}`, seq, passed, figures: { ...figures }, holdsFrom };
      return reply.code(201).send({ meta: metaOf(deps), result });
    },
  );
}

function checkListRoute(app: Api, deps: ApiDeps): void {
  const CheckShape = Type.Object({
    id: Type.String(),
    seq: Type.Integer(),
    actor: Type.String(),
    recorded: Instant,
    station: Type.String(),
    provider: Type.String(),
    parameters: Type.Array(Type.String()),
    check: Type.String(),
    from: Instant,
    at: Instant,
    expected: NullableText,
    measured: NullableText,
    detectionLimit: NullableText,
    passed: NullableBoolean,
    edition: Type.String(),
    figures: Figures,
    holdsFrom: NullableInstant,
    note: Type.String(),
  });
  app.get(
    '/quality/checks',
    {
      config: { tier: 'partner' },
      schema: {
        tags,
        summary: 'checks of instruments and maintenance, newest first',
        querystring: Type.Object({ station: Type.Optional(IdInput), ...paging(500, 100) }, strict),
        response: answers({ 200: many(CheckShape) }, 'forbidden'),
      },
    },
    async (request, reply) => {
      const iso = isoTimes(deps.config().region.timeZone);
      const { rows, next } = await pageOf(request, reply, {
        key: { seq: 'number' },
        read: (page) => deps.state.quality.checks({ ...request.query, ...page }),
      });
      const results = rows.map(({ fromS, atS, recordedS, holdsFromS, parameters, figures, ...check }) => ({
        ...check,
        parameters: [...parameters],
        figures: { ...figures },
        from: iso(fromS),
        at: iso(atS),
        recorded: iso(recordedS),
        holdsFrom: holdsFromS === null ? null : iso(holdsFromS),
      }));
      return { meta: metaOf(deps, next), results };
    },
  );
}

function holdRoute(app: Api, deps: ApiDeps): void {
  const body = Type.Object(
    {
      id: ActId,
      station: IdInput,
      provider: IdInput,
      parameters: Type.Array(IdInput, { maxItems: 50, uniqueItems: true }),
      from: InstantInput,
      to: InstantInput,
      rule: IdInput,
      figures: Type.Optional(Type.Record(Type.String(), Type.String())),
      reason: Reason,
    },
    strict,
  );
  app.post(
    '/quality/holds',
    {
      config: { tier: 'owner' },
      schema: {
        tags,
        summary: 'put readings under review by the name of a rule',
        body,
        response: answers({ 201: one(Done) }, 'forbidden', 'conflict'),
      },
    },
    async (request, reply) => {
      const { id, from, to, figures = {}, ...given } = request.body;
      requireOwner(deps, request, given.station);
      const by = byOf(request, id);
      const seq = await deskOf(deps).hold(by, { ...given, figures, ...windowOf(deps, { from, to }) });
      return reply.code(201).send({ meta: metaOf(deps), result: { id: `hold-${by.id}`, seq } });
    },
  );
}

function holdListRoute(app: Api, deps: ApiDeps): void {
  const HoldShape = Type.Object({
    id: Type.String(),
    seq: Type.Integer(),
    actor: Type.String(),
    held: Instant,
    station: Type.String(),
    provider: Type.String(),
    parameters: Type.Array(Type.String(), { description: 'empty: every item' }),
    from: Instant,
    to: NullableInstant,
    rule: Type.String(),
    figures: Figures,
    reason: Type.String(),
    released: NullableInstant,
  });
  app.get(
    '/quality/holds',
    {
      config: { tier: 'partner' },
      schema: {
        tags,
        summary: 'intervals under review by acts; `to` and `released` null: until a check passes',
        querystring: Type.Object({ station: Type.Optional(IdInput) }, strict),
        response: answers({ 200: many(HoldShape) }, 'forbidden'),
      },
    },
    async (request) => {
      const iso = isoTimes(deps.config().region.timeZone);
      const isoOrNull = (atS: number | null): string | null => (atS === null ? null : iso(atS));
      const { station } = request.query;
      const holds = (await deps.state.quality.holds()).filter(
        (one) => station === undefined || one.station === station,
      );
      const results = holds
        .toReversed()
        .map(({ fromS, toS, heldS, released, parameters, figures, ...hold }) => ({
          ...hold,
          parameters: [...parameters],
          figures: { ...figures },
          from: iso(fromS),
          to: isoOrNull(released?.toS ?? toS),
          held: iso(heldS),
          released: isoOrNull(released?.toS ?? null),
        }));
      return { meta: metaOf(deps), results };
    },
  );
}

/** Checks of instruments, and what acts put under review. */
export function qualityCheckRoutes(app: Api, deps: ApiDeps): void {
  checkRoute(app, deps);
  checkListRoute(app, deps);
  holdRoute(app, deps);
  holdListRoute(app, deps);
}
