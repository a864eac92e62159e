import { expect, onTestFinished, test } from 'vitest';
import { openGateway } from '../../../src/alert/channels/gateway/index.ts';
import type { ChannelOf } from '../../../src/domain/config/channels.ts';
import { httpReceiver, type Answer } from '../http-receiver.ts';
import { message } from '../notification-fixture.ts';

type Settings = ChannelOf<'sms-gateway'>['settings'];
const signal = new AbortController().signal;

async function gateway(answer: Answer) {
  const server = await httpReceiver(() => answer);
  onTestFinished(() => server.close());
  return server;
}

function channel(settings: Settings) {
  const opened = openGateway(
    {
      id: 'sms',
      type: 'sms-gateway',
      name: { zh: '短信', en: 'text messages' },
      enabled: true,
      acknowledgeLinks: false,
      settings,
    },
    { secret: () => 't0ken', certificates: () => '', riverOf: () => null },
  );
  onTestFinished(() => opened.close());
  return opened;
}

const json = (url: string): Settings => ({
  url: `${url}/v2/sms`,
  method: 'POST',
  format: 'json',
  headers: { Authorization: 'Bearer {secret.token}' },
  body: '{"to":["{address}"],"content":"{text}","ref":"{id}"}',
  secrets: { token: 'SMS_TOKEN' },
  success: { path: '$.result.code', equals: 0 },
  maximumCharacters: 60,
});

test('a text message is the templated JSON with every value escaped, and counts when the path says so', async () => {
  const { url, received } = await gateway({ status: 200, body: '{"result":{"code":0}}' });
  const one = message(
    'n-1',
    { address: '13800000000' },
    { title: 'a "quoted" {id}\\', body: '值'.repeat(100) },
  );
  expect(await channel(json(url)).deliver(one, signal)).toEqual({ result: 'delivered' });
  const [request] = received;
  expect(request?.headers).toMatchObject({ authorization: 'Bearer t0ken' });
  const body = JSON.parse(request?.body ?? '') as { to: string[]; content: string; ref: string };
  expect(body).toMatchObject({ to: ['13800000000'], ref: 'n-1' });
  expect(body.content.startsWith('a "quoted" {id}\\\n')).toBe(true);
  expect(Array.from(body.content)).toHaveLength(60);
});

test('a call goes as a form or in the address, as the gateway wants it', async () => {
  const { url, received } = await gateway({ status: 200, body: '{"ok":true}' });
  const settings: Settings = {
    url: `${url}/call?app=1`,
    method: 'GET',
    format: 'form',
    body: 'tel={address}&say={subject}',
    success: { path: '$.ok', equals: true },
    maximumCharacters: 100,
  };
  const one = message('n-2', { address: '+86 1&2' }, { title: '超限 100%&more' });
  expect(await channel(settings).deliver(one, signal)).toEqual({ result: 'delivered' });
  await channel({ ...settings, method: 'POST' }).deliver(one, signal);
  expect(Object.fromEntries(new URL(received[0]?.path ?? '', url).searchParams)).toEqual({
    app: '1',
    tel: '+86 1&2',
    say: '超限 100%&more',
  });
  expect(new URLSearchParams(received[1]?.body).get('say')).toBe('超限 100%&more');
});

test.each<[string, Answer]>([
  ['another code', { status: 200, body: '{"result":{"code":7}}' }],
  ['no code', { status: 200, body: '{}' }],
  ['no JSON', { status: 200, body: 'OK' }],
  ['an error', { status: 500, body: '{"result":{"code":0}}' }],
])('%s is no success', async (_what, answer) => {
  const { url } = await gateway(answer);
  const outcome = await channel(json(url)).deliver(message('n-3'), signal);
  expect(outcome).toMatchObject({ result: 'later' });
  expect(JSON.stringify(outcome)).not.toContain('t0ken');
});
