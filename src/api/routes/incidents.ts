import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { concernedBy, reportFaults } from '../../analysis/alerting/index.ts';
import type { Incident } from '../../domain/alerts.ts';
import type { Config } from '../../domain/config/config.ts';
import { SeverityName } from '../../domain/config/alerting.ts';
import { MonitorError } from '../../domain/errors.ts';
import { parseInstant } from '../../domain/time.ts';
import { alertAct, ownOnly, refuseViewer, tags, Words } from '../auth/alert-access.ts';
import { requireAccess } from '../auth/authentication.ts';
import type { ApiDeps } from '../deps.ts';
import { rejectIfAny } from '../http/faults.ts';
import type { Api } from '../http/fastify-types.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import {
  answers,
  IdInput,
  Instant,
  InstantInput,
  many,
  NullableInstant,
  NullableText,
  one,
  strict,
  TextPair,
} from '../http/schemas.ts';

const shownS = 40 * 86_400;
const params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) }, strict);
const Done = one(
  Type.Object({
    id: Type.String({ description: 'of the incident' }),
    seq: Type.Integer({ description: 'journal entry of the act' }),
  }),
);

const IncidentShape = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  kindName: TextPair,
  text: Type.String(),
  stations: Type.Array(Type.String()),
  jurisdiction: NullableText,
  jurisdictions: Type.Array(Type.String(), { description: 'prefectures that it concerns' }),
  severity: Type.String(),
  from: Instant,
  to: Type.Unsafe<string | null>({ ...NullableInstant, description: 'null: it goes on' }),
  withdrawn: Type.Boolean({ description: 'it did not happen' }),
  actor: Type.String(),
  at: Instant,
  endedBy: NullableText,
  endReason: NullableText,
});

function shapeOf(incident: Incident, config: Config, iso: (atS: number) => string) {
  const { fromS, toS, atS, stations, ...rest } = incident;
  const name = config.alertPolicies[0]?.incidentKinds?.find(({ id }) => id === incident.kind)?.name;
  return {
    ...rest,
    stations: [...stations],
    kindName: name ?? { zh: incident.kind, en: incident.kind },
    jurisdictions: concernedBy(incident, config),
    from: iso(fromS),
    to: toS === null ? null : iso(toS),
    at: iso(atS),
  };
}

function listRoutes(app: Api, deps: ApiDeps): void {
  const list = {
    tags,
    summary: 'incidents that go on or ended within forty days: those that concern the own jurisdiction',
    response: answers({ 200: many(IncidentShape) }, 'forbidden'),
  };
  app.get('/incidents', { config: { tier: 'partner' }, schema: list }, async (request) => {
    const config = deps.config();
    const { jurisdictions } = ownOnly(request.actor);
    const all = await deps.state.alerts.incidents(deps.clock.nowS() - shownS);
    const iso = isoTimes(config.region.timeZone);
    const shapes = all.map((incident) => shapeOf(incident, config, iso));
    const own = shapes.filter((shape) =>
      jurisdictions === undefined ? true : shape.jurisdictions.some((code) => jurisdictions.includes(code)),
    );
    return { meta: metaOf(deps), results: own };
  });
  const kinds = {
    tags,
    summary: 'what can be reported as an incident',
    response: answers({ 200: many(Type.Object({ id: Type.String(), name: TextPair })) }),
  };
  app.get('/incident-kinds', { config: { tier: 'public' }, schema: kinds }, () => {
    const results = (deps.config().alertPolicies[0]?.incidentKinds ?? []).map(({ id, name }) => ({
      id,
      name,
    }));
    return { meta: metaOf(deps), results };
  });
}

function allow(
  request: FastifyRequest,
  of: Pick<Incident, 'stations' | 'jurisdiction'>,
  config: Config,
): void {
  requireAccess(request.actor, { tier: 'owner', jurisdictions: concernedBy(of, config) });
  refuseViewer(request.actor, 'a viewer reports no incidents');
}

function actRoutes(app: Api, deps: ApiDeps): void {
  const body = Type.Object(
    {
      kind: IdInput,
      text: Words,
      stations: Type.Optional(Type.Array(IdInput, { minItems: 1, maxItems: 100, uniqueItems: true })),
      jurisdiction: Type.Optional(IdInput),
      severity: SeverityName,
      from: Type.Optional(InstantInput),
    },
    strict,
  );
  const report = {
    tags,
    summary: 'report an incident: it is told as an alert, and holds back the exceedances that it explains',
    body,
    response: answers({ 201: Done }, 'forbidden'),
  };
  app.post('/incidents', { config: { tier: 'owner' }, schema: report }, async (request, reply) => {
    const config = deps.config();
    const { kind, text, stations = [], jurisdiction = null, severity, from } = request.body;
    rejectIfAny(
      reportFaults({ kind, stations, jurisdiction }, config).map((fault) => ({
        ...fault,
        field: `body.${fault.field}`,
      })),
    );
    allow(request, { stations, jurisdiction }, config);
    const fromS = from === undefined ? deps.clock.nowS() : parseInstant(from, config.region.timeZone);
    const incident = `incident-${randomUUID()}`;
    const payload = { incident, kind, text, stations, jurisdiction, severity, fromS };
    const { seq } = await alertAct(deps, request, { kind: 'open-incident', payload });
    return reply.code(201).send({ meta: metaOf(deps), result: { id: incident, seq } });
  });
  const end = {
    tags,
    summary: 'say that an incident is over, or that it did not happen',
    params,
    body: Type.Object(
      { to: Type.Optional(InstantInput), withdrawn: Type.Optional(Type.Boolean()), reason: Words },
      strict,
    ),
    response: answers({ 201: Done }, 'forbidden', 'notFound', 'conflict'),
  };
  app.post('/incidents/:id/ending', { config: { tier: 'owner' }, schema: end }, async (request, reply) => {
    const config = deps.config();
    const { id } = request.params;
    const { to, withdrawn = false, reason } = request.body;
    const incident = await deps.state.alerts.incident(id);
    if (incident === null)
      throw new MonitorError('E_NOT_FOUND', `there is no incident ${id}`, { details: { incident: id } });
    allow(request, incident, config);
    const toS = to === undefined ? deps.clock.nowS() : parseInstant(to, config.region.timeZone);
    const payload = { incident: id, toS, withdrawn, reason };
    const { seq } = await alertAct(deps, request, { kind: 'end-incident', payload });
    return reply.code(201).send({ meta: metaOf(deps), result: { id, seq } });
  });
}

/** What somebody saw and instruments cannot: accidents, spills, fish kills. */
export function incidentRoutes(app: Api, deps: ApiDeps): void {
  listRoutes(app, deps);
  actRoutes(app, deps);
}
