import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { QualityDesk } from '../../src/api/quality/quality-desk.ts';
import { BatchBuilder } from '../../src/domain/batch.ts';
import { standards } from '../analysis/standards.ts';
import { fixtureConfig } from './region-fixture.ts';
import { hourS, nowS, openStores, testApp, type Person, type Stores, type TestApp } from './test-app.ts';

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

it('a hot series asks neither the state nor the readings, and a new reading, objection or answer changes the next one', async () => {
  const url =
    '/api/v1/series?station=up&parameter=tp&averaging=instant&provider=bureau&from=2026-03-01&to=2026-03-06';
  const read = async () => {
    const { headers, body } = await api.app.inject({ url, headers: api.as('viewer') });
    return { etag: headers.etag, objections: JSON.parse(body).objections.length as number, body };
  };
  const first = await read();
  const asked = [vi.spyOn(stores.state.quality, 'objections'), vi.spyOn(stores.readings, 'series')];
  try {
    for (let again = 0; again < 3; again++) expect(await read()).toEqual(first);
    expect(asked.map((spy) => spy.mock.calls.length)).toEqual([0, 0]);
  } finally {
    for (const spy of asked) spy.mockRestore();
  }

  const objection = { id: 'hot', ...reading, claim: 'dry that night' };
  expect((await send('/quality/objections', objection, 'office')).statusCode).toBe(201);
  const objected = await read();
  expect(objected.objections).toBe(first.objections + 1);
  expect(objected.etag).not.toBe(first.etag);

  const answer = { id: 'hot', objection: 'objection-hot', outcome: 'upheld', text: 'the log agrees' };
  expect((await send('/quality/answers', answer, 'office')).statusCode).toBe(201);
  const answered = await read();
  expect(JSON.parse(answered.body).objections).toMatchObject([
    { id: 'objection-hot', outcome: 'upheld' },
    {},
  ]);
  expect(answered.etag).not.toBe(objected.etag);

  const batch = new BatchBuilder('bureau');
  batch.add({ series: batch.seriesOf('up', 'tp', 'instant'), timeS: nowS + hourS, value: 0.42 });
  const body = new Uint8Array();
  const { seq } = await stores.journal.append({ kind: 'raw', receivedS: laterS, meta: {}, body });
  await stores.readings.apply({ seq, receivedS: laterS }, batch.build());
  api.progress.appliedSeq = seq;
  const grown = await read();
  expect(grown.etag).not.toBe(answered.etag);
  expect(grown.body).toContain('0.42');
});

it('an objection of another process is shown within a second', async () => {
  const url =
    '/api/v1/series?station=up&parameter=tp&averaging=instant&provider=bureau&from=2026-03-01&to=2026-03-06';
  const shown = async (): Promise<{ id: string }[]> =>
    (await api.app.inject({ url, headers: api.as('viewer') })).json().objections;
  const before = await shown();
  const [known] = await stores.state.quality.objections({ limit: 1 });
  const theirs = { ...known!, id: 'theirs' };
  const spy = vi.spyOn(stores.state.quality, 'objections').mockResolvedValue([theirs]);
  try {
    expect(await shown()).toEqual(before);
    laterS += 1;
    expect((await shown()).map(({ id }) => id)).toEqual(['theirs']);
  } finally {
    spy.mockRestore();
  }
});
