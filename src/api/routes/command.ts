import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { Type } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { strict } from '../http/schemas.ts';

const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

function sameToken(sent: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(sent), digest(expected));
}

/**
 * Commands of a `jiehe` on the same machine, run in this process. Only from a loopback address and with the token of
 * `serve.json`. Answers one JSON object a line: `{stream, data}` as output comes, last `{exit}`. The command's failure is its
 * exit code, not an HTTP status.
 */
export function commandRoutes(app: Api, deps: ApiDeps): void {
  const { command } = deps;
  if (command === null) return;
  const argv = Type.Array(Type.String({ maxLength: 65_536 }), { minItems: 1, maxItems: 10_000 });
  const schema = { hide: true, body: Type.Object({ argv }, strict) };
  app.post(
    '/internal/command',
    {
      config: { tier: 'administrator', decidedByRow: true, rateLimit: false },
      compress: false,
      schema,
      bodyLimit: 8 * 1024 * 1024,
      preParsing: async (request) => {
        const sent = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
        if (!loopback.has(request.socket.remoteAddress ?? ''))
          throw new MonitorError('E_FORBIDDEN', 'commands are taken from this machine only');
        if (!sameToken(sent, command.token))
          throw new MonitorError('E_UNAUTHORIZED', 'commands need the token of serve.json');
      },
    },
    (request, reply) => {
      const lines = new PassThrough();
      const write = (line: Record<string, unknown>) =>
        void (lines.writable && lines.write(`${JSON.stringify(line)}\n`));
      const hangUp = new AbortController();
      reply.raw.once('close', () => hangUp.abort());
      const io = {
        stdout: (data: string) => write({ stream: 'stdout', data }),
        stderr: (data: string) => write({ stream: 'stderr', data }),
        drained: async () => {
          if (lines.writableNeedDrain) await once(lines, 'drain', { signal: hangUp.signal });
        },
        signal: hangUp.signal,
      };
      const relay = async () => {
        try {
          write({ exit: await command.run(request.body.argv, io) });
        } catch (error) {
          deps.onFault?.({ requestId: request.id, method: 'POST', path: '/internal/command', error });
          write({ stream: 'stderr', data: `${error instanceof Error ? error.message : String(error)}\n` });
          write({ exit: 1 });
        }
        lines.end();
      };
      void relay();
      return reply
        .type('application/x-ndjson; charset=utf-8')
        .header('cache-control', 'no-store')
        .send(lines);
    },
  );
}
