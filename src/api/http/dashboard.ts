import fastifyStatic from '@fastify/static';
import { MonitorError } from '../../domain/errors.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from './fastify-types.ts';

const machinePaths = ['/api/', '/internal/', '/assets/'];

/**
 * The built dashboard under `/`: hashed assets for a year, the page itself revalidated; `.br` and `.gz` beside a file are
 * served where the client takes them. A path that is no file is the page (its router decides), unless it belongs to machines.
 */
export async function installDashboard(app: Api, deps: Pick<ApiDeps, 'webDist'>): Promise<void> {
  if (deps.webDist !== null) {
    await app.register(fastifyStatic, {
      root: deps.webDist,
      preCompressed: true,
      cacheControl: false,
      setHeaders: (reply, file) => {
        const hashed = file.includes('/assets/') || file.includes('\\assets\\');
        reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request, reply) => {
    const wantsPage =
      (request.method === 'GET' || request.method === 'HEAD') &&
      (request.headers.accept ?? '').includes('text/html');
    const path = request.url.split('?')[0] ?? '/';
    if (deps.webDist !== null && wantsPage && !machinePaths.some((prefix) => path.startsWith(prefix)))
      return reply.sendFile('index.html');
    throw new MonitorError('E_NOT_FOUND', `nothing here: ${request.method} ${path}`);
  });
}
