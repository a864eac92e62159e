import {
  array,
  boolean,
  constant,
  constantFrom,
  integer,
  oneof,
  option,
  record,
  string,
  type Arbitrary,
} from 'fast-check';

/** The part of JSON Schema that the document of the API uses. */
export interface Schema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  properties?: Record<string, Schema>;
  required?: string[];
}
export interface Parameter {
  in: 'query' | 'path' | 'header';
  name: string;
  required?: boolean;
  schema: Schema;
}
export interface Operation {
  operationId?: string;
  summary?: string;
  tags?: string[];
  security?: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { description?: string; content?: Record<string, { schema: object }> }>;
}
export interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  tags: { name: string; description?: string }[];
  components: { securitySchemes: Record<string, unknown> };
}

/** Values that name something in the region of the tests, by the name of the field; so that requests get past the first check. */
const known: Record<string, readonly string[]> = {
  station: ['up', 'roof', 'gauge'],
  stations: ['up', 'up,roof', 'roof'],
  section: ['up', 'down'],
  parameter: ['tp', 'nh3n', 'pm25'],
  provider: ['bureau', 'neighbour', 'airnet'],
  providers: ['bureau,neighbour'],
  entering: ['down', 'gauge'],
  source: ['bureau-water', 'air-net'],
  agreement: ['ou-pact'],
  jurisdiction: ['331100', '350700'],
  period: ['2026-02', '2026-03', '2026-03-01', '2026-Q1', '2026', '2026-03-01T20'],
  month: ['2026-02', '2026-03'],
  averaging: ['instant', 'PT1H'],
  asOf: ['1', '3', '2026-03-01T00:00:00+08:00'],
};
const ids: Record<string, readonly string[]> = {
  stations: ['up', 'roof'],
  sections: ['up', 'down'],
  sources: ['bureau-water', 'air-net'],
  agreements: ['ou-pact'],
  statements: ['ou-pact.2026-02.1'],
};
const instants = ['2026-03-01', '2026-03-02T00:00', '2026-03-01T08:00:00+08:00', '2026-02-01T00:00:00Z'];
const formats: Record<string, readonly string[]> = {
  instant: instants,
  'date-time': ['2026-03-01T08:00:00+08:00'],
  'as-of': known['asOf'] ?? [],
  date: ['2026-02-01', '2026-02-28', '2026-03-01'],
  uri: ['http://127.0.0.1:9/x'],
};

/** What no field wants: other types, texts that break parsers, numbers at the edge. */
export const rubbish: Arbitrary<unknown> = constantFrom<unknown>(
  '',
  ' ',
  '\u0000',
  "';--",
  '../../etc',
  '%',
  '界河',
  '\uD83D\uDE00',
  '__proto__',
  'constructor',
  '9999-99-99',
  '2026-02-30',
  '0000-01-01',
  '+275760-09-13T00:00:00Z',
  '-1',
  '1e999',
  'NaN',
  'e30',
  'bnVsbA',
  'eyJ0aW1lUyI6MWUzMDB9',
  'x'.repeat(300),
  -1,
  0,
  1.5,
  2 ** 53,
  null,
  true,
  [],
  {},
);

function textOf({ minLength = 0, maxLength = 40, pattern, format }: Schema, name: string): Arbitrary<string> {
  const choices = [...(known[name] ?? []), ...(format === undefined ? [] : (formats[format] ?? []))];
  const free = string({
    minLength,
    maxLength: Math.max(minLength, Math.min(maxLength, 40)),
    unit: 'grapheme',
  });
  const plain = constantFrom('a', 'abc-1', '2026-03', '331100', 'e30', 'a reason of some length', 'a.csv');
  if (choices.length > 0)
    return oneof({ weight: 6, arbitrary: constantFrom(...choices) }, { weight: 1, arbitrary: free });
  return pattern === undefined ? oneof(free, plain) : plain;
}

/** Values that fit a schema, or nearly: patterns are only approached. */
export function fitting(schema: Schema, name = ''): Arbitrary<unknown> {
  if (schema.const !== undefined) return constant(schema.const);
  if (schema.enum !== undefined) return constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return oneof(...choices.map((choice) => fitting(choice, name)));
  const types = [schema.type ?? []].flat();
  const made = types.map((type): Arbitrary<unknown> => {
    const { minimum = -1000, maximum = Math.max(minimum, 1_000_000) } = schema;
    if (type === 'integer')
      return integer({ min: Math.ceil(minimum), max: Math.floor(Math.min(maximum, 2 ** 31 - 1)) });
    if (type === 'number')
      return integer({ min: Math.ceil(minimum), max: Math.floor(Math.min(maximum, 2 ** 31 - 1)) });
    if (type === 'boolean') return boolean();
    if (type === 'null') return constant(null);
    if (type === 'array') {
      const { minItems = 0, maxItems = 3, items = {} } = schema;
      return array(fitting(items, name), {
        minLength: minItems,
        maxLength: Math.max(minItems, Math.min(maxItems, 3)),
      });
    }
    if (type === 'object') return objectOf(schema);
    return textOf(schema, name);
  });
  return made.length === 0 ? constantFrom<unknown>('a', 1, {}, []) : oneof(...made);
}

function objectOf({ properties = {}, required = [] }: Schema): Arbitrary<Record<string, unknown>> {
  const members = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, fitting(schema, name)]),
  );
  return record(members, { requiredKeys: required.filter((name) => name in members) });
}

/** A body that fits but for one member, which is rubbish, missing or unknown. */
function mutated(schema: Schema): Arbitrary<unknown> {
  const names = Object.keys(schema.properties ?? {});
  if (names.length === 0) return rubbish;
  return objectOf(schema).chain((body) =>
    oneof(
      constantFrom(...names, 'unknownMember').chain((name) =>
        rubbish.map((value) => ({ ...body, [name]: value })),
      ),
      constantFrom(...names).map((name) =>
        Object.fromEntries(Object.entries(body).filter(([key]) => key !== name)),
      ),
      rubbish,
    ),
  );
}

export interface GeneratedRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  payload?: string;
}

function valueOf(parameter: Parameter, noun: string): Arbitrary<unknown> {
  // A stream stays open for its seconds.
  if (parameter.name === 'seconds' || parameter.name === 'wait') return constantFrom<unknown>(0, 0, 'x', -1);
  const named = parameter.in === 'path' ? ids[noun] : undefined;
  const good = named === undefined ? fitting(parameter.schema, parameter.name) : constantFrom(...named);
  return oneof({ weight: 7, arbitrary: good }, { weight: 1, arbitrary: rubbish });
}

const texted = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '');

function parametersOf(path: string, parameters: readonly Parameter[]): Arbitrary<string> {
  const noun = /^\/api\/v1\/(\w[\w-]*)/.exec(path)?.[1] ?? '';
  const members = Object.fromEntries(
    parameters.map((parameter) => {
      const value = valueOf(parameter, noun).map(texted);
      const presence = parameter.required === true ? 12 : 1;
      return [
        `${parameter.in} ${parameter.name}`,
        parameter.in === 'path' || parameter.name === 'seconds'
          ? value
          : option(value, { freq: presence, nil: undefined }),
      ];
    }),
  );
  return record(members).map((values) => {
    const query = new URLSearchParams();
    let url = path;
    for (const { in: place, name } of parameters) {
      const value = values[`${place} ${name}`];
      if (value === undefined) continue;
      // An empty segment would be another route.
      if (place === 'path')
        url = url.replace(`{${name}}`, encodeURIComponent(value === '' ? '-' : value.toWellFormed()));
      else if (place === 'query') query.set(name, value);
    }
    return query.size === 0 ? url : `${url}?${query.toString()}`;
  });
}

/** Requests of one documented operation: parameters and body by their schemas, now and then with something wrong. */
export function requestsOf(path: string, method: string, operation: Operation): Arbitrary<GeneratedRequest> {
  const types = Object.keys(operation.responses['200']?.content ?? {});
  const accept = constantFrom('*/*', 'application/json', 'text/nonsense', ...types);
  const url = parametersOf(path, operation.parameters ?? []);
  const schema = operation.requestBody?.content['application/json']?.schema;
  const sent: Arbitrary<string | undefined> =
    schema === undefined
      ? constantFrom(undefined)
      : oneof(
          { weight: 5, arbitrary: fitting(schema).map((body) => JSON.stringify(body)) },
          { weight: 4, arbitrary: mutated(schema).map((body) => JSON.stringify(body)) },
          { weight: 1, arbitrary: constantFrom('{', '[]', '"', 'null', '{"__proto__":{"a":1}}') },
        );
  return record({ url, accept, payload: sent }).map(({ url: target, accept: wanted, payload }) => ({
    method: method.toUpperCase(),
    url: target,
    headers: { accept: wanted, ...(payload === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(payload === undefined ? {} : { payload }),
  }));
}
