import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import {
  heldDevices,
  requestStatuses,
  type StoredApproval,
  type StoredRequest,
} from '../../domain/device-acts.ts';
import { parseInstant } from '../../domain/time.ts';
import { actorOf } from '../auth/authentication.ts';
import type { ApiDeps } from '../deps.ts';
import { ActId, Day, Done, NullableDay } from '../http/act-shapes.ts';
import type { Api } from '../http/fastify-types.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import { pageOf } from '../http/paging.ts';
import {
  answers,
  IdInput,
  Instant,
  InstantInput,
  many,
  NullableInstant,
  NullableInteger,
  NullableText,
  one,
  oneOf,
  paging,
  strict,
} from '../http/schemas.ts';

const tags = ['devices'];
const HOUR_S = 3600;
/** Entries in quarantine that one answer looks at, newest first. */
const ENTRIES = 1000;
const DeviceInput = Type.String({ minLength: 1, maxLength: 64, description: 'MN of the logger' });
const Reason = Type.String({ minLength: 1, maxLength: 300 });

function quarantineRoute(app: Api, deps: ApiDeps): void {
  const HeldShape = Type.Object({
    source: Type.String(),
    device: Type.String(),
    entries: Type.Integer({ description: 'journal entries that hold frames of it, of the newest looked at' }),
    first: Instant,
    last: Instant,
    lastSeq: NullableInteger,
  });
  app.get(
    '/devices/quarantine',
    {
      config: { tier: 'owner' },
      schema: {
        tags,
        summary: 'numbers that send and that nobody has let in; the newest thousand entries',
        response: answers({ 200: many(HeldShape) }, 'forbidden'),
      },
    },
    async () => {
      const iso = isoTimes(deps.config().region.timeZone);
      const issues = await deps.state.issues.list({ code: 'FRAME_QUARANTINED', limit: ENTRIES });
      const held = heldDevices(issues, await deps.state.deviceActs.approvals());
      const results = held.map(({ firstS, lastS, ...one }) => ({
        ...one,
        first: iso(firstS),
        last: iso(lastS),
      }));
      return { meta: metaOf(deps), results };
    },
  );
}

function approvalRoutes(app: Api, deps: ApiDeps): void {
  const body = Type.Object(
    {
      id: ActId,
      source: IdInput,
      device: DeviceInput,
      station: IdInput,
      from: Day,
      to: Type.Optional(NullableDay),
      settings: Type.Record(Type.String(), Type.Unknown(), {
        description:
          'its entry as a file would hold it: edition, pw (by name or hash), stampMeans, factors …',
      }),
      reason: Reason,
    },
    strict,
  );
  app.post(
    '/devices/approvals',
    {
      config: { tier: 'office' },
      schema: {
        tags,
        summary: 'let a device in; what was kept of it in quarantine is read (joint office)',
        body,
        response: answers({ 201: one(Done) }, 'forbidden', 'notFound', 'conflict'),
      },
    },
    async (request, reply) => {
      const { id = randomUUID(), to = null, ...approval } = request.body;
      const by = { actor: actorOf(request), atS: deps.clock.nowS(), id: `approve-${id}` };
      const seq = await deps.deviceActs.approve({ ...approval, to }, by);
      return reply.code(201).send({ meta: metaOf(deps), result: { id: by.id, seq } });
    },
  );
  const withdrawal = Type.Object({ id: ActId, source: IdInput, device: DeviceInput, reason: Reason }, strict);
  app.post(
    '/devices/withdrawals',
    {
      config: { tier: 'office' },
      schema: {
        tags,
        summary: 'shut a device out again that an act let in (joint office)',
        body: withdrawal,
        response: answers({ 201: one(Done) }, 'forbidden', 'notFound', 'conflict'),
      },
    },
    async (request, reply) => {
      const { id = randomUUID(), ...rest } = request.body;
      const by = { actor: actorOf(request), atS: deps.clock.nowS(), id: `withdraw-${id}` };
      const seq = await deps.deviceActs.withdraw(rest, by);
      return reply.code(201).send({ meta: metaOf(deps), result: { id: by.id, seq } });
    },
  );
}

function approvalListRoute(app: Api, deps: ApiDeps): void {
  const ApprovalShape = Type.Object({
    id: Type.String(),
    seq: Type.Integer(),
    actor: Type.String(),
    at: Instant,
    source: Type.String(),
    device: Type.String(),
    station: Type.String(),
    from: Type.String(),
    to: NullableText,
    settings: Type.Record(Type.String(), Type.Unknown()),
    reason: Type.String(),
    withdrawnSeq: NullableInteger,
  });
  app.get(
    '/devices/approvals',
    {
      config: { tier: 'owner' },
      schema: {
        tags,
        summary: 'devices that acts have let in, withdrawn ones included',
        response: answers({ 200: many(ApprovalShape) }, 'forbidden'),
      },
    },
    async () => {
      const iso = isoTimes(deps.config().region.timeZone);
      const shape = ({ atS, settings: { pw: _hidden, ...settings }, ...rest }: StoredApproval) => ({
        ...rest,
        settings,
        at: iso(atS),
      });
      return { meta: metaOf(deps), results: (await deps.state.deviceActs.approvals()).map(shape) };
    },
  );
}

function requestRoutes(app: Api, deps: ApiDeps): void {
  const body = Type.Object(
    {
      id: ActId,
      source: IdInput,
      device: DeviceInput,
      command: Type.String({
        pattern: '^\\d{4}$',
        description:
          '2061 hours, 2051 minutes, 2031 days, 2041 running times; 1000 time-out and repeats; 1011, 1012 clock; 1061, 1063 intervals; 1014 next key',
      }),
      from: Type.Optional(InstantInput),
      to: Type.Optional(InstantInput),
      waitHours: Type.Integer({
        minimum: 1,
        maximum: 24 * 31,
        default: 24,
        description: 'how long to wait for a device that is not connected',
      }),
    },
    strict,
  );
  app.post(
    '/devices/requests',
    {
      config: { tier: 'office' },
      schema: {
        tags,
        summary: 'ask a logger for history, its clock or a change of keys (joint office)',
        body,
        response: answers({ 201: one(Done) }, 'forbidden', 'notFound'),
      },
    },
    async (request, reply) => {
      const { id = randomUUID(), from, to, waitHours, ...wanted } = request.body;
      const zone = deps.config().region.timeZone;
      const atS = deps.clock.nowS();
      const by = { actor: actorOf(request), atS, id: `request-${id}` };
      const [fromS, toS] = [from, to].map((text) => (text === undefined ? null : parseInstant(text, zone)));
      const asked = { ...wanted, fromS: fromS ?? null, toS: toS ?? null, expiresS: atS + waitHours * HOUR_S };
      const seq = await deps.deviceActs.request(asked, by);
      return reply.code(201).send({ meta: metaOf(deps), result: { id: by.id, seq } });
    },
  );
}

function requestListRoute(app: Api, deps: ApiDeps): void {
  const RequestShape = Type.Object({
    id: Type.String(),
    seq: Type.Integer(),
    actor: Type.String(),
    at: Instant,
    source: Type.String(),
    device: Type.String(),
    command: Type.String(),
    from: NullableInstant,
    to: NullableInstant,
    expires: Instant,
    status: oneOf(['open', ...requestStatuses]),
    qnRtn: NullableText,
    exeRtn: NullableText,
    detail: Type.String(),
    ended: NullableInstant,
  });
  const query = Type.Object(
    {
      source: Type.Optional(IdInput),
      device: Type.Optional(DeviceInput),
      open: Type.Optional(Type.Boolean()),
      ...paging(500, 100),
    },
    strict,
  );
  app.get(
    '/devices/requests',
    {
      config: { tier: 'owner' },
      schema: {
        tags,
        summary: 'what loggers were asked and how it ended, newest first',
        querystring: query,
        response: answers({ 200: many(RequestShape) }, 'forbidden'),
      },
    },
    async (request, reply) => {
      const iso = isoTimes(deps.config().region.timeZone);
      const shape = ({ atS, fromS, toS, expiresS, end, ...rest }: StoredRequest) => ({
        ...rest,
        at: iso(atS),
        from: fromS === null ? null : iso(fromS),
        to: toS === null ? null : iso(toS),
        expires: iso(expiresS),
        status: end?.status ?? ('open' as const),
        qnRtn: end?.qnRtn ?? null,
        exeRtn: end?.exeRtn ?? null,
        detail: end?.detail ?? '',
        ended: end === null ? null : iso(end.atS),
      });
      const { rows, next } = await pageOf(request, reply, {
        key: { seq: 'number' },
        read: (page) => deps.state.deviceActs.requests({ ...request.query, ...page }),
      });
      return { meta: metaOf(deps, next), results: rows.map(shape) };
    },
  );
}

/** Devices that push to us: who waits to be let in, who was, and what they are asked. */
export function deviceRoutes(app: Api, deps: ApiDeps): void {
  quarantineRoute(app, deps);
  approvalRoutes(app, deps);
  approvalListRoute(app, deps);
  requestRoutes(app, deps);
  requestListRoute(app, deps);
}
