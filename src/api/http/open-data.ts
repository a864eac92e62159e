import { mkdirSync } from 'node:fs';
import fastifyStatic from '@fastify/static';
import type { ApiDeps } from '../deps.ts';
import type { Api } from './fastify-types.ts';

/** The newest open data under `/open-data/`, as files with ETag and ranges: what lies there is granted to anyone. */
export async function installOpenData(app: Api, deps: Pick<ApiDeps, 'openDataDir'>): Promise<void> {
  const root = deps.openDataDir ?? null;
  if (root === null) return;
  mkdirSync(root, { recursive: true });
  await app.register(fastifyStatic, {
    root,
    prefix: '/open-data/',
    decorateReply: false,
    dotfiles: 'deny',
    index: ['manifest.json'],
    allowedPath: (file) => !file.endsWith('.tmp'),
    cacheControl: false,
    setHeaders: (reply, file) => {
      reply.header('cache-control', 'no-cache');
      reply.header('access-control-allow-origin', '*');
      if (file.endsWith('.parquet')) reply.header('content-type', 'application/vnd.apache.parquet');
      if (file.endsWith('.jsonld')) reply.header('content-type', 'application/ld+json; charset=utf-8');
    },
  });
}
