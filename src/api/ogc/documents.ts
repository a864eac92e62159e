import type { CollectionKind } from './collections.ts';
import { limits } from './items.ts';

export type OpenApiVersion = '3.0' | '3.1';

const full = { '3.0': '3.0.3', '3.1': '3.1.0' } as const;
export const documentType = (version: OpenApiVersion): string =>
  `application/vnd.oai.openapi+json;version=${version}`;

const json = (schema: object = { type: 'object' }): object => ({
  description: 'answer',
  content: { 'application/json': { schema } },
});
const geojson = {
  description: 'features',
  content: { 'application/geo+json': { schema: { type: 'object' } } },
};
const refused = {
  description: 'the request cannot be understood',
  content: { 'application/json': { schema: { type: 'object' } } },
};

function parameter(name: string, description: string, schema: object): object {
  return { name, in: 'query', required: false, description, schema, style: 'form', explode: false };
}

const f = parameter('f', 'representation', { type: 'string', enum: ['json', 'geojson'] });

/** Parameters of an items request, in the words of the standard. */
function itemParameters(kind: CollectionKind): object[] {
  return [
    parameter('limit', 'most features a page; more is cut to the maximum', {
      type: 'integer',
      minimum: 1,
      maximum: limits.most,
      default: limits.preset,
    }),
    parameter('offset', 'features to skip', { type: 'integer', minimum: 0, default: 0 }),
    parameter('bbox', 'west,south,east,north', {
      type: 'array',
      minItems: 4,
      maxItems: 6,
      items: { type: 'number' },
    }),
    parameter('datetime', 'an instant, a/b, ../b or a/..', { type: 'string' }),
    ...kind.queryables.map(({ name, description }) => parameter(name, description, { type: 'string' })),
    f,
  ];
}

/** The API document of the features service: old clients read 3.0, new ones 3.1. */
export function apiDocument(
  version: OpenApiVersion,
  of: { root: string; kinds: readonly CollectionKind[]; service: string },
): Record<string, unknown> {
  const get = (operationId: string, summary: string, rest: object): object => ({
    get: { operationId, summary, tags: ['ogc'], ...rest },
  });
  const plain = (description: object) => ({ parameters: [f], responses: { 200: description, 400: refused } });
  const paths: Record<string, object> = {
    '/': get('landingPage', 'landing page', plain(json())),
    '/conformance': get('conformance', 'conformance classes', plain(json())),
    '/collections': get('collections', 'collections', plain(json())),
  };
  for (const kind of of.kinds) {
    const path = `/collections/${kind.id}`;
    const name = kind.id.replaceAll('-', '');
    const responses = { 200: geojson, 400: refused, 404: refused };
    const id = { name: 'featureId', in: 'path', required: true, schema: { type: 'string' } };
    paths[path] = get(`${name}Collection`, kind.description, plain(json()));
    paths[`${path}/items`] = get(`${name}Items`, kind.title, { parameters: itemParameters(kind), responses });
    paths[`${path}/items/{featureId}`] = get(`${name}Item`, 'one feature', {
      parameters: [id, f],
      responses,
    });
  }
  return {
    openapi: full[version],
    info: { title: 'jiehe 界河 · OGC API Features', version: of.service, license: { name: 'Apache-2.0' } },
    servers: [{ url: of.root }],
    tags: [{ name: 'ogc' }],
    paths,
  };
}
