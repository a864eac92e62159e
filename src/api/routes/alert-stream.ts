import { Type } from 'typebox';
import type { StoredNotification } from '../../domain/deliveries.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';

const pageSize = 100;
/** Another process delivers too, and proxies end a silent connection. */
const lookEveryMs = 2000;
const keepAliveMs = 20_000;

const Headers = Type.Object({ 'last-event-id': Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })) });

/**
 * Messages of the dashboard's channels as server-sent events. `id` counts deliveries in the order of their commits, so that a reader
 * who was cut off goes on after the last one it has (`Last-Event-ID`) and misses none; without it the stream begins with what comes next.
 */
export function alertStreamRoutes(api: Api, deps: ApiDeps): void {
  const { alertLinks } = deps;
  if (alertLinks === undefined || alertLinks === null) return;
  const { messages } = alertLinks;
  const channels = (): string[] =>
    deps.config().channels.flatMap(({ id, type, enabled }) => (enabled && type === 'dashboard' ? [id] : []));
  const closing = new AbortController();
  api.addHook('preClose', () => Promise.resolve(closing.abort()));
  const schema = { summary: 'alerts as server-sent events', tags: ['alerts'], headers: Headers } as const;
  api.get('/alerts/stream', { config: { tier: 'partner' }, schema }, async (request, reply) => {
    const asked = request.headers['last-event-id'];
    let after =
      asked === undefined
        ? ((await messages.newest({ channels: channels(), limit: 1 }))[0]?.deliveredOrder ?? 0)
        : Number(asked);
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    raw.write('retry: 2000\n\n');
    const gone = new AbortController();
    raw.on('close', () => gone.abort());
    const signal = AbortSignal.any([gone.signal, closing.signal]);
    let quietSinceMs = performance.now();
    while (!signal.aborted) {
      const woken = nextWake(alertLinks.onDelivered, signal);
      const found = await messages.published({
        channels: channels(),
        afterOrder: after,
        limit: pageSize,
      });
      for (const one of found) {
        raw.write(eventOf(one));
        after = one.deliveredOrder ?? after;
        quietSinceMs = performance.now();
      }
      if (performance.now() - quietSinceMs > keepAliveMs) {
        raw.write(': still here\n\n');
        quietSinceMs = performance.now();
      }
      if (found.length < pageSize) await woken;
    }
    raw.end();
    return reply;
  });
}

function eventOf({ deliveredOrder, id, kind, createdS, facts }: StoredNotification): string {
  const data = JSON.stringify({ notification: id, kind, at: new Date(createdS * 1000).toISOString(), facts });
  return `id: ${deliveredOrder}\nevent: alert\ndata: ${data}\n\n`;
}

/** Something was delivered here, time has passed, or the reader is gone. */
function nextWake(onDelivered: (listener: () => void) => () => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      unsubscribe();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, lookEveryMs);
    const unsubscribe = onDelivered(end);
    signal.addEventListener('abort', end, { once: true });
  });
}
