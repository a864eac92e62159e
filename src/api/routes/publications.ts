import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { SharedProduct, type SharedStage } from '../../domain/config/sharing.ts';
import { withSuperiors, type PublicationActKind, type StoredPublication } from '../../domain/sharing.ts';
import type { Resource } from '../auth/access.ts';
import { actorOf, requireAccess } from '../auth/authentication.ts';
import type { Viewer } from '../auth/seen-by.ts';
import type { ApiDeps } from '../deps.ts';
import { Day, Done, jurisdictionFaults, Reason } from '../http/act-shapes.ts';
import type { Api } from '../http/fastify-types.ts';
import { rejectIfAny } from '../http/faults.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import { performAct } from '../http/perform-act.ts';
import {
  answers,
  IdInput,
  Instant,
  many,
  NullableInstant,
  NullableText,
  one,
  oneOf,
  strict,
} from '../http/schemas.ts';

const tags = ['publication'];
const states = ['asked', 'in-force', 'refused', 'withdrawn'] as const;
const nullable = <T>(schema: Record<string, unknown>) =>
  Type.Unsafe<T | null>({ anyOf: [schema, { type: 'null' }] });

const scope = {
  product: SharedProduct,
  provider: nullable<string>({ type: 'string', minLength: 1, maxLength: 120 }),
  medium: nullable<'water' | 'air' | 'flow'>({ type: 'string', enum: ['water', 'air', 'flow'] }),
  locatedIn: nullable<string>({ type: 'string', pattern: '^\\d{6}$' }),
  stage: nullable<Static<typeof SharedStage>>({ type: 'string', enum: ['raw', 'reviewed'] }),
  tier: oneOf(['public', 'partner'] as const),
  delaySeconds: Type.Integer({ minimum: 0, maximum: 366 * 86_400, default: 0 }),
  from: Day,
  to: nullable<string>({ type: 'string', format: 'date' }),
  document: Type.String({ minLength: 1, maxLength: 2000, description: 'the document that it rests on' }),
};

const PublicationShape = Type.Object({
  id: Type.String(),
  ...scope,
  state: Type.String(),
  askedBy: Type.String(),
  asked: Instant,
  decidedBy: NullableText,
  decided: NullableInstant,
  reason: NullableText,
});

interface Routes {
  app: Api;
  deps: ApiDeps;
  viewer: Viewer;
}

async function act(
  { deps, viewer }: Routes,
  request: FastifyRequest,
  of: { kind: PublicationActKind; id?: string; payload: Record<string, unknown> },
): Promise<number> {
  const { seq } = await performAct(deps, { ...of, actor: actorOf(request) });
  viewer.forgetPublications();
  return seq;
}

function shapeOf(stored: StoredPublication, iso: (atS: number) => string) {
  const { askedS, decidedS, ...rest } = stored;
  return { ...rest, asked: iso(askedS), decided: decidedS === null ? null : iso(decidedS) };
}

/** Who has a say in what lies in a jurisdiction; the joint office alone where a publication is not of one. */
const ownersOf = (deps: ApiDeps, locatedIn: string | null): Resource => ({
  tier: 'owner',
  jurisdictions: withSuperiors(deps.config().jurisdictions, locatedIn),
});

function askingRoutes(routes: Routes): void {
  const { app, deps } = routes;
  const list = {
    tags,
    summary: 'publications: what was asked to be opened, and what was decided',
    querystring: Type.Object({ state: Type.Optional(oneOf(states)) }, strict),
    response: answers({ 200: many(PublicationShape) }),
  };
  app.get('/publications', { config: { tier: 'public' }, schema: list }, async (request) => {
    const iso = isoTimes(deps.config().region.timeZone);
    const stored = await deps.state.publications.list(request.query);
    return { meta: metaOf(deps), results: stored.map((one) => shapeOf(one, iso)) };
  });
  const body = Type.Object(
    {
      product: scope.product,
      tier: scope.tier,
      from: scope.from,
      document: scope.document,
      provider: Type.Optional(scope.provider),
      medium: Type.Optional(scope.medium),
      locatedIn: Type.Optional(scope.locatedIn),
      stage: Type.Optional(scope.stage),
      delaySeconds: Type.Optional(scope.delaySeconds),
      to: Type.Optional(scope.to),
    },
    strict,
  );
  const ask = {
    tags,
    summary:
      "ask for a publication: of what lies in one's own jurisdiction, or of anything as the joint office",
    body,
    response: answers({ 201: one(Done) }, 'forbidden', 'conflict'),
  };
  app.post('/publications', { config: { tier: 'owner' }, schema: ask }, async (request, reply) => {
    const {
      provider = null,
      medium = null,
      locatedIn = null,
      stage = null,
      delaySeconds = 0,
      to = null,
      ...rest
    } = request.body;
    rejectIfAny(jurisdictionFaults(deps, locatedIn, 'locatedIn'));
    requireAccess(request.actor, ownersOf(deps, locatedIn));
    const payload = { ...rest, provider, medium, locatedIn, stage, delaySeconds, to };
    const id = `publication-${randomUUID()}`;
    const seq = await act(routes, request, { kind: 'ask-publication', id, payload });
    return reply.code(201).send({ meta: metaOf(deps), result: { id, seq } });
  });
}

function decidingRoutes(routes: Routes): void {
  const { app, deps } = routes;
  const params = Type.Object({ id: IdInput }, strict);
  const response = answers({ 200: one(Done) }, 'forbidden', 'notFound', 'conflict');
  const decide = {
    tags,
    summary: 'decide a publication; whoever asked for it cannot (joint office)',
    params,
    body: Type.Object({ inForce: Type.Boolean(), reason: Reason }, strict),
    response,
  };
  app.post('/publications/:id/decision', { config: { tier: 'office' }, schema: decide }, async (request) => {
    const { id } = request.params;
    const payload = { publication: id, ...request.body };
    const kind = 'decide-publication';
    const seq = await act(routes, request, { kind, payload });
    return { meta: metaOf(deps), result: { id, seq } };
  });
  const withdraw = {
    tags,
    summary:
      'withdraw a publication: from then on only those see it who did before (who may ask for it, or the joint office)',
    params,
    body: Type.Object({ reason: Reason }, strict),
    response,
  };
  app.post(
    '/publications/:id/withdrawal',
    { config: { tier: 'owner' }, schema: withdraw },
    async (request) => {
      const { id } = request.params;
      const found = (await deps.state.publications.list({})).find((one) => one.id === id);
      // An unknown one is told so by the act.
      if (found !== undefined) requireAccess(request.actor, ownersOf(deps, found.locatedIn));
      const payload = { publication: id, ...request.body };
      const kind = 'withdraw-publication';
      const seq = await act(routes, request, { kind, payload });
      return { meta: metaOf(deps), result: { id, seq } };
    },
  );
}

/** Publication (信息发布): asked for by one person, decided by another. */
export function publicationRoutes(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const routes = { app, deps, viewer };
  askingRoutes(routes);
  decidingRoutes(routes);
}
