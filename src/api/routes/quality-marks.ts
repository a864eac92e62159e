import { Type } from 'typebox';
import type { Viewer } from '../auth/seen-by.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import { deskOf, Figures, tags, windowOf, windowQuery } from '../auth/quality-access.ts';
import { answers, IdInput, IdList, Instant, many, NullableNumber, strict } from '../http/schemas.ts';

function markRoute(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const Input = Type.Object({
    parameter: Type.String(),
    time: Instant,
    value: NullableNumber,
  });
  const MarkShape = Type.Object({
    station: Type.String(),
    parameter: Type.String(),
    time: Instant,
    value: Type.Number(),
    rule: Type.String(),
    effect: Type.String({ description: 'suspect: the reading is marked; note: it is told of' }),
    edition: Type.String(),
    figures: Figures,
    inputs: Type.Array(Input),
  });
  const query = Type.Object({ stations: IdList, provider: IdInput, ...windowQuery }, strict);
  app.get(
    '/quality/marks',
    {
      config: { tier: 'partner' },
      schema: {
        tags,
        summary: 'what screening marks and why: rule, figures, inputs',
        querystring: query,
        response: answers({ 200: many(MarkShape) }, 'forbidden'),
      },
    },
    async (request) => {
      const iso = isoTimes(deps.config().region.timeZone);
      const { stations, provider, averaging } = request.query;
      const window = windowOf(deps, request.query);
      const desk = deskOf(deps).seeing((await viewer.seenBy(request)).readings);
      const marks = await desk.marks({
        ...window,
        stations: stations.split(','),
        provider,
        averaging,
      });
      const results = marks.map(({ timeS, inputs, figures, ...mark }) => ({
        ...mark,
        figures: { ...figures },
        time: iso(timeS),
        inputs: inputs.map((input) => ({
          parameter: input.parameter,
          time: iso(input.timeS),
          value: input.value,
        })),
      }));
      return { meta: metaOf(deps), results };
    },
  );
}

function comparisonRoute(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const FindingShape = Type.Object({
    rule: Type.String(),
    station: Type.String(),
    provider: Type.String(),
    parameter: Type.String(),
    time: Instant,
    value: Type.Number(),
    effect: Type.String({ description: 'suspect: goes under review by itself; note: is only told' }),
    figures: Figures,
    inputs: Type.Array(
      Type.Object({ station: Type.String(), provider: Type.String(), value: Type.Number() }),
    ),
  });
  app.get(
    '/quality/comparisons',
    {
      config: { tier: 'partner' },
      schema: {
        tags,
        summary: 'readings unlike their neighbours, or that two providers disagree on',
        querystring: Type.Object({ stations: IdList, providers: IdList, ...windowQuery }, strict),
        response: answers({ 200: many(FindingShape) }, 'forbidden'),
      },
    },
    async (request) => {
      const iso = isoTimes(deps.config().region.timeZone);
      const { stations, providers, averaging } = request.query;
      const desk = deskOf(deps).seeing((await viewer.seenBy(request)).readings);
      const found = await desk.comparisons({
        ...windowOf(deps, request.query),
        stations: stations.split(','),
        providers: providers.split(','),
        averaging,
      });
      const results = found.map(({ timeS, figures, inputs, flags: _flags, ...finding }) => ({
        ...finding,
        figures: { ...figures },
        inputs: [...inputs],
        time: iso(timeS),
      }));
      return { meta: metaOf(deps), results };
    },
  );
}

/** What screening and comparisons find, with rule, figures and inputs. */
export function qualityMarkRoutes(app: Api, deps: ApiDeps, viewer: Viewer): void {
  markRoute(app, deps, viewer);
  comparisonRoute(app, deps, viewer);
}
