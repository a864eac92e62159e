import { Type } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { chooseRepresentation, mediaTypes, metaOf } from '../http/negotiation.ts';
import {
  answers,
  Feature,
  FeatureCollection,
  IdInput,
  many,
  one,
  oneOf,
  represented,
  strict,
} from '../http/schemas.ts';
import {
  pointFeature,
  registry,
  SectionView,
  sectionView,
  stationKinds,
  StationView,
  stationView,
} from '../region/stations-view.ts';

const f = Type.Optional(
  oneOf(['json', 'geojson'], { description: 'representation; else by the Accept header' }),
);
const byId = Type.Object({ id: IdInput }, strict);

function notRegistered(id: string): MonitorError {
  return new MonitorError('E_NOT_FOUND', `no such station: ${id}`, { details: { id } });
}

type Located = Parameters<typeof pointFeature>[0];

/** The same content as JSON or GeoJSON. */
function bodyOf(
  deps: ApiDeps,
  as: 'json' | 'geojson',
  content: Located | Located[],
): Record<string, unknown> {
  const meta = metaOf(deps);
  if (Array.isArray(content)) {
    return as === 'json'
      ? { meta, results: content }
      : { type: 'FeatureCollection', meta, features: content.map((item) => pointFeature(item)) };
  }
  return as === 'json' ? { meta, result: content } : { ...pointFeature(content), meta };
}

const config = { tier: 'public' } as const;
const offered = ['json', 'geojson'] as const;
const collection = (item: Parameters<typeof many>[0]) =>
  answers({
    200: represented('JSON or GeoJSON', {
      'application/json': many(item),
      'application/geo+json': FeatureCollection,
    }),
  });
const single = (item: Parameters<typeof one>[0]) =>
  answers(
    {
      200: represented('JSON or GeoJSON', {
        'application/json': one(item),
        'application/geo+json': Feature,
      }),
    },
    'notFound',
  );

const oneQuery = Type.Object({ f }, strict);

function stationKindRoutes(app: Api, deps: ApiDeps): void {
  const stationQuery = Type.Object({ kind: Type.Optional(oneOf(stationKinds)), f }, strict);
  app.get(
    '/stations',
    {
      config,
      schema: {
        tags: ['stations'],
        summary: 'stations of every kind',
        querystring: stationQuery,
        response: collection(StationView),
      },
    },
    (request, reply) => {
      const as = chooseRepresentation(request, request.query.f, offered);
      const { kind } = request.query;
      const views = [...registry(deps.config()).values()].map((found) => stationView(found));
      return reply
        .type(mediaTypes[as])
        .send(bodyOf(deps, as, kind === undefined ? views : views.filter((view) => view.kind === kind)));
    },
  );

  app.get(
    '/stations/:id',
    {
      config,
      schema: {
        tags: ['stations'],
        summary: 'one station',
        params: byId,
        querystring: oneQuery,
        response: single(StationView),
      },
    },
    (request, reply) => {
      const found = registry(deps.config()).get(request.params.id);
      if (found === undefined) throw notRegistered(request.params.id);
      const as = chooseRepresentation(request, request.query.f, offered);
      return reply.type(mediaTypes[as]).send(bodyOf(deps, as, stationView(found)));
    },
  );
}

function sectionRoutes(app: Api, deps: ApiDeps): void {
  app.get(
    '/sections',
    {
      config,
      schema: {
        tags: ['stations'],
        summary: 'water-quality sections: identity, targets, border, position',
        querystring: oneQuery,
        response: collection(SectionView),
      },
    },
    (request, reply) => {
      const as = chooseRepresentation(request, request.query.f, offered);
      const config = deps.config();
      const sections = config.sections.map((section) => sectionView(section, config));
      return reply.type(mediaTypes[as]).send(bodyOf(deps, as, sections));
    },
  );

  app.get(
    '/sections/:id',
    {
      config,
      schema: {
        tags: ['stations'],
        summary: 'one section',
        params: byId,
        querystring: oneQuery,
        response: single(SectionView),
      },
    },
    (request, reply) => {
      const section = deps.config().sections.find((candidate) => candidate.id === request.params.id);
      if (section === undefined) throw notRegistered(request.params.id);
      const as = chooseRepresentation(request, request.query.f, offered);
      return reply.type(mediaTypes[as]).send(bodyOf(deps, as, sectionView(section, deps.config())));
    },
  );
}

/** Stations of every kind, and sections with their targets and borders. */
export function stationRoutes(app: Api, deps: ApiDeps): void {
  stationKindRoutes(app, deps);
  sectionRoutes(app, deps);
}
