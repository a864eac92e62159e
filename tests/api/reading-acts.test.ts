import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redacted } from '../../src/api/auth/redaction.ts';
import { openStores, testApp, type Stores, type TestApp } from './test-app.ts';

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

const post = (url: string, payload: object, person: 'office' | 'duty' = 'office') =>
  api.app.inject({ method: 'POST', url, headers: api.as(person), payload });

describe('acts on readings', () => {
  const review = {
    id: 'r1',
    station: 'up',
    parameters: ['tp'],
    averaging: 'instant',
    provider: 'bureau',
    from: '2026-03-01T00:00',
    to: '2026-03-02T00:00',
    validity: 'invalid',
    stage: 2,
    seenSeq: 1,
    reason: 'probe out of the water',
  };

  it('are journaled with their actor, listed, and done once under one id', async () => {
    const made = await post('/api/v1/reviews', review);
    expect(made.statusCode).toBe(201);
    const { seq } = made.json().result;
    const entry = new TextDecoder().decode((await stores.journal.get(seq)).body);
    expect(JSON.parse(entry)).toMatchObject({ actor: 'office', kind: 'review-readings', id: 'review-r1' });
    expect((await post('/api/v1/reviews', review)).json().result.seq).toBe(seq);
    const other = await post('/api/v1/reviews', { ...review, stage: 3 });
    expect(other.statusCode).toBe(409);
    const listed = await api.app.inject({ url: '/api/v1/reviews?station=up', headers: api.as('viewer') });
    expect(listed.json().results).toMatchObject([
      {
        seq,
        actor: 'office',
        station: 'up',
        from: '2026-03-01T00:00:00+08:00',
        validity: 'invalid',
        stage: 2,
      },
    ]);
  });

  it('name everything that is wrong with them', async () => {
    const wrong = { ...review, id: 'r2', station: 'nowhere', seenSeq: 100_000, to: '2026-02-01T00:00' };
    const fields = (await post('/api/v1/reviews', wrong)).json().error.details.faults;
    expect(fields.map(({ field }: { field: string }) => field)).toEqual([
      'body.station',
      'body.seenSeq',
      'body.to',
    ]);
  });

  it('register what a provider calls a station, once for a time', async () => {
    const registration = { provider: 'bureau', naturalKey: '新断面', station: 'up', from: '2026-01-01' };
    expect((await post('/api/v1/registrations', registration)).statusCode).toBe(201);
    expect((await post('/api/v1/registrations', registration)).json().error.code).toBe('E_CONFLICT');
    const later = { ...registration, from: '2025-01-01', to: '2025-12-31' };
    expect((await post('/api/v1/registrations', later)).statusCode).toBe(201);
    const listed = await api.app.inject({ url: '/api/v1/registrations', headers: api.as('viewer') });
    expect(listed.json().results.map(({ to }: { to: string | null }) => to)).toEqual([null, '2025-12-31']);
    expect((await post('/api/v1/registrations', registration, 'duty')).statusCode).toBe(403);
  });
});

describe('a raw entry', () => {
  it('is shown with the hash of what was received and without its credentials', async () => {
    const text = '{"apiKey":"s3cret","tp":0.1}';
    const body = new TextEncoder().encode(text);
    const meta = { source: 'test', origin: 'https://me:pw@example.org/data?token=abc&page=2' };
    const entry = await stores.journal.append({ kind: 'raw', receivedS: 1, meta, body });
    const answer = await api.app.inject({ url: `/api/v1/journal/${entry.seq}`, headers: api.as('office') });
    expect(answer.json().result).toMatchObject({
      sha256: entry.sha256,
      length: body.length,
      redacted: true,
      body: '{"apiKey":"[redacted]","tp":0.1}',
      meta: { origin: 'https://[redacted]@example.org/data?token=[redacted]&page=2' },
    });
    const binary = await stores.journal.append({
      kind: 'raw',
      receivedS: 1,
      meta: {},
      body: Uint8Array.of(0xff, 0xfe),
    });
    const shown = await api.app.inject({ url: `/api/v1/journal/${binary.seq}`, headers: api.as('office') });
    expect(shown.json().result).toMatchObject({ body: null, why: 'not UTF-8', redacted: false });
    expect(
      (await api.app.inject({ url: '/api/v1/journal/999999', headers: api.as('viewer') })).statusCode,
    ).toBe(404);
  });

  it.each([
    [
      '##0100QN=20260301;ST=21;PW=123456;MN=8888;CP=&&&&',
      '##0100QN=20260301;ST=21;PW=[redacted];MN=8888;CP=&&&&',
    ],
    ['Authorization: Bearer abc.def-1', 'Authorization: Bearer [redacted]'],
    ['{"user_password" : "a\\"b","x":1}', '{"user_password" : "[redacted]","x":1}'],
    ['key=42&city=x', 'key=[redacted]&city=x'],
    [`token jh_${'a'.repeat(43)} end`, 'token [redacted] end'],
    ['pH=7.1;DO=8.2 总磷 0.10', 'pH=7.1;DO=8.2 总磷 0.10'],
    ['{"keyId":"key_1","tp":0.1}', '{"keyId":"key_1","tp":0.1}'],
  ])('%s', (text, shown) => {
    expect(redacted(text)).toBe(shown);
  });
});
