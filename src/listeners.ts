import type { Config } from './domain/config/config.ts';
import type { SourceConfig } from './domain/config/source.ts';
import { startHj212Listener, type Hj212Listener } from './ingest/sources/hj212/listener.ts';
import { hj212 } from './ingest/sources/hj212/index.ts';
import type { System } from './main.ts';

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
    config: system.config(),
    journal: system.journal,
    issues: system.state.issues,
    cursors: system.state.cursors,
    clock: system.clock,
    secret: (name) => process.env[name],
    log: system.log,
    listen,
  });
}

export interface Listeners {
  list: readonly Hj212Listener[];
  close(): Promise<void>;
}

/**
 * Starts every configured listener; none where no source names a port. A data folder with synthetic data listens for nothing,
 * since what loggers send is real. What was started is closed again when a later one fails.
 */
export async function startListeners(system: System): Promise<Listeners> {
  const list: Hj212Listener[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(list.splice(0).map((listener) => listener.close()));
  };
  try {
    for (const source of listeningSources(system.config())) {
      if (source.settings['listen'] === undefined) continue;
      if (system.synthetic) {
        system.log.warn({ source: source.id }, 'the data folder is synthetic: no listener for real loggers');
        continue;
      }
      const listener = await startListener(system, source);
      list.push(listener);
      system.log.info(
        { source: source.id, host: listener.host, port: listener.port },
        'listening for loggers',
      );
    }
    return { list, close };
  } catch (error) {
    await close();
    throw error;
  }
}
