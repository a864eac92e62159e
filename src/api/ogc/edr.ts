import { distance } from '@turf/turf';
import { wktToGeoJSON } from '@terraformer/wkt';
import type { FastifyRequest } from 'fastify';
import { MonitorError } from '../../domain/errors.ts';
import type { SeriesColumns } from '../../domain/ports.ts';
import type { AveragingId } from '../../domain/time.ts';
import type { Seen, Viewer } from '../auth/seen-by.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { rejectIfAny, type RequestFault } from '../http/faults.ts';
import { publicAddress } from '../http/public-address.ts';
import { belongs, keyWindow } from '../readings/series-window.ts';
import type { SeriesList } from '../readings/series-list.ts';
import { registry, type StationKind } from '../region/stations-view.ts';
import { bytes } from './bytes.ts';
import { coverages, parameterOf } from './coverage.ts';
import { bboxForm, bboxOf, datetimeOf, within } from './items.ts';

const prefix = '/ogc/edr';
const covjson = 'application/prs.coverage+json';
const crs84 = 'http://www.opengis.net/def/crs/OGC/1.3/CRS84';
const mostValues = 200_000;
/** Farther from a point than this, a station says nothing of it. */
const nearestWithinKm = 5;

const conformsTo = [
  'http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core',
  'http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections',
  ...['core', 'collections', 'json', 'geojson', 'edr-geojson', 'covjson'].map(
    (name) => `https://www.opengis.net/spec/ogcapi-edr-1/1.2/conf/${name}`,
  ),
];

interface Door {
  deps: ApiDeps;
  viewer: Viewer;
  list: SeriesList;
}

/** All series of one kind of station and averaging: what EDR calls a collection. */
interface Collection {
  id: string;
  kind: StationKind;
  averaging: AveragingId;
  stations: string[];
  parameters: string[];
  providers: string[];
}

async function collectionsOf(door: Door, seen: Seen): Promise<Collection[]> {
  const stations = registry(seen.config());
  const byId = new Map<string, Collection>();
  for (const { key } of await door.list.all()) {
    const station = stations.get(key.station);
    const { raw, reviewed } = seen.audience.sees(key);
    if (station === undefined || (raw === null && reviewed === null)) continue;
    const id = `${station.kind}-${key.averaging.toLowerCase()}`;
    const { kind } = station;
    const empty = { id, kind, averaging: key.averaging, stations: [], parameters: [], providers: [] };
    const collection: Collection = byId.get(id) ?? empty;
    byId.set(id, collection);
    for (const [names, name] of [
      [collection.stations, key.station],
      [collection.parameters, key.parameter],
      [collection.providers, key.provider],
    ] as const)
      if (!names.includes(name)) names.push(name);
  }
  return [...byId.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

const rootOf = ({ deps }: Door, request: FastifyRequest): string =>
  `${publicAddress(request, deps.publicUrl)}${prefix}`;

function collectionBody(
  door: Door,
  request: FastifyRequest,
  collection: Collection,
): Record<string, unknown> {
  const config = door.deps.config();
  const at = `${rootOf(door, request)}/collections/${collection.id}`;
  const query = (type: 'locations' | 'position'): object => ({
    link: {
      href: `${at}/${type}`,
      rel: 'data',
      variables: {
        title: type,
        query_type: type,
        output_formats: ['CoverageJSON'],
        default_output_format: 'CoverageJSON',
        crs_details: [
          {
            crs: 'CRS84',
            wkt: 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]',
          },
        ],
      },
    },
  });
  return {
    id: collection.id,
    title: `${collection.kind} ${collection.averaging}`,
    description: `readings of ${collection.kind} stations, averaging ${collection.averaging}; times are the ends of intervals`,
    links: [{ href: at, rel: 'self', type: 'application/json' }],
    extent: { spatial: { bbox: [config.region.bbox], crs: crs84 } },
    data_queries: { locations: query('locations'), position: query('position') },
    parameter_names: Object.fromEntries(
      collection.parameters.map((id) => [id, parameterOf(config, id, 'edr')]),
    ),
    output_formats: ['CoverageJSON'],
    crs: ['CRS84'],
  };
}

interface DataQuery {
  parameters: string[];
  fromS: number;
  toS: number;
}

const own = ['datetime', 'parameter-name', 'f', 'crs', 'coords'];
const crsNames = new Set(['CRS84', 'OGC:CRS84', crs84]);

function unknownNames(query: Readonly<Record<string, string>>, known: readonly string[]): RequestFault[] {
  return Object.entries(query)
    .filter(([name]) => !known.includes(name))
    .map(([name, value]) => ({
      field: `querystring.${name}`,
      value,
      expected: `one of ${known.join(', ')}`,
    }));
}

function dataQuery(query: Readonly<Record<string, string>>, collection: Collection, nowS: number): DataQuery {
  const faults = unknownNames(query, own);
  const field = (name: string): string => `querystring.${name}`;
  if (query.crs !== undefined && !crsNames.has(query.crs))
    faults.push({ field: field('crs'), value: query.crs, expected: 'CRS84' });
  const span = query.datetime === undefined ? null : datetimeOf(query.datetime);
  if (query.datetime !== undefined && span === null)
    faults.push({
      field: field('datetime'),
      value: query.datetime,
      expected: 'an instant, a/b, ../b or a/..',
    });
  const parameters = query['parameter-name']?.split(',') ?? collection.parameters;
  for (const name of parameters)
    if (!collection.parameters.includes(name))
      faults.push({
        field: field('parameter-name'),
        value: name,
        expected: `one of ${collection.parameters.join(', ')}`,
      });
  if (query.f !== undefined && !['CoverageJSON', 'covjson', 'json'].includes(query.f))
    faults.push({ field: field('f'), value: query.f, expected: 'CoverageJSON' });
  rejectIfAny(faults);
  const week = 7 * 86_400;
  const fromS = span === null ? nowS - week : Number.isFinite(span.fromS) ? span.fromS : 0;
  const toS = span === null || !Number.isFinite(span.toS) ? nowS + 86_400 : span.toS + 1;
  return { parameters, fromS, toS };
}

async function dataOf(
  seen: Seen,
  collection: Collection,
  of: { stations: readonly string[]; query: DataQuery },
): Promise<SeriesColumns[]> {
  const { stations, query } = of;
  const { averaging } = collection;
  const { timeZone } = seen.config().region;
  const within = belongs(averaging, timeZone);
  const window = { fromS: query.fromS, toS: query.toS };
  const all: SeriesColumns[] = [];
  let values = 0;
  for (const provider of collection.providers) {
    const { parameters } = query;
    const asked = { stations, parameters, averaging, provider, ...keyWindow(averaging, window) };
    for (const { key, timeS, value, flags } of await seen.readings.series({
      ...asked,
      limitPerSeries: mostValues + 1,
    })) {
      const rows = [...timeS.keys()].filter((row) => within(timeS[row] ?? 0, window));
      values += rows.length;
      if (values > mostValues)
        rejectIfAny([
          {
            field: 'querystring.datetime',
            value: null,
            expected: `a span with at most ${mostValues} values`,
          },
        ]);
      if (rows.length === 0) continue;
      all.push({
        key,
        timeS: Float64Array.from(rows, (row) => timeS[row] ?? 0),
        value: Float64Array.from(rows, (row) => value[row] ?? Number.NaN),
        flags: Uint16Array.from(rows, (row) => flags[row] ?? 0),
      });
    }
  }
  return all;
}

/** The located station of a collection that is nearest to `POINT(lon lat)`. Throws E_BAD_REQUEST, E_NOT_FOUND. */
function nearest(seen: Seen, collection: Collection, coords: string | undefined): string {
  let lonLat: number[] | null = null;
  try {
    const geometry = coords === undefined ? null : wktToGeoJSON(coords);
    if (geometry !== null && geometry.type === 'Point') lonLat = geometry.coordinates;
  } catch {
    lonLat = null;
  }
  if (lonLat === null || lonLat.length < 2) {
    rejectIfAny([{ field: 'querystring.coords', value: coords ?? null, expected: 'POINT(lon lat)' }]);
    return '';
  }
  const stations = registry(seen.config());
  const distances = collection.stations.flatMap((id) => {
    const position = stations.get(id)?.station.position ?? null;
    return position === null
      ? []
      : [{ id, km: distance(lonLat, [position.lon, position.lat], { units: 'kilometers' }) }];
  });
  const [first] = distances.toSorted((a, b) => a.km - b.km);
  if (first !== undefined && first.km <= nearestWithinKm) return first.id;
  throw new MonitorError(
    'E_NOT_FOUND',
    `no station of ${collection.id} within ${nearestWithinKm} km of ${coords}`,
    {
      details: { coords, withinKm: nearestWithinKm },
    },
  );
}

/** Locations of a collection; with `bbox`, those in it and those without a known place, as for items. Throws E_BAD_REQUEST. */
function locationsBody(
  seen: Seen,
  collection: Collection,
  of: { root: string; query: Readonly<Record<string, string>> },
): Record<string, unknown> {
  const { root, query } = of;
  const stations = registry(seen.config());
  const faults = unknownNames(query, ['bbox', 'f']);
  const bbox = query.bbox === undefined ? null : bboxOf(query.bbox);
  if (query.bbox !== undefined && bbox === null)
    faults.push({ field: 'querystring.bbox', value: query.bbox, expected: bboxForm });
  rejectIfAny(faults);
  const all = collection.stations.map((id) => {
    const station = stations.get(id)?.station;
    const position = station?.position ?? null;
    const point =
      position === null ? null : { type: 'Point' as const, coordinates: [position.lon, position.lat] };
    return {
      type: 'Feature',
      id,
      geometry: point,
      properties: {
        label: station?.name.zh ?? id,
        datetime: '../..',
        'parameter-name': collection.parameters,
        edrqueryendpoint: `${root}/collections/${collection.id}/locations/${id}`,
      },
    };
  });
  return {
    type: 'FeatureCollection',
    features: all.filter((feature) => bbox === null || within(feature, bbox)),
  };
}

async function asked(door: Door, request: FastifyRequest): Promise<{ seen: Seen; collection: Collection }> {
  const seen = await door.viewer.seenBy(request, 'ogc');
  const { id } = request.params as { id: string };
  const collection = (await collectionsOf(door, seen)).find((one) => one.id === id);
  if (collection === undefined)
    throw new MonitorError('E_NOT_FOUND', `no such collection: ${id}`, { details: { collection: id } });
  return { seen, collection };
}

/** OGC API EDR: locations and positions with CoverageJSON, under a root of its own, since features clients ask every collection for items. */
export function edrRoutes(app: Api, deps: ApiDeps, of: { viewer: Viewer; list: SeriesList }): void {
  const door: Door = { deps, ...of };
  const options = { config: { tier: 'public' as const }, schema: { hide: true } };
  app.get(prefix, options, (request) => {
    const root = rootOf(door, request);
    const links = ['conformance', 'collections'].map((name) => ({
      href: `${root}/${name}`,
      rel: name === 'collections' ? 'data' : name,
      type: 'application/json',
    }));
    return { title: 'jiehe 界河 · EDR', description: door.deps.config().region.name.en, links };
  });
  app.get(`${prefix}/conformance`, options, () => ({ conformsTo }));
  app.get(`${prefix}/collections`, options, async (request) => {
    const seen = await door.viewer.seenBy(request, 'ogc');
    const all = await collectionsOf(door, seen);
    const self = { href: `${rootOf(door, request)}/collections`, rel: 'self', type: 'application/json' };
    return { links: [self], collections: all.map((one) => collectionBody(door, request, one)) };
  });
  app.get(`${prefix}/collections/:id`, options, async (request) =>
    collectionBody(door, request, (await asked(door, request)).collection),
  );
  app.get(`${prefix}/collections/:id/locations`, options, async (request, reply) => {
    const { seen, collection } = await asked(door, request);
    return reply.type('application/geo+json').send(
      bytes(
        locationsBody(seen, collection, {
          root: rootOf(door, request),
          query: request.query as Record<string, string>,
        }),
      ),
    );
  });
  app.get(`${prefix}/collections/:id/locations/:locations`, options, async (request, reply) => {
    const { seen, collection } = await asked(door, request);
    const stations = (request.params as { locations: string }).locations.split(',');
    const unknown = stations.filter((id) => !collection.stations.includes(id));
    if (unknown.length > 0)
      throw new MonitorError('E_NOT_FOUND', `no such location: ${unknown.join(', ')}`, {
        details: { unknown },
      });
    const query = dataQuery(request.query as Record<string, string>, collection, deps.clock.nowS());
    const data = await dataOf(seen, collection, { stations, query });
    return reply.type(covjson).send(bytes(coverages(seen.config(), data)));
  });
  app.get(`${prefix}/collections/:id/position`, options, async (request, reply) => {
    const { seen, collection } = await asked(door, request);
    const given = request.query as Record<string, string>;
    const query = dataQuery(given, collection, deps.clock.nowS());
    const data = await dataOf(seen, collection, {
      stations: [nearest(seen, collection, given.coords)],
      query,
    });
    return reply.type(covjson).send(bytes(coverages(seen.config(), data)));
  });
}
