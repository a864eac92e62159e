import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { ApiDeps } from './deps.ts';
import type { Api } from './fastify-types.ts';

const description = `Readings, verdicts and compensation of shared rivers and air.

Times are ISO 8601 with the region's offset; a time without an offset in a request is read in the region's zone. Every answer
has \`meta\` (synthetic or real, configuration hash, journal position) and \`result\` or \`results\`; pages continue at
\`meta.next\` and in the Link header. Every error has one shape and a code.`;

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
      tags: ['region', 'stations', 'readings', 'sources', 'agreements', 'access'].map((name) => ({ name })),
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'jh_…' } } },
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
