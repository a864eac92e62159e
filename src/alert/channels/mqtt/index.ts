import { connect, type MqttClient } from 'mqtt';
import type { ChannelOf } from '../../../domain/config/channels.ts';
import { delivered, later, Secrets, type Channel, type ChannelSurroundings } from '../channel.ts';
import { payloadOf } from '../payload.ts';

/**
 * One broker, MQTT 5, QoS 1: the last alert of a section is retained at `<prefix>/<river>/<section>`, and a last will tells at
 * `<prefix>/service/<client>` that this system is gone. Connects at the first message and stays connected.
 */
export function openMqtt(
  config: ChannelOf<'mqtt'>,
  surroundings: ChannelSurroundings,
  secrets = new Secrets(surroundings),
): Channel {
  const { settings } = config;
  const user = secrets.ofOptional(settings.userVariable);
  const pass = secrets.ofOptional(settings.passwordVariable);
  const ca = secrets.authorities(settings.caFile);
  const status = `${defaultPrefix}/service/${settings.clientId}`;
  let opened: MqttClient | null = null;
  const client = (): MqttClient => {
    if (opened !== null) return opened;
    const made = connect(settings.url, {
      protocolVersion: 5,
      clientId: settings.clientId,
      clean: true,
      reconnectPeriod: 1000,
      ...(user === null ? {} : { username: user }),
      ...(pass === null ? {} : { password: pass }),
      ...(ca === undefined ? {} : { ca }),
      will: { topic: status, payload: Buffer.from('offline'), qos: 1, retain: true },
    });
    // It reconnects by itself; what that means for a message is its own outcome.
    made.on('error', () => undefined);
    made.on(
      'connect',
      () => void made.publishAsync(status, 'online', { qos: 1, retain: true }).catch(() => undefined),
    );
    opened = made;
    return made;
  };
  return {
    id: config.id,
    type: 'mqtt',
    async deliver(message, signal) {
      try {
        const connection = client();
        // Handed over while away, it would lie in the client's own queue and overtake what is sent anew.
        if (!connection.connected) await connecting(connection, signal);
        const topic = topicOf(message.notification, surroundings);
        const sent = connection.publishAsync(topic, JSON.stringify(payloadOf(message)), {
          qos: 1,
          retain: true,
          properties: {
            contentType: 'application/json',
            messageExpiryInterval: settings.expirySeconds,
            userProperties: { id: message.notification.id },
          },
        });
        await Promise.race([sent, aborted(signal)]);
        return delivered;
      } catch (error) {
        return later(`the broker did not take it: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
    async close() {
      if (opened === null) return;
      if (opened.connected)
        await opened.publishAsync(status, 'offline', { qos: 1, retain: true }).catch(() => undefined);
      await opened.endAsync(true);
    },
  };
}

const defaultPrefix = 'alerts';

/** `+`, `#` and `/` would change the shape of a topic. */
const level = (text: string): string => text.replaceAll(/[+#/]/g, '-');

function topicOf(
  notification: { address: string; facts: { station: string | null } },
  surroundings: ChannelSurroundings,
): string {
  const prefix = notification.address === '' ? defaultPrefix : notification.address.replace(/\/+$/, '');
  const { station } = notification.facts;
  if (station === null) return `${prefix}/region`;
  return `${prefix}/${level(surroundings.riverOf(station) ?? 'region')}/${level(station)}`;
}

async function connecting(connection: MqttClient, signal: AbortSignal): Promise<void> {
  const connected = new Promise<void>((resolve) => connection.once('connect', () => resolve()));
  await Promise.race([connected, aborted(signal)]);
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const refuse = (): void => reject(new Error('no answer in time'));
    if (signal.aborted) refuse();
    signal.addEventListener('abort', refuse, { once: true });
  });
}
