import { randomUUID } from 'node:crypto';
import type { RequestEnd, StoredRequest } from '../domain/device-acts.ts';
import { MonitorError } from '../domain/errors.ts';
import type { Hj212Listener } from '../ingest/sources/hj212/listener.ts';
import type { System } from '../main.ts';

const LOOK_MS = 2000;
const OPEN_LIMIT = 500;

export interface RequestDesk {
  close(): Promise<void>;
}

type Asking = Pick<System, 'state' | 'clock' | 'log'>;
type Asked = Pick<Hj212Listener, 'connected' | 'ask'>;

/**
 * Does what acts want of loggers: each process asks those that are connected to it, oldest request first. One whose logger leaves before
 * its end stays open, for wherever it connects next, until it expires. How it ended is an act too.
 */
export function startRequestDesk(
  system: Asking,
  listeners: ReadonlyMap<string, Asked>,
  lookMs = LOOK_MS,
): RequestDesk {
  const underWay = new Map<string, Promise<void>>();
  let looking: Promise<void> | null = null;
  const start = (request: StoredRequest, listener: Asked | undefined): void => {
    const busy = `${request.source} ${request.device}`;
    if (underWay.has(busy)) return;
    const expired = request.expiresS <= system.clock.nowS();
    if (!expired && listener?.connected().includes(request.device) !== true) return;
    const work = (expired ? expire(system, request) : ask(system, request, listener!))
      .catch((cause: unknown) =>
        system.log.warn({ request: request.id, err: cause }, 'a request to a logger did not end'),
      )
      .finally(() => underWay.delete(busy));
    underWay.set(busy, work);
  };
  const look = async (): Promise<void> => {
    for (const request of (
      await system.state.deviceActs.requests({ open: true, limit: OPEN_LIMIT })
    ).toReversed())
      start(request, listeners.get(request.source));
  };
  const timer = setInterval(() => {
    looking ??= look()
      .catch((cause: unknown) => system.log.warn({ err: cause }, 'requests to loggers could not be read'))
      .finally(() => {
        looking = null;
      });
  }, lookMs).unref();
  return {
    async close() {
      clearInterval(timer);
      await looking;
      await Promise.all(underWay.values());
    },
  };
}

async function ask(system: Asking, request: StoredRequest, listener: Asked): Promise<void> {
  let end: RequestEnd;
  try {
    end = await listener.ask(request.device, request);
  } catch (cause) {
    if (!(cause instanceof MonitorError) || cause.retryable) throw cause;
    end = { status: 'failed', qnRtn: null, exeRtn: null, detail: cause.message };
  }
  system.log.info({ request: request.id, device: request.device, ...end }, 'a request to a logger ended');
  // Its connection ended: it may be back in a moment, here or elsewhere.
  if (end.status !== 'gone') await keep(system, request, end);
}

const expire = (system: Asking, request: StoredRequest): Promise<void> =>
  keep(system, request, {
    status: 'expired',
    qnRtn: null,
    exeRtn: null,
    detail: 'the logger was not connected in time',
  });

async function keep(system: Asking, request: StoredRequest, end: RequestEnd): Promise<void> {
  const payload = { request: request.id, ...end };
  try {
    await system.state.acts.perform({
      id: `end-${randomUUID()}`,
      actor: 'system',
      atS: system.clock.nowS(),
      kind: 'end-device-request',
      version: 1,
      payload,
    });
  } catch (cause) {
    // Another process was first, with the same request of the same logger.
    if (!(cause instanceof MonitorError) || cause.code !== 'E_CONFLICT') throw cause;
  }
}
