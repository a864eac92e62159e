import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifySchema } from 'fastify';
import type { Tier } from '../auth/access.ts';
import { sessionCookie } from '../auth/sessions.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from './fastify-types.ts';

const description = `Readings, verdicts and compensation of shared rivers and air.

Times are ISO 8601 with the region's offset; a time without an offset in a request is read in the region's zone. Every answer
has \`meta\` (synthetic or real, configuration hash, journal position) and \`result\` or \`results\`; pages continue at
\`meta.next\` and in the Link header. Every error has one shape and a code.`;

/** What each tag of the document holds; a route with another one fails the document's test. */
const tags: Record<string, string> = {
  region: 'jurisdictions, rivers, parameters and standards of the region',
  overview: 'counts of the newest state, scales, limits and places on the map',
  stations: 'sections, air stations and flow stations, and what they were called when',
  readings: 'newest readings, series, every version of a value, changes',
  sources: 'where data comes from, its runs, gaps and issues',
  agreements: 'compensation agreements and trial calculations (试算)',
  verdicts: 'what is judged from readings, and why',
  loads: 'loads past sections and contributions (通量)',
  circumstances: 'special circumstances that a verdict may leave out',
  settlements: 'statements, signatures, payments and disputes',
  access: 'who one is: keys, people, sessions, and who read what',
  publication: 'what is opened to a wider circle (信息发布)',
  acts: 'reviews and registrations',
  uploads: 'files that are handed in',
  quality: 'checks, holds, reviews and objections',
  silence: 'stations and sources that do not report',
  devices: 'loggers: let in, kept out, asked for data',
  alerts: 'alerts, what was done about them, and silences',
  journal: 'the entries behind everything',
};

/** `GET /api/v1/stations/:id/limits` is `getStationsByIdLimits`: stable as long as the path is. */
function operationIdOf(method: string, url: string): string {
  const words = url
    .replace(/^\/api\/v1\//, '')
    .split('/')
    .flatMap((part) => (part.startsWith(':') ? ['by', part.slice(1)] : part.split('-')));
  const named = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${method.toLowerCase()}${named.join('')}`;
}

const meanings: Record<string, string> = { 200: 'what was asked for', 201: 'done; what came of it' };

type Described = Record<string, Record<string, unknown>>;

/** The route's schema with what the document says beside it: a name, who may call it, and a word on every answer. */
function described(schema: FastifySchema, url: string, route: { method: string; tier: Tier }): FastifySchema {
  const known: [string, Record<string, unknown>][] = Object.entries((schema.response ?? {}) as Described);
  const response = Object.fromEntries(
    known.map(([status, answer]) => [
      status,
      typeof answer['description'] === 'string'
        ? answer
        : { ...answer, description: meanings[status] ?? 'an answer' },
    ]),
  );
  const ways = [{ token: [] }, { session: [] }];
  return {
    ...schema,
    response,
    operationId: operationIdOf(route.method, url),
    security: route.tier === 'public' ? [{}, ...ways] : ways,
  };
}

/** Before the routes: collects their schemas. */
export async function installSchemaCollection(app: Api, deps: Pick<ApiDeps, 'version'>): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'jiehe 界河',
        version: deps.version,
        description,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: Object.entries(tags).map(([name, text]) => ({ name, description: text })),
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'a key of a machine: jh_…' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: sessionCookie,
            description: 'a person; changes also carry X-CSRF-Token',
          },
        },
      },
    },
    transform: ({ schema, url, route }) => {
      if (schema === undefined || schema.hide === true) return { schema: schema ?? { hide: true }, url };
      const [method = 'GET'] = [route.method].flat();
      return { schema: described(schema, url, { method, tier: route.config?.tier ?? 'public' }), url };
    },
  });
}

/** After the routes: the document and a page that reads it, both without any outside request. */
export async function installDocumentation(app: Api): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: '/api/docs',
    uiConfig: { deepLinking: true, docExpansion: 'list', validatorUrl: null },
  });
  app.get('/api/openapi.json', { config: { tier: 'public' }, schema: { hide: true } }, () => app.swagger());
}
