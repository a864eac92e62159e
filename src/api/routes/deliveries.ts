import { Type } from 'typebox';
import type { StoredNotification } from '../../domain/deliveries.ts';
import { MonitorError } from '../../domain/errors.ts';
import { alertAct, tags } from '../auth/alert-access.ts';
import type { ApiDeps } from '../deps.ts';
import { Done } from '../http/act-shapes.ts';
import type { Api } from '../http/fastify-types.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import { pageOf } from '../http/paging.ts';
import {
  answers,
  Instant,
  many,
  NullableInstant,
  NullableText,
  one,
  oneOf,
  paging,
  strict,
  TextPair,
} from '../http/schemas.ts';

const states = ['waiting', 'delivered', 'failed', 'dead'] as const;
const MessageId = Type.String({ minLength: 1, maxLength: 400 });

const DeliveryShape = Type.Object({
  notification: Type.String(),
  alert: Type.String(),
  kind: Type.String(),
  title: TextPair,
  contact: Type.String(),
  channel: Type.String(),
  state: oneOf(states),
  attempts: Type.Integer(),
  made: Instant,
  delivered: NullableInstant,
  lastError: NullableText,
});

function shapeOf(one: StoredNotification, iso: (atS: number) => string) {
  const { id, kind, contact, channel, state, attempts, createdS, deliveredS, lastError, facts } = one;
  return {
    notification: id,
    alert: facts.alertId,
    kind,
    title: facts.title,
    contact,
    channel,
    state,
    attempts,
    made: iso(createdS),
    delivered: deliveredS === null ? null : iso(deliveredS),
    lastError,
  };
}

/** What became of messages, and another try for those that were given up. Without the addresses: they are of persons. */
export function deliveryRoutes(app: Api, deps: ApiDeps): void {
  const { alertLinks } = deps;
  if (alertLinks === undefined || alertLinks === null) return;
  const list = {
    tags,
    summary: 'messages of alerts and what became of them, newest first (joint office)',
    querystring: Type.Object(
      { state: Type.Optional(oneOf(states)), alert: Type.Optional(MessageId), ...paging(1000, 100) },
      strict,
    ),
    response: answers({ 200: many(DeliveryShape) }, 'forbidden'),
  };
  app.get('/alert-deliveries', { config: { tier: 'office' }, schema: list }, async (request, reply) => {
    const { state, alert } = request.query;
    const filter = {
      ...(state === undefined ? {} : { state }),
      ...(alert === undefined ? {} : { alertId: alert }),
    };
    const { rows, next } = await pageOf(request, reply, {
      key: { position: 'number' },
      read: (page) => alertLinks.messages.list({ ...filter, ...page }),
    });
    const iso = isoTimes(deps.config().region.timeZone);
    return { meta: metaOf(deps, next), results: rows.map((each) => shapeOf(each, iso)) };
  });
  const resend = {
    tags,
    summary: 'try a message again that was given up or keeps failing (joint office)',
    params: Type.Object({ id: MessageId }, strict),
    response: answers({ 201: one(Done) }, 'forbidden', 'notFound', 'conflict'),
  };
  app.post(
    '/alert-deliveries/:id/sending',
    { config: { tier: 'office' }, schema: resend },
    async (request, reply) => {
      const { id } = request.params;
      const found = await alertLinks.messages.get(id);
      if (found === null)
        throw new MonitorError('E_NOT_FOUND', `there is no message ${id}`, { details: { notification: id } });
      if (found.state === 'delivered' || found.state === 'waiting')
        throw new MonitorError('E_CONFLICT', `message ${id} is ${found.state}`, {
          details: { state: found.state, expected: ['dead', 'failed'] },
        });
      const result = await alertAct(deps, request, {
        kind: 'resend-notification',
        payload: { notification: id },
      });
      return reply.code(201).send({ meta: metaOf(deps), result });
    },
  );
}
