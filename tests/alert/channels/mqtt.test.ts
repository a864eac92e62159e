import { connect, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openMqtt } from '../../../src/alert/channels/mqtt/index.ts';
import { mosquittoProgram, startMosquitto, type Mosquitto } from '../../servers/mosquitto.ts';
import { facts, message } from '../notification-fixture.ts';

/** Like the outbox: the same message until it is taken. */
async function insist(attempt: () => Promise<{ result: string }>): Promise<void> {
  await expect
    .poll(async () => (await attempt()).result, { timeout: 30_000, interval: 20 })
    .toBe('delivered');
}

describe.skipIf(mosquittoProgram === null)('a real broker', () => {
  let broker: Mosquitto;
  beforeAll(async () => {
    broker = await startMosquitto({ user: { name: 'jiehe', password: 'right' } });
  });
  afterAll(() => broker.stop());

  const login = { username: 'jiehe', password: 'right' };
  async function subscriber(topic: string) {
    const client: MqttClient = connect(broker.url, { ...login, protocolVersion: 5, reconnectPeriod: 100 });
    const seen: { topic: string; id: string; retained: boolean; text: string }[] = [];
    client.on('error', () => undefined);
    client.on('message', (topic, payload, packet) =>
      seen.push({
        topic,
        text: payload.toString('utf8'),
        id: String(packet.properties?.userProperties?.['id'] ?? ''),
        retained: packet.retain,
      }),
    );
    onTestFinished(() => client.endAsync(true));
    await client.subscribeAsync(topic, { qos: 1 });
    return seen;
  }
  function channel(clientId: string, password = 'right') {
    const opened = openMqtt(
      {
        id: 'broker',
        type: 'mqtt',
        name: { zh: '消息', en: 'broker' },
        enabled: true,
        acknowledgeLinks: false,
        settings: {
          url: broker.url,
          clientId,
          userVariable: 'USER_NAME',
          passwordVariable: 'PASSWORD',
          expirySeconds: 3600,
        },
      },
      {
        secret: (name) => (name === 'USER_NAME' ? 'jiehe' : password),
        certificates: () => '',
        riverOf: (station) => (station === 'songxi-yanxia' ? 'songxi' : null),
      },
    );
    onTestFinished(() => opened.close());
    return opened;
  }
  const soon = () => AbortSignal.timeout(2000);

  test('keeps the last alert of a section for whoever comes later, and says that the service is there', async () => {
    const mine = channel('keeper');
    await insist(() => mine.deliver(message('n-1'), soon()));
    await insist(() => mine.deliver(message('n-2', { kind: 'resolved' }), soon()));
    await insist(() =>
      mine.deliver(message('n-3', { address: 'joint/', facts: facts({ station: null }) }), soon()),
    );
    const alerts = await subscriber('alerts/+/+');
    const joint = await subscriber('joint/#');
    await expect.poll(() => alerts.length, { timeout: 10_000 }).toBe(2);
    await expect.poll(() => joint.map(({ topic }) => topic), { timeout: 10_000 }).toEqual(['joint/region']);
    expect(alerts.find(({ topic }) => topic === 'alerts/songxi/songxi-yanxia')).toMatchObject({
      id: 'n-2',
      retained: true,
      text: expect.stringContaining('alert.resolved'),
    });
    expect(alerts.find(({ topic }) => topic === 'alerts/service/keeper')?.text).toBe('online');
    await mine.close();
    await expect.poll(() => alerts.at(-1)?.text, { timeout: 10_000 }).toBe('offline');
  });

  test('that restarts gets everything in order, and a receiver that drops what it knows sees each once', async () => {
    const mine = channel('insisting');
    const seen = await subscriber('restarted/#');
    const at = (id: string) => message(id, { address: 'restarted', facts: facts({ station: id }) });
    await insist(() => mine.deliver(at('r-1'), soon()));
    await broker.halt();
    expect(await mine.deliver(at('r-2'), AbortSignal.timeout(200))).toMatchObject({ result: 'later' });
    await broker.start();
    for (const id of ['r-2', 'r-3']) await insist(() => mine.deliver(at(id), soon()));
    await expect.poll(() => new Set(seen.map(({ id }) => id)).size, { timeout: 10_000 }).toBe(3);
    expect([...new Set(seen.map(({ id }) => id))]).toEqual(['r-1', 'r-2', 'r-3']);
  });

  test('that refuses the login is tried again and named', async () => {
    const outcome = await channel('stranger', 'wrong').deliver(message('n-9'), AbortSignal.timeout(500));
    expect(outcome).toMatchObject({ result: 'later' });
    expect(JSON.stringify(outcome)).not.toContain('wrong');
  });
});
