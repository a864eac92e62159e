import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Registry } from 'prom-client';
import { acknowledgeUrl } from '../alert/acknowledge-link.ts';
import { openChannels } from '../alert/channels/index.ts';
import { startHeartbeat } from '../alert/heartbeat.ts';
import { composeMessage } from '../alert/message.ts';
import { deliveryMeter } from '../alert/meter.ts';
import { startOutbox } from '../alert/outbox.ts';
import type { AlertLinks, ApiDeps } from '../api/deps.ts';
import type { Config } from '../domain/config/config.ts';
import type { StoredNotification } from '../domain/deliveries.ts';
import type { System } from '../main.ts';
import type { ProcessRole } from '../system/replica.ts';
import type { Alerting } from './alerting.ts';
import { derivedKey } from './sealing.ts';
import { acknowledgeTokens, deliveryStore, openJobs, openOutbox } from '../store/state/index.ts';

/** The sending side of alerts on an open system. */
export interface Delivery {
  links: AlertLinks;
  metrics(): Promise<string>;
  close(): Promise<void>;
}

/** What every process that answers people needs: the stream, the feeds and the acknowledge links. */
export function alertLinks(
  system: System,
  onDelivered: AlertLinks['onDelivered'] = () => () => undefined,
): AlertLinks {
  return {
    messages: deliveryStore(system.state.db, system.state.acts),
    tokens: acknowledgeTokens(system.state.db),
    onDelivered,
    async acknowledge({ alertId, notificationId, contact, atS }) {
      await system.state.acts.perform({
        kind: 'acknowledge-alert',
        version: 1,
        id: `ack:${notificationId}`,
        actor: `link:${contact}`,
        atS,
        payload: { alert: alertId, note: null, by: contact },
      });
    },
  };
}

/**
 * Opens the channels of the configuration and delivers what lies in the outbox. A synthetic data folder sends too: every message
 * of it is marked. Throws E_CONFIG where an enabled channel lacks a variable.
 */
export async function startDelivery(system: System): Promise<Delivery> {
  const { state, clock, log } = system;
  const registry = new Registry();
  const store = deliveryStore(state.db, state.acts);
  const channels = await openChannels(system.config().channels, {
    secret: (name) => process.env[name],
    certificates: (file) => readFileSync(path.resolve(system.configDir, file), 'utf8'),
    riverOf: (station) => riverOf(system.config(), station),
  });
  const onError = (error: unknown): void => log.error({ err: error }, 'delivery');
  const jobs = await openJobs(state, { onError });
  const { queue, withAct } = await openOutbox(state.db, jobs);
  const aloneAgain = state.withEachAct(withAct);
  const listeners = new Set<() => void>();
  const links = alertLinks(system, (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  });
  const outbox = await startOutbox({
    store,
    queue,
    channels: channels.list,
    compose: composer(system),
    clock,
    meter: deliveryMeter(registry, { store, clock }),
    onDelivered: () => {
      for (const listener of listeners) listener();
    },
    onTrouble: async ({ id, channel, contact }, { error, final }) =>
      log[final ? 'error' : 'warn'](
        { notification: id, channel, contact, error },
        'a notification does not arrive',
      ),
    onError,
  });
  const heartbeat = heartbeatOf(system);
  return {
    links,
    metrics: () => registry.metrics(),
    async close() {
      aloneAgain();
      await heartbeat?.close();
      await outbox.close();
      await jobs.stop();
      await channels.close();
    },
  };
}

/** Null in a process that only answers people, or whose configuration is not in force: others send. */
export async function startSending(system: System, role: ProcessRole): Promise<Delivery | null> {
  if (role === 'api' || system.configWatch.staleAgainst() !== null) return null;
  return startDelivery(system);
}

/** What the API needs of it. */
export function sendingDeps(
  system: System,
  delivery: Delivery | null,
  alerting: Pick<Alerting, 'metrics'> | null,
): Pick<ApiDeps, 'alertLinks' | 'moreMetrics'> {
  const metered = [delivery, alerting].filter((part) => part !== null);
  return {
    alertLinks: delivery === null ? alertLinks(system) : delivery.links,
    moreMetrics: async () => (await Promise.all(metered.map((part) => part.metrics()))).join(''),
  };
}

function riverOf({ sections, rivers }: Config, station: string): string | null {
  const reach = sections.find(({ id }) => id === station)?.reach?.id;
  return rivers.find(({ reaches }) => reaches.some(({ id }) => id === reach))?.id ?? null;
}

function composer(system: System) {
  const { publicUrl } = system.environment;
  const key = derivedKey(system.dataDir, system.environment, 'acknowledge-links');
  return (notification: StoredNotification) => {
    const config = system.config();
    const channel = config.channels.find(({ id }) => id === notification.channel);
    return composeMessage(notification, {
      timeZone: config.region.timeZone,
      publicUrl,
      pageOf(station) {
        if (config.sections.some(({ id }) => id === station))
          return `/sections/${encodeURIComponent(station)}`;
        return config.airStations.some(({ id }) => id === station)
          ? `/air/${encodeURIComponent(station)}`
          : null;
      },
      acknowledgeUrl: (one) =>
        publicUrl === null || channel?.acknowledgeLinks !== true
          ? Promise.resolve(null)
          : acknowledgeUrl(one, { tokens: acknowledgeTokens(system.state.db), key, publicUrl }),
      ...(channel?.template === undefined ? {} : { template: channel.template }),
    });
  };
}

function heartbeatOf(system: System): { close(): Promise<void> } | null {
  const { watchdog } = system.environment;
  if (watchdog === null) return null;
  return startHeartbeat({
    url: watchdog.url.reveal(),
    everyS: watchdog.everyS,
    async well() {
      await system.state.keys.count();
      return true;
    },
    onMissed: (reason) => system.log.warn({ reason }, 'no heartbeat'),
  });
}
