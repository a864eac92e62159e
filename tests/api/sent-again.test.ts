import { afterAll, beforeAll, expect, it } from 'vitest';
import { QualityDesk } from '../../src/api/quality/quality-desk.ts';
import { standards } from '../analysis/standards.ts';
import { fixtureConfig } from './region-fixture.ts';
import { nowS, openStores, testApp, type Person, type Stores, type TestApp } from './test-app.ts';

let stores: Stores;
let api: TestApp;
let laterS = nowS;
beforeAll(async () => {
  stores = await openStores();
  const clock = { nowS: () => laterS };
  const { readings, state, journal } = stores;
  const judged = { ...fixtureConfig, ...standards };
  const config = () => judged;
  const quality = new QualityDesk({ config, readings, state, journal, clock, refresh: async () => {} });
  api = await testApp(stores, { clock, quality });
});
afterAll(async () => {
  await api.app.close();
  await stores.close();
});

const send = (url: string, payload: object, person: Person) =>
  api.app.inject({ method: 'POST', url: `/api/v1${url}`, headers: api.as(person), payload });

const window = { from: '2026-03-01T00:00', to: '2026-03-02T00:00' };
const series = { station: 'up', parameters: ['tp'], provider: 'bureau' };
const reading = { ...series, averaging: 'instant', ...window, seenSeq: 1 };
const device = { source: 'hj212', device: 'A1' };

const acts: readonly [act: string, url: string, body: object, person?: Person][] = [
  ['a review', '/reviews', { id: '1', ...reading, validity: 'invalid', stage: 2, reason: 'dry' }],
  [
    'a review by level',
    '/quality/reviews',
    { id: '2', ...reading, level: 'final', validity: 'valid', reviewer: '陈', opinion: 'agrees' },
  ],
  [
    'a check',
    '/quality/checks',
    { id: '1', ...series, check: 'maintenance', from: '2026-03-01T00:00', at: '2026-03-01T02:00' },
  ],
  ['a hold', '/quality/holds', { id: '2', ...series, ...window, rule: 'neighbours', reason: 'unlike' }],
  ['an objection', '/quality/objections', { id: '1', ...reading, claim: 'our sample says 0.1' }],
  ['its answer', '/quality/answers', { id: '1', objection: 'objection-1', outcome: 'rejected', text: 'no' }],
  [
    'a registration',
    '/registrations',
    { id: '1', provider: 'bureau', naturalKey: '新断面', station: 'up', from: '2026-01-01' },
  ],
  [
    'an approved device',
    '/devices/approvals',
    {
      id: '1',
      ...device,
      station: 'up',
      from: '2026-03-01',
      settings: { mn: 'A1', pw: { sha256: 'a'.repeat(64) }, edition: '2017' },
      reason: 'installed',
    },
  ],
  ['a request to a device', '/devices/requests', { id: '1', ...device, command: '2061', ...window }],
  ['a withdrawn device', '/devices/withdrawals', { id: '1', ...device, reason: 'stolen' }],
  [
    'an application',
    '/circumstances',
    {
      id: 'flood',
      kind: 'extreme-weather-or-flood',
      section: 'up',
      items: ['tp'],
      ...window,
      applicant: '331100',
      evidence: [],
      note: 'high water',
    },
  ],
  ['a decision', '/circumstances/flood/decisions', { id: '1', effect: 'none', note: 'no flood' }],
  ['a withdrawal', '/circumstances/flood/withdrawal', { id: '1', reason: 'a mistake' }],
];

it.each(acts)(
  '%s that is sent again a second later is done once',
  async (_act, url, body, person = 'office') => {
    const first = await send(url, body, person);
    expect(first.statusCode, first.body).toBe(201);
    laterS += 1;
    const again = await send(url, body, person);
    expect(again.statusCode, again.body).toBe(201);
    expect(again.json().result).toEqual(first.json().result);
  },
);

it('a reading that somebody objected to is shown with the objection, and with how it was answered', async () => {
  const query = 'station=up&parameter=tp&averaging=instant&provider=bureau';
  const url = (from: string, to: string) => `/api/v1/series?${query}&from=${from}&to=${to}`;
  const shown = async (from: string, to: string) =>
    (await api.app.inject({ url: url(from, to), headers: api.as('viewer') })).json().objections;
  expect(await shown('2026-03-01', '2026-03-05')).toMatchObject([
    { id: 'objection-1', station: 'up', parameters: ['tp'], outcome: 'rejected' },
  ]);
  expect(await shown('2026-03-02', '2026-03-05')).toEqual([]);
});
