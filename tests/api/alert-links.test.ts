import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { get } from 'node:http';
import path from 'node:path';
import { createParser } from 'eventsource-parser';
import { create } from 'xmlbuilder2';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { acknowledgeUrl } from '../../src/alert/acknowledge-link.ts';
import { MonitorError } from '../../src/domain/errors.ts';
import type { Notification } from '../../src/domain/notifications.ts';
import { acknowledgeTokens, addNotifications, deliveryStore } from '../../src/store/state/index.ts';
import { findProgram } from '../servers/required.ts';
import { facts, notification } from '../alert/notification-fixture.ts';
import { fixtureConfig } from './region-fixture.ts';
import { nowS, openStores, testApp, type Stores, type TestApp } from './test-app.ts';

const shared = { enabled: true, acknowledgeLinks: false };
const config = {
  ...fixtureConfig,
  channels: [
    { ...shared, id: 'board', type: 'dashboard' as const, name: { zh: '网页', en: 'board' }, settings: {} },
    {
      ...shared,
      id: 'cap',
      type: 'cap' as const,
      name: { zh: '预警', en: 'CAP' },
      settings: {
        sender: 'jiehe.test',
        senderName: { zh: '联合观测', en: 'Joint watch' },
        expireSeconds: 86_400,
      },
    },
  ],
};

let stores: Stores;
let api: TestApp;
const acts: string[] = [];
let refusal: MonitorError | null = null;
const listeners = new Set<() => void>();

beforeAll(async () => {
  stores = await openStores();
  api = await testApp(stores, {
    config: () => config,
    publicUrl: 'https://jiehe.example',
    alertLinks: {
      messages: deliveryStore(stores.state.db, stores.state.acts),
      tokens: acknowledgeTokens(stores.state.db),
      onDelivered(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      async acknowledge({ alertId, contact }) {
        if (refusal !== null) throw refusal;
        acts.push(`${contact} ${alertId}`);
      },
    },
  });
});
afterAll(async () => {
  await api.app.close();
  await stores.close();
});
beforeEach(() => {
  acts.length = 0;
  refusal = null;
});

async function publish(id: string, change: Partial<Notification>): Promise<void> {
  const one = notification(id, { createdS: nowS - 60, ...change });
  await stores.state.db.transaction().execute((trx) => addNotifications(trx, [one]));
  await deliveryStore(stores.state.db, stores.state.acts).noteOutcome(id, {
    state: 'delivered',
    atS: nowS,
    error: null,
  });
  for (const listener of listeners) listener();
}

async function linkOf(id: string): Promise<string> {
  await publish(id, { channel: 'mail' });
  const stored = await deliveryStore(stores.state.db, stores.state.acts).get(id);
  const tokens = acknowledgeTokens(stores.state.db);
  const by = { tokens, key: Buffer.alloc(32, 7), publicUrl: '' };
  if (stored === null) throw new Error('not stored');
  const url = await acknowledgeUrl(stored, by);
  expect(await acknowledgeUrl(stored, by)).toBe(url);
  return url ?? '';
}

describe('an acknowledge link', () => {
  test('opened shows a page and changes nothing, however often; pressed acknowledges, once', async () => {
    const url = await linkOf('n-link');
    for (let scan = 0; scan < 3; scan++) {
      const page = await api.app.inject({ url });
      expect(page.statusCode).toBe(200);
      expect(page.body).toContain('<form method="post">');
      expect(page.body).toContain('松溪岩下氨氮单次值高于Ⅱ类限值');
      expect(page.headers['cache-control']).toBe('no-store');
    }
    expect(acts).toEqual([]);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const pressed = await api.app.inject({ method: 'POST', url, headers, payload: '' });
    expect(pressed.statusCode).toBe(200);
    expect(pressed.body).toContain('已确认');
    expect(pressed.body).not.toContain('<form');
    const again = await api.app.inject({ method: 'POST', url, headers, payload: '' });
    expect(again.statusCode).toBe(200);
    expect(acts).toEqual(['duty-lishui alert-1']);
    expect((await api.app.inject({ url })).body).not.toContain('<form');
  });

  test('is kept as a hash only, with who used it from where', async () => {
    const url = await linkOf('n-hash');
    await api.app.inject({ method: 'POST', url });
    const rows = await stores.state.db
      .selectFrom('acknowledge_token')
      .selectAll()
      .where('notification_id', '=', 'n-hash')
      .execute();
    expect(rows).toMatchObject([{ contact: 'duty-lishui', used_s: nowS, used_from: '127.0.0.1' }]);
    expect(JSON.stringify(rows)).not.toContain(url.slice('/ack/'.length));
  });

  test('stays good where the act failed for a while, and says so where the alert is over', async () => {
    const url = await linkOf('n-fails');
    refusal = new MonitorError('E_STORE_UNAVAILABLE', 'the state is away');
    expect((await api.app.inject({ method: 'POST', url })).statusCode).toBe(503);
    refusal = new MonitorError('E_CONFLICT', 'closed');
    expect((await api.app.inject({ method: 'POST', url })).body).toContain('无须确认');
    expect(acts).toEqual([]);
  });

  test('that nobody sent is unknown', async () => {
    expect((await api.app.inject({ url: `/ack/${'x'.repeat(43)}` })).statusCode).toBe(404);
    expect((await api.app.inject({ url: '/ack/short' })).statusCode).toBe(400);
  });
});

describe('feeds', () => {
  const earlier = facts({
    alertId: 'alert-cap',
    title: { zh: '氨氮 <高> & 单次', en: 'Ammonia <high> & single' },
  });
  beforeAll(async () => {
    await publish('cap-1', { channel: 'cap', facts: earlier, createdS: nowS - 600 });
    await publish('cap-2', {
      channel: 'cap',
      facts: { ...earlier, severity: 'critical' },
      kind: 'escalated',
      createdS: nowS - 300,
    });
    await publish('cap-3', { channel: 'cap', facts: earlier, kind: 'resolved', createdS: nowS });
    await publish('other', { channel: 'mail', facts: earlier });
  });
  const alertOf = (xml: string) =>
    (
      create(xml).end({ format: 'object' }) as {
        alert: Record<string, unknown> & { info: Record<string, unknown>[] };
      }
    ).alert;

  test('hold CAP 1.2 in both languages: elements in their order, times without Z or fractions, references to what came before', async () => {
    const first = await api.app.inject({ url: '/feeds/cap/cap-1.xml' });
    expect(first.headers['content-type']).toContain('application/cap+xml');
    const alert = alertOf(first.body);
    expect(Object.keys(alert)).toEqual([
      '@xmlns',
      'identifier',
      'sender',
      'sent',
      'status',
      'msgType',
      'scope',
      'incidents',
      'info',
    ]);
    expect(alert).toMatchObject({ status: 'Actual', msgType: 'Alert', scope: 'Public' });
    expect(alert.info.map(({ language }) => language)).toEqual(['zh-CN', 'en-US']);
    expect(Object.keys(alert.info[0] ?? {})).toEqual([
      'language',
      'category',
      'event',
      'responseType',
      'urgency',
      'severity',
      'certainty',
      'effective',
      'onset',
      'expires',
      'senderName',
      'headline',
      'description',
      'web',
      'parameter',
      'area',
    ]);
    expect(alert.info[0]).toMatchObject({
      area: { circle: '27.5,118.9 5', areaDesc: expect.stringContaining('松溪岩下') },
    });
    expect(first.body).toContain('<event>氨氮 &lt;高&gt; &amp; 单次</event>');
    const times = [...first.body.matchAll(/<(?:sent|effective|onset|expires)>(.*?)</g)].map(
      (match) => match[1] ?? '',
    );
    expect(times).toHaveLength(7);
    for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
    const last = alertOf((await api.app.inject({ url: '/feeds/cap/cap-3.xml' })).body);
    expect(last).toMatchObject({ msgType: 'Cancel' });
    expect(String(last['references']).split(' ')).toEqual([
      expect.stringMatching(/^jiehe\.test,cap-1,2026-/),
      expect.stringMatching(/^jiehe\.test,cap-2,2026-/),
    ]);
    expect((await api.app.inject({ url: '/feeds/cap/cap-1.xml' })).body).toBe(first.body);
  });

  test('show only what was routed to them', async () => {
    expect((await api.app.inject({ url: '/feeds/cap/other.xml' })).statusCode).toBe(404);
    expect((await api.app.inject({ url: '/feeds/cap/none.xml' })).statusCode).toBe(404);
  });

  test('list the documents as Atom, newest first, with an ETag', async () => {
    const feed = await api.app.inject({ url: '/feeds/alerts.atom' });
    expect(feed.headers['content-type']).toContain('application/atom+xml');
    const hrefs = [...feed.body.matchAll(/<link type="application\/cap\+xml" href="(.*?)"/g)].map(
      (match) => match[1],
    );
    expect(hrefs).toEqual([3, 2, 1].map((n) => `https://jiehe.example/feeds/cap/cap-${n}.xml`));
    const headers = { 'if-none-match': String(feed.headers['etag']) };
    expect((await api.app.inject({ url: '/feeds/alerts.atom', headers })).statusCode).toBe(304);
  });

  const python = '/usr/bin/python3';
  const reads = existsSync(python) && spawnSync(python, ['-c', 'import feedparser']).status === 0;
  test.skipIf(!reads)('are read by feedparser, CAP fields included', async () => {
    const { body } = await api.app.inject({ url: '/feeds/alerts.atom' });
    const script = `import sys,json,feedparser
d=feedparser.parse(sys.stdin.buffer.read())
print(json.dumps([bool(d.bozo),len(d.entries),d.entries[0].title,d.entries[0].cap_msgtype,d.entries[1].cap_severity]))`;
    const read = spawnSync(python, ['-c', script], { input: body, encoding: 'utf8' });
    expect(JSON.parse(read.stdout)).toEqual([false, 3, '氨氮 <高> & 单次', 'Cancel', 'Severe']);
  });

  const schema = path.join(import.meta.dirname, 'fixtures', 'cap-1.2-structure.xsd');
  const valid = (xml: string): { ok: boolean; said: string } => {
    const { status, stderr } = spawnSync('xmllint', ['--noout', '--schema', schema, '-'], {
      input: xml,
      encoding: 'utf8',
    });
    return { ok: status === 0, said: stderr };
  };

  test.skipIf(findProgram(['xmllint']) === null)(
    'every kind of message fits the structure of CAP 1.2, and what does not is found',
    async () => {
      const kinds = ['opened', 'escalated', 'amended', 'withdrawn', 'resolved', 'digest', 'drill'] as const;
      const nothing = {
        station: null,
        stationName: null,
        parameter: null,
        value: null,
        unit: null,
        limit: null,
      };
      const bare = {
        ...nothing,
        multiple: null,
        edition: null,
        standing: null,
        beginS: null,
        lon: null,
        lat: null,
        jurisdictions: [],
      };
      for (const [at, kind] of kinds.entries())
        for (const of of [
          facts({ alertId: `x ${at}`, drill: kind === 'drill' }),
          facts({ alertId: `y${at}`, ...bare }),
        ]) {
          const id = `cap-${kind}-${of.alertId} <&,>`;
          await publish(id, { channel: 'cap', kind, facts: of, createdS: nowS });
          const { body } = await api.app.inject({ url: `/feeds/cap/${encodeURIComponent(id)}.xml` });
          expect(valid(body), `${kind}\n${body}`).toMatchObject({ ok: true });
        }
      const { body } = await api.app.inject({ url: '/feeds/cap/cap-3.xml' });
      expect(valid(body)).toMatchObject({ ok: true });
      for (const [from, to] of [
        ['>Env<', '>env<'],
        ['+08:00</sent>', 'Z</sent>'],
        ['<severity>Moderate</severity>', ''],
        ['<scope>Public</scope>', ''],
        ['<circle>27.5,118.9 5</circle>', '<circle>27.5 118.9</circle>'],
      ] as const) {
        expect(body).toContain(from);
        expect(valid(body.replace(from, to)).ok, `${from} -> ${to}`).toBe(false);
      }
    },
  );
});

describe('the stream of the dashboard', () => {
  test('goes on after the event that a reader has, and brings what comes at once', async () => {
    await publish('s-1', { channel: 'board' });
    await publish('s-2', { channel: 'board' });
    const first = await deliveryStore(stores.state.db, stores.state.acts).get('s-1');
    await api.app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = api.app.server.address() as { port: number };
    const seen: { id: string | undefined; data: string }[] = [];
    const parser = createParser({ onEvent: ({ id, data }) => seen.push({ id, data }) });
    const headers = { ...api.as('office'), 'last-event-id': String(first?.deliveredOrder) };
    const request = get({ host: '127.0.0.1', port, path: '/api/v1/alerts/stream', headers }, (answer) => {
      expect(answer.headers['content-type']).toContain('text/event-stream');
      answer.setEncoding('utf8').on('data', (chunk: string) => parser.feed(chunk));
    });
    request.on('error', () => undefined);
    const ids = () => seen.map(({ data }) => (JSON.parse(data) as { notification: string }).notification);
    await expect.poll(ids, { timeout: 10_000 }).toEqual(['s-2']);
    const startedMs = performance.now();
    await publish('s-3', { channel: 'board' });
    await expect.poll(ids, { timeout: 10_000, interval: 5 }).toEqual(['s-2', 's-3']);
    expect(performance.now() - startedMs).toBeLessThan(1900);
    expect(Number(seen[1]?.id)).toBeGreaterThan(Number(seen[0]?.id));
    const late = notification('s-4', { channel: 'board', createdS: nowS });
    await stores.state.db.transaction().execute((trx) => addNotifications(trx, [late]));
    await publish('s-5', { channel: 'board' });
    await expect.poll(ids, { timeout: 10_000 }).toEqual(['s-2', 's-3', 's-5']);
    request.destroy();
    // Overtaken while nobody listened: a reader that comes back with the newest it has is told of it.
    await publish('s-4', { channel: 'board' });
    const again: string[] = [];
    const rest = createParser({
      onEvent: ({ data }) => again.push((JSON.parse(data) as { notification: string }).notification),
    });
    const back = { ...api.as('office'), 'last-event-id': String(seen.at(-1)?.id) };
    const reader = get({ host: '127.0.0.1', port, path: '/api/v1/alerts/stream', headers: back }, (answer) =>
      answer.setEncoding('utf8').on('data', (chunk: string) => rest.feed(chunk)),
    );
    reader.on('error', () => undefined);
    await expect.poll(() => again, { timeout: 10_000 }).toEqual(['s-4']);
    reader.destroy();
  });

  test('is for parties', async () => {
    expect((await api.app.inject({ url: '/api/v1/alerts/stream' })).statusCode).toBe(401);
  });
});
