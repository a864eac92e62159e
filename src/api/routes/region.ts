import { Type } from 'typebox';
import { Jurisdiction } from '../../domain/config/region.ts';
import { Parameter } from '../../domain/config/parameter.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { outlines, type Outlines } from '../../analysis/network/outlines.ts';
import { riverFeatures } from '../region/geography.ts';
import { mediaTypes, metaOf } from '../http/negotiation.ts';
import {
  answers,
  FeatureCollection,
  many,
  NullableText,
  one,
  represented,
  TextPair,
} from '../http/schemas.ts';

const RegionView = Type.Object({
  id: Type.String(),
  name: TextPair,
  timeZone: Type.String(),
  bbox: Type.Array(Type.Number()),
  notice: TextPair,
  synthetic: Type.Boolean(),
  configHash: Type.String(),
  version: Type.String(),
  attribution: Type.Array(
    Type.Object({ source: Type.String(), name: TextPair, licence: Type.String(), text: TextPair }),
  ),
});

const StandardView = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  title: TextPair,
  inForce: Type.Object({ from: Type.String(), to: NullableText }),
});

const publicRoute = { tier: 'public' } as const;

function identityRoutes(app: Api, deps: ApiDeps): void {
  app.get(
    '/region',
    {
      config: publicRoute,
      schema: {
        tags: ['region'],
        summary: 'the region, its zone, notices and attribution',
        response: answers({ 200: one(RegionView) }),
      },
    },
    () => {
      const config = deps.config();
      const { id, name, timeZone, bbox, notice } = config.region;
      const attribution = config.sources.map((source) => ({
        source: source.id,
        name: source.name,
        licence: source.licence,
        text: source.attribution,
      }));
      const result = {
        id,
        name,
        timeZone,
        bbox,
        notice,
        synthetic: deps.synthetic,
        configHash: config.hash,
        version: deps.version,
        attribution,
      };
      return { meta: metaOf(deps), result };
    },
  );

  app.get(
    '/jurisdictions',
    {
      config: publicRoute,
      schema: {
        tags: ['region'],
        summary: 'jurisdictions of the region, and those outside that drain into it',
        response: answers({ 200: many(Jurisdiction) }),
      },
    },
    () => ({
      meta: metaOf(deps),
      results: deps.config().jurisdictions,
    }),
  );
}

function rulebookRoutes(app: Api, deps: ApiDeps): void {
  app.get(
    '/parameters',
    {
      config: publicRoute,
      schema: {
        tags: ['region'],
        summary: 'what is measured, with units and decimals',
        response: answers({ 200: many(Parameter) }),
      },
    },
    () => ({
      meta: metaOf(deps),
      results: deps.config().parameters,
    }),
  );

  app.get(
    '/standards',
    {
      config: publicRoute,
      schema: {
        tags: ['region'],
        summary: 'editions of standards, with the dates they are in force',
        response: answers({ 200: many(StandardView) }),
      },
    },
    () => {
      const config = deps.config();
      const editions = [
        config.waterStandards,
        config.waterEvaluations,
        config.aqiStandards,
        config.airStandards,
        config.airAssessments,
        config.stationQuality,
        config.exceedanceWordings,
      ].flat();
      const results = editions.map(({ id, kind, title, inForce }) => ({
        id,
        kind,
        title,
        inForce: { from: inForce.from, to: inForce.to },
      }));
      return { meta: metaOf(deps), results };
    },
  );
}

function geographyRoutes(app: Api, deps: ApiDeps): void {
  const geojson = answers({ 200: represented('GeoJSON', { 'application/geo+json': FeatureCollection }) });
  app.get(
    '/rivers',
    {
      config: publicRoute,
      schema: {
        tags: ['region'],
        summary: 'reaches of the river graph; schematic unless marked surveyed',
        response: geojson,
      },
    },
    (_request, reply) =>
      reply
        .type(mediaTypes.geojson)
        .send({ type: 'FeatureCollection', meta: metaOf(deps), features: riverFeatures(deps.config()) }),
  );

  let drawn: { hash: string; outlines: Outlines } | null = null;
  const outlined = {
    tags: ['region'],
    summary: 'schematic outlines of the jurisdictions (示意); they settle no boundary',
    response: geojson,
  };
  app.get('/outlines', { config: publicRoute, schema: outlined }, (_request, reply) => {
    const config = deps.config();
    if (drawn?.hash !== config.hash) drawn = { hash: config.hash, outlines: outlines(config) };
    return reply.type(mediaTypes.geojson).send({ ...drawn.outlines, meta: metaOf(deps) });
  });
}

/** The region's own facts: what it is called, who is in it, what flows through it, by what it is judged. */
export function regionRoutes(app: Api, deps: ApiDeps): void {
  identityRoutes(app, deps);
  rulebookRoutes(app, deps);
  geographyRoutes(app, deps);
}
