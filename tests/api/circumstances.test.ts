import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AssessmentShape } from '../../src/api/verdicts/assessment-shapes.ts';
import { DifferenceShape } from '../../src/api/verdicts/verdict-difference.ts';
import { Explanation } from '../../src/api/verdicts/verdict-explanation.ts';
import { BatchBuilder } from '../../src/domain/batch.ts';
import type { Config } from '../../src/domain/config/config.ts';
import { instantOfCivil } from '../../src/domain/time.ts';
import { standards } from '../analysis/standards.ts';
import { fixtureConfig } from './region-fixture.ts';
import { nowS, openStores, testApp, type Person, type Stores, type TestApp } from './test-app.ts';

const config: Config = { ...structuredClone(fixtureConfig), ...structuredClone(standards) };
let current = config;
let stores: Stores;
let api: TestApp;

beforeAll(async () => {
  stores = await openStores();
  api = await testApp(stores, { config: () => current });
  const batch = new BatchBuilder('bureau');
  const beginS = (month: string) => instantOfCivil(`${month}-01T00:00`, 'Asia/Shanghai');
  const nh3n = batch.seriesOf('up', 'nh3n', 'instant');
  const tp = batch.seriesOf('up', 'tp', 'instant');
  for (let slot = 0; slot < 31 * 6; slot++) {
    batch.add({ series: nh3n, timeS: beginS('2026-01') + slot * 14_400, value: 1.4 });
    batch.add({ series: tp, timeS: beginS('2026-01') + slot * 14_400, value: 0.02 });
  }
  // February: a flood in the first nine days; of the other item, half of the days are not there.
  for (let slot = 0; slot < 28 * 6; slot++) {
    batch.add({ series: nh3n, timeS: beginS('2026-02') + slot * 14_400, value: slot < 54 ? 2 : 0.3 });
    if (slot >= 84) batch.add({ series: tp, timeS: beginS('2026-02') + slot * 14_400, value: 0.02 });
  }
  const body = new Uint8Array([1]);
  const entry = await stores.journal.append({ kind: 'raw', receivedS: nowS, meta: { source: 'test' }, body });
  await stores.readings.apply({ seq: entry.seq, receivedS: nowS }, batch.build());
  api.progress.appliedSeq = entry.seq;
});
afterAll(async () => {
  await api.app.close();
  await stores.close();
});

const post = async (url: string, payload: object, person: Person) => {
  const answer = await api.app.inject({
    method: 'POST',
    url: `/api/v1${url}`,
    headers: api.as(person),
    payload,
  });
  api.progress.appliedSeq = stores.journal.head().seq;
  return { status: answer.statusCode, body: answer.json() };
};
const get = async (url: string, person: Person = 'viewer') =>
  (await api.app.inject({ url: `/api/v1${url}`, headers: api.as(person) })).json();
const verdict = async (asOf?: number) =>
  (await get(`/verdicts?section=up&period=2026-02${asOf === undefined ? '' : `&asOf=${asOf}`}`)).result;

const flood = {
  id: 'flood-1',
  kind: 'extreme-weather-or-flood',
  section: 'up',
  items: ['nh3n'],
  from: '2026-02-01T00:00',
  to: '2026-02-10T00:00',
  applicant: '331100',
  evidence: [{ name: 'gauge record', sha256: 'a'.repeat(64) }],
};
const decision = {
  id: 'd1',
  effect: 'exclude-interval',
  decidedBy: '省生态环境厅',
  documentNumber: '〔2026〕1号',
};

describe('special circumstances', () => {
  it('are applied for by the jurisdiction itself, with every fault named', async () => {
    expect((await post('/circumstances', flood, 'finance')).status).toBe(403);
    const wrong = { ...flood, section: 'nowhere', items: ['nonsense'], to: '2026-01-01T00:00' };
    const faults = (await post('/circumstances', wrong, 'duty')).body.error.details.faults;
    expect(faults.map(({ field }: { field: string }) => field)).toEqual([
      'body.items',
      'body.section',
      'body.to',
    ]);
    const made = await post('/circumstances', flood, 'duty');
    expect(made.status).toBe(201);
    const entry = await stores.journal.get(made.body.result.seq);
    expect(JSON.parse(new TextDecoder().decode(entry.body))).toMatchObject({
      kind: 'apply-circumstance',
      actor: 'duty',
      payload: { id: 'flood-1', applicant: '331100' },
    });
    expect((await post('/circumstances', flood, 'duty')).body.result.seq).toBe(made.body.result.seq);
    expect((await post('/circumstances', { ...flood, items: [] }, 'duty')).status).toBe(409);
  });

  it('change no figure before a decision, and the verdict says that one is asked for', async () => {
    const found = await verdict();
    expect([...Value.Errors(AssessmentShape, found)]).toEqual([]);
    expect(found).toMatchObject({
      class: 3,
      counts: 'measured',
      decided: null,
      circumstances: [{ id: 'flood-1', state: 'applied', took: 'none', why: 'not-decided' }],
    });
  });

  it('are decided by the joint office only, on a document of a deciding body', async () => {
    const url = '/circumstances/flood-1/decisions';
    for (const party of ['duty', 'signatory', 'viewer'] as const)
      expect((await post(url, decision, party)).status).toBe(403);
    const bare = await post(url, { effect: 'exclude-interval' }, 'office');
    expect(bare).toMatchObject({ status: 400, body: { error: { code: 'E_BAD_REQUEST' } } });
    expect((await post('/circumstances/none/decisions', decision, 'office')).status).toBe(404);
    expect((await post(url, { id: 'd0', effect: 'hold' }, 'office')).status).toBe(201);
    expect(await verdict()).toMatchObject({ class: 3, held: ['flood-1'], counts: 'measured' });
    expect((await post(url, decision, 'office')).status).toBe(201);
  });

  it('leave both figures in verdicts and month values, with and without, as of any position', async () => {
    const found = await verdict();
    expect([...Value.Errors(AssessmentShape, found)]).toEqual([]);
    expect(found).toMatchObject({
      class: 3,
      counts: 'decided',
      decided: { class: 2, values: { nh3n: '0.30' } },
      circumstances: [
        {
          id: 'flood-1',
          took: 'effect',
          documentNumber: '〔2026〕1号',
          decidedBy: '省生态环境厅',
          items: ['nh3n'],
          readings: 54,
        },
      ],
    });
    expect(found.items.find(({ parameter }: { parameter: string }) => parameter === 'nh3n').value).toBe(
      '0.85',
    );
    const report = (await get('/assessments/sections/up?month=2026-02')).result;
    expect(report.month).toMatchObject({ id: found.id, class: 3, decided: { class: 2 } });
    expect(report.cumulative.decided.values.nh3n).toBe('0.85');
    expect(report.lastMonth).toMatchObject({ decided: null, counts: 'measured' });

    const steps = (await get('/circumstances?section=up')).results[0].steps;
    expect(steps.map(({ act }: { act: string }) => act)).toEqual([
      'apply-circumstance',
      'decide-circumstance',
      'decide-circumstance',
    ]);
    expect(await verdict(steps[1].seq)).toMatchObject({ held: ['flood-1'], counts: 'measured' });
    expect(await verdict(steps[0].seq - 1)).toMatchObject({ circumstances: [], class: 3 });
    expect((await get(`/circumstances?asOf=${steps[0].seq}`)).results[0].state).toBe('applied');

    const why = (await get(`/verdicts/${found.id}/why`)).result;
    expect([...Value.Errors(Explanation, why)]).toEqual([]);
    expect(why.circumstances).toEqual([
      {
        id: 'flood-1',
        took: 'effect',
        journal: steps.map(({ seq }: { seq: number }) => `/api/v1/journal/${seq}`),
      },
    ]);
    expect(why.figures).toMatchObject([
      { figure: 'measured', counts: false, class: 3 },
      { figure: 'decided', counts: true, class: 2 },
    ]);

    const difference = (
      await get(`/verdicts/difference?station=up&period=2026-02&before=${steps[0].seq - 1}`)
    ).result;
    expect([...Value.Errors(DifferenceShape, difference)]).toEqual([]);
    expect(difference).toMatchObject({
      same: false,
      items: [{ parameter: 'nh3n', before: '0.85', after: '0.30' }],
      readings: { added: 0, revised: 0 },
      circumstances: [{ id: 'flood-1', before: null, after: 'decided: exclude-interval' }],
      text: { zh: 'Ⅲ类 → Ⅱ类 (nh3n 0.85 → 0.30)：特殊情形 flood-1' },
    });
  });

  it('put a make-up sample in the place of the readings where that is decided', async () => {
    const makeUp = { sampled: '2026-02-12T09:00', values: { nh3n: '0.6' } };
    const replaced = {
      ...decision,
      id: 'd2',
      effect: 'replace-by-make-up-sample',
      documentNumber: '〔2026〕2号',
      makeUp,
    };
    expect((await post('/circumstances/flood-1/decisions', replaced, 'office')).status).toBe(201);
    // (54 · 0.6 + 114 · 0.3) / 168
    expect(await verdict()).toMatchObject({ class: 3, decided: { values: { nh3n: '0.40' } } });
  });

  it('are withdrawn by the applicant before a decision, by the office after it', async () => {
    const reason = { reason: 'applied for by mistake' };
    expect((await post('/circumstances/flood-1/withdrawal', reason, 'duty')).status).toBe(403);
    const second = { ...flood, id: 'flood-2' };
    await post('/circumstances', second, 'duty');
    expect((await post('/circumstances/flood-2/withdrawal', reason, 'stranger')).status).toBe(403);
    expect((await post('/circumstances/flood-2/withdrawal', reason, 'duty')).status).toBe(201);
    expect((await post('/circumstances/flood-2/decisions', decision, 'office')).status).toBe(409);
    expect((await post('/circumstances/flood-1/withdrawal', reason, 'office')).status).toBe(201);
    const found = await verdict();
    expect(found).toMatchObject({ class: 3, decided: null, counts: 'measured' });
    expect(found.circumstances.map(({ why }: { why: string }) => why)).toEqual(['withdrawn', 'withdrawn']);
  });

  it('follow from the journal alone: the state rebuilt from it is equal', async () => {
    const { tables } = await stores.state.rebuild();
    const own = tables.filter(({ name }) => name.startsWith('circumstance'));
    expect(own).toEqual([
      { name: 'circumstance', rows: 2, equal: true },
      { name: 'circumstance_step', rows: 5, equal: true },
    ]);
  });
});

describe('a loss of data at a station', () => {
  const operatedBy = (operator: string | null) => {
    const sections = structuredClone(config.sections);
    sections[0]!.operator = operator;
    sections[0]!.targets[0]!.class = 2;
    current = { ...config, sections };
  };

  it('that the assessed party operates cannot improve its verdict; elsewhere the verdict is as measured', async () => {
    // Phosphorus lacks half of February: the worse of the other half and of January stands in.
    operatedBy('331100');
    const found = await verdict();
    expect([...Value.Errors(AssessmentShape, found)]).toEqual([]);
    expect(found).toMatchObject({
      counts: 'guarded',
      guarded: { class: 3 },
    });
    expect(found.dataLoss.party).toBe('331100');
    expect(found.dataLoss.lost).toContainEqual({
      parameter: 'tp',
      valid: 84,
      expected: 168,
      standIn: '0.02',
    });
    operatedBy('330300');
    expect(await verdict()).toMatchObject({ counts: 'measured', dataLoss: null, guarded: null });
    operatedBy('丽水市');
    expect(await verdict()).toMatchObject({ counts: 'guarded' });
    operatedBy('a company');
    expect(await verdict()).toMatchObject({ counts: 'measured' });
    current = config;
  });
});
