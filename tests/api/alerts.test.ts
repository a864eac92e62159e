import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drillOf } from '../../src/alert/drill.ts';
import { acknowledgeTokens, addNotifications, deliveryStore } from '../../src/store/state/index.ts';
import { notification } from '../alert/notification-fixture.ts';
import { policyOf } from '../alert/timeline.ts';
import { fixtureConfig } from './region-fixture.ts';
import { hourS, nowS, openStores, testApp, type Person, type Stores, type TestApp } from './test-app.ts';

const config = {
  ...fixtureConfig,
  alertPolicies: [policyOf({ incidentKinds: [{ id: 'spill', name: { zh: '泄漏', en: 'Spill' } }] })],
};
let stores: Stores;
let api: TestApp;
let id: string;
beforeAll(async () => {
  stores = await openStores();
  const { state } = stores;
  api = await testApp(stores, {
    config: () => config,
    alertLinks: {
      messages: deliveryStore(state.db, state.acts),
      tokens: acknowledgeTokens(state.db),
      onDelivered: () => () => undefined,
      acknowledge: () => Promise.resolve(),
    },
  });
  const drill = { station: 'up', severity: 'major', actor: 'li', synthetic: false } as const;
  const record = drillOf(drill, config, nowS);
  id = record.changes[0]!.alert.id;
  const act = { version: 1, id: 'drill', actor: 'li', atS: nowS } as const;
  await state.acts.perform({ ...act, kind: 'record-alerts', payload: { ...record } });
});
afterAll(async () => {
  await api.app.close();
  await stores.close();
});

const send = async (person: Person, url: string, payload: object) => {
  const answer = await api.app.inject({
    method: 'POST',
    url: `/api/v1${url}`,
    headers: api.as(person),
    payload,
  });
  return {
    status: answer.statusCode,
    body: answer.json<{ result: { id: string }; error: Record<string, unknown> }>(),
  };
};
const get = async <T>(person: Person, url: string) =>
  (await api.app.inject({ url: `/api/v1${url}`, headers: api.as(person) })).json<T>();
const path = (of: string): string => `/alerts/${encodeURIComponent(id)}/${of}`;

describe('one alert', () => {
  test('is listed to whom it concerns, by state, and shown with its history', async () => {
    const active = await get<{ results: { id: string; state: string }[] }>('duty', '/alerts?state=active');
    expect(active.results).toMatchObject([{ id, state: 'open', station: 'up', severity: 'major' }]);
    expect((await get<{ results: [] }>('duty', '/alerts?state=closed')).results).toEqual([]);
    expect((await get<{ results: [] }>('stranger', '/alerts')).results).toEqual([]);
    const shown = await get<{ result: object }>('office', `/alerts/${encodeURIComponent(id)}`);
    expect(shown.result).toMatchObject({
      id,
      jurisdictions: ['331100', '330300'],
      steps: [{ number: 1, kind: 'opened', reason: 'drill', actor: 'li' }],
      told: [],
    });
  });

  test.each<[string, object, string]>([
    ['acknowledgement', { note: '' }, 'body.note'],
    ['acknowledgement', { noet: 'x' }, 'noet'],
    ['comments', {}, 'text'],
    ['assignment', {}, 'to'],
    ['snooze', { until: 'tomorrow', reason: 'r' }, 'tomorrow'],
    ['snooze', { until: '2026-03-02T12:00' }, 'reason'],
    ['snooze', { until: '2027-03-02T12:00', reason: 'r' }, '30 days'],
    ['closing', { reason: '' }, 'body.reason'],
  ])('%s of %j is refused, and says what is wrong', async (of, payload, named) => {
    const { status, body } = await send('duty', path(of), payload);
    expect(status).toBe(400);
    expect(JSON.stringify(body.error)).toContain(named);
  });

  test('is answered by those it concerns, and by no others', async () => {
    for (const person of ['viewer', 'stranger'] as const)
      expect((await send(person, path('acknowledgement'), {})).status).toBe(403);
    expect((await send('duty', path('closing'), { reason: 'done' })).status).toBe(409);
    expect((await send('duty', path('acknowledgement'), { note: '已派人到现场' })).status).toBe(201);
    expect((await send('finance', path('acknowledgement'), {})).body.error).toMatchObject({
      code: 'E_CONFLICT',
      details: { state: 'acknowledged' },
    });
    expect((await send('finance', path('assignment'), { to: 'wang' })).status).toBe(201);
    expect((await send('duty', path('comments'), { text: '取样送检' })).status).toBe(201);
    expect((await send('duty', path('snooze'), { until: '2026-03-02T12:00', reason: '等结果' })).status).toBe(
      201,
    );
    const { result } = await get<{ result: { steps: { kind: string; actor: string }[] } }>(
      'duty',
      `/alerts/${encodeURIComponent(id)}`,
    );
    expect(result).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: 'duty',
      assignee: 'wang',
      snoozedUntil: '2026-03-02T12:00:00+08:00',
    });
    expect(result.steps.map(({ kind, actor }) => `${kind} ${actor}`)).toEqual([
      'opened li',
      'acknowledged duty',
      'assigned finance',
      'commented duty',
      'snoozed duty',
    ]);
    expect((await send('duty', path('closing'), { reason: '已恢复' })).status).toBe(201);
    expect((await send('duty', '/alerts/none/comments', { text: 'x' })).status).toBe(404);
  });
});

describe('silences', () => {
  test('are made and ended by the joint office, with a scope, a reason and an end', async () => {
    const given = { match: { stations: ['up'] }, reason: '仪器搬迁', to: '2026-03-02T12:00' };
    expect((await send('duty', '/alert-silences', given)).status).toBe(403);
    expect((await send('office', '/alert-silences', { ...given, match: {} })).status).toBe(400);
    expect((await send('office', '/alert-silences', { ...given, to: '2026-03-01T12:00' })).status).toBe(400);
    const { status, body } = await send('office', '/alert-silences', given);
    expect(status).toBe(201);
    const listed = await get<{ results: object[] }>('duty', '/alert-silences');
    expect(listed.results).toMatchObject([{ id: body.result.id, actor: 'office', match: given.match }]);
    const ending = `/alert-silences/${encodeURIComponent(body.result.id)}/ending`;
    expect((await send('office', ending, {})).status).toBe(201);
    expect((await send('office', ending, {})).status).toBe(409);
  });
});

describe('incidents', () => {
  const report = { kind: 'spill', text: '槽罐车侧翻', stations: ['up'], severity: 'critical' };

  test('are reported by those they concern, and end with a reason', async () => {
    expect((await send('stranger', '/incidents', report)).status).toBe(403);
    const { status, body } = await send('duty', '/incidents', { ...report, from: '2026-03-02T07:00' });
    expect(status).toBe(201);
    const listed = await get<{ results: object[] }>('finance', '/incidents');
    expect(listed.results).toMatchObject([
      { id: body.result.id, kindName: { en: 'Spill' }, jurisdictions: ['331100', '330300'], to: null },
    ]);
    expect((await get<{ results: [] }>('stranger', '/incidents')).results).toEqual([]);
    const ending = `/incidents/${body.result.id}/ending`;
    expect((await send('duty', ending, { to: '2026-03-02T06:00', reason: 'x' })).status).toBe(400);
    expect((await send('duty', ending, { reason: '已处置' })).status).toBe(201);
    expect((await send('duty', ending, { reason: '已处置' })).status).toBe(409);
  });

  test.each<[string, object, string]>([
    ['of no kind', { ...report, kind: 'party' }, 'body.kind'],
    ['at a station that is not known', { ...report, stations: ['nowhere'] }, 'body.stations'],
    ['nowhere', { ...report, stations: undefined }, 'one of both'],
    ['that is still to come', { ...report, from: '2026-03-03' }, 'begun'],
  ])('%s are refused', async (_what, payload, named) => {
    const { status, body } = await send('office', '/incidents', payload);
    expect(status).toBe(400);
    expect(JSON.stringify(body.error)).toContain(named);
  });
});

test('messages that were given up are listed without addresses, and sent again by the joint office', async () => {
  const { state } = stores;
  const made = ['dead-1', 'done-1'].map((one) =>
    notification(one, { createdS: nowS - hourS, address: 'a@b' }),
  );
  await state.db.transaction().execute((trx) => addNotifications(trx, made));
  const outbox = deliveryStore(state.db, state.acts);
  await outbox.noteOutcome('dead-1', { state: 'dead', atS: nowS, error: '550 no such user' });
  await outbox.noteOutcome('done-1', { state: 'delivered', atS: nowS, error: null });
  const dead = await get<{ results: object[] }>('office', '/alert-deliveries?state=dead');
  expect(dead.results).toMatchObject([
    { notification: 'dead-1', attempts: 1, lastError: '550 no such user' },
  ]);
  expect(JSON.stringify(dead)).not.toContain('a@b');
  expect((await send('duty', '/alert-deliveries/dead-1/sending', {})).status).toBe(403);
  expect((await send('office', '/alert-deliveries/done-1/sending', {})).status).toBe(409);
  expect((await send('office', '/alert-deliveries/none/sending', {})).status).toBe(404);
  expect((await send('office', '/alert-deliveries/dead-1/sending', {})).status).toBe(201);
  expect(await outbox.get('dead-1')).toMatchObject({ state: 'waiting', attempts: 0, nextTryS: nowS });
});
