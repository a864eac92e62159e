import { sql } from 'kysely';
import { stringify } from 'yaml';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startDelivery } from '../../src/serving/delivery.ts';
import { remindDesks } from '../../src/serving/reminders.ts';
import { deskOf, followUpOf, followUpService } from '../../src/serving/settlement.ts';
import { deliveryStore } from '../../src/store/state/index.ts';
import { rebuildState } from '../../src/store/state/rebuild.ts';
import { type HttpReceiver, httpReceiver } from '../alert/http-receiver.ts';
import { mailRelay, type MailRelay } from '../alert/mail-relay.ts';
import { jiehe } from '../cli/in-process.ts';
import { day, openSongxi } from './open-songxi.ts';
import { april } from './songxi-april.ts';

const secret = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const provenance = { source: 'made up for tests', confidence: 'assumed' };
const bilingual = (text: string) => ({ zh: text, en: text });

let relay: MailRelay;
let hook: HttpReceiver;
let open: Awaited<ReturnType<typeof openSongxi>>;
let delivery: Awaited<ReturnType<typeof startDelivery>>;
let startS: number;
let hookStatus = 204;

const channels = () => [
  {
    id: 'finance-mail',
    type: 'smtp',
    name: bilingual('mail'),
    enabled: true,
    acknowledgeLinks: true,
    settings: { host: '127.0.0.1', port: relay.port, security: 'none', from: '界河 <jiehe@joint.example>' },
  },
  {
    id: 'finance-hook',
    type: 'webhook',
    name: bilingual('hook'),
    enabled: true,
    acknowledgeLinks: false,
    settings: { hosts: [hook.host], secretVariable: 'FINANCE_HOOK_SECRET' },
  },
];
const desks = () => [
  {
    id: 'lishui-finance',
    name: { zh: '丽水市财政局', en: 'Finance bureau of Lishui' },
    jurisdiction: '331100',
    desk: 'finance',
    language: 'en',
    channels: [{ channel: 'finance-mail', address: 'finance@lishui.example' }],
    provenance,
  },
  {
    id: 'nanping-finance',
    name: { zh: '南平市财政局', en: 'Finance bureau of Nanping' },
    jurisdiction: '350700',
    desk: 'finance',
    language: 'zh',
    channels: [
      { channel: 'finance-hook', address: `${hook.url}/reminders` },
      { channel: 'finance-mail', address: 'finance@nanping.example' },
    ],
    provenance,
  },
  {
    id: 'office-finance',
    name: { zh: '联合办公室', en: 'Joint office' },
    jurisdiction: null,
    desk: 'finance',
    language: 'zh',
    channels: [{ channel: 'finance-mail', address: 'money@joint.example' }],
    provenance,
  },
];
const listed = (entries: object[]): string =>
  stringify(entries, { aliasDuplicateObjects: false }).replaceAll(/^(?=.)/gm, '  ');

beforeAll(async () => {
  relay = await mailRelay();
  hook = await httpReceiver(() => ({ status: hookStatus }));
  vi.stubEnv('FINANCE_HOOK_SECRET', secret);
  open = await openSongxi({
    'channels.yaml': listed(channels()),
    'contacts.yaml': listed(desks()),
    'alert-policy.yaml': stringify({
      settlementReminders: { paymentDays: 7, objectionDays: 3, reviewDays: 2 },
    }),
  });
  startS = open.clock.atS;
  delivery = await startDelivery(open.system);
});
afterAll(async () => {
  await delivery.close();
  await open.close();
  await hook.close();
  await relay.close();
  vi.unstubAllEnvs();
});

/** A mail without the soft line breaks of its encoding. */
const textOf = (mail = ''): string => mail.replaceAll('=\r\n', '');

/** What went out in a look on that day, as `kind party`. */
async function on(days: number): Promise<string[]> {
  open.clock.atS = startS + days * day;
  return (await remindDesks(open.system)).map(({ kind, party }) => `${kind} ${party}`);
}

/** Everything that arrived so far, once there is as much of it. */
const arrived = (mails: number, posts: number): Promise<void> =>
  vi.waitFor(() => expect([relay.mails.length, hook.received.length]).toEqual([mails, posts]), {
    timeout: 20_000,
    interval: 50,
  });

describe('the finance desks of the parties', () => {
  it('hear of a statement that waits for their signature, and of the end of the time for objections, once', async () => {
    const issued = await open.issue();
    await open.sign(issued, '331100');
    expect(await on(7)).toEqual([]);
    expect(await on(8)).toEqual(['review-due 350700']);
    expect(await on(11)).toEqual([]);
    expect(await on(12)).toEqual(['objection-closes 331100', 'objection-closes 350700']);
    expect(await on(13)).toEqual([]);
    await open.sign(issued, '350700');
    await arrived(1, 2);
    const [review, closing] = hook.received;
    const told = new Webhook(secret).verify(review!.body, review!.headers);
    expect(told).toMatchObject({
      type: 'settlement.reminder',
      data: {
        language: 'zh',
        title: '提示·提醒：松溪流域生态保护补偿试算情景（未签订协议）：结算单待审核签署',
        acknowledgeUrl: null,
        facts: { ruleId: 'review-due', jurisdictions: ['350700'] },
      },
    });
    expect(review!.body).toContain('尚缺南平市的签署，审核签署期限为2021-06-11。');
    expect(closing!.body).toContain('的异议须在2021-06-16前提出。');
    const mail = textOf(relay.mails[0]);
    expect(mail).toContain('To: finance@lishui.example');
    expect(mail).toContain(`Objections to statement ${issued.statement.id} are taken until 2021-06-16.`);
    expect(mail).not.toContain('/ack/');
  });

  it('hear of a payment before it is due, when it is late, and when the office reminds, each once', async () => {
    expect(await on(35)).toEqual([]);
    expect(await on(36)).toEqual(['payment-due 350700']);
    expect(await on(42)).toEqual([]);
    expect(await on(44)).toEqual(['payment-late 350700', 'payment-late 331100']);
    expect(await on(46)).toEqual([]);
    expect(await followUpOf(open.system).remind('songxi-scenario', 'office')).toHaveLength(1);
    expect(await on(46)).toEqual(['payment-reminded 350700']);
    await arrived(2, 5);
    const bodies = hook.received.slice(2).map(({ body }) => body);
    expect(bodies[0]).toContain('南平市应于2021-07-14前向丽水市支付500000.00元。');
    expect(bodies[1]).toContain('南平市应于2021-07-14前向丽水市支付500000.00元，至今未登记到账。');
    expect(bodies[2]).toContain('联合办公室于2021-07-17提醒南平市：应付丽水市的500000.00元已逾期。');
    expect(textOf(relay.mails[1])).toContain(
      '500000.00 yuan from Nanping to Lishui were due by 2021-07-14 and are not booked as paid.',
    );
  });

  it('hear of a changed input of a statement in force and what it comes to, with the office, once for each change', async () => {
    const heard = ['331100', '350700', 'joint-office'].map((party) => `input-changed ${party}`);
    const read = vi.spyOn(open.system.readings, 'entries');
    expect(await on(46.1)).toEqual([]);
    await open.bring(april(0.01, { shownLater: 31 * day * 1000 }).replaceAll('松溪岩下,04-', '松溪岩下,05-'));
    expect(await on(46.2)).toEqual([]);
    expect(read).not.toHaveBeenCalled();
    await open.bring(april(0.3, { shownLater: day * 1000, ripple: 0.01 }));
    expect(await on(46.3)).toEqual(heard);
    expect(await on(46.4)).toEqual([]);
    await arrived(4, 6);
    expect(hook.received[5]!.body).toContain(
      '结算单songxi-scenario.2021-04.1签发后输入数据有变：松溪岩下总磷 0.010→0.300。重新计算的影响：丽水市另应向南平市支付2500000.00元。',
    );
    expect(hook.received[5]!.body).toContain('双方未签订该协议，不产生支付义务');
    const receivers = relay.mails.slice(2).map((mail) => /^To: (.*)$/m.exec(mail)?.[1]?.trim());
    expect(new Set(receivers)).toEqual(new Set(['finance@lishui.example', 'money@joint.example']));
    const asked = [
      'settle',
      'notices',
      '--agreement',
      'songxi-scenario',
      '--party',
      '331100',
      '--limit',
      '1',
    ];
    const { out } = await jiehe(open, asked);
    expect(out).toContain('input-changed  331100');
    expect(out).toContain('Computed effect: Lishui would pay Nanping 2500000.00 yuan more.');
    expect(out).toContain('lishui-finance  finance-mail  delivered');
    expect(out).not.toContain('finance@lishui.example');
    await open.bring(april(0.31, { shownLater: 2 * day * 1000, ripple: 0.01 }));
    expect(await on(46.5)).toEqual([]);
    expect(await on(47.5)).toEqual(heard);
    await arrived(6, 7);
  });

  it('hear nothing twice, also from a state that is filled again from the journal, and nothing of what is paid', async () => {
    const { db } = open.system.state;
    const issued = () => db.selectFrom('statement').selectAll().execute();
    const before = await issued();
    for (const change of [
      'alter table statement disable trigger user',
      'update statement set issued_s = issued_s + 1',
      'alter table statement enable trigger user',
    ])
      await sql.raw(change).execute(db);
    const { tables } = await rebuildState(db, open.system.journal, open.clock);
    const told = tables.filter(({ name }) => name === 'settlement_notice' || name === 'statement');
    expect(told).toMatchObject([
      { rows: 13, equal: true },
      { rows: 1, equal: false },
    ]);
    expect(await issued()).toEqual(before);
    expect(await on(49)).toEqual([]);
    const payment = { from: '350700', to: '331100', amountFen: '50000000', reference: 'T1' };
    await deskOf(open.system).pay({ agreement: 'songxi-scenario', ...payment }, 'office');
    expect(await on(120)).toEqual([]);
    await arrived(6, 7);
  });

  it('hear nothing of a change that a correction in force has taken in', async () => {
    const desk = deskOf(open.system);
    expect(await desk.changed({})).toEqual([
      { id: 'songxi-scenario.2021-04.1', sections: ['songxi-yanxia'], reason: null },
    ]);
    const correction = { agreement: 'songxi-scenario', period: '2021-04', actor: 'office' };
    const { issued } = await desk.correct(correction);
    for (const party of ['331100', '350700']) await open.sign(issued!, party);
    expect(await desk.changed({})).toEqual([]);
    expect((await on(121)).filter((told) => told.startsWith('input'))).toEqual([]);
    const agreements = open.system.config().agreements.filter(({ id }) => id !== 'songxi-scenario');
    const without = deskOf({ ...open.system, config: () => ({ ...open.system.config(), agreements }) });
    const reason = 'agreement-not-configured';
    expect(await without.changed({})).toEqual([{ id: issued!.statement.id, sections: [], reason }]);
  });

  it('hear of it over their next channel when the first one does not take it, once', async () => {
    hookStatus = 410;
    const [mails, posts] = [relay.mails.length, hook.received.length];
    const messages = deliveryStore(open.system.state.db, open.system.state.acts);
    expect(await on(160)).toContain('payment-late 350700');
    const [late] = await followUpService(open.system).notices('songxi-scenario', {
      party: '350700',
      limit: 1,
    });
    const sent = async () =>
      (await messages.list({ alertId: late!.id, limit: 10 })).map(({ channel, state }) => [channel, state]);
    await vi.waitFor(async () => expect(await sent()).toEqual([['finance-hook', 'dead']]), {
      timeout: 20_000,
      interval: 50,
    });
    expect(await on(160)).toEqual([]);
    expect(await on(160)).toEqual([]);
    await vi.waitFor(
      async () =>
        expect(await sent()).toEqual([
          ['finance-mail', 'delivered'],
          ['finance-hook', 'dead'],
        ]),
      { timeout: 20_000, interval: 50 },
    );
    expect(hook.received.length).toBe(posts + 1);
    const own = relay.mails.slice(mails).filter((mail) => mail.includes('finance@nanping.example'));
    expect(own).toHaveLength(1);
    hookStatus = 204;
  });

  it('hear theirs although another agreement cannot be read, which is noted once a day', async () => {
    const config = open.system.config();
    const first = config.agreements.find(({ id }) => id === 'songxi-scenario')!;
    const broken = Object.defineProperty({ ...first, id: 'broken' }, 'procedure', {
      get() {
        throw new Error('terms that nobody can read');
      },
    });
    const system = {
      ...open.system,
      config: () => ({ ...config, agreements: [broken, ...config.agreements] }),
    };
    expect(await followUpOf(open.system).remind('songxi-scenario', 'office')).not.toEqual([]);
    const told = async () => (await remindDesks(system)).map(({ kind, agreement }) => `${kind} ${agreement}`);
    const noted = () => open.system.state.issues.list({ code: 'REMINDERS_FAILED', limit: 10 });
    expect(await told()).toContain('payment-reminded songxi-scenario');
    expect(await told()).toEqual([]);
    expect(await noted()).toMatchObject([
      { path: 'broken', message: 'terms that nobody can read', source: { id: 'broken' } },
    ]);
    open.clock.atS += day;
    await told();
    expect(await noted()).toHaveLength(2);
  });
});
