import { readFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test } from 'vitest';
import { Secrets } from '../../../src/alert/channels/channel.ts';
import { openWebhook } from '../../../src/alert/channels/webhook/index.ts';
import type { ChannelOf } from '../../../src/domain/config/channels.ts';
import { selfSigned } from '../certificate.ts';
import { hookConfig } from '../hook.ts';
import { httpReceiver, type Answer } from '../http-receiver.ts';
import { message } from '../notification-fixture.ts';

const secretOf = (text: string): string => `whsec_${Buffer.from(text.padEnd(32, '-')).toString('base64')}`;
const environment: Record<string, string> = { NEW: secretOf('new'), OLD: secretOf('old') };
const surroundings = {
  secret: (name: string) => environment[name],
  certificates: (file: string) => readFileSync(file, 'utf8'),
  riverOf: () => null,
};
const nothing: { body: string; headers: Record<string, string> } = { body: '', headers: {} };
const signal = new AbortController().signal;

function channel(hosts: string[], settings: Partial<ChannelOf<'webhook'>['settings']> = {}) {
  const opened = openWebhook(hookConfig({ hosts, secretVariable: 'NEW', ...settings }), surroundings);
  onTestFinished(() => opened.close());
  return opened;
}

async function receiver(answer: Answer = { status: 200 }, tls?: { cert: string; key: string }) {
  const server = await httpReceiver(() => answer, tls);
  onTestFinished(() => server.close());
  return server;
}

test('a receiver verifies it with the library of the standard, with the old secret and with the new one', async () => {
  const { url, host, received } = await receiver();
  const hook = channel([host], { previousSecretVariable: 'OLD' });
  expect(await hook.deliver(message('n-1', { address: `${url}/duty` }), signal)).toEqual({
    result: 'delivered',
  });
  const [{ body, headers } = nothing] = received;
  for (const secret of ['NEW', 'OLD'])
    expect(new Webhook(environment[secret] ?? '').verify(body, headers)).toMatchObject({
      type: 'alert.opened',
      data: { notification: 'n-1', sequence: 1, facts: { value: '0.73', title: { zh: expect.any(String) } } },
    });
});

test('a replayed, altered or differently signed message is refused by the receiver', async () => {
  const { url, host, received } = await receiver();
  await channel([host]).deliver(message('n-2', { address: url }), signal);
  const [{ body, headers } = nothing] = received;
  const secret = environment['NEW'] ?? '';
  const old = String(Number(headers['webhook-timestamp']) - 400);
  expect(() => new Webhook(secret).verify(body, { ...headers, 'webhook-timestamp': old })).toThrow(
    /too old/i,
  );
  expect(() => new Webhook(secret).verify(body, { ...headers, 'webhook-id': 'n-3' })).toThrow(/signature/i);
  expect(() => new Webhook(secret).verify(body.replace('0.73', '0.37'), headers)).toThrow(/signature/i);
  expect(() => new Webhook(environment['OLD'] ?? '').verify(body, headers)).toThrow(/signature/i);
});

test.each<[Answer, object]>([
  [
    { status: 429, headers: { 'retry-after': '7' } },
    { result: 'later', afterS: 7 },
  ],
  [
    { status: 503, body: 'busy' },
    { result: 'later', error: 'status 503: busy' },
  ],
  [{ status: 302, headers: { location: 'http://elsewhere.example/' } }, { result: 'later' }],
  [{ status: 410 }, { result: 'never' }],
])('an answer of %j is judged', async (answer, outcome) => {
  const { url, host, received } = await receiver(answer);
  expect(await channel([host]).deliver(message('n-4', { address: url }), signal)).toMatchObject(outcome);
  expect(received).toHaveLength(1);
});

test('silence, an unknown certificate and a host that is away are worth another attempt', async () => {
  const silent = await receiver('hang');
  const soon = AbortSignal.timeout(100);
  const hook = channel([silent.host]);
  expect(await hook.deliver(message('n-5', { address: silent.url }), soon)).toEqual({
    result: 'later',
    error: 'no answer in time',
  });
  const { key, cert, file } = selfSigned();
  const secure = await receiver({ status: 200 }, { key, cert });
  const one = message('n-6', { address: secure.url });
  expect(await channel([secure.host]).deliver(one, signal)).toMatchObject({ result: 'later' });
  expect(await channel([secure.host], { caFile: file }).deliver(one, signal)).toEqual({
    result: 'delivered',
  });
  expect(
    await channel(['127.0.0.1:1']).deliver(message('n-7', { address: 'http://127.0.0.1:1/' }), signal),
  ).toMatchObject({
    result: 'later',
    error: expect.stringContaining('ECONNREFUSED'),
  });
});

test('an address outside the hosts of the channel is never called', async () => {
  const { url, received } = await receiver();
  for (const address of [url, 'file:///etc/hostname', 'nonsense'])
    expect(await channel(['receiver.example']).deliver(message('n-8', { address }), signal)).toMatchObject({
      result: 'never',
    });
  expect(received).toEqual([]);
});

test('a secret that is not set is named', () => {
  const secrets = new Secrets(surroundings);
  openWebhook(hookConfig({ hosts: ['a'], secretVariable: 'NOT_SET' }), surroundings, secrets);
  expect(secrets.missing).toEqual(['NOT_SET']);
});
