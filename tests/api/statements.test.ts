import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demonstration, pactSettlements } from './pact-settlements.ts';
import { openStores, type Person, type Stores, testApp, type TestApp } from './test-app.ts';

let stores: Stores;
let api: TestApp;
const acts: { act: string; actor: string | null }[] = [];
beforeAll(async () => {
  stores = await openStores();
  api = await testApp(stores, { settlements: pactSettlements(acts) });
});
afterAll(async () => {
  await api.app.close();
  await stores.close();
});

const get = (url: string, person: Person) =>
  api.app.inject({ url: `/api/v1${url}`, headers: api.as(person) });
const post = (url: string, person: Person, payload: object) =>
  api.app.inject({ method: 'POST', url: `/api/v1${url}`, headers: api.as(person), payload });
const statement = '/statements/ou-pact.2026-02.1';
const signature = {
  format: 'jiehe-signature',
  version: 1,
  statement: 'ou-pact.2026-02.1',
  sha256: 'a'.repeat(64),
  party: '330300',
  purpose: 'data',
  signer: 's',
  keyId: 'c'.repeat(64),
  algorithm: 'ed25519',
  signedS: 1,
  sealedOriginalSha256: null,
  timeStamp: null,
  signature: 'AAAA',
};

describe('settlements over HTTP', () => {
  it('shows the parties their statements, bundles and books, money as text', async () => {
    const list = await get('/agreements/ou-pact/statements', 'viewer');
    expect(list.json().results[0]).toMatchObject({ id: 'ou-pact.2026-02.1', state: 'issued' });
    const changed = await get('/agreements/ou-pact/changed-statements', 'viewer');
    expect(changed.json().results).toEqual([{ id: 'ou-pact.2026-02.1', sections: ['up'], reason: null }]);
    expect((await get('/agreements/ou-pact/changed-statements', 'stranger')).statusCode).toBe(403);
    const bundle = await get(`${statement}/bundle`, 'signatory');
    expect(bundle.body).toBe('{"id":"ou-pact.2026-02.1"}');
    expect(bundle.headers['content-disposition']).toContain('ou-pact.2026-02.1.jiehe');
    const books = await get('/agreements/ou-pact/ledger', 'finance');
    expect(books.json().result.balances[0].amountFen).toBe('50000000');
    const account = '/agreements/ou-pact/account?party=331100&from=2026-01-01&to=2026-12-31';
    for (const place of ['/agreements/ou-pact/ledger', account, '/agreements/ou-pact/fund'])
      expect((await get(place, 'finance')).json().result.markings, place).toEqual([demonstration]);
    expect((await get('/agreements/ou-pact/arrears', 'finance')).json().results[0].markings).toEqual([
      demonstration,
    ]);
    expect((await get('/agreements/ou-pact/disputes', 'viewer')).json().results[0]).toMatchObject({
      deadlineS: 2,
    });
    expect((await get('/statements/none', 'office')).json().error.code).toBe('E_NOT_FOUND');
  });

  it('shows a party the notices that its own desks were sent, and the office all of them', async () => {
    const partiesOf = async (person: Person) => {
      const answer = await get('/agreements/ou-pact/notices', person);
      return answer.json().results?.map(({ party }: { party: string }) => party) ?? answer.statusCode;
    };
    expect(await partiesOf('viewer')).toEqual(['331100']);
    expect(await partiesOf('signatory')).toEqual(['330300']);
    expect(await partiesOf('office')).toEqual(['330300', '331100']);
    expect(await partiesOf('stranger')).toBe(403);
  });

  it('takes a signature from its own party only', async () => {
    expect((await post(`${statement}/signatures`, 'viewer', signature)).statusCode).toBe(403);
    expect((await post(`${statement}/signatures`, 'signatory', signature)).statusCode).toBe(201);
    const other = { ...signature, statement: 'ou-pact.2026-01.1' };
    expect((await post(`${statement}/signatures`, 'signatory', other)).statusCode).toBe(400);
    const torn = await post(`${statement}/signatures`, 'signatory', { ...signature, sha256: 'x' });
    expect(torn.json().error.details.faults[0].field).toBe('body.sha256');
    expect(acts.filter((one) => one.act === 'sign')).toEqual([{ act: 'sign', actor: 'signatory' }]);
  });

  it('lets a party object and withdraw, the other answer, and the office alone mediate and enter a decision', async () => {
    const objection = { party: '331100', section: 'up', parameter: 'tp', grounds: '复测' };
    expect((await post(`${statement}/disputes`, 'finance', objection)).statusCode).toBe(403);
    const raised = await post(`${statement}/disputes`, 'viewer', objection);
    expect([raised.statusCode, raised.json().result.lines]).toEqual([201, ['l']]);
    const step = async (name: string, person: Person) =>
      (await post('/disputes/d1/steps', person, { step: name })).statusCode;
    expect(await step('answer', 'finance')).toBe(200);
    expect(await step('mediate', 'finance')).toBe(403);
    expect(await step('mediate', 'office')).toBe(200);
    expect(await step('decide', 'viewer')).toBe(403);
    expect(await step('withdraw', 'finance')).toBe(403);
    expect(await step('withdraw', 'viewer')).toBe(200);
    expect(await step('answer', 'stranger')).toBe(403);
  });

  it('lets the office issue, try a correction without an act, and correct', async () => {
    const period = { period: '2026-02' };
    expect((await post('/agreements/ou-pact/statements', 'signatory', period)).statusCode).toBe(403);
    expect((await post('/agreements/ou-pact/statements', 'office', period)).statusCode).toBe(201);
    const before = acts.length;
    const tried = await post('/agreements/ou-pact/corrections', 'office', period);
    expect([tried.json().result.issued, acts.length]).toEqual([null, before]);
    await post('/agreements/ou-pact/corrections', 'office', { ...period, issue: true });
    expect(acts.at(-1)).toEqual({ act: 'correct', actor: 'office' });
    expect((await post('/agreements/ou-pact/statements', 'office', { period: 'June' })).statusCode).toBe(400);
  });

  it('prices clauses for the parties, and lets the office remind, deduct and book contributions', async () => {
    const pact = '/agreements/ou-pact';
    const asked = { from: '2026-02', clauses: ['coverage=0.9'] };
    const priced = await post(`${pact}/prices`, 'viewer', asked);
    expect(priced.json().results).toEqual([{ clause: 'coverage=0.9', totalFen: '1' }]);
    expect((await post(`${pact}/prices`, 'stranger', asked)).statusCode).toBe(403);
    expect((await post(`${pact}/prices`, 'viewer', { ...asked, clauses: [] })).statusCode).toBe(400);
    const reminded = await post(`${pact}/reminders`, 'office', {});
    expect(reminded.json().results).toMatchObject([{ from: '330300', amountFen: '1' }]);
    const deduction = { from: '330300', to: '331100', amountFen: '1', reference: '财预1号' };
    expect((await post(`${pact}/deductions`, 'finance', deduction)).statusCode).toBe(403);
    expect((await post(`${pact}/deductions`, 'office', deduction)).json().result).toEqual({ seq: 7 });
    const share = { party: '331100', year: '2026', revenueFen: '10000', source: '预算执行报告' };
    const contributed = await post(`${pact}/contributions`, 'office', share);
    expect(contributed.json().result).toEqual({ amountFen: '100' });
  });

  it('lets the office book interest and spend from the fund, and names each field that is wrong', async () => {
    const pact = '/agreements/ou-pact';
    const pair = { from: '330300', to: '331100' };
    const spending = { use: 'studies', to: '水科院', amountFen: '500', reference: 'U1' };
    for (const [name, body] of [['interest', pair] as const, ['fund-uses', spending] as const])
      for (const person of ['finance', 'signatory', 'stranger'] as const)
        expect((await post(`${pact}/${name}`, person, body)).statusCode).toBe(403);
    expect((await post(`${pact}/interest`, 'office', pair)).json().result).toEqual({ amountFen: '250' });
    expect((await post(`${pact}/fund-uses`, 'office', spending)).json().result).toEqual({ seq: 8 });
    const faultsOf = async (name: string, body: object): Promise<string[]> => {
      const answer = await post(`${pact}/${name}`, 'office', body);
      expect(answer.statusCode).toBe(400);
      const fields = answer.json().error.details.faults.map((fault: { field: string }) => fault.field);
      return [...new Set<string>(fields)].toSorted();
    };
    expect(await faultsOf('interest', { from: '', amountFen: '3' })).toEqual([
      'body.amountFen',
      'body.from',
      'body.to',
    ]);
    expect(await faultsOf('fund-uses', { ...spending, reference: '', use: '', amountFen: '-5' })).toEqual([
      'body.amountFen',
      'body.reference',
      'body.use',
    ]);
  });

  it('never lets strangers act where everything is invented', async () => {
    const synthetic = await testApp(stores, { synthetic: true, settlements: pactSettlements() });
    const read = await synthetic.app.inject(`/api/v1${statement}`);
    const act = await synthetic.app.inject({
      method: 'POST',
      url: `/api/v1${statement}/signatures`,
      payload: signature,
    });
    expect([read.statusCode, act.statusCode]).toEqual([200, 401]);
    await synthetic.app.close();
  });
});
