import type { Config } from '../domain/config/config.ts';
import type { SourceConfig } from '../domain/config/source.ts';
import { requestOfDevice } from './devices.ts';
import { startRequestDesk } from './device-requests.ts';
import { startHj212Listener, type Hj212Listener } from '../ingest/sources/hj212/listener.ts';
import { hj212 } from '../ingest/sources/hj212/index.ts';
import { mqtt } from '../ingest/sources/mqtt/index.ts';
import { startMqttSubscriber, type MqttSubscriber } from '../ingest/sources/mqtt/subscriber.ts';
import type { System } from '../main.ts';

/** Sources whose data is pushed to a port of ours. */
export function listeningSources(config: Config): SourceConfig[] {
  return config.sources.filter((source) => source.adapter === hj212.id && source.enabled);
}

export function startListener(
  system: System,
  source: SourceConfig,
  listen: { host?: string | undefined; port?: number | undefined } = {},
): Promise<Hj212Listener> {
  return startHj212Listener({
    source,
    config: () => system.config(),
    journal: system.journal,
    issues: system.state.issues,
    cursors: system.state.cursors,
    clock: system.clock,
    secret: (name) => process.env[name],
    log: system.log,
    onKeyAsked: (mn, qn) => void handOverKey(system, { source: source.id, device: mn }, qn),
    listen,
  });
}

const KEY_WAIT_S = 3600;

/** A change of keys that a logger began is answered by the key that is configured for it: a request by an act, like that of a person. */
async function handOverKey(
  system: System,
  of: { source: string; device: string },
  qn: string,
): Promise<void> {
  const atS = system.clock.nowS();
  const request = { ...of, command: '1014', fromS: null, toS: null, expiresS: atS + KEY_WAIT_S };
  try {
    await requestOfDevice(system, request, { actor: 'system', atS, id: `key-${of.device}-${qn}` });
  } catch (error) {
    system.log.error({ ...of, err: error }, 'a logger that asked for its next key gets none');
  }
}

export function startSubscriber(system: System, source: SourceConfig): MqttSubscriber {
  return startMqttSubscriber({
    source,
    config: system.config(),
    journal: system.journal,
    issues: system.state.issues,
    leases: system.state.leases,
    leaseSeconds: system.environment.leaseSeconds,
    clock: system.clock,
    secret: (name) => process.env[name],
    log: system.log,
  });
}

export interface Listeners {
  list: readonly Hj212Listener[];
  subscribers: readonly MqttSubscriber[];
  close(): Promise<void>;
}

/**
 * Starts everything that takes what is pushed: a listener for each source that names a port, a subscriber for each that names a broker,
 * and who asks loggers for what acts want of them. A data folder with synthetic data takes nothing, since what is pushed is real.
 * What was started is closed again when a later one fails.
 */
export async function startListeners(system: System): Promise<Listeners> {
  const list: Hj212Listener[] = [];
  const subscribers: MqttSubscriber[] = [];
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of closers.splice(0).toReversed()) await step();
  };
  const bySource = new Map<string, Hj212Listener>();
  try {
    for (const source of pushedSources(system)) {
      if (source.adapter === mqtt.id) {
        const subscriber = startSubscriber(system, source);
        closers.push(() => subscriber.close());
        subscribers.push(subscriber);
        continue;
      }
      const listener = await startListener(system, source);
      closers.push(() => listener.close());
      list.push(listener);
      bySource.set(source.id, listener);
      const { host, port } = listener;
      system.log.info({ source: source.id, host, port }, 'listening for loggers');
    }
    if (list.length > 0) {
      // Closed last: a request that is under way ends when its listener does.
      const desk = startRequestDesk(system, bySource);
      closers.unshift(() => desk.close());
    }
    return { list, subscribers, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function pushedSources(system: System): SourceConfig[] {
  const sources = system.config().sources.filter(({ adapter, enabled, settings }) => {
    if (!enabled) return false;
    if (adapter === hj212.id) return settings['listen'] !== undefined;
    return adapter === mqtt.id && settings['broker'] !== undefined;
  });
  if (!system.synthetic) return sources;
  for (const { id } of sources)
    system.log.warn({ source: id }, 'the data folder is synthetic: nothing real is taken');
  return [];
}
