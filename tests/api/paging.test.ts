import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endedEvent } from './latest-event.ts';
import { QualityDesk } from '../../src/api/quality/quality-desk.ts';
import { addNotifications, acknowledgeTokens, deliveryStore } from '../../src/store/state/index.ts';
import { notification } from '../alert/notification-fixture.ts';
import { standards } from '../analysis/standards.ts';
import type { Document } from './openapi-requests.ts';
import { fixtureConfig } from './region-fixture.ts';
import { hourS, nowS, openStores, testApp, type Stores, type TestApp } from './test-app.ts';

let stores: Stores;
let api: TestApp;
/** Some of each kind, several of them in the same second. */
const many = 5;
beforeAll(async () => {
  stores = await openStores();
  const judged = { ...fixtureConfig, ...standards };
  const config = () => judged;
  const { readings, state, journal } = stores;
  const clock = { nowS: () => nowS };
  api = await testApp(stores, {
    config,
    quality: new QualityDesk({ config, readings, state, journal, clock, refresh: async () => {} }),
    alertLinks: {
      messages: deliveryStore(stores.state.db, stores.state.acts),
      tokens: acknowledgeTokens(stores.state.db),
      onDelivered: () => () => true,
      acknowledge: () => Promise.resolve(),
    },
  });
  await Promise.all([fillTables(), fillActs()]);
});
afterAll(async () => {
  await api.app.close();
  await stores.close();
});

async function fillTables(): Promise<void> {
  const { state } = stores;
  for (let at = 0; at < many; at++) {
    await state.runs.start({
      runId: `run-${at}`,
      source: 'air-net',
      startedS: nowS + Math.floor(at / 3),
      trigger: 'schedule',
    });
    await state.subscriptions.note('hook', {
      atS: nowS,
      message: `m${at}`,
      event: 'readings.changed',
      status: 200,
      error: null,
      milliseconds: 1,
    });
    const file = { source: 'bureau-water', sha256: 'a'.repeat(64), name: `${at}.csv`, month: null, bytes: 1 };
    await state.db
      .insertInto('upload')
      .values({ id: `upload-${at}`, entry: 1000 + at, actor: 'clerk', at_s: nowS, ...file })
      .execute();
  }
  const gap = { station: 'roof', averaging: 'PT1H', fromS: nowS - 5 * hourS, toS: nowS - 4 * hourS } as const;
  const gaps = ['pm25', 'pm10', 'o3', 'no2', 'so2'].map((parameter) => ({ ...gap, parameter }));
  await state.gaps.note('air-net', { fromS: nowS - 9 * hourS, toS: nowS }, gaps, nowS);
  const events = Array.from({ length: many }, (_, at) => ({
    ...endedEvent(nowS),
    criterion: `c${at}`,
    fromS: nowS - hourS * Math.floor(at / 2),
  }));
  await state.latestVerdicts.putEvents('up', { fromS: 0, toS: nowS + 1 }, events);
  const told = Array.from({ length: many }, (_, at) => notification(`note-${at}`, { createdS: nowS }));
  await state.db.transaction().execute((trx) => addNotifications(trx, told));
}

async function fillActs(): Promise<void> {
  const window = { from: '2026-03-01T00:00', to: '2026-03-02T00:00' };
  const series = { station: 'up', parameters: ['tp'], provider: 'bureau' };
  const reading = { ...series, averaging: 'instant', ...window, seenSeq: 1 };
  const post = async (url: string, payload: object) => {
    const answer = await api.app.inject({
      method: 'POST',
      url: `/api/v1${url}`,
      headers: api.as('administrator'),
      payload,
    });
    expect(answer.statusCode, answer.body).toBe(201);
  };
  for (let at = 0; at < many; at++) {
    const id = String(at);
    await post('/reviews', { id, ...reading, validity: 'invalid', stage: 2, reason: 'dry' });
    await post('/quality/checks', {
      id,
      ...series,
      check: 'maintenance',
      from: '2026-03-01T00:00',
      at: '2026-03-01T02:00',
    });
    await post('/quality/objections', { id, ...reading, claim: 'our sample says 0.1' });
    await post('/devices/requests', { id, source: 'hj212', device: 'A1', command: '2061', ...window });
  }
  await post('/subscriptions', {
    url: 'https://receiver.example/hook',
    events: ['readings.changed'],
  });
  const { results } = (await get('/api/v1/subscriptions')).json();
  await stores.state.db.updateTable('webhook_delivery').set({ subscription: results[0].id }).execute();
  paths.push(`/api/v1/subscriptions/${results[0].id}/deliveries`);
}

const get = (url: string) => api.app.inject({ url, headers: api.as('administrator') });

/** Lists of which the fixture has several items. */
const paths = [
  '/api/v1/sources/air-net/runs',
  '/api/v1/sources/air-net/gaps',
  '/api/v1/uploads',
  '/api/v1/reviews',
  '/api/v1/quality/checks',
  '/api/v1/quality/objections',
  '/api/v1/devices/requests',
  '/api/v1/alert-deliveries',
  '/api/v1/events/latest',
  '/api/v1/keys',
];

async function pages(path: string, limit: number): Promise<{ items: unknown[]; sizes: number[] }> {
  const items: unknown[] = [];
  const sizes: number[] = [];
  for (let url: string | null = `${path}?limit=${limit}`; url !== null;) {
    const answer = await get(url);
    expect(answer.statusCode, `${url} ${answer.body}`).toBe(200);
    const { results, meta } = answer.json();
    items.push(...results);
    sizes.push(results.length);
    const link = /^<([^>]+)>; rel="next"$/.exec(String(answer.headers['link'] ?? ''))?.[1] ?? null;
    expect(link === null).toBe(meta.next === null);
    url = link;
  }
  return { items, sizes };
}

describe('a list that grows', () => {
  it('is the same in pages of any size as in one, without an empty page at its end', async () => {
    for (const path of paths) {
      const { results: whole } = (await get(`${path}?limit=500`)).json();
      expect(whole.length, path).toBeGreaterThanOrEqual(many);
      for (const limit of [1, 2, whole.length]) {
        const { items, sizes } = await pages(path, limit);
        expect(items, path).toEqual(whole);
        expect(sizes.length, path).toBe(Math.ceil(whole.length / limit));
      }
    }
  });

  it('goes on as a table, where the Link header alone says what comes next', async () => {
    const first = await get('/api/v1/reviews?limit=3&f=csv&fields=id');
    expect(first.body).toBe('id\r\nreview-4\r\nreview-3\r\nreview-2\r\n');
    const link = /^<([^>]+)>/.exec(String(first.headers['link']))?.[1] ?? '';
    const second = await get(link);
    expect(second.body).toBe('id\r\nreview-1\r\nreview-0\r\n');
    expect(second.headers['link']).toBeUndefined();
  });

  it('refuses a cursor of another list, and says what it expected', async () => {
    const cursors = new Map<string, string>();
    for (const path of paths) cursors.set(path, (await get(`${path}?limit=1`)).json().meta.next);
    for (const path of [...paths, '/api/v1/sources/bureau-water/runs']) {
      for (const [of, cursor] of cursors) {
        if (of === path) continue;
        const answer = await get(`${path}?cursor=${cursor}`);
        expect(answer.statusCode, `${path} with one of ${of}`).toBe(400);
        expect(answer.json().error.details.faults).toEqual([
          { field: 'querystring.cursor', value: cursor, expected: expect.stringContaining('same list') },
        ]);
      }
    }
  });

  it('refuses what nobody gave out, whatever it is, and asks the store for nothing impossible', async () => {
    for (const path of paths) {
      const given: unknown[] = JSON.parse(
        Buffer.from((await get(`${path}?limit=1`)).json().meta.next, 'base64url').toString(),
      );
      const [list, ...key] = given;
      const forged: unknown[] = [
        null,
        7,
        'text',
        {},
        [],
        [list],
        [list, ...key, 1],
        [list, ...key.map(() => null)],
        [list, ...key.map(() => 1.5)],
        [list, ...key.map(() => 1e300)],
        [list, ...key.map(() => 'a\0b')],
        [list, ...key.map(() => ({}))],
      ];
      const texts = forged.map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'));
      for (const cursor of [...texts, '_', 'e30', 'x'.repeat(1999), 'x'.repeat(2001), 'a b', '../../etc']) {
        const answer = await get(`${path}?cursor=${encodeURIComponent(cursor)}`);
        expect(answer.statusCode, `${path} ${cursor} ${answer.body}`).toBe(400);
        expect(answer.json().error.details.faults[0].field).toBe('querystring.cursor');
      }
      const extremes = key.map((one) => (typeof one === 'number' ? Number.MIN_SAFE_INTEGER : '\u{10ffff}'));
      const far = Buffer.from(JSON.stringify([list, ...extremes])).toString('base64url');
      expect((await get(`${path}?cursor=${far}`)).statusCode).toBe(path.endsWith('/keys') ? 400 : 200);
    }
  });
});

/** Lists without pages, and what bounds each. */
const bounded: Record<string, string> = {
  '/api/v1/jurisdictions': 'configuration',
  '/api/v1/map-places': 'configuration',
  '/api/v1/stations': 'configuration',
  '/api/v1/sections': 'configuration',
  '/api/v1/stations/{id}/history': 'configuration',
  '/api/v1/signing-keys': 'configuration',
  '/api/v1/latest': 'stations',
  '/api/v1/exceedances': 'stations',
  '/api/v1/silence': 'series',
  '/api/v1/stations/{id}/silence': 'series',
  '/api/v1/sources/{id}/silence': 'series',
  '/api/v1/coverage': 'rows of a request',
  '/api/v1/events': 'the span asked for',
  '/api/v1/quality/marks': 'the span asked for',
  '/api/v1/quality/comparisons': 'the span asked for',
  '/api/v1/quality/reviews-due': 'the span asked for',
  '/api/v1/readings/past': 'versions of one value',
  '/api/v1/devices/quarantine': 'a thousand entries',
  '/api/v1/agreements/{id}/disputes': 'periods of one agreement',
  '/api/v1/agreements/{id}/reminders': 'late payments of one agreement, one a day',
  '/api/v1/agreements/{id}/arrears': 'periods of one agreement',
  '/api/v1/changes': 'it has `since`',
};

describe('the document', () => {
  it('gives every list either pages or a bound', async () => {
    const document: Document = (await get('/api/openapi.json')).json();
    const lists = Object.entries(document.paths).flatMap(([path, { get: operation }]) => {
      const answer = operation?.responses['200'] as
        | { content?: Record<string, { schema?: { properties?: Record<string, { type?: string }> } }> }
        | undefined;
      const results = answer?.content?.['application/json']?.schema?.properties?.['results'];
      return operation !== undefined && results?.type === 'array' ? [{ path, operation }] : [];
    });
    const whole = lists
      .filter(({ operation }) => !(operation.parameters ?? []).some(({ name }) => name === 'cursor'))
      .map(({ path }) => path);
    expect(whole.toSorted()).toEqual(Object.keys(bounded).toSorted());
    expect(lists.length - whole.length).toBeGreaterThan(25);
  });
});
