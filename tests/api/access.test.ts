import { assert, boolean, constant, constantFrom, option, property, record } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decide, tiers, type Tier } from '../../src/api/auth/access.ts';
import { openStores, people, testApp, type Person, type Stores, type TestApp } from './test-app.ts';

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

const everyone = [null, ...(Object.keys(people) as Person[])];

/** Who may pass each tier, written out by hand. The one route decided by its row is an agreement of 331100 and 330300. */
const allowed: Record<Tier, readonly (Person | null)[]> = {
  public: everyone,
  partner: ['viewer', 'stranger', 'duty', 'finance', 'signatory', 'office', 'administrator'],
  owner: ['viewer', 'stranger', 'duty', 'finance', 'signatory', 'office', 'administrator'],
  office: ['office', 'administrator'],
  administrator: ['administrator'],
};
const parties: readonly (Person | null)[] = [
  'viewer',
  'duty',
  'finance',
  'signatory',
  'office',
  'administrator',
];

/** A path that exists for every route with a parameter. */
const filled: Record<string, string> = {
  '/api/v1/stations/:id': '/api/v1/stations/up',
  '/api/v1/sections/:id': '/api/v1/sections/up',
  '/api/v1/sources/:id/runs': '/api/v1/sources/bureau-water/runs',
  '/api/v1/sources/:id/gaps': '/api/v1/sources/bureau-water/gaps',
  '/api/v1/agreements/:id/preview': '/api/v1/agreements/ou-pact/preview?period=2026-02',
  '/api/v1/loads': '/api/v1/loads?section=up&parameter=tp&from=2026-02-01&to=2026-02-28',
  '/api/v1/attributions': '/api/v1/attributions?section=up&parameter=tp&from=2026-02-01&to=2026-02-28',
  '/api/v1/keys/:id': '/api/v1/keys/no-such-key',
  '/api/v1/assessments/sections/:id': '/api/v1/assessments/sections/up?month=2026-02',
  '/api/v1/assessments/trends': '/api/v1/assessments/trends?section=up&period=2026-02',
  '/api/v1/verdicts/:id/why': `/api/v1/verdicts/up~2026-02~1~${'0'.repeat(32)}/why`,
  '/api/v1/agreements/:id/statements': '/api/v1/agreements/ou-pact/statements',
  '/api/v1/agreements/:id/corrections': '/api/v1/agreements/ou-pact/corrections',
  '/api/v1/agreements/:id/payments': '/api/v1/agreements/ou-pact/payments',
  ...Object.fromEntries(
    ['prices', 'reminders', 'deductions', 'contributions', 'interest', 'fund-uses'].map((name) => [
      `/api/v1/agreements/:id/${name}`,
      `/api/v1/agreements/ou-pact/${name}`,
    ]),
  ),
  '/api/v1/agreements/:id/changed-statements': '/api/v1/agreements/ou-pact/changed-statements',
  '/api/v1/agreements/:id/notices': '/api/v1/agreements/ou-pact/notices',
  '/api/v1/agreements/:id/ledger': '/api/v1/agreements/ou-pact/ledger',
  '/api/v1/agreements/:id/disputes': '/api/v1/agreements/ou-pact/disputes',
  '/api/v1/statements/:id': '/api/v1/statements/ou-pact.2026-02.1',
  '/api/v1/statements/:id/standing': '/api/v1/statements/ou-pact.2026-02.1/standing',
  '/api/v1/statements/:id/why': '/api/v1/statements/ou-pact.2026-02.1/why',
  '/api/v1/statements/:id/bundle': '/api/v1/statements/ou-pact.2026-02.1/bundle',
  '/api/v1/statements/:id/document': '/api/v1/statements/ou-pact.2026-02.1/document',
  '/api/v1/agreements/:id/arrears': '/api/v1/agreements/ou-pact/arrears',
  '/api/v1/agreements/:id/account':
    '/api/v1/agreements/ou-pact/account?party=331100&from=2026-01-01&to=2026-12-31',
  '/api/v1/agreements/:id/fund': '/api/v1/agreements/ou-pact/fund',
  '/api/v1/statements/:id/withdrawal': '/api/v1/statements/ou-pact.2026-02.1/withdrawal',
  '/api/v1/statements/:id/signatures': '/api/v1/statements/ou-pact.2026-02.1/signatures',
  '/api/v1/statements/:id/disputes': '/api/v1/statements/ou-pact.2026-02.1/disputes',
  '/api/v1/disputes/:id/steps': '/api/v1/disputes/d1/steps',
  '/api/v1/circumstances/:id/decisions': '/api/v1/circumstances/c1/decisions',
  '/api/v1/circumstances/:id/withdrawal': '/api/v1/circumstances/c1/withdrawal',
  '/api/v1/changes/stream': '/api/v1/changes/stream?seconds=0',
  '/api/v1/journal/:seq': '/api/v1/journal/1',
  '/api/v1/sources/:id/uploads': '/api/v1/sources/bureau-water/uploads?name=a.csv',
  '/api/v1/sources/:id/template': '/api/v1/sources/bureau-water/template',
  '/api/v1/uploads/:id': '/api/v1/uploads/upload-1',
  '/api/v1/uploads/:id/acceptances': '/api/v1/uploads/upload-1/acceptances',
  '/api/v1/uploads/:id/refusal': '/api/v1/uploads/upload-1/refusal',
  '/api/v1/stations/:id/history': '/api/v1/stations/up/history',
  '/api/v1/stations/:id/silence': '/api/v1/stations/up/silence',
  '/api/v1/sources/:id/silence': '/api/v1/sources/bureau-water/silence',
  '/api/v1/alerts/:id': '/api/v1/alerts/a1',
};

describe('access', () => {
  it('is decided for every route and every role as its tier says', async () => {
    const routes = api.app.routeTable.filter(
      ({ url, method }) => url.startsWith('/api/v1') && method !== 'OPTIONS',
    );
    let tested = 0;
    for (const { method, url, tier, decidedByRow, signedIn } of routes) {
      const byTier = decidedByRow ? parties : allowed[tier];
      const mayPass = signedIn ? byTier.filter((person) => person !== null) : byTier;
      for (const person of everyone) {
        const headers = person === null ? {} : api.as(person);
        const answer = await api.app.inject({ method: method as 'GET', url: filled[url] ?? url, headers });
        const refused = answer.statusCode === 401 || answer.statusCode === 403;
        expect({ method, url, person, refused }).toEqual({
          method,
          url,
          person,
          refused: !mayPass.includes(person),
        });
        expect({ url, status: answer.statusCode < 500 }).toEqual({ url, status: true });
        if (refused)
          expect({ url, person, status: answer.statusCode }).toEqual({
            url,
            person,
            status: person === null ? 401 : 403,
          });
        tested++;
      }
    }
    console.log(`access matrix: ${routes.length} routes x ${everyone.length} callers = ${tested} cases`);
    expect(routes.length).toBeGreaterThan(30);
  });

  it('opens partner data to anyone where everything is invented, and nothing narrower', async () => {
    const synthetic = await testApp(stores, { synthetic: true });
    expect((await synthetic.app.inject('/api/v1/agreements/ou-pact/preview?period=2026-02')).statusCode).toBe(
      200,
    );
    expect((await synthetic.app.inject('/api/v1/unregistered-stations')).statusCode).toBe(401);
    expect(
      (await synthetic.app.inject({ method: 'POST', url: '/api/v1/keys', payload: {} })).statusCode,
    ).toBe(401);
    await synthetic.app.close();
  });

  it('never allows to a wider circle less than to a narrower one', () => {
    const actor = record({
      id: constant('a'),
      role: constantFrom(...Object.values(people).map(({ role }) => role)),
      jurisdiction: constantFrom(null, '331100', '350700'),
    });
    assert(
      property(
        option(actor),
        constantFrom(undefined, [], ['331100']),
        boolean(),
        (who, jurisdictions, synthetic) => {
          const verdicts = tiers.map(
            (tier) =>
              decide(who, { tier, synthetic, ...(jurisdictions === undefined ? {} : { jurisdictions }) })
                .allow,
          );
          expect(verdicts).toEqual(verdicts.toSorted((a, b) => Number(b) - Number(a)));
        },
      ),
    );
  });

  it('refuses a rejected token even where none is needed', async () => {
    for (const authorization of ['Bearer jh_unknown', 'Bearer ', 'Basic abc']) {
      const answer = await api.app.inject({ url: '/api/v1/region', headers: { authorization } });
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['www-authenticate']).toContain('Bearer');
      expect(answer.json().error).toMatchObject({
        code: 'E_UNAUTHORIZED',
        details: { reason: 'TOKEN_REJECTED' },
      });
    }
  });
});

describe('keys', () => {
  const headers = () => api.as('administrator');
  const create = (payload: object) =>
    api.app.inject({ method: 'POST', url: '/api/v1/keys', headers: headers(), payload });

  it('are made by an act, work at once, and are refused at once when revoked', async () => {
    const before = stores.journal.head().seq;
    const made = await create({
      holder: 'lishui-desk',
      role: 'viewer',
      jurisdiction: '331100',
      name: 'desk',
    });
    expect(made.statusCode).toBe(201);
    const { id, token, seq } = made.json().result;
    expect(seq).toBe(before + 1);
    const entry = new TextDecoder().decode((await stores.journal.get(seq)).body);
    expect(entry).toContain('"actor":"administrator"');
    expect(entry).not.toContain(token);
    const me = await api.app.inject({ url: '/api/v1/me', headers: { authorization: `Bearer ${token}` } });
    expect(me.json().result).toMatchObject({ id: 'lishui-desk', role: 'viewer', jurisdiction: '331100' });
    const revoke = () => api.app.inject({ method: 'DELETE', url: `/api/v1/keys/${id}`, headers: headers() });
    expect((await revoke()).statusCode).toBe(200);
    expect(
      (await api.app.inject({ url: '/api/v1/me', headers: { authorization: `Bearer ${token}` } })).statusCode,
    ).toBe(401);
    const again = await api.app.inject({ method: 'DELETE', url: '/api/v1/keys/none', headers: headers() });
    expect(again.json().error.code).toBe('E_NOT_FOUND');
  });

  it('lists everything wrong with a request at once', async () => {
    const answer = await create({ role: 'king', jurisdiction: 'x', colour: 'red' });
    expect(answer.statusCode).toBe(400);
    const fields = answer.json().error.details.faults.map((fault: { field: string }) => fault.field);
    expect(fields.toSorted()).toEqual(['body.colour', 'body.holder', 'body.jurisdiction', 'body.role']);
    const later = await create({
      holder: 'a',
      role: 'viewer',
      jurisdiction: '999999',
      expires: '2020-01-01T00:00',
    });
    expect(later.json().error.details.faults).toMatchObject([
      { field: 'body.jurisdiction', value: '999999' },
      { field: 'body.expires' },
    ]);
  });
});
