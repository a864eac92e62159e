import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStores, testApp, type Person, type Stores, type TestApp } from './test-app.ts';

let stores: Stores;
let api: TestApp;
beforeAll(async () => {
  stores = await openStores();
  api = await testApp(stores);
});
afterAll(async () => {
  await api.app.close();
  await stores.close();
});

const post = (url: string, payload: object, person: Person = 'office') =>
  api.app.inject({ method: 'POST', url: `/api/v1${url}`, headers: api.as(person), payload });
const get = async (url: string, person: Person = 'office') =>
  (await api.app.inject({ url: `/api/v1${url}`, headers: api.as(person) })).json();

const review = {
  station: 'up',
  parameters: ['tp'],
  averaging: 'instant',
  provider: 'bureau',
  from: '2026-03-01T00:00',
  to: '2026-03-02T00:00',
  validity: 'valid',
  reviewer: '陈',
  opinion: 'agrees with the manual sample',
  seenSeq: 1,
};

describe('a review by level', () => {
  it('needs a role that the level names, and the jurisdiction of the station', async () => {
    const station = { ...review, level: 'station' };
    expect((await post('/quality/reviews', station, 'duty')).statusCode).toBe(201);
    expect((await post('/quality/reviews', station, 'stranger')).statusCode).toBe(403);
    expect((await post('/quality/reviews', { ...review, level: 'final' }, 'duty')).statusCode).toBe(403);
    expect((await post('/quality/reviews', { ...review, level: 'final' })).statusCode).toBe(201);
    const none = await post('/quality/reviews', { ...review, level: 'fourth' });
    expect(none.json().error.message).toContain('station, centre, final');
  });

  it('is listed with who, when, why, its deadline and whether it was late', async () => {
    const [newest] = (await get('/reviews?station=up')).results;
    expect(newest).toMatchObject({
      level: 'final',
      stage: 7,
      reviewer: '陈',
      reason: review.opinion,
      actor: 'office',
      due: '2026-04-01T00:00:00+08:00',
      late: false,
    });
  });

  it('that is due is shown by day and level', async () => {
    const window = 'averaging=instant&provider=bureau&from=2026-02-20&to=2026-03-10';
    const { results } = await get(`/quality/reviews-due?stations=up&${window}`);
    expect(results.length).toBeGreaterThan(0);
    expect(results[0]).toMatchObject({ station: 'up', network: 'default', level: 'station' });
    expect(results[0].networkName.zh).not.toBe('');
    expect(results[0].levelName).toMatchObject({ zh: expect.stringMatching('审核') });
  });
});

describe('checks and holds', () => {
  it('are refused by field, and a maintenance is in the list with its hold', async () => {
    const check = {
      station: 'nowhere',
      provider: 'bureau',
      parameters: ['tp'],
      check: 'span-check',
      at: '2026-03-01',
    };
    const refused = await post('/quality/checks', check);
    expect(refused.json().error.details.faults).toMatchObject([{ field: 'body.station', value: 'nowhere' }]);
    const hold = { ...review, rule: 'neighbours', reason: 'three times the others' };
    const { station, provider, parameters, from, to, rule, reason } = hold;
    const made = await post('/quality/holds', {
      id: 'h1',
      station,
      provider,
      parameters,
      from,
      to,
      rule,
      reason,
    });
    expect(made.statusCode).toBe(201);
    const [listed] = (await get('/quality/holds?station=up', 'viewer')).results;
    expect(listed).toMatchObject({ id: 'hold-h1', rule: 'neighbours', parameters: ['tp'], released: null });
  });
});

describe('silence', () => {
  it('is a state of its own: of a series, a station, a source, and in the metrics', async () => {
    const { results } = await get('/silence');
    const states = new Set(results.map(({ state }: { state: string }) => state));
    expect(
      [...states].every((state) =>
        ['reporting', 'overdue', 'silent', 'not-expected'].includes(String(state)),
      ),
    ).toBe(true);
    const own = (await get('/stations/up/silence')).results;
    expect(own[0]).toMatchObject({
      station: 'up',
      patienceFrom: 'configured',
      intervals: expect.any(Number),
    });
    expect((await get('/sources/none/silence')).error.code).toBe('E_NOT_FOUND');
    expect((await get('/silence?state=silent')).results.length).toBeLessThan(results.length);
    const metrics = (await api.app.inject('/metrics')).body;
    expect(metrics).toMatch(/jiehe_series\{source="bureau-water",state="reporting"\} \d+/);
  });
});

describe('identity', () => {
  it('is suggested to the office, and a station tells its history', async () => {
    const { results } = await get('/identity/suggestions');
    expect(results).toMatchObject([{ naturalKey: 'x', matches: [] }]);
    const grounds = {
      relation: 'renamed',
      of: null,
      position: null,
      score: 0.9,
      reasons: ['same name'],
      note: 'letter of the bureau',
    };
    const body = { provider: 'bureau', naturalKey: 'x', station: 'up', from: '2026-01-01', grounds };
    expect((await post('/registrations', body)).statusCode).toBe(201);
    const history = (await get('/stations/up/history')).results;
    expect(history.at(-1)).toMatchObject({
      from: '2026-01-01',
      name: 'x',
      relation: 'renamed',
      note: 'letter of the bureau',
    });
    expect((await get('/identity/suggestions')).results).toEqual([]);
  });
});
