import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { alertStates, type Alert, type AlertStep, type Silence } from '../../domain/alerts.ts';
import { AlertMatch } from '../../domain/config/alerting.ts';
import { nameOf } from '../../domain/config/facts.ts';
import { MonitorError } from '../../domain/errors.ts';
import { parseInstant } from '../../domain/time.ts';
import { alertAct, ownOnly, refuseViewer, tags, Words } from '../auth/alert-access.ts';
import { requireAccess } from '../auth/authentication.ts';
import type { ApiDeps } from '../deps.ts';
import { Done } from '../http/act-shapes.ts';
import type { Api } from '../http/fastify-types.ts';
import { rejectIfAny } from '../http/faults.ts';
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
  NullableText,
  NullableTextPair,
  one,
  oneOf,
  paging,
  strict,
  TextPair,
} from '../http/schemas.ts';
import { verdictsOfAlert } from '../verdicts/alert-verdicts.ts';

const AlertId = Type.String({ minLength: 1, maxLength: 400 });
const params = Type.Object({ id: AlertId }, strict);

const AlertShape = Type.Object({
  id: Type.String(),
  rule: Type.String(),
  kind: Type.String(),
  title: TextPair,
  summary: TextPair,
  station: NullableText,
  parameter: NullableText,
  provider: NullableText,
  source: NullableText,
  state: oneOf(alertStates),
  severity: Type.String(),
  worst: Type.String({ description: 'worst severity that it had' }),
  start: Instant,
  end: Type.Unsafe<string | null>({ ...NullableInstant, description: 'event time; null: it goes on' }),
  opened: Instant,
  changed: Instant,
  value: NullableText,
  unit: NullableText,
  limit: NullableText,
  multiple: NullableText,
  edition: NullableText,
  standing: NullableText,
  held: Type.Unsafe<string | null>({ ...NullableText, description: 'why what is new has not been told' }),
  jurisdictions: Type.Array(Type.String()),
  acknowledgedBy: NullableText,
  acknowledged: NullableInstant,
  assignee: NullableText,
  snoozedUntil: NullableInstant,
  drill: Type.Boolean(),
  synthetic: Type.Boolean(),
});

const StepShape = Type.Object({
  number: Type.Integer(),
  at: Instant,
  kind: Type.String(),
  actor: Type.Unsafe<string | null>({ ...NullableText, description: 'null: the system' }),
  reason: Type.String(),
  detail: Type.Record(Type.String(), Type.Unknown()),
});

type Iso = (atS: number) => string;
const orNull = (iso: Iso, atS: number | null): string | null => (atS === null ? null : iso(atS));
const concerned = ({ locatedIn, protecting, benefiting }: Alert): string[] => [
  ...new Set([locatedIn, protecting, benefiting].filter((code) => code !== null)),
];

function shapeOf(alert: Alert, iso: Iso) {
  const { id, rule, kind, title, station, parameter, provider, source, state, severity, worst } = alert;
  const { held, acknowledgedBy, assignee, drill, synthetic } = alert;
  const { summary, value, unit, limit, multiple, edition, standing } = alert.facts;
  return {
    id,
    rule,
    kind,
    title,
    summary,
    station,
    parameter,
    provider,
    source,
    state,
    severity,
    worst,
    start: iso(alert.startS),
    end: orNull(iso, alert.endS),
    opened: iso(alert.openedS),
    changed: iso(alert.changedS),
    value,
    unit,
    limit,
    multiple,
    edition,
    standing,
    held,
    jurisdictions: concerned(alert),
    acknowledgedBy,
    acknowledged: orNull(iso, alert.acknowledgedS),
    assignee,
    snoozedUntil: orNull(iso, alert.snoozedUntilS),
    drill,
    synthetic,
  };
}

const stepShape = ({ atS, ...step }: AlertStep, iso: Iso) => ({ ...step, at: iso(atS) });

async function found(
  deps: ApiDeps,
  request: FastifyRequest,
  act: boolean,
): Promise<{ alert: Alert; steps: AlertStep[] }> {
  const { id } = request.params as { id: string };
  const known = await deps.state.alerts.get(id);
  if (known === null)
    throw new MonitorError('E_NOT_FOUND', `there is no alert ${id}`, { details: { alert: id } });
  const jurisdictions = concerned(known.alert);
  const tier = act ? 'owner' : 'partner';
  requireAccess(request.actor, { tier, jurisdictions, synthetic: !act && deps.synthetic });
  if (act) refuseViewer(request.actor, 'a viewer looks at alerts and does not answer them');
  return known;
}

function listRoute(app: Api, deps: ApiDeps): void {
  const querystring = Type.Object(
    {
      state: Type.Optional(oneOf([...alertStates, 'active'] as const, { description: '`active`: not over' })),
      station: Type.Optional(IdInput),
      rule: Type.Optional(IdInput),
      ...paging(1000, 100),
    },
    strict,
  );
  const list = {
    tags,
    summary: 'alerts, newest first: those that concern the own jurisdiction',
    querystring,
    response: answers({ 200: many(AlertShape) }, 'forbidden'),
  };
  app.get('/alerts', { config: { tier: 'partner' }, schema: list }, async (request, reply) => {
    const { state, station, rule } = request.query;
    const states =
      state === undefined
        ? {}
        : {
            states:
              state === 'active' ? (['open', 'notified', 'acknowledged', 'escalated'] as const) : [state],
          };
    const filter = {
      ...states,
      ...ownOnly(request.actor),
      ...(station === undefined ? {} : { station }),
      ...(rule === undefined ? {} : { rule }),
    };
    const { rows, next } = await pageOf(request, reply, {
      key: { openedS: 'number', id: 'text' },
      read: (page) => deps.state.alerts.list({ ...filter, ...page }),
    });
    const iso = isoTimes(deps.config().region.timeZone);
    return { meta: metaOf(deps, next), results: rows.map((alert) => shapeOf(alert, iso)) };
  });
}

function detailRoute(app: Api, deps: ApiDeps): void {
  const detail = one(
    Type.Object({
      ...AlertShape.properties,
      verdicts: Type.Array(Type.String(), { description: 'of its worst moment: ask /verdicts/{id}/why' }),
      steps: Type.Array(StepShape),
      told: Type.Array(
        Type.Object({
          notification: Type.String(),
          kind: Type.String(),
          contact: Type.String(),
          contactName: NullableTextPair,
          channel: Type.String(),
          channelName: NullableTextPair,
          state: Type.Unsafe<string | null>({
            ...NullableText,
            description:
              'waiting, delivered, failed (it is tried again) or dead; null where it is not known here',
          }),
        }),
      ),
    }),
  );
  const item = {
    tags,
    summary: 'one alert with its history and whom it was told',
    params,
    response: answers({ 200: detail }, 'forbidden', 'notFound'),
  };
  app.get('/alerts/:id', { config: { tier: 'partner' }, schema: item }, async (request) => {
    const { alert, steps } = await found(deps, request, false);
    const told = await deps.state.alerts.told([alert.id]);
    const { region, contacts, channels } = deps.config();
    const iso = isoTimes(region.timeZone);
    const result = {
      ...shapeOf(alert, iso),
      verdicts: await verdictsOfAlert(deps, alert),
      steps: steps.map((step) => stepShape(step, iso)),
      told: await Promise.all(
        told.map(async ({ notification, kind, contact, channel }) => {
          const state = (await deps.alertLinks?.messages.get(notification))?.state ?? null;
          return {
            notification,
            kind,
            contact,
            contactName: nameOf(contacts, contact),
            channel,
            channelName: nameOf(channels, channel),
            state,
          };
        }),
      ),
    };
    return { meta: metaOf(deps), result };
  });
}

/** Answers of persons to one alert: who it concerns and is more than a viewer. */
function answerRoutes(app: Api, deps: ApiDeps): void {
  const acts = [
    [
      'acknowledgement',
      'acknowledge-alert',
      'answer an alert: it is not escalated any more',
      { note: Type.Optional(Words) },
    ],
    ['comments', 'comment-alert', 'say something for the record', { text: Words }],
    [
      'assignment',
      'assign-alert',
      'give it to somebody, or back (null)',
      { to: Type.Unsafe<string | null>({ ...NullableText, maxLength: 200 }) },
    ],
    [
      'snooze',
      'snooze-alert',
      'do not chase until then, up to 30 days',
      { until: InstantInput, reason: Words },
    ],
    ['closing', 'close-alert', 'close one that is acknowledged or over', { reason: Words }],
  ] as const;
  for (const [path, kind, summary, properties] of acts) {
    const body = Type.Object({ ...properties }, strict);
    const schema = {
      tags,
      summary,
      params,
      body,
      response: answers({ 201: one(Done) }, 'forbidden', 'notFound', 'conflict'),
    };
    app.post(`/alerts/:id/${path}`, { config: { tier: 'owner' }, schema }, async (request, reply) => {
      const { alert } = await found(deps, request, true);
      const { until, note, ...rest } = request.body as { until?: string; note?: string } & Record<
        string,
        unknown
      >;
      const payload = {
        alert: alert.id,
        ...rest,
        ...(until === undefined ? {} : { untilS: parseInstant(until, deps.config().region.timeZone) }),
        ...(kind === 'acknowledge-alert' ? { note: note ?? null } : {}),
      };
      return reply
        .code(201)
        .send({ meta: metaOf(deps), result: await alertAct(deps, request, { kind, payload }) });
    });
  }
}

const SilenceShape = Type.Object({
  id: Type.String(),
  match: AlertMatch,
  reason: Type.String(),
  from: Instant,
  to: Instant,
  actor: Type.String(),
  at: Instant,
});

function silenceShape({ fromS, toS, atS, ...silence }: Silence, iso: Iso) {
  return { ...silence, from: iso(fromS), to: iso(toS), at: iso(atS) };
}

/** Silences hold back the messages of both sides: the joint office sets them. */
function silenceRoutes(app: Api, deps: ApiDeps): void {
  const list = {
    tags,
    summary: 'silences in force; `all`: also those that are over',
    querystring: Type.Object({ all: Type.Optional(Type.Boolean()) }, strict),
    response: answers({ 200: many(SilenceShape) }, 'forbidden'),
  };
  app.get('/alert-silences', { config: { tier: 'partner' }, schema: list }, async (request) => {
    const iso = isoTimes(deps.config().region.timeZone);
    const silences = await deps.state.alerts.silences(deps.clock.nowS(), request.query.all);
    return { meta: metaOf(deps), results: silences.map((silence) => silenceShape(silence, iso)) };
  });
  const body = Type.Object(
    { match: AlertMatch, reason: Words, from: Type.Optional(InstantInput), to: InstantInput },
    strict,
  );
  const make = {
    tags,
    summary: 'tell nothing of what matches until then (joint office); scope, reason and end are needed',
    body,
    response: answers({ 201: one(Done) }, 'forbidden'),
  };
  app.post('/alert-silences', { config: { tier: 'office' }, schema: make }, async (request, reply) => {
    const { match, reason, from, to } = request.body;
    const zone = deps.config().region.timeZone;
    const fromS = from === undefined ? deps.clock.nowS() : parseInstant(from, zone);
    const toS = parseInstant(to, zone);
    if (Object.keys(match).length === 0)
      rejectIfAny([
        {
          field: 'body.match',
          value: match,
          expected: 'at least one of rules, stations, jurisdictions, rivers, leastSeverity, kinds',
        },
      ]);
    const payload = { match, reason, fromS, toS };
    const result = await alertAct(deps, request, { kind: 'silence-alerts', payload });
    return reply.code(201).send({ meta: metaOf(deps), result });
  });
  const end = {
    tags,
    summary: 'end a silence before its time',
    params,
    response: answers({ 201: one(Done) }, 'forbidden', 'notFound', 'conflict'),
  };
  app.post(
    '/alert-silences/:id/ending',
    { config: { tier: 'office' }, schema: end },
    async (request, reply) => {
      const { id } = request.params;
      const result = await alertAct(deps, request, { kind: 'end-silence', payload: { silence: id } });
      return reply.code(201).send({ meta: metaOf(deps), result });
    },
  );
}

/** Alerts, answers to them, and silences. */
export function alertRoutes(app: Api, deps: ApiDeps): void {
  listRoute(app, deps);
  detailRoute(app, deps);
  answerRoutes(app, deps);
  silenceRoutes(app, deps);
}
