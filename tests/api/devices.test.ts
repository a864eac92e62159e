import { afterAll, beforeAll, expect, it } from 'vitest';
import { nowS, openStores, testApp, type Stores, type TestApp } from './test-app.ts';

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

const post = (url: string, payload: object) =>
  api.app.inject({ method: 'POST', url: `/api/v1/devices/${url}`, headers: api.as('office'), payload });
const get = async (url: string) =>
  (await api.app.inject({ url: `/api/v1/devices/${url}`, headers: api.as('office') })).json<{
    results: Record<string, unknown>[];
  }>().results;

it('lists numbers in quarantine until they are let in, and never shows how a password is known', async () => {
  const issue = {
    code: 'FRAME_QUARANTINED' as const,
    path: 'A1',
    message: '2 frames kept',
    source: { id: 'hj212', record: 'A1' },
  };
  await stores.state.issues.record(2, nowS - 60, [issue]);
  await stores.state.issues.record(3, nowS, [issue]);
  expect(await get('quarantine')).toMatchObject([{ source: 'hj212', device: 'A1', entries: 2, lastSeq: 3 }]);
  const approval = {
    source: 'hj212',
    device: 'A1',
    station: 'up',
    from: '2026-03-01',
    settings: { mn: 'A1', pw: { sha256: 'a'.repeat(64) }, edition: '2017' },
    reason: 'installed',
  };
  expect((await post('approvals', approval)).statusCode).toBe(201);
  expect((await post('approvals', approval)).statusCode).toBe(409);
  expect(await get('quarantine')).toEqual([]);
  const listed = await get('approvals');
  expect(listed).toMatchObject([
    { device: 'A1', station: 'up', settings: { edition: '2017' }, withdrawnSeq: null },
  ]);
  expect(JSON.stringify(listed)).not.toContain('aaaa');
  expect((await post('withdrawals', { source: 'hj212', device: 'A1', reason: 'stolen' })).statusCode).toBe(
    201,
  );
  expect(await get('quarantine')).toHaveLength(1);
});

it('keeps a request and says how it ended', async () => {
  const wanted = {
    source: 'hj212',
    device: 'A1',
    command: '2061',
    from: '2026-03-01T00:00',
    to: '2026-03-01T06:00',
  };
  expect((await post('requests', { ...wanted, id: 'r1' })).statusCode).toBe(201);
  expect((await post('requests', { ...wanted, id: 'r1' })).statusCode, 'sent again').toBe(201);
  expect(await get('requests?open=true')).toMatchObject([
    { id: 'request-r1', status: 'open', from: '2026-03-01T00:00:00+08:00', ended: null },
  ]);
  await stores.state.acts.perform({
    id: 'end-1',
    actor: 'system',
    atS: nowS,
    kind: 'end-device-request',
    version: 1,
    payload: { request: 'request-r1', status: 'done', qnRtn: '1', exeRtn: '1', detail: 'done' },
  });
  expect(await get('requests')).toMatchObject([{ status: 'done', exeRtn: '1' }]);
  expect(await get('requests?open=true')).toEqual([]);
  expect((await post('requests', { ...wanted, command: 'abcd' })).statusCode).toBe(400);
});
