import { readFileSync } from 'node:fs';
import type { SMTPServerOptions } from 'smtp-server';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openSmtp } from '../../../src/alert/channels/smtp/index.ts';
import type { ChannelOf } from '../../../src/domain/config/channels.ts';
import { selfSigned } from '../certificate.ts';
import { mailRelay, type MailRelay } from '../mail-relay.ts';
import { message } from '../notification-fixture.ts';

type Settings = ChannelOf<'smtp'>['settings'];

async function relay(options: SMTPServerOptions = {}): Promise<MailRelay> {
  const opened = await mailRelay(options);
  onTestFinished(() => opened.close());
  return opened;
}

function channelTo(port: number, settings: Partial<Settings> = {}) {
  const channel = openSmtp(
    {
      id: 'mail',
      type: 'smtp',
      name: { zh: '邮件', en: 'mail' },
      enabled: true,
      acknowledgeLinks: true,
      timeoutSeconds: 5,
      settings: {
        host: '127.0.0.1',
        port,
        security: 'none',
        from: '界河 <jiehe@joint.example>',
        ...settings,
      },
    },
    {
      secret: (name) => ({ MAIL_USER: 'jiehe', MAIL_PASSWORD: 'right' })[name],
      certificates: (file) => readFileSync(file, 'utf8'),
      riverOf: () => null,
    },
  );
  onTestFinished(() => channel.close());
  return channel;
}

const signal = new AbortController().signal;
const mail = (id: string) =>
  message(
    id,
    { address: 'duty@lishui.example', channel: 'mail' },
    { body: '测值：0.73 <mg/L>\n地图：http://jiehe.example/sections/songxi-yanxia' },
  );

describe('mail', () => {
  test('carries text and HTML, a subject in Chinese, an id of its own and the thread of its alert', async () => {
    const { port, mails } = await relay();
    expect(await channelTo(port).deliver(mail('n-1'), signal)).toEqual({ result: 'delivered' });
    const [text = ''] = mails;
    expect(text).toContain('Message-ID: <n-1@joint.example>');
    expect(text).toContain('In-Reply-To: <alert-alert-1@joint.example>');
    expect(text).toContain('Auto-Submitted: auto-generated');
    expect(text).toMatch(/Subject: =\?UTF-8\?/i);
    expect(text).toContain('multipart/alternative');
    const bytes = text
      .replaceAll('=\r\n', '')
      .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    const decoded = Buffer.from(bytes, 'latin1').toString('utf8');
    expect(decoded).toContain('测值：0.73 <mg/L>');
    expect(decoded).toContain('0.73 &lt;mg/L&gt;');
    expect(decoded).toContain('<a href="http://jiehe.example/sections/songxi-yanxia">');
  });

  test('that a greylisting relay puts off is worth another attempt, and is then taken', async () => {
    let seen = 0;
    const { port, mails } = await relay({
      onRcptTo(_address, _session, done) {
        seen += 1;
        if (seen > 1) return done();
        return done(Object.assign(new Error('greylisted, come back later'), { responseCode: 451 }));
      },
    });
    const channel = channelTo(port);
    expect(await channel.deliver(mail('n-2'), signal)).toEqual({
      result: 'later',
      error: expect.stringContaining('451'),
    });
    expect(await channel.deliver(mail('n-2'), signal)).toEqual({ result: 'delivered' });
    expect(mails).toHaveLength(1);
  });

  test('to a mailbox that does not exist is refused for good', async () => {
    const { port } = await relay({
      onRcptTo: (_address, _session, done) =>
        done(Object.assign(new Error('no such mailbox'), { responseCode: 550 })),
    });
    expect(await channelTo(port).deliver(mail('n-3'), signal)).toMatchObject({
      result: 'never',
      error: expect.stringContaining('550'),
    });
  });

  test('goes over STARTTLS with a login from the environment, and not where the certificate is unknown', async () => {
    const { key, cert, file } = selfSigned();
    const { port, mails } = await relay({
      key,
      cert,
      authOptional: false,
      onAuth: ({ username, password }, _session, done) =>
        username === 'jiehe' && password === 'right'
          ? done(null, { user: username })
          : done(new Error('wrong password')),
    });
    const login = {
      security: 'starttls',
      userVariable: 'MAIL_USER',
      passwordVariable: 'MAIL_PASSWORD',
    } as const;
    const trusting = channelTo(port, { ...login, caFile: file });
    expect(await trusting.deliver(mail('n-4'), signal)).toEqual({ result: 'delivered' });
    expect(await channelTo(port, login).deliver(mail('n-5'), signal)).toMatchObject({ result: 'later' });
    const wrong = channelTo(port, { ...login, passwordVariable: 'MAIL_USER', caFile: file });
    const refused = await wrong.deliver(mail('n-6'), signal);
    expect(refused).toMatchObject({ result: 'later', error: expect.stringContaining('535') });
    expect(mails).toHaveLength(1);
  });

  test('to a relay without TLS is not sent where TLS is asked for, nor to one that is away', async () => {
    const { port, mails } = await relay();
    expect(await channelTo(port, { security: 'starttls' }).deliver(mail('n-7'), signal)).toMatchObject({
      result: 'later',
    });
    expect(await channelTo(1).deliver(mail('n-8'), signal)).toMatchObject({ result: 'later' });
    expect(mails).toEqual([]);
  });
});
