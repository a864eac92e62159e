import type { FastifyRequest } from 'fastify';
import { MonitorError } from '../../domain/errors.ts';
import type { Viewer } from '../auth/seen-by.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import type { LatestVerdicts } from '../readings/latest-view.ts';
import { publicAddress } from '../http/public-address.ts';
import { collections, type CollectionKind, type Feature } from './collections.ts';
import { bytes } from './bytes.ts';
import { apiDocument, documentType, type OpenApiVersion } from './documents.ts';
import { found, itemQuery } from './items.ts';

const prefix = '/ogc';
const geojson = 'application/geo+json';
const crs84 = 'http://www.opengis.net/def/crs/OGC/1.3/CRS84';
const spec = 'http://www.opengis.net/spec/ogcapi-features-1';

/** Both editions hold: an old client knows only the first. */
const conformsTo = [
  ...['core', 'oas30', 'geojson'].map((name) => `${spec}/1.0/conf/${name}`),
  ...['core', 'oas31', 'geojson'].map((name) => `${spec}/1.1/conf/${name}`),
];

interface Door {
  deps: ApiDeps;
  viewer: Viewer;
  verdicts: LatestVerdicts;
}

interface Link {
  href: string;
  rel: string;
  type: string;
  title?: string;
}

const link = (href: string, rel: string, type = 'application/json', title?: string): Link => ({
  href,
  rel,
  type,
  ...(title === undefined ? {} : { title }),
});

const rootOf = ({ deps }: Door, request: FastifyRequest): string =>
  `${publicAddress(request, deps.publicUrl)}${prefix}`;

function landingPage(door: Door, request: FastifyRequest): Record<string, unknown> {
  const root = rootOf(door, request);
  const { name } = door.deps.config().region;
  return {
    title: `jiehe 界河 · ${name.zh}`,
    description: name.en,
    links: [
      link(`${root}/`, 'self'),
      link(`${root}/api`, 'service-desc', documentType('3.0'), 'API document'),
      link(`${root}/api?version=3.1`, 'service-desc', documentType('3.1'), 'API document'),
      link(`${publicAddress(request, door.deps.publicUrl)}/api/docs/`, 'service-doc', 'text/html'),
      link(`${root}/conformance`, 'conformance'),
      link(`${root}/collections`, 'data'),
    ],
  };
}

function collectionBody(door: Door, request: FastifyRequest, kind: CollectionKind): Record<string, unknown> {
  const at = `${rootOf(door, request)}/collections/${kind.id}`;
  const { bbox } = door.deps.config().region;
  return {
    id: kind.id,
    title: kind.title,
    description: kind.description,
    itemType: 'feature',
    crs: [crs84],
    extent: {
      spatial: { bbox: [bbox], crs: crs84 },
      temporal: { interval: [[null, null]], trs: 'http://www.opengis.net/def/uom/ISO-8601/0/Gregorian' },
    },
    links: [link(at, 'self'), link(`${at}/items`, 'items', geojson, kind.title)],
  };
}

function kindOf(request: FastifyRequest): CollectionKind {
  const { id } = request.params as { id: string };
  const kind = collections.find((one) => one.id === id);
  if (kind === undefined)
    throw new MonitorError('E_NOT_FOUND', `no such collection: ${id}`, { details: { collection: id } });
  return kind;
}

async function featuresOf(door: Door, request: FastifyRequest, kind: CollectionKind): Promise<Feature[]> {
  const seen = await door.viewer.seenBy(request, 'ogc');
  return kind.features(seen, door.verdicts);
}

async function items(door: Door, request: FastifyRequest): Promise<Record<string, unknown>> {
  const kind = kindOf(request);
  const query = itemQuery(request.query as Record<string, string>, kind);
  const { page, matched } = found(await featuresOf(door, request, kind), query, kind);
  const address = new URL(`${rootOf(door, request)}/collections/${kind.id}/items`);
  for (const [name, value] of Object.entries(request.query as Record<string, string>))
    address.searchParams.set(name, value);
  const links = [link(address.href, 'self', geojson)];
  if (query.offset + page.length < matched && page.length > 0) {
    address.searchParams.set('limit', String(query.limit));
    address.searchParams.set('offset', String(query.offset + query.limit));
    links.push(link(address.href, 'next', geojson));
  }
  links.push(link(`${rootOf(door, request)}/collections/${kind.id}`, 'collection'));
  return {
    type: 'FeatureCollection',
    features: page,
    links,
    timeStamp: new Date(door.deps.clock.nowS() * 1000).toISOString(),
    numberMatched: matched,
    numberReturned: page.length,
  };
}

async function item(door: Door, request: FastifyRequest): Promise<Record<string, unknown>> {
  const kind = kindOf(request);
  const { feature: id } = request.params as { feature: string };
  const feature = (await featuresOf(door, request, kind)).find((one) => one.id === id);
  if (feature === undefined)
    throw new MonitorError('E_NOT_FOUND', `no such feature: ${id}`, { details: { feature: id } });
  const at = `${rootOf(door, request)}/collections/${kind.id}`;
  return { ...feature, links: [link(`${at}/items/${id}`, 'self', geojson), link(at, 'collection')] };
}

function versionOf(request: FastifyRequest): OpenApiVersion {
  const { version } = request.query as { version?: string };
  const accept = request.headers.accept ?? '';
  return version === '3.1' || (version === undefined && accept.includes('version=3.1')) ? '3.1' : '3.0';
}

/** OGC API Features, part 1 (1.0 and 1.1): sections, stations and reaches with their newest state, as each reader may see it. */
export function ogcRoutes(app: Api, deps: ApiDeps, of: { viewer: Viewer; verdicts: LatestVerdicts }): void {
  const door: Door = { deps, ...of };
  const options = { config: { tier: 'public' as const }, schema: { hide: true } };
  app.get(prefix, options, (request) => landingPage(door, request));
  app.get(`${prefix}/`, options, (request) => landingPage(door, request));
  app.get(`${prefix}/conformance`, options, () => ({ conformsTo }));
  app.get(`${prefix}/api`, options, (request, reply) => {
    const version = versionOf(request);
    const document = apiDocument(version, {
      root: rootOf(door, request),
      kinds: collections,
      service: deps.version,
    });
    return reply.type(documentType(version)).send(bytes(document));
  });
  app.get(`${prefix}/collections`, options, (request) => ({
    links: [link(`${rootOf(door, request)}/collections`, 'self')],
    collections: collections.map((kind) => collectionBody(door, request, kind)),
  }));
  app.get(`${prefix}/collections/:id`, options, (request) => collectionBody(door, request, kindOf(request)));
  app.get(`${prefix}/collections/:id/items`, options, async (request, reply) =>
    reply.type(geojson).send(bytes(await items(door, request))),
  );
  app.get(`${prefix}/collections/:id/items/:feature`, options, async (request, reply) =>
    reply.type(geojson).send(bytes(await item(door, request))),
  );
}
