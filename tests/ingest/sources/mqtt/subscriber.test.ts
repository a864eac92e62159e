import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Issue } from '../../../../src/domain/errors.ts';
import type { Journal, LeaseTable } from '../../../../src/domain/ports.ts';
import { openFileJournal } from '../../../../src/ingest/journal/index.ts';
import { recordsOf } from '../../../../src/ingest/sources/bundle.ts';
import type { MessageLine } from '../../../../src/ingest/sources/mqtt/message-line.ts';
import {
  startMqttSubscriber,
  type MqttSubscriber,
  type SubscriberDeps,
} from '../../../../src/ingest/sources/mqtt/subscriber.ts';
import { influxdProgram } from '../../../servers/influxd.ts';
import { mosquittoProgram, startMosquitto, type Mosquitto } from '../../../servers/mosquitto.ts';
import { findProgram } from '../../../servers/required.ts';
import { fixtureConfig } from '../fixture-config.ts';
import { mqttSource } from './fixture.ts';
import { loseNothing } from './outage.ts';

const nowS = 1_787_315_400; // 2026-08-21T20:30+08:00
const good = '{"ts":"2026-08-21T20:10:00+08:00","do":6.6}';
const openssl = findProgram(['openssl']);
const outageS = Number(process.env['JIEHE_OUTAGE_SECONDS'] ?? 2);

/** One state's leases, in memory: who holds the name, and nothing expires. */
function leaseTable(): SubscriberDeps['leases'] & Pick<LeaseTable, 'release'> {
  let held: string | null = null;
  return {
    take: async (name, holder) => {
      if (held !== null && held !== holder) return null;
      held = holder;
      return { name, holder, token: 1, safeSeq: 0, clean: true };
    },
    renew: async ({ holder }) => ({ held: held === holder, repairSeq: null }),
    release: async () => {
      held = null;
    },
  };
}

describe.skipIf(mosquittoProgram === null)('a subscriber of a real broker', () => {
  let broker: Mosquitto;
  let folder: string;
  let journal: Journal;
  let issues: Issue[];
  let gateway: MqttClient;
  let open: MqttSubscriber[];
  let number = 0;

  beforeAll(async () => {
    broker = await startMosquitto();
  });
  afterAll(() => broker?.stop());

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'jiehe-mqtt-'));
    journal = await openFileJournal({ dir: folder });
    issues = [];
    open = [];
    number += 1;
    gateway = await connectAsync(broker.url, { clientId: `gateway-${number}` });
  });
  afterEach(async () => {
    for (const subscriber of open) await subscriber.close();
    await gateway.endAsync();
    await journal.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function subscribed(
    settings: Record<string, unknown> = {},
    extra: Partial<SubscriberDeps> = {},
  ): Promise<MqttSubscriber> {
    const own = { url: broker.url, clientId: `jiehe-${number}`, ...(settings['broker'] as object) };
    const source = mqttSource({ ...settings, broker: own });
    const subscriber = startMqttSubscriber({
      source,
      config: fixtureConfig({ sources: [source] }),
      journal,
      issues: { record: async (_seq, _atS, list) => void issues.push(...list) },
      leases: leaseTable(),
      leaseSeconds: 1,
      clock: { nowS: () => nowS },
      secret: () => undefined,
      log: { info: () => undefined, warn: () => undefined },
      ...extra,
    });
    open.push(subscriber);
    return subscriber;
  }

  const connected = (subscriber: MqttSubscriber, connections = 1) =>
    expect.poll(() => subscriber.stats().connected, { timeout: 10_000 }).toBe(connections);

  async function lines(): Promise<MessageLine[]> {
    const list: MessageLine[] = [];
    for await (const entry of journal.read(0))
      list.push(...[...recordsOf<MessageLine>(entry.body)].map(({ line }) => line));
    return list;
  }

  test('keeps what fits its topics, whatever it holds, and cuts what is too long', async () => {
    const subscriber = await subscribed({ limits: { messageBytes: 2000 } });
    await connected(subscriber);
    await gateway.publishAsync(`river/${number}/minute`, good, { qos: 1 });
    await gateway.publishAsync(`gauge/${number}/level/a/b`, 'no json', { qos: 0 });
    await gateway.publishAsync(`river/${number}/minute`, Buffer.alloc(5000, 'x'), { qos: 1 });
    await gateway.publishAsync(`elsewhere/${number}`, good, { qos: 1 });
    await expect.poll(lines).toHaveLength(3);
    expect(await lines()).toMatchObject([
      { topic: `river/${number}/minute`, qos: 1 },
      { topic: `gauge/${number}/level/a/b`, qos: 0 },
      { cut: 5000 },
    ]);
    expect(subscriber.stats()).toMatchObject({ mine: true, journaled: 3, cut: 1 });
  });

  test('does not acknowledge what the journal did not take, and takes it when it comes again', async () => {
    let full = true;
    const first = await subscribed(
      {},
      {
        journal: {
          append: (entry) => (full ? Promise.reject(new Error('no space')) : journal.append(entry)),
        },
      },
    );
    await connected(first);
    await gateway.publishAsync(`river/${number}/minute`, good, { qos: 1 });
    await expect.poll(() => first.stats().notJournaled, { timeout: 5000 }).toBeGreaterThan(0);
    await first.close();
    expect(await lines()).toEqual([]);
    full = false;
    const second = await subscribed();
    await expect
      .poll(lines, { timeout: 5000 })
      .toMatchObject([{ topic: `river/${number}/minute`, dup: true }]);
    await second.close();
    const third = await subscribed();
    await connected(third);
    expect(third.stats().messages, 'it was acknowledged').toBe(0);
  });

  test('finds what was published while nobody was subscribed', async () => {
    const first = await subscribed();
    await connected(first);
    await expect.poll(() => first.stats().connected).toBe(1);
    await gateway.publishAsync(`river/${number}/minute`, good, { qos: 1 });
    await expect.poll(lines).toHaveLength(1);
    await first.close();
    for (let turn = 0; turn < 5; turn++)
      await gateway.publishAsync(`river/${number}/minute`, good, { qos: 1 });
    await subscribed();
    await expect.poll(lines, { timeout: 5000 }).toHaveLength(6);
  });

  test('marks a retained message, which comes once with a new session only', async () => {
    await gateway.publishAsync(`river/${number}/minute`, good, { qos: 1, retain: true });
    await subscribed();
    await expect.poll(lines, { timeout: 5000 }).toMatchObject([{ retain: true }]);
    await gateway.publishAsync(`river/${number}/minute`, '', { qos: 1, retain: true });
  });

  test('is subscribed in one of two processes, and in the other after the first has stopped', async () => {
    const leases = leaseTable();
    const [one, two] = [await subscribed({}, { leases }), await subscribed({}, { leases })];
    await connected(one);
    for (let turn = 0; turn < 3; turn++)
      await gateway.publishAsync(`river/${number}/minute`, good, { qos: 1 });
    await expect.poll(lines).toHaveLength(3);
    expect([one.stats().mine, two.stats().mine]).toEqual([true, false]);
    await one.close();
    await connected(two);
    await gateway.publishAsync(`river/${number}/minute`, good, { qos: 1 });
    await expect.poll(lines).toHaveLength(4);
    expect(two.stats().journaled).toBe(1);
  });

  test('shares its subscription over several connections without doubling', async () => {
    const subscriber = await subscribed({ broker: { connections: 3 } });
    await connected(subscriber, 3);
    // The subscriptions are granted a moment after the connections.
    await expect
      .poll(
        async () => {
          await gateway.publishAsync(`river/${number}/minute`, good, { qos: 1 });
          return subscriber.stats().messages;
        },
        { timeout: 5000 },
      )
      .toBeGreaterThan(2);
    const before = subscriber.stats().messages;
    await Promise.all(
      Array.from({ length: 30 }, () => gateway.publishAsync(`river/${number}/minute`, good, { qos: 1 })),
    );
    await expect.poll(() => subscriber.stats().journaled, { timeout: 5000 }).toBe(before + 30);
    expect((await lines()).length).toBe(before + 30);
  });

  test('says once that the broker does not answer, and subscribes when it does', async () => {
    await broker.halt();
    const subscriber = await subscribed();
    await expect
      .poll(() => issues.map(({ code }) => code), { timeout: 5000 })
      .toEqual(['SOURCE_UNREACHABLE']);
    await broker.start();
    await connected(subscriber);
    expect(issues).toHaveLength(1);
  });

  test('refuses settings that cannot be used, all at once, without a secret', async () => {
    const topic = { station: '{s}', time: 'arrival', averaging: 'instant' };
    const values = [{ path: '$.a', parameter: 'do', unit: 'mg/L' }];
    await expect(
      subscribed({
        topics: [
          { ...topic, topic: 'a/#/b', values },
          { ...topic, topic: 'a/{t}', values: [{ ...values[0], unit: 'Cel', parameter: 'ph' }] },
        ],
      }),
    ).rejects.toThrow(/# stands only at the end.*\{s\}.*Cel cannot become/);
    await expect(subscribed({ broker: { passwordEnv: 'MQTT_PW', caFileEnv: 'MQTT_CA' } })).rejects.toThrow(
      /MQTT_PW is not set.*MQTT_CA is not set/,
    );
    await expect(subscribed({ broker: { url: 'mqtt://user:pw@127.0.0.1' } })).rejects.toThrow(/settings/);
    const filter = [{ path: '$.a[?(@.x)]', parameter: 'do', unit: 'mg/L' }];
    await expect(subscribed({ topics: [{ ...topic, topic: 'a/{s}', values: filter }] })).rejects.toThrow(
      /settings/,
    );
  });

  test.skipIf(openssl === null)(
    'connects with a user over TLS, with what the environment names',
    async () => {
      const file = (name: string): string => path.join(folder, name);
      const subject = ['-subj', '/CN=broker', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
      const files = ['-keyout', file('broker.key'), '-out', file('broker.pem')];
      execFileSync(openssl ?? '', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, ...files], {
        stdio: 'ignore',
      });
      const user = { name: 'bureau', password: 'not-for-logs' };
      const tls = { certificate: file('broker.pem'), key: file('broker.key') };
      const guarded = await startMosquitto({ user, tls });
      try {
        const own = { url: guarded.url, userEnv: 'MQTT_USER', passwordEnv: 'MQTT_PW', caFileEnv: 'MQTT_CA' };
        const values: Record<string, string> = { MQTT_USER: user.name, MQTT_PW: user.password };
        const wrong = await subscribed({ broker: own }, { secret: (name) => values[name] ?? '/dev/null' });
        await expect.poll(() => issues.length, { timeout: 10_000 }).toBe(1);
        await wrong.close();
        const right = await subscribed(
          { broker: own },
          { secret: (name) => values[name] ?? tls.certificate },
        );
        await connected(right);
        await right.close();
        expect(JSON.stringify(issues)).not.toContain(user.password);
      } finally {
        await guarded.stop();
      }
    },
  );
});

describe.skipIf(mosquittoProgram === null || influxdProgram === null)('messages of a broker', () => {
  test(`are all in the store after ${outageS} s without the broker and ${outageS} s without the store`, async () => {
    const { published, entries } = await loseNothing(outageS);
    expect(published).toBeGreaterThan(50);
    expect(entries).toBeGreaterThan(10);
  }, 120_000);
});
