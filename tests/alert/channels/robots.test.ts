import { expect, onTestFinished, test } from 'vitest';
import type { Channel } from '../../../src/alert/channels/channel.ts';
import { dingtalkSignature, openDingtalk } from '../../../src/alert/channels/dingtalk/index.ts';
import { feishuSignature, openFeishu } from '../../../src/alert/channels/feishu/index.ts';
import { openWecom } from '../../../src/alert/channels/wecom/index.ts';
import { createHmac } from 'node:crypto';
import { httpReceiver, type Answer, type Received } from '../http-receiver.ts';
import { message } from '../notification-fixture.ts';

const environment: Record<string, string> = { KEY: 'robot-key', SECRET: 'SECabcdef' };
const surroundings = {
  secret: (name: string) => environment[name],
  certificates: () => '',
  riverOf: () => null,
};
const shared = { name: { zh: '群', en: 'group' }, enabled: true, acknowledgeLinks: false };
const signal = new AbortController().signal;
const errcode = (code: number, text = ''): Answer => ({
  status: 200,
  body: JSON.stringify({ errcode: code, errmsg: text }),
});

/** A robot service as documented: it checks key, signature and window, and answers 200 whatever it thinks. */
async function service(judge: (request: Received, url: URL, body: Record<string, unknown>) => Answer) {
  const server = await httpReceiver((request) =>
    judge(
      request,
      new URL(request.path, 'http://service'),
      JSON.parse(request.body) as Record<string, unknown>,
    ),
  );
  onTestFinished(() => server.close());
  return server;
}
const opened = <C extends Channel>(channel: C): C => {
  onTestFinished(() => channel.close());
  return channel;
};

test('the signatures are those of the worked examples', () => {
  expect(encodeURIComponent(dingtalkSignature('SECabcdef', 1_700_000_000_000))).toBe(
    'JISGksjyDysS1LOaD%2FBssnKBVXedPwjJ%2Fs%2FDyTHUKMQ%3D',
  );
  expect(feishuSignature('feishusecret', 1_700_000_000)).toBe('5Wc8F8b2vZlNjoVFpK6BAaovMobglP4Rm1FzmEq/rCU=');
});

test('DingTalk takes a signed message, mentions whom the address names, and refuses a wrong key in a 200', async () => {
  const { url, received } = await service((_request, at) => {
    const { access_token: key, timestamp = '', sign } = Object.fromEntries(at.searchParams);
    if (key !== 'robot-key') return errcode(300001, 'token is not exist');
    if (Math.abs(Date.now() - Number(timestamp)) > 3_600_000) return errcode(310000, 'timestamp');
    const own = createHmac('sha256', 'SECabcdef').update(`${timestamp}\nSECabcdef`).digest('base64');
    return sign === own ? errcode(0, 'ok') : errcode(310000, 'sign not match');
  });
  const settings = { url: `${url}/robot/send`, keyVariable: 'KEY', secretVariable: 'SECRET' };
  const robot = opened(openDingtalk({ ...shared, id: 'ding', type: 'dingtalk', settings }, surroundings));
  expect(await robot.deliver(message('n-1', { address: '13800000000,13900000000' }), signal)).toEqual({
    result: 'delivered',
  });
  expect(JSON.parse(received[0]?.body ?? '')).toEqual({
    msgtype: 'text',
    text: { content: expect.stringContaining('测值：0.73 mg/L') },
    at: { atMobiles: ['13800000000', '13900000000'], isAtAll: false },
  });
  const wrong = opened(
    openDingtalk(
      { ...shared, id: 'ding', type: 'dingtalk', settings: { ...settings, secretVariable: 'KEY' } },
      surroundings,
    ),
  );
  const refused = await wrong.deliver(message('n-2'), signal);
  expect(refused).toEqual({ result: 'later', error: 'errcode 310000: sign not match' });
});

test('WeCom takes at most 2048 bytes, cut between characters, and asks for patience with 45009', async () => {
  let busy = false;
  const { url, received } = await service((_request, at, body) => {
    if (at.searchParams.get('key') !== 'robot-key') return errcode(93000, 'invalid webhook url');
    const { content } = body['text'] as { content: string };
    if (Buffer.byteLength(content) > 2048) return errcode(40058, 'content exceed max length');
    return busy ? errcode(45009, 'api freq out of limit') : errcode(0, 'ok');
  });
  const settings = { url: `${url}/cgi-bin/webhook/send`, keyVariable: 'KEY' };
  const robot = opened(openWecom({ ...shared, id: 'wecom', type: 'wecom', settings }, surroundings));
  const long = message('n-3', { address: 'all' }, { body: '界河'.repeat(800) });
  expect(await robot.deliver(long, signal)).toEqual({ result: 'delivered' });
  const sent = JSON.parse(received[0]?.body ?? '') as { text: { content: string; mentioned_list: string[] } };
  expect(sent.text.content.endsWith('…')).toBe(true);
  expect(sent.text.content).not.toContain('\ufffd');
  expect(sent.text.mentioned_list).toEqual(['@all']);
  busy = true;
  expect(await robot.deliver(message('n-4'), signal)).toMatchObject({ result: 'later', afterS: 60 });
});

test('Feishu takes a message signed in its body, and what it refuses in a 200 is no success', async () => {
  const { url, received } = await service((request, _at, { timestamp, sign }) => {
    if (!request.path.endsWith('/robot-key'))
      return { status: 200, body: '{"code":19001,"msg":"token invalid"}' };
    const own = createHmac('sha256', `${String(timestamp)}\nSECabcdef`)
      .update('')
      .digest('base64');
    const fresh = Math.abs(Date.now() / 1000 - Number(timestamp)) < 3600;
    const code = fresh && sign === own ? 0 : 19021;
    return { status: 200, body: JSON.stringify({ code, msg: code === 0 ? 'success' : 'sign match fail' }) };
  });
  const settings = { url: `${url}/open-apis/bot/v2/hook/`, keyVariable: 'KEY', secretVariable: 'SECRET' };
  const robot = opened(openFeishu({ ...shared, id: 'fei', type: 'feishu', settings }, surroundings));
  expect(await robot.deliver(message('n-5'), signal)).toEqual({ result: 'delivered' });
  expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({
    msg_type: 'text',
    content: { text: expect.stringContaining('松溪岩下') },
  });
  const { secretVariable: _unsigned, ...bare } = settings;
  const unsigned = opened(openFeishu({ ...shared, id: 'fei', type: 'feishu', settings: bare }, surroundings));
  expect(await unsigned.deliver(message('n-6'), signal)).toEqual({
    result: 'later',
    error: 'code 19021: sign match fail',
  });
});

test('an answer that is no robot’s, and none at all, are no success', async () => {
  const { url } = await service(() => ({ status: 200, body: '<html>portal</html>' }));
  const robot = opened(
    openWecom({ ...shared, id: 'w', type: 'wecom', settings: { url, keyVariable: 'KEY' } }, surroundings),
  );
  expect(await robot.deliver(message('n-7'), signal)).toMatchObject({ result: 'later' });
  const away = opened(
    openWecom(
      { ...shared, id: 'w', type: 'wecom', settings: { url: 'http://127.0.0.1:1/', keyVariable: 'KEY' } },
      surroundings,
    ),
  );
  const outcome = await away.deliver(message('n-8'), signal);
  expect(outcome).toMatchObject({ result: 'later' });
  expect(JSON.stringify(outcome)).not.toContain('robot-key');
});
