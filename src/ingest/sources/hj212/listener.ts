import { createServer, type AddressInfo, type Server } from 'node:net';
import { MonitorError } from '../../../domain/errors.ts';
import { messageOf } from '../reply.ts';
import { settingsOf } from '../settings.ts';
import { ListenerPost, type Asked, type ListenerDeps, type ListenerStats } from './post.ts';
import type { RequestOutcome } from './requests.ts';
import { Roster } from './roster.ts';
import { hj212Settings } from './settings.ts';

export type { ListenerDeps, ListenerStats };

const LOOPBACK = '127.0.0.1';
const TALLY_INTERVAL_MS = 60_000;

export interface Hj212Listener {
  host: string;
  port: number;
  stats(): ListenerStats;
  /** Numbers of the loggers that are connected now. */
  connected(): string[];
  /** Asks a connected logger for something; the caller has checked who may. Resolves with how it ended. */
  request(mn: string, ask: { command: string; dataArea: string }): Promise<RequestOutcome>;
  /** Asks for what an act wants. Throws E_BAD_REQUEST for what cannot be asked. */
  ask(mn: string, asked: Asked): Promise<RequestOutcome>;
  close(): Promise<void>;
}

/**
 * Takes what loggers push: a frame is durable in the journal before it is answered. Refused frames and senders are counted and
 * become issues; a frame of a station that may not send is kept, within a limit, and never answered.
 * Throws E_CONFIG for settings, secrets or a registry that cannot be used, E_USAGE for an address that is taken.
 */
export async function startHj212Listener(deps: ListenerDeps): Promise<Hj212Listener> {
  const settings = settingsOf(deps.source, hj212Settings);
  const roster = new Roster(deps);
  const { limits } = roster;
  const host = deps.listen?.host ?? settings.listen?.host ?? LOOPBACK;
  const port = deps.listen?.port ?? settings.listen?.port;
  if (port === undefined)
    throw new MonitorError('E_CONFIG', `source "${deps.source.id}": settings.listen names no port`);
  const post = new ListenerPost(deps, roster);
  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => post.accept(socket));
  server.maxConnections = limits.connections;
  server.on('drop', () =>
    post.tally.note('DEVICE_REFUSED', 'connections', `more than ${limits.connections} connections`, ''),
  );
  const address = await listening(server, host, port);
  post.origin = `tcp ${address.address}:${address.port}`;
  const timer = setInterval(() => void post.flushTally(), TALLY_INTERVAL_MS);
  timer.unref();
  return {
    host: address.address,
    port: address.port,
    stats: () => post.stats(),
    connected: () => post.connected(),
    request: (mn, ask) => post.request(mn, ask),
    ask: (mn, asked) => post.ask(mn, asked),
    async close() {
      clearInterval(timer);
      const closed = new Promise((resolve) => server.close(resolve));
      await post.close();
      await closed;
    },
  };
}

async function listening(server: Server, host: string, port: number): Promise<AddressInfo> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, backlog: 1024 }, resolve);
    });
  } catch (cause) {
    throw new MonitorError('E_USAGE', `HJ 212: cannot listen on ${host} port ${port}: ${messageOf(cause)}`, {
      cause,
    });
  }
  return server.address() as AddressInfo;
}
