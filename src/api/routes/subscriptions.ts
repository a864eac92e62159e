import { randomBytes, randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import type { Actor } from '../../domain/ports.ts';
import { eventKinds, type Subscription } from '../../domain/subscriptions.ts';
import { decide } from '../auth/access.ts';
import { actorOf } from '../auth/authentication.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { rejectIfAny } from '../http/faults.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import { pageOf } from '../http/paging.ts';
import { performAct } from '../http/perform-act.ts';
import {
  answers,
  IdInput,
  Instant,
  many,
  NullableInstant,
  NullableInteger,
  NullableText,
  one,
  paging,
  oneOf,
  strict,
} from '../http/schemas.ts';
import { registry } from '../region/stations-view.ts';
import { webhookSender, type WebhookSender } from '../webhooks/sender.ts';

const tags = ['access'];
const mostSubscriptions = 50;
const secretBytes = 32;
const IdArray = Type.Array(IdInput, { minItems: 1, maxItems: 256 });
const NullableIds = Type.Unsafe<readonly string[] | null>({
  type: ['array', 'null'],
  items: { type: 'string' },
});

const SubscriptionShape = Type.Object({
  id: Type.String(),
  url: Type.String(),
  events: Type.Array(Type.String()),
  stations: NullableIds,
  parameters: NullableIds,
  owner: Type.String(),
  created: Instant,
  disabled: NullableInstant,
  failingSince: NullableInstant,
  lastDelivered: NullableInstant,
});
const DeliveryShape = Type.Object({
  at: Instant,
  message: Type.String({ description: 'webhook-id; the same at every attempt' }),
  event: Type.String(),
  status: NullableInteger,
  error: NullableText,
  milliseconds: Type.Integer(),
});

const params = Type.Object({ id: IdInput }, strict);

interface Routes {
  app: Api;
  deps: ApiDeps;
  sender: WebhookSender;
}

/** Its own, everyone of the same bureau, and the joint office. */
function isOwn(actor: Actor | null, { owner }: Subscription): boolean {
  if (actor === null) return false;
  if (actor.id === owner.id || decide(actor, { tier: 'office' }).allow) return true;
  return actor.jurisdiction !== null && actor.jurisdiction === owner.jurisdiction;
}

async function own({ deps }: Routes, request: FastifyRequest, id: string): Promise<Subscription> {
  const found = await deps.state.subscriptions.get(id);
  if (found !== null && isOwn(request.actor, found)) return found;
  throw new MonitorError('E_NOT_FOUND', `you have no subscription ${id}`, { details: { subscription: id } });
}

async function shapeOf({ deps }: Routes, found: Subscription) {
  const iso = isoTimes(deps.config().region.timeZone);
  const orNull = (atS: number | null | undefined): string | null =>
    atS === null || atS === undefined ? null : iso(atS);
  const progress = await deps.state.subscriptions.progress(found.id);
  const { id, url, events, stations, parameters, owner, createdS, disabledS } = found;
  return {
    id,
    url,
    events: [...events],
    stations,
    parameters,
    owner: owner.id,
    created: iso(createdS),
    disabled: orNull(disabledS),
    failingSince: orNull(progress?.failingSinceS),
    lastDelivered: orNull(progress?.lastOkS),
  };
}

function checkBody(
  { deps, sender }: Routes,
  body: { url: string; stations?: string[]; parameters?: string[] },
): void {
  const refused = sender.guard.refusal(body.url);
  const config = deps.config();
  const stations = registry(config);
  const parameters = new Set(config.parameters.map(({ id }) => id));
  const unknown = (field: string, list: string[] | undefined, known: (id: string) => boolean) =>
    (list ?? [])
      .filter((id) => !known(id))
      .map((id) => ({ field: `body.${field}`, value: id, expected: `one of /api/v1/${field}` }));
  rejectIfAny([
    ...(refused === null
      ? []
      : [{ field: 'body.url', value: body.url, expected: `a public https address: ${refused}` }]),
    ...unknown('stations', body.stations, (id) => stations.has(id)),
    ...unknown('parameters', body.parameters, (id) => parameters.has(id)),
  ]);
}

function makingRoutes(routes: Routes): void {
  const { app, deps } = routes;
  const list = {
    tags,
    summary: 'webhook subscriptions of your bureau',
    response: answers({ 200: many(SubscriptionShape) }),
  };
  app.get('/subscriptions', { config: { tier: 'owner' }, schema: list }, async (request) => {
    const all = await deps.state.subscriptions.list();
    const mine = all.filter((found) => isOwn(request.actor, found));
    return { meta: metaOf(deps), results: await Promise.all(mine.map((found) => shapeOf(routes, found))) };
  });
  const body = Type.Object(
    {
      url: Type.String({ maxLength: 2000, pattern: '^https?://' }),
      events: Type.Array(oneOf(eventKinds), { minItems: 1, uniqueItems: true }),
      stations: Type.Optional(IdArray),
      parameters: Type.Optional(IdArray),
    },
    strict,
  );
  const make = {
    tags,
    summary: 'subscribe an address to events; the signing secret is shown once (Standard Webhooks)',
    body,
    response: answers(
      { 201: one(Type.Object({ id: Type.String(), secret: Type.String(), seq: Type.Integer() })) },
      'forbidden',
      'conflict',
    ),
  };
  app.post('/subscriptions', { config: { tier: 'owner' }, schema: make }, async (request, reply) => {
    checkBody(routes, request.body);
    const { actor } = request;
    if (actor === null) throw new MonitorError('E_UNAUTHORIZED', 'nobody is signed in');
    const before = await deps.state.subscriptions.list();
    if (before.filter((found) => isOwn(actor, found)).length >= mostSubscriptions)
      throw new MonitorError('E_CONFLICT', `a bureau has at most ${mostSubscriptions} subscriptions`);
    const { url, events, stations = null, parameters = null } = request.body;
    const secret = `whsec_${randomBytes(secretBytes).toString('base64')}`;
    const owner = {
      id: actor.id,
      role: actor.role,
      jurisdiction: actor.jurisdiction,
      scopes: [...(actor.scopes ?? [])],
    };
    const id = `sub-${randomUUID()}`;
    const sealedSecret = deps.sealing.seal(secret);
    const payload = {
      url,
      events,
      stations,
      parameters,
      owner,
      sealedSecret,
      afterSeq: deps.progress().appliedSeq,
    };
    const kind = 'create-subscription';
    const { seq } = await performAct(deps, { kind, actor: actor.id, payload, id });
    return reply.code(201).send({ meta: metaOf(deps), result: { id, secret, seq } });
  });
}

function oneRoutes(routes: Routes): void {
  const { app, deps, sender } = routes;
  const remove = {
    tags,
    summary: 'end a subscription',
    params,
    response: answers(
      { 200: one(Type.Object({ id: Type.String(), seq: Type.Integer() })) },
      'forbidden',
      'notFound',
    ),
  };
  app.delete('/subscriptions/:id', { config: { tier: 'owner' }, schema: remove }, async (request) => {
    const { id } = await own(routes, request, request.params.id);
    const payload = { subscription: id, reason: 'ended by its owner' };
    const kind = 'delete-subscription';
    const { seq } = await performAct(deps, { kind, actor: actorOf(request), payload });
    return { meta: metaOf(deps), result: { id, seq } };
  });
  const test = {
    tags,
    summary: 'send a test message now; one that is taken enables a disabled subscription again',
    params,
    response: answers({ 200: one(DeliveryShape) }, 'forbidden', 'notFound'),
  };
  app.post('/subscriptions/:id/test', { config: { tier: 'owner' }, schema: test }, async (request) => {
    const found = await own(routes, request, request.params.id);
    const nowS = deps.clock.nowS();
    const message = {
      id: `msg_${randomUUID()}`,
      type: 'subscription.test',
      atS: nowS,
      data: { subscription: found.id },
    };
    const delivery = await sender.send(
      { url: found.url, secret: deps.sealing.open(found.sealedSecret) },
      message,
      nowS,
    );
    await deps.state.subscriptions.note(found.id, delivery);
    if (delivery.error === null && found.disabledS !== null) {
      const payload = { subscription: found.id, reason: 'a test message was taken' };
      const kind = 'enable-subscription';
      await performAct(deps, { kind, actor: actorOf(request), payload });
    }
    const { atS, ...rest } = delivery;
    return { meta: metaOf(deps), result: { at: isoTimes(deps.config().region.timeZone)(atS), ...rest } };
  });
}

function deliveriesRoute(routes: Routes): void {
  const { app, deps } = routes;
  const log = {
    tags,
    summary: 'what was sent to a subscription, newest first',
    params,
    querystring: Type.Object(paging(500, 100), strict),
    response: answers({ 200: many(DeliveryShape) }, 'forbidden', 'notFound'),
  };
  app.get(
    '/subscriptions/:id/deliveries',
    { config: { tier: 'owner' }, schema: log },
    async (request, reply) => {
      const { id } = await own(routes, request, request.params.id);
      const iso = isoTimes(deps.config().region.timeZone);
      const { rows, next } = await pageOf(request, reply, {
        key: { id: 'number' },
        read: (page) => deps.state.subscriptions.deliveries(id, page),
      });
      const results = rows.map(({ id: _position, atS, ...rest }) => ({ at: iso(atS), ...rest }));
      return { meta: metaOf(deps, next), results };
    },
  );
}

/** Webhook subscriptions: made, tested and ended by their owner; the secret is shown once. */
export function subscriptionRoutes(app: Api, deps: ApiDeps): void {
  const sender = webhookSender(deps.webhookPrivateNetworks ?? []);
  app.addHook('onClose', () => sender.close());
  const routes = { app, deps, sender };
  makingRoutes(routes);
  oneRoutes(routes);
  deliveriesRoute(routes);
}
