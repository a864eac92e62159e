import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AddressGuard } from '../../src/api/webhooks/sender.ts';
import type { SharingRule } from '../../src/domain/config/sharing.ts';
import { BatchBuilder } from '../../src/domain/batch.ts';
import { REJUDGED_CURSOR } from '../../src/serving/rejudging.ts';
import { startWebhooks, type Webhooks } from '../../src/serving/webhooks.ts';
import { httpReceiver, type HttpReceiver } from '../alert/http-receiver.ts';
import { fixtureConfig } from './region-fixture.ts';
import { nowS, testApp, type Person, type Stores, type TestApp } from './test-app.ts';

const provenance = { source: 'made up for tests', confidence: 'assumed' as const };
/** Air is for its owner only, which is 331100 and not the finance bureau of 330300. */
const sharing: SharingRule[] = [
  { id: 'air', product: 'readings', medium: 'air', grants: [{ tier: 'office' }], provenance },
  { id: 'water', product: 'readings', grants: [{ tier: 'partner' }], provenance },
];
const daysS = 86_400;

/** Webhook subscriptions on whatever stores are opened: the same tests for each engine. */
export function webhookBodies(openStores: () => Promise<Stores>): void {
  let stores: Stores;
  let api: TestApp;
  let receiver: HttpReceiver;
  /** Tells when it is asked to; the queue is another one's. */
  let webhooks: Webhooks;
  let startQueue: () => Webhooks;
  let status = 204;
  const neverMs = 3_600_000;
  const clock = { atS: nowS };

  beforeAll(async () => {
    stores = await openStores();
    const change = {
      config: () => ({ ...fixtureConfig, sharing }),
      clock: { nowS: () => clock.atS },
      webhookPrivateNetworks: ['127.0.0.1'],
    };
    api = await testApp(stores, change);
    receiver = await httpReceiver(() => ({ status }));
    const system = { ...stores, clock: change.clock, log: pino({ level: 'silent' }) };
    webhooks = startWebhooks(system, { ...api.deps, ...change }, neverMs);
    startQueue = () => startWebhooks(system, { ...api.deps, ...change }, 100);
  });
  afterAll(async () => {
    await webhooks.close();
    await api.app.close();
    await receiver.close();
    await stores.close();
  });

  async function call(person: Person, method: 'GET' | 'POST' | 'DELETE', path: string, payload?: object) {
    const answer = await api.app.inject({
      method,
      url: `/api/v1/subscriptions${path}`,
      headers: api.as(person),
      ...(payload === undefined ? {} : { payload }),
    });
    return { status: answer.statusCode, body: answer.json() };
  }

  async function subscribe(person: Person, more: object = {}): Promise<{ id: string; secret: string }> {
    const made = await call(person, 'POST', '', {
      url: `${receiver.url}/hook`,
      events: ['readings.changed'],
      ...more,
    });
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    return made.body.result;
  }

  let values = 0;
  async function put(station: 'up' | 'roof'): Promise<number> {
    const value = 50 + ++values;
    const batch = new BatchBuilder(station === 'up' ? 'bureau' : 'airnet');
    const series =
      station === 'up' ? batch.seriesOf('up', 'tp', 'instant') : batch.seriesOf('roof', 'pm25', 'PT1H');
    batch.add({ series, timeS: nowS - values * 60, value });
    const body = new TextEncoder().encode(`${station} ${value}`);
    const entry = await stores.journal.append({ kind: 'raw', receivedS: clock.atS, meta: {}, body });
    await stores.readings.apply({ seq: entry.seq, receivedS: clock.atS }, batch.build());
    api.progress.appliedSeq = entry.seq;
    return value;
  }

  interface Body {
    type: string;
    data: { entries: { changes: { station: string; values: number[] }[] }[] };
  }
  const bodies = (from: number): Body[] =>
    receiver.received.slice(from).map(({ body }) => JSON.parse(body) as Body);
  const toldOf = (body: Body): (number | string)[] =>
    body.data.entries.flatMap(({ changes }) =>
      changes.flatMap((change) => [change.station, ...change.values]),
    );

  describe('webhook subscriptions', () => {
    it('show their secret once, and send a test message that its owner can verify', async () => {
      const { id, secret } = await subscribe('finance');
      const before = receiver.received.length;
      const tested = await call('finance', 'POST', `/${id}/test`);
      expect(tested.body.result).toMatchObject({ event: 'subscription.test', status: 204, error: null });
      const [request] = receiver.received.slice(before);
      expect(new Webhook(secret).verify(request!.body, request!.headers)).toMatchObject({
        type: 'subscription.test',
      });
      const listed = await call('finance', 'GET', '');
      expect(listed.body.results).toMatchObject([{ id, url: `${receiver.url}/hook`, disabled: null }]);
      expect(JSON.stringify(listed.body)).not.toContain(secret);
      expect((await call('finance', 'GET', `/${id}/deliveries`)).body.results).toMatchObject([
        { event: 'subscription.test', status: 204 },
      ]);
      expect((await call('stranger', 'GET', '')).body.results).toEqual([]);
      expect((await call('stranger', 'DELETE', `/${id}`)).status).toBe(404);
      await call('finance', 'DELETE', `/${id}`);
      await expect(webhooks.deliver(id)).resolves.toBeUndefined();
    });

    it('tell what their owner may see, in order, again under the same id where an attempt failed', async () => {
      const { id } = await subscribe('finance');
      const hidden = await put('roof');
      const first = await put('up');
      const before = receiver.received.length;
      status = 500;
      await expect(webhooks.deliver(id)).rejects.toThrow('status 500');
      status = 204;
      await webhooks.deliver(id);
      const attempts = receiver.received.slice(before);
      expect(new Set(attempts.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
      expect(bodies(before).map(toldOf)).toEqual([
        ['up', first],
        ['up', first],
      ]);
      expect(bodies(before).flatMap(toldOf)).not.toContain(hidden);
      expect(JSON.stringify(bodies(before))).not.toContain('roof');
      const second = await put('up');
      await webhooks.deliver(id);
      await webhooks.deliver(id);
      expect(bodies(before + 2).map(toldOf)).toEqual([['up', second]]);
      expect(
        (await call('finance', 'GET', `/${id}/deliveries`)).body.results.map(
          (one: { status: number }) => one.status,
        ),
      ).toEqual([204, 204, 500]);
      await call('finance', 'DELETE', `/${id}`);
    });

    it('are disabled after five days of failure, by an act, and enabled again by a test that is taken', async () => {
      const { id } = await subscribe('office');
      await put('up');
      status = 503;
      await expect(webhooks.deliver(id)).rejects.toThrow('status 503');
      clock.atS = nowS + 5 * daysS;
      await webhooks.deliver(id);
      const [disabled] = (await call('office', 'GET', '')).body.results;
      expect(disabled.disabled).not.toBeNull();
      const before = receiver.received.length;
      await webhooks.deliver(id);
      expect(receiver.received.length).toBe(before);
      status = 204;
      await call('office', 'POST', `/${id}/test`);
      await webhooks.deliver(id);
      expect(bodies(before).map(({ type }) => type)).toEqual(['subscription.test', 'readings.changed']);
      clock.atS = nowS;
      await call('office', 'DELETE', `/${id}`);
    });

    it('are told through the job queue without being asked', async () => {
      const { id } = await subscribe('duty', { stations: ['up'] });
      const queue = startQueue();
      try {
        const before = receiver.received.length;
        const value = await put('up');
        await vi.waitFor(() => expect(bodies(before).map(toldOf)).toEqual([['up', value]]), {
          timeout: 30_000,
        });
      } finally {
        await queue.close();
      }
      await call('duty', 'DELETE', `/${id}`);
    }, 40_000);

    it('tell of verdicts that became others, to whoever may see what is judged, once', async () => {
      const { id } = await subscribe('office', { events: ['verdict.changed'], stations: ['up'] });
      const narrow = await subscribe('finance', { events: ['verdict.changed'], stations: ['roof'] });
      await put('up');
      const changedSeq = api.progress.appliedSeq;
      const outcome = { class: 3, counts: 'measured', aqi: null, met: false, deciding: ['tp'] };
      const row = {
        station: 'up',
        medium: 'water' as const,
        kind: 'month',
        period: '2026-02',
        from: '2026-02-01',
        to: '2026-02-28',
        id: 'v'.repeat(64),
        rules: 'r'.repeat(64),
        outcome,
        previousId: null,
        changedSeq,
        judgedS: nowS,
      };
      await stores.state.latestVerdicts.put([row]);
      await stores.state.cursors.set(REJUDGED_CURSOR, JSON.stringify({ seq: changedSeq }));
      const before = receiver.received.length;
      await webhooks.deliver(id);
      await webhooks.deliver(id);
      await webhooks.deliver(narrow.id);
      expect(receiver.received.slice(before).map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
        {
          type: 'verdict.changed',
          data: {
            total: 1,
            verdicts: [{ station: 'up', period: '2026-02', outcome, previousId: null, changedSeq }],
          },
        },
      ]);
      await call('office', 'DELETE', `/${id}`);
      await call('finance', 'DELETE', `/${narrow.id}`);
    });

    it('tell of publications that were decided', async () => {
      const { id } = await subscribe('office', { events: ['publication.decided'] });
      clock.atS = nowS + 10;
      const ask = { product: 'readings', tier: 'public', from: '2026-03-01', document: 'made up' };
      const asked = await api.app.inject({
        method: 'POST',
        url: '/api/v1/publications',
        headers: api.as('duty'),
        payload: { ...ask, locatedIn: '331100' },
      });
      const publication = asked.json().result.id;
      await api.app.inject({
        method: 'POST',
        url: `/api/v1/publications/${publication}/decision`,
        headers: api.as('office'),
        payload: { inForce: false, reason: 'not yet' },
      });
      clock.atS = nowS + 12;
      const before = receiver.received.length;
      await webhooks.deliver(id);
      expect(JSON.parse(receiver.received[before]!.body)).toMatchObject({
        type: 'publication.decided',
        data: { publications: [{ id: publication, state: 'refused' }] },
      });
      clock.atS = nowS;
      await call('office', 'DELETE', `/${id}`);
    });

    it('follow from the acts: a rebuilt state has the same', async () => {
      const { tables } = await stores.state.rebuild();
      expect(tables.filter(({ equal }) => !equal)).toEqual([]);
      expect(tables.map(({ name }) => name)).toContain('subscription');
    });

    it('never go to a private address, whatever it is written as', async () => {
      const guard = new AddressGuard([]);
      const refused = [
        'https://127.0.0.1/',
        'https://10.1.2.3/',
        'https://169.254.169.254/latest',
        'https://[::1]/',
        'https://[::ffff:10.0.0.1]/',
        'https://[fd00::1]/',
        'https://2130706433/',
        'https://0x7f.1/',
        'http://example.org/',
        'https://user@example.org/',
        'ftp://example.org/',
      ];
      for (const url of refused)
        expect({ url, refused: guard.refusal(url) !== null }).toEqual({ url, refused: true });
      expect(guard.refusal('https://example.org/hook')).toBeNull();
      const lookup = (name: string) =>
        new Promise<string>((done) => guard.lookup(name, {}, (error) => done(error?.message ?? 'reached')));
      expect(await lookup('localhost')).toContain('private address');
      const made = await call('finance', 'POST', '', {
        url: 'https://10.0.0.1/hook',
        events: ['readings.changed'],
      });
      expect(made.status).toBe(400);
      expect(JSON.stringify(made.body)).toContain('private address');
      expect(() => new AddressGuard(['10.0.0.0/40'])).toThrow('is no network');
    });
  });
}
