import { Type } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import { deskOf } from '../auth/quality-access.ts';
import {
  answers,
  IdInput,
  Instant,
  many,
  NullableInstant,
  NullableNumber,
  NullableText,
  strict,
} from '../http/schemas.ts';
import { registry } from '../region/stations-view.ts';

const tags = ['stations'];

function suggestionRoute(app: Api, deps: ApiDeps): void {
  const Match = Type.Object({
    station: Type.String(),
    score: Type.Number({ description: '0 to 1' }),
    relation: Type.String(),
    reasons: Type.Array(Type.String()),
  });
  const Suggestion = Type.Object({
    id: Type.String(),
    provider: Type.String(),
    naturalKey: Type.String(),
    name: Type.String(),
    firstSeen: Instant,
    matches: Type.Array(Match, { description: 'best first; empty: nothing registered is like it' }),
  });
  app.get(
    '/identity/suggestions',
    {
      config: { tier: 'office' },
      schema: {
        tags,
        summary: 'unregistered names and the stations that they may be; approve one with POST /registrations',
        response: answers({ 200: many(Suggestion) }, 'forbidden'),
      },
    },
    async () => {
      const iso = isoTimes(deps.config().region.timeZone);
      const found = await deskOf(deps).suggestions();
      const results = found.map(({ id, provider, naturalKey, name, firstSeenS, matches }) => ({
        id,
        provider,
        naturalKey,
        name,
        matches,
        firstSeen: iso(firstSeenS),
      }));
      return { meta: metaOf(deps), results };
    },
  );
}

function historyRoute(app: Api, deps: ApiDeps): void {
  const Change = Type.Object({
    from: NullableText,
    to: NullableText,
    provider: NullableText,
    name: NullableText,
    relation: NullableText,
    of: NullableText,
    lon: NullableNumber,
    lat: NullableNumber,
    origin: Type.String({ description: 'configuration, or the act' }),
    at: NullableInstant,
    note: NullableText,
  });
  app.get(
    '/stations/:id/history',
    {
      config: { tier: 'public' },
      schema: {
        tags,
        summary: 'what a station was called, where it stood, and since when; oldest first',
        params: Type.Object({ id: IdInput }, strict),
        response: answers({ 200: many(Change) }, 'notFound'),
      },
    },
    async (request) => {
      const { id } = request.params;
      const found = registry(deps.config()).get(id);
      if (found === undefined) throw new MonitorError('E_NOT_FOUND', `no station "${id}" is registered`);
      const iso = isoTimes(deps.config().region.timeZone);
      const acts = (await deps.state.readingActs.registrations()).filter(({ station }) => station === id);
      const byAct = new Set(
        acts.map(({ provider, naturalKey, from }) => `${provider}\n${naturalKey}\n${from}`),
      );
      const none = { relation: null, of: null, lon: null, lat: null, at: null, note: null };
      const configured = found.station.aliases
        .filter(({ provider, key, from }) => !byAct.has(`${provider}\n${key}\n${from ?? ''}`))
        .map(({ provider, key, from = null, to = null }) => {
          return { ...none, from, to, provider, name: key, origin: 'configuration' };
        });
      const registered = acts.map(({ provider, naturalKey, from, to, grounds, atS, id: origin }) => ({
        from,
        to,
        provider,
        name: naturalKey,
        origin,
        relation: grounds?.relation ?? null,
        of: grounds?.of ?? null,
        lon: grounds?.position?.lon ?? null,
        lat: grounds?.position?.lat ?? null,
        at: iso(atS),
        note: grounds?.note ?? null,
      }));
      const results = [...configured, ...registered].sort((a, b) =>
        (a.from ?? '') < (b.from ?? '') ? -1 : 1,
      );
      return { meta: metaOf(deps), results };
    },
  );
}

/** Identity of stations over time: suggested matches, names and places with their dates. */
export function identityRoutes(app: Api, deps: ApiDeps): void {
  suggestionRoute(app, deps);
  historyRoute(app, deps);
}
