import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import type { Config } from '../../../domain/config/config.ts';
import type { SourceConfig } from '../../../domain/config/source.ts';
import { MonitorError, type Issue } from '../../../domain/errors.ts';
import type { Clock, IssueLog, Journal, LeaseTable } from '../../../domain/ports.ts';
import { Turn } from '../../turn.ts';
import type { PushedRecord } from '../bundle.ts';
import { openJournalLine, type JournalLine } from '../journal-line.ts';
import { messageOf } from '../reply.ts';
import { settingsOf } from '../settings.ts';
import { connectOptions } from './broker.ts';
import { readyMappings } from './mappings.ts';
import type { MessageLine } from './message-line.ts';
import { limitsOf, mqttSettings, type BrokerSettings, type MqttLimits } from './settings.ts';

const WAITING_BYTES = 64 * 1024 * 1024;
/** Pause before a message is tried again that the journal did not take. */
const RETRY_MS = 1000;
/** What is kept of a message that is too long. */
const CUT_BYTES = 1024;

export interface SubscriberDeps {
  source: SourceConfig;
  config: Config;
  journal: Pick<Journal, 'append'>;
  issues: Pick<IssueLog, 'record'>;
  leases: Pick<LeaseTable, 'take' | 'renew' | 'release'>;
  leaseSeconds: number;
  clock: Clock;
  secret: (name: string) => string | undefined;
  log: { info(about: object, text: string): void; warn(about: object, text: string): void };
}

export interface SubscriberStats {
  /** This process is the one that is subscribed. */
  mine: boolean;
  connected: number;
  messages: number;
  journaled: number;
  notJournaled: number;
  cut: number;
}

export interface MqttSubscriber {
  stats(): SubscriberStats;
  close(): Promise<void>;
}

/**
 * Takes what gateways publish. A message of quality 1 is acknowledged after it is durable in the journal, so that the broker sends again
 * what is not; of several processes one is subscribed, and the broker's session moves with that right.
 * Throws E_CONFIG for settings, mappings or secrets that cannot be used; a broker that does not answer is tried again and is an issue.
 */
export function startMqttSubscriber(deps: SubscriberDeps): MqttSubscriber {
  const settings = settingsOf(deps.source, mqttSettings);
  const { broker } = settings;
  if (broker === undefined)
    throw new MonitorError('E_CONFIG', `source "${deps.source.id}": settings.broker names no broker`);
  const mappings = readyMappings(deps.source, settings, deps.config);
  const filters = [...new Set(mappings.map(({ pattern }) => pattern.filter))];
  const options = connectOptions(deps.source, broker, deps.secret);
  const post = new Post(deps, limitsOf(settings), broker);
  const turn = new Turn({
    leases: deps.leases,
    name: `mqtt:${deps.source.id}`,
    holder: `${hostname()}:${process.pid}:${randomUUID()}`,
    ttlS: deps.leaseSeconds,
    work: (signal) => post.run({ filters, options, signal }),
    onError: (cause) => deps.log.warn({ source: deps.source.id, err: cause }, 'the right to subscribe'),
  });
  return {
    stats: () => ({ mine: turn.mine, ...post.stats() }),
    close: () => turn.close(),
  };
}

class Post {
  readonly #deps: SubscriberDeps;
  readonly #limits: MqttLimits;
  readonly #broker: BrokerSettings;
  readonly #line: JournalLine;
  readonly #live = new Set<MqttClient>();
  #counts = { messages: 0, journaled: 0, notJournaled: 0, cut: 0 };
  /** An outage of the broker is one issue. */
  #unreachable = false;

  constructor(deps: SubscriberDeps, limits: MqttLimits, broker: BrokerSettings) {
    this.#deps = deps;
    this.#limits = limits;
    this.#broker = broker;
    this.#line = openJournalLine({
      journal: deps.journal,
      clock: deps.clock,
      sourceId: deps.source.id,
      origin: () => broker.url,
      mediaType: 'application/x-mqtt-bundle',
      noun: 'messages',
      lingerMs: limits.lingerMs,
      maximumWaitingBytes: WAITING_BYTES,
    });
  }

  stats(): Omit<SubscriberStats, 'mine'> {
    return { connected: this.#live.size, ...this.#counts };
  }

  /** Subscribed until the signal aborts; what has arrived by then is durable and acknowledged, or stays with the broker. */
  async run(work: {
    filters: readonly string[];
    options: IClientOptions;
    signal: AbortSignal;
  }): Promise<void> {
    const { filters, options, signal } = work;
    const { clientId, connections = 1 } = this.#broker;
    const shared = connections === 1 ? filters : filters.map((filter) => `$share/${clientId}/${filter}`);
    const clients = Array.from({ length: connections }, (_, at) =>
      this.#connect({ ...options, clientId: at === 0 ? clientId : `${clientId}-${at + 1}` }, shared, signal),
    );
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await this.#line.drained();
    await Promise.all(clients.map((client) => client.endAsync(!client.connected)));
    this.#live.clear();
  }

  #connect(options: IClientOptions, filters: readonly string[], signal: AbortSignal): MqttClient {
    const client = connect(this.#broker.url, options);
    // Which connection a message came over: an acknowledgement on a later one could be another message's.
    let connection = 0;
    client.on('connect', () => {
      this.#live.add(client);
      this.#unreachable = false;
      void this.#subscribe(client, filters);
    });
    client.on('close', () => {
      connection += 1;
      this.#live.delete(client);
    });
    client.on('error', (error) => this.#failed(error));
    client.handleMessage = (packet, done) => {
      const mine = connection;
      const current = (): boolean => mine === connection && !signal.aborted;
      const answer = async (): Promise<void> =>
        // Without an error the acknowledgement goes out, with one it never does.
        done(await this.#outcome(packet, { current, sameConnection: () => mine === connection, signal }));
      void answer();
    };
    return client;
  }

  /** Undefined: durable, and over the connection that is still there. */
  async #outcome(
    packet: IPublishPacket,
    holds: { current: () => boolean; sameConnection: () => boolean; signal: AbortSignal },
  ): Promise<Error | undefined> {
    try {
      await this.#keep(packet, holds.current, holds.signal);
      return holds.sameConnection() ? undefined : new Error('its connection has ended');
    } catch (cause) {
      return cause instanceof Error ? cause : new Error(String(cause));
    }
  }

  async #subscribe(client: MqttClient, filters: readonly string[]): Promise<void> {
    try {
      // Retained messages come with a new subscription only, not with each reconnection.
      const wanted = Object.fromEntries(filters.map((filter) => [filter, { qos: 1 as const, rh: 1 }]));
      const granted = await client.subscribeAsync(wanted);
      const refused = granted.filter(({ qos }) => qos > 2).map(({ topic }) => topic);
      if (refused.length > 0) this.#failed(new Error(`the broker refuses ${refused.join(', ')}`));
      else this.#deps.log.info({ source: this.#deps.source.id, filters }, 'subscribed');
    } catch (cause) {
      this.#failed(cause);
    }
  }

  #failed(cause: unknown): void {
    const { source, issues, clock, log } = this.#deps;
    log.warn({ source: source.id, err: cause }, 'the broker');
    if (this.#unreachable) return;
    this.#unreachable = true;
    const issue: Issue = {
      code: 'SOURCE_UNREACHABLE',
      path: source.id,
      message: messageOf(cause).slice(0, 500),
      source: { id: source.id, record: this.#broker.url },
    };
    issues
      .record(null, clock.nowS(), [issue])
      .catch((error: unknown) => log.warn({ err: error }, 'an issue of the broker could not be stored'));
  }

  /** Resolves when the message is durable. Rejects when its connection has ended before: the broker sends it again. */
  async #keep(packet: IPublishPacket, current: () => boolean, signal: AbortSignal): Promise<void> {
    this.#counts.messages += 1;
    const record = this.#record(packet);
    for (;;) {
      try {
        await this.#line.add(record);
        this.#counts.journaled += 1;
        return;
      } catch (cause) {
        this.#counts.notJournaled += 1;
        const about = { source: this.#deps.source.id, topic: packet.topic, err: cause };
        this.#deps.log.warn(about, 'a message could not be journaled; it is not acknowledged');
        await wait(RETRY_MS, undefined, { signal });
        if (!current()) throw cause;
      }
    }
  }

  #record(packet: IPublishPacket): PushedRecord<MessageLine> {
    const whole = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload, 'utf8');
    const tooLong = whole.length > this.#limits.messageBytes;
    const line: MessageLine = { atS: this.#deps.clock.nowS(), topic: packet.topic, qos: packet.qos };
    if (packet.retain) line.retain = true;
    if (packet.dup) line.dup = true;
    if (tooLong) {
      line.cut = whole.length;
      this.#counts.cut += 1;
    }
    return { line, body: tooLong ? whole.subarray(0, CUT_BYTES) : whole };
  }
}
