import { Type } from 'typebox';
import type { Viewer } from '../auth/seen-by.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { isoTimes } from '../http/iso-times.ts';
import {
  freshnessOf,
  latestKinds,
  latestShape,
  LatestShape,
  type LatestVerdicts,
} from '../readings/latest-view.ts';
import type { KeptAnswers } from '../http/kept-answers.ts';
import { listForm } from '../http/list-options.ts';
import { metaOf } from '../http/negotiation.ts';
import { answers, IdInput, Instant, many, NullableText, oneOf, strict, TextPair } from '../http/schemas.ts';
import { OverLimit } from '../verdicts/verdict-shapes.ts';

const ExceedanceShape = Type.Object({
  station: Type.String(),
  name: TextPair,
  kind: Type.String(),
  locatedIn: Type.String(),
  provider: NullableText,
  end: Instant,
  freshness: Type.String(),
  ...OverLimit.properties,
});

interface Of {
  verdicts: LatestVerdicts;
  viewer: Viewer;
  kept: KeptAnswers;
}

const minuteOf = (deps: ApiDeps): number => Math.floor(deps.clock.nowS() / 60) * 60;

/** Newest state of every station, and the list of what is over a limit. "Now" is cut to the minute, so that answers can be cached. */
export function latestRoutes(app: Api, deps: ApiDeps, { verdicts, viewer, kept }: Of): void {
  const config = { tier: 'public' } as const;

  const querystring = Type.Object(
    { kind: oneOf(latestKinds), station: Type.Optional(IdInput), provider: Type.Optional(IdInput) },
    strict,
  );
  app.get(
    '/latest',
    {
      config,
      schema: {
        tags: ['readings'],
        summary: 'per station: newest readings, our verdict, the published one, freshness',
        querystring,
        response: answers({ 200: many(LatestShape) }),
      },
    },
    async (request, reply) => {
      const { kind, station, provider } = request.query;
      const iso = isoTimes(deps.config().region.timeZone);
      const seen = await viewer.seenBy(request);
      const form = listForm(request);
      const make = async () => {
        const judged = await verdicts.of(kind, seen);
        const wanted = judged.filter(
          (entry) =>
            (station ?? entry.station) === entry.station && (provider ?? entry.provider) === entry.provider,
        );
        const results = wanted.map((entry) => latestShape(entry, minuteOf(deps), iso));
        return { text: form.write({ meta: metaOf(deps), results }) };
      };
      return kept.send(request, reply, { seen, facts: [minuteOf(deps)], type: form.type, make });
    },
  );
  exceedanceRoute(app, deps, { verdicts, viewer, kept });
}

/** The list of what is over a limit now. */
function exceedanceRoute(app: Api, deps: ApiDeps, { verdicts, viewer, kept }: Of): void {
  const config = { tier: 'public' } as const;
  const overQuery = Type.Object({ kind: Type.Optional(oneOf(latestKinds)) }, strict);
  app.get(
    '/exceedances',
    {
      config,
      schema: {
        tags: ['readings'],
        summary: 'newest values outside a limit, with standing and the wording that may be used',
        querystring: overQuery,
        response: answers({ 200: many(ExceedanceShape) }),
      },
    },
    async (request, reply) => {
      const kinds = request.query.kind === undefined ? latestKinds : [request.query.kind];
      const iso = isoTimes(deps.config().region.timeZone);
      const seen = await viewer.seenBy(request);
      const form = listForm(request);
      const make = async () => {
        const judged = (await Promise.all(kinds.map((kind) => verdicts.of(kind, seen)))).flat();
        const results = judged.flatMap((entry) => {
          const { station, name, kind, locatedIn, provider, endS, verdict } = entry;
          if (verdict === null || endS === null) return [];
          const freshness = freshnessOf(entry, minuteOf(deps), iso).state;
          return verdict.overLimits.map((over) => ({
            station,
            name,
            kind,
            locatedIn,
            provider,
            end: iso(endS),
            freshness,
            ...over,
          }));
        });
        return { text: form.write({ meta: metaOf(deps), results }) };
      };
      return kept.send(request, reply, { seen, facts: [minuteOf(deps)], type: form.type, make });
    },
  );
}
