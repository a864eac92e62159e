import type { FastifyReply, FastifyRequest } from 'fastify';
import { MonitorError } from '../../domain/errors.ts';
import type { Viewer } from '../auth/seen-by.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import type { KeptAnswers } from '../http/kept-answers.ts';
import { mediaTypes } from '../http/negotiation.ts';
import { publicAddress } from '../http/public-address.ts';
import { PublicIds, type SeriesList } from '../readings/series-list.ts';
import type { Context } from './answer.ts';
import { Catalogues } from './catalogue.ts';
import { DatastreamTimes } from './datastream-times.ts';
import { setNames } from './model.ts';
import { noOptions, needsTimes, parseOptions, type Options } from './options.ts';
import { parsePath, type ResourcePath } from './path.ts';
import {
  collectionOf,
  entityOf,
  isSingle,
  referencesOf,
  resolve,
  setOf,
  type Collection,
  type Found,
} from './resource.ts';

const prefix = '/sta/v1.1';
const requirement = 'http://www.opengis.net/spec/iot_sensing/1.1/req';

/** What this service answers; nothing is claimed that its tests do not ask. */
const conformance = [
  `${requirement}/datamodel`,
  ...[
    'thing',
    'location',
    'historical-location',
    'datastream',
    'sensor',
    'observed-property',
    'observation',
  ].flatMap((entity) => [
    `${requirement}/datamodel/${entity}/properties`,
    `${requirement}/datamodel/${entity}/relations`,
  ]),
  `${requirement}/datamodel/feature-of-interest/properties`,
  `${requirement}/datamodel/feature-of-interest/relations`,
  `${requirement}/datamodel/entity-control-information/common-control-information`,
  `${requirement}/resource-path/resource-path-to-entities`,
  ...[
    'order',
    'expand',
    'select',
    'status-code',
    'query-status-code',
    'orderby',
    'skip',
    'top',
    'filter',
    'built-in-filter-operations',
    'built-in-query-functions',
    'pagination',
    'count',
  ].map((name) => `${requirement}/request-data/${name}`),
  `${requirement}/data-array/data-array`,
];

interface Door {
  deps: ApiDeps;
  viewer: Viewer;
  catalogues: Catalogues;
  list: SeriesList;
  kept: KeptAnswers;
  times: WeakMap<object, DatastreamTimes>;
}

async function contextOf(door: Door, request: FastifyRequest): Promise<Context> {
  const seen = await door.viewer.seenBy(request, 'sensorthings');
  const catalogue = await door.catalogues.for(seen);
  const times = door.times.get(catalogue) ?? new DatastreamTimes(catalogue);
  door.times.set(catalogue, times);
  const root = `${publicAddress(request, door.deps.publicUrl)}${prefix}`;
  return { seen, catalogue, times, root, written: { count: 0 } };
}

/** Path after the prefix, and the query as it was sent: a plus is a blank. */
function partsOf(request: FastifyRequest): { path: string; query: URLSearchParams } {
  const [whole = '', query = ''] = request.url.split(/\?(.*)/s);
  let path: string;
  try {
    path = decodeURIComponent(whole.slice(prefix.length));
  } catch (cause) {
    throw new MonitorError('E_BAD_REQUEST', 'the path is not a readable address', {
      cause,
      details: { faults: [] },
    });
  }
  return { path, query: new URLSearchParams(query) };
}

function nextLink(
  context: Context,
  of: { path: string; query: URLSearchParams },
  next: Record<string, string>,
): string {
  const query = new URLSearchParams(of.query);
  query.delete('$skip');
  query.delete('$skiptoken');
  for (const [name, value] of Object.entries(next)) query.set(name, value);
  return `${context.root}${of.path}?${query.toString()}`;
}

function collectionBody(
  context: Context,
  of: { path: string; query: URLSearchParams },
  page: Collection,
): Record<string, unknown> {
  return {
    ...(page.count === null ? {} : { '@iot.count': page.count }),
    ...(page.next === null ? {} : { '@iot.nextLink': nextLink(context, of, page.next) }),
    value: page.value,
  };
}

/** A property by itself, or its bare value; no content where it has none. */
function propertyAnswer(
  reply: FastifyReply,
  path: ResourcePath,
  entity: Record<string, unknown>,
): FastifyReply {
  const property = path.property ?? '';
  const value = entity[property];
  if (value === undefined) return reply.code(204).send();
  if (path.suffix !== 'value') return reply.send({ [property]: value });
  if (value === null) return reply.code(204).send();
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return reply.type('text/plain; charset=utf-8').send(text);
}

/** What a path leads to and its options; the context knows the times of datastreams where the options ask by them. */
async function asked(
  given: Context,
  path: ResourcePath,
  query: URLSearchParams,
): Promise<{ context: Context; found: Found; options: Options }> {
  const found = await resolve(given, path);
  const set = setOf(found);
  const options = parseOptions(query, set);
  if (!needsTimes(options, set)) return { context: given, found, options };
  const catalogue = await given.times.catalogue(given.seen);
  return { context: { ...given, catalogue }, found, options };
}

/** An entity or a page of a collection. */
async function bodyOf(
  given: Context,
  path: ResourcePath,
  at: { path: string; query: URLSearchParams },
): Promise<Record<string, unknown>> {
  const { context, found, options } = await asked(given, path, at.query);
  if (isSingle(found)) return entityOf(context, found, options);
  return collectionBody(context, at, await collectionOf(context, found, options));
}

function rootBody(door: Pick<Door, 'deps'>, request: FastifyRequest): object {
  const root = `${publicAddress(request, door.deps.publicUrl)}${prefix}`;
  return {
    value: setNames.map((name) => ({ name, url: `${root}/${name}` })),
    serverSettings: { conformance },
  };
}

async function answer(door: Door, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { path: text, query } = partsOf(request);
  if (text === '/') return reply.send(rootBody(door, request));
  const context = await contextOf(door, request);
  const path = parsePath(text);
  const at = { path: text, query };
  if (path.suffix === null && path.property === null) {
    // What asks for the present second is another answer in the next one.
    const moment = /\bnow\b/.test(decodeURIComponent(query.toString())) ? context.seen.audience.nowS : '';
    const facts = [context.root, door.list.asOfSeq, moment];
    const make = async () => ({ text: JSON.stringify(await bodyOf(context, path, at)) });
    return door.kept.send(request, reply, { seen: context.seen, facts, type: mediaTypes.json, make });
  }
  if (path.suffix === 'ref') {
    const { context: timed, found, options } = await asked(context, path, query);
    const page = await referencesOf(timed, found, options);
    return reply.send(isSingle(found) ? page.value[0] : collectionBody(context, at, page));
  }
  const { found } = await asked(context, path, query);
  if (path.property !== null && isSingle(found)) {
    const select = { ...noOptions(), select: [path.property] };
    return propertyAnswer(reply, path, await entityOf(context, found, select));
  }
  return reply.send(await bodyOf(context, path, at));
}

/** OGC SensorThings API 1.1, part 1, reading: the series of registered stations, as each reader may see them. */
export function sensorThingsRoutes(
  app: Api,
  deps: ApiDeps,
  { viewer, list, kept }: { viewer: Viewer; list: SeriesList; kept: KeptAnswers },
): void {
  const catalogues = new Catalogues(list, new PublicIds(deps));
  const door: Door = { deps, viewer, catalogues, list, kept, times: new WeakMap() };
  const options = { config: { tier: 'public' as const }, schema: { hide: true } };
  app.get(prefix, options, (request) => rootBody(door, request));
  app.get(`${prefix}/*`, options, (request, reply) => answer(door, request, reply));
}
