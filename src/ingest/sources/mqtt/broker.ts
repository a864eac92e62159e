import { readFileSync } from 'node:fs';
import type { IClientOptions } from 'mqtt';
import type { SourceConfig } from '../../../domain/config/source.ts';
import { MonitorError } from '../../../domain/errors.ts';
import { messageOf } from '../reply.ts';
import type { BrokerSettings } from './settings.ts';

/** Beyond this the broker is told not to send: what one connection may hold in memory. */
const PACKET_BYTES = 16 * 1024 * 1024;
const WEEK_S = 7 * 86_400;
const RECONNECT_MS = 2000;
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * How to connect, with what the environment holds. The session stays at the broker while nobody is connected, so that what is published
 * meanwhile waits there. Throws E_CONFIG that lists variables that are not set and files that cannot be read; never shows a value.
 */
export function connectOptions(
  source: SourceConfig,
  broker: BrokerSettings,
  secret: (name: string) => string | undefined,
): IClientOptions {
  const faults: string[] = [];
  const value = (name: string | undefined): string | undefined => {
    if (name === undefined) return undefined;
    const found = secret(name);
    if (found === undefined || found === '') faults.push(`variable ${name} is not set`);
    return found;
  };
  const file = (name: string | undefined): Buffer | undefined => {
    const path = value(name);
    if (path === undefined || path === '') return undefined;
    try {
      return readFileSync(path);
    } catch (cause) {
      faults.push(`the file that ${name} names cannot be read: ${messageOf(cause)}`);
      return undefined;
    }
  };
  const options: IClientOptions = {
    protocolVersion: 5,
    clean: false,
    clientId: broker.clientId,
    keepalive: broker.keepAliveSeconds ?? 30,
    reconnectPeriod: RECONNECT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectOnConnackError: true,
    resubscribe: false,
    properties: {
      sessionExpiryInterval: broker.sessionSeconds ?? WEEK_S,
      maximumPacketSize: PACKET_BYTES,
    },
  };
  const [username, password] = [value(broker.userEnv), value(broker.passwordEnv)];
  const [ca, cert, key] = [file(broker.caFileEnv), file(broker.certificateFileEnv), file(broker.keyFileEnv)];
  if (username !== undefined) options.username = username;
  if (password !== undefined) options.password = password;
  if (ca !== undefined) options.ca = ca;
  if (cert !== undefined) options.cert = cert;
  if (key !== undefined) options.key = key;
  if (faults.length === 0) return options;
  throw new MonitorError('E_CONFIG', `source "${source.id}": ${faults.join('; ')}`, {
    details: { source: source.id, faults },
  });
}
