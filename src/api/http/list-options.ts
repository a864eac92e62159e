import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { Type, type TSchema } from 'typebox';
import { csvCell } from '../readings/series-columns.ts';
import { rejectIfAny } from './faults.ts';
import { chooseRepresentation, mediaTypes } from './negotiation.ts';
import { cursorKey, encodeCursor, linkNext, type PagedRequest } from './paging.ts';
import { Cursor, Limit, oneOf, represented } from './schemas.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Members of an item of this list, which `fields` may choose from; set by {@link installListOptions}. */
    members?: readonly string[];
    /** The list is also given as a table. */
    asTable?: boolean;
    /** The list is whole in memory and cut into pages here, by the ids of its items. */
    cut?: boolean;
  }
}

/** Most items of a page that is cut here. */
const mostItems = 10_000;

type Loose = Record<string, unknown>;
interface ObjectSchema {
  type?: string;
  properties?: Record<string, TSchema & { default?: unknown; items?: ObjectSchema }>;
  required?: string[];
}

/** What one item of a list consists of; null where the answer is no list of objects. */
function membersOf(answer: unknown): string[] | null {
  const results: { items?: ObjectSchema } | undefined = (answer as ObjectSchema | undefined)?.properties?.[
    'results'
  ];
  const members = Object.keys(results?.items?.properties ?? {});
  return members.length === 0 ? null : members;
}

function jsonOf(answer: unknown): unknown {
  const content = (answer as { content?: Record<string, { schema: unknown }> } | undefined)?.content;
  return content === undefined ? answer : content['application/json']?.schema;
}

/** Adds to a route's query what every list takes, and refuses whatever no route declares. */
function extend(route: RouteOptions): void {
  const { schema, url } = route;
  if (!url.startsWith('/api/v1') || schema === undefined || schema.hide === true) return;
  let query = (schema.querystring ?? {
    type: 'object',
    properties: {},
    additionalProperties: false,
  }) as ObjectSchema;
  // What has a default need not be sent.
  const required = (query.required ?? []).filter((name) => query.properties?.[name]?.default === undefined);
  if (query.required !== undefined) query = { ...query, required };
  const response = (schema.response ?? {}) as Record<number, TSchema>;
  const members = [route.method].flat().includes('GET') ? membersOf(jsonOf(response[200])) : null;
  if (members === null) {
    route.schema = { ...schema, querystring: query };
    return;
  }
  const asTable = response[200] !== undefined && !('content' in response[200]);
  const more: Record<string, TSchema> = {
    fields: Type.String({
      pattern: '^[A-Za-z]\\w*(,[A-Za-z]\\w*)*$',
      description: `only these members of each item, comma-separated: ${members.join(', ')}`,
    }),
    ...(asTable
      ? { f: oneOf(['json', 'csv'], { description: 'representation; else by the Accept header' }) }
      : {}),
  };
  // A route that has a limit cuts its list itself.
  const cut = asTable && members.includes('id') && query.properties?.['limit'] === undefined;
  if (cut) Object.assign(more, { limit: Limit(mostItems, mostItems), cursor: Cursor });
  const content = { 'application/json': response[200]!, 'text/csv': Type.String() };
  const shown = asTable
    ? { ...response, 200: represented('a list, or the same as a table', content) }
    : response;
  const querystring = { ...query, properties: { ...more, ...query.properties } };
  route.schema = { ...schema, querystring, response: shown };
  route.config = { ...route.config, members, asTable, cut };
  if (!cut) return;
  const { handler } = route;
  // A cursor that names nothing is found out only here; thrown from a later hook it would reach nobody.
  route.handler = async function paged(request, reply) {
    const answer: unknown = await handler.call(this, request, reply);
    return answer === reply || answer === undefined ? answer : pageOf(request, reply, answer as ListAnswer);
  };
}

function chosen(request: FastifyRequest): readonly string[] | null {
  const { members } = request.routeOptions.config;
  const { fields } = request.query as { fields?: string };
  return members === undefined || fields === undefined ? null : fields.split(',');
}

/** Items with the members that the request chose; for answers that are written by their route. */
export function withFields<T extends object>(request: FastifyRequest, items: readonly T[]): Partial<T>[] {
  const fields = chosen(request);
  if (fields === null) return [...items];
  return items.map(
    (item) =>
      Object.fromEntries(Object.entries(item).filter(([name]) => fields.includes(name))) as Partial<T>,
  );
}

/** Languages side by side, other objects as JSON, nothing for null. */
function cells(name: string, values: readonly unknown[]): [string, string[]][] {
  const isPair = (value: unknown): value is Record<'zh' | 'en', string> =>
    typeof value === 'object' && value !== null && Object.keys(value).toSorted().join() === 'en,zh';
  const text = (value: unknown): string => {
    if (value === null || value === undefined) return '';
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  const present = values.filter((value) => value !== null && value !== undefined);
  if (present.length === 0 || !present.every(isPair)) return [[name, values.map(text)]];
  return (['zh', 'en'] as const).map((language) => [
    `${name}.${language}`,
    values.map((value) => (isPair(value) ? value[language] : '')),
  ]);
}

/** A list as RFC 4180 with a header; columns are the members in the order of the document. */
export function tableOf(items: readonly object[], members: readonly string[]): string {
  const columns = members.flatMap((name) =>
    cells(
      name,
      items.map((item) => (item as Loose)[name]),
    ),
  );
  const lines = [
    columns.map(([name]) => name),
    ...items.map((_, row) => columns.map(([, values]) => values[row] ?? '')),
  ];
  return lines.map((line) => `${line.map(csvCell).join(',')}\r\n`).join('');
}

interface ListAnswer {
  meta: { next: string | null };
  results: readonly { id?: string | number }[];
}

const byId = { id: 'text' } as const;

/** The page that the request asks for, in the order of the list, from behind the item that its cursor names. */
function pageOf(request: FastifyRequest, reply: FastifyReply, answer: ListAnswer): ListAnswer {
  const asked = request as PagedRequest & { query: { limit?: number } };
  const { limit = mostItems, cursor } = asked.query;
  const after = cursorKey(asked, byId);
  const from = after === undefined ? 0 : answer.results.findIndex(({ id }) => String(id) === after.id) + 1;
  if (after !== undefined && from === 0)
    rejectIfAny([
      {
        field: 'querystring.cursor',
        value: cursor,
        expected: 'a cursor of this list whose item is still listed',
      },
    ]);
  const results = answer.results.slice(from, from + limit);
  if (from + limit >= answer.results.length) return { ...answer, results };
  const next = encodeCursor(asked, byId, { id: String(results.at(-1)?.id ?? '') });
  linkNext(request, reply, next);
  return { ...answer, meta: { ...answer.meta, next }, results };
}

/** For an answer that its route writes itself: as JSON or as a table, with the members that the request chose. */
export function listForm(request: FastifyRequest): {
  type: string;
  write(answer: { meta: unknown; results: readonly object[] }): string;
} {
  const { members = [] } = request.routeOptions.config;
  const asked = (request.query as { f?: 'json' | 'csv' }).f;
  const as = chooseRepresentation(request, asked, ['json', 'csv']);
  const fields = chosen(request) ?? members;
  return {
    type: mediaTypes[as],
    write: (answer) =>
      as === 'csv'
        ? tableOf(
            answer.results,
            members.filter((name) => fields.includes(name)),
          )
        : JSON.stringify({ ...answer, results: withFields(request, answer.results) }),
  };
}

function shape(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const { members, asTable } = request.routeOptions.config;
  if (
    members === undefined ||
    reply.statusCode !== 200 ||
    (payload as Partial<ListAnswer>).results === undefined
  )
    return payload;
  const { results } = payload as ListAnswer;
  const asked = (request.query as { f?: 'json' | 'csv' }).f;
  if (asTable === true && chooseRepresentation(request, asked, ['json', 'csv']) === 'csv') {
    const fields = chosen(request) ?? members;
    reply.type(mediaTypes.csv).serializer(() =>
      tableOf(
        results,
        members.filter((name) => fields.includes(name)),
      ),
    );
    return payload;
  }
  return { ...(payload as ListAnswer), results: withFields(request, results) };
}

/**
 * What every list of `/api/v1` takes without its route saying so: `fields`, `f=csv` where it is a table, and pages by the ids of its
 * items where the route has none of its own; and that a query
 * parameter which a route does not declare is refused. Before the routes.
 */
export function installListOptions(app: FastifyInstance): void {
  app.addHook('onRoute', extend);
  app.addHook('preHandler', async (request) => {
    const { members = [] } = request.routeOptions.config;
    const unknown = (chosen(request) ?? []).filter((name) => !members.includes(name));
    rejectIfAny(
      unknown.map((value) => ({
        field: 'querystring.fields',
        value,
        expected: `members of an item: ${members.join(', ')}`,
      })),
    );
  });
  app.addHook('preSerialization', async (request, reply, payload) => shape(request, reply, payload));
}
