import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drillOf } from '../../src/alert/drill.ts';
import { AssessmentShape } from '../../src/api/verdicts/assessment-shapes.ts';
import { periodOf } from '../../src/analysis/assessment/index.ts';
import { sectionVerdict } from '../../src/api/verdicts/section-verdicts.ts';
import { Explanation } from '../../src/api/verdicts/verdict-explanation.ts';
import { BatchBuilder } from '../../src/domain/batch.ts';
import type { Config } from '../../src/domain/config/config.ts';
import { packFlags } from '../../src/domain/flags.ts';
import { instantOfCivil } from '../../src/domain/time.ts';
import { standards } from '../analysis/standards.ts';
import { fixtureConfig } from './region-fixture.ts';
import { nowS, openStores, testApp, type Stores, type TestApp } from './test-app.ts';

const config: Config = { ...structuredClone(fixtureConfig), ...structuredClone(standards) };
let current = config;
let stores: Stores;
let api: TestApp;
/** Journal positions of the month as first told, and of its correction. */
let [told, corrected] = [0, 0];

async function append(batch: BatchBuilder): Promise<number> {
  const entry = await stores.journal.append({
    kind: 'raw',
    receivedS: nowS,
    meta: { source: 'test' },
    body: new Uint8Array([1]),
  });
  await stores.readings.apply({ seq: entry.seq, receivedS: nowS }, batch.build());
  api.progress.appliedSeq = entry.seq;
  return entry.seq;
}

/** Four-hourly ammonia of whole months; a value for each. */
function ammonia(months: Readonly<Record<string, number>>): BatchBuilder {
  const batch = new BatchBuilder('bureau');
  const series = batch.seriesOf('up', 'nh3n', 'instant');
  for (const [month, value] of Object.entries(months)) {
    const days = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate();
    for (let slot = 0; slot < days * 6; slot++)
      batch.add({
        series,
        timeS: instantOfCivil(`${month}-01T00:00`, 'Asia/Shanghai') + slot * 14_400,
        value,
      });
  }
  return batch;
}

beforeAll(async () => {
  stores = await openStores();
  api = await testApp(stores, { config: () => current });
  told = await append(ammonia({ '2025-01': 0.3, '2025-02': 0.3, '2026-01': 0.4, '2026-02': 0.6 }));
  const correction = new BatchBuilder('bureau');
  const series = correction.seriesOf('up', 'nh3n', 'instant');
  correction.add({ series, timeS: instantOfCivil('2026-02-10T08:00', 'Asia/Shanghai'), value: 90 });
  const at = (moment: string, value: number) => ({
    timeS: instantOfCivil(moment, 'Asia/Shanghai'),
    value,
  });
  correction.add({ series, ...at('2025-06-01T08:00', 0.504) });
  correction.add({ series: correction.seriesOf('up', 'nh3n', 'P1M'), ...at('2025-06-01T00:00', 0.9) });
  corrected = await append(correction);
});
afterAll(async () => {
  await api.app.close();
  await stores.close();
});

const get = async (url: string) => {
  const answer = await api.app.inject({ method: 'GET', url: `/api/v1${url}` });
  return { status: answer.statusCode, body: answer.json() };
};

describe('verdicts over periods', () => {
  it('are judged as of any position, each under its own id', async () => {
    const first = await get(`/verdicts?section=up&period=2026-02&asOf=${told}`);
    expect(first.status).toBe(200);
    expect([...Value.Errors(AssessmentShape, first.body.result)]).toEqual([]);
    expect(first.body.result).toMatchObject({
      class: 3,
      decidingItems: ['nh3n'],
      standing: 'monthly-unreviewed',
      targets: [
        {
          kind: 'hand-over',
          met: false,
          over: [{ item: 'nh3n', multiple: '0.20', text: { zh: '月均值高于Ⅱ类限值(未经审核)' } }],
        },
      ],
      coverage: { text: { en: 'Automatic data covers 1 of the 21 items' } },
    });
    const now = await get('/verdicts?section=up&period=2026-02');
    expect(now.body.result).toMatchObject({ class: 4, asOfSeq: corrected });
    expect(now.body.result.id).not.toBe(first.body.result.id);
    expect((await get(`/verdicts?section=up&period=2026-02&asOf=${told}`)).body.result.id).toBe(
      first.body.result.id,
    );
    // January did not change: the same inputs at another position.
    const digest = (answer: { body: { result: { id: string } } }) => answer.body.result.id.split('~').at(-1);
    expect(digest(await get('/verdicts?section=up&period=2026-01'))).toBe(
      digest(await get(`/verdicts?section=up&period=2026-01&asOf=${told}`)),
    );
  });

  it('can be asked why, down to the reading and the journal entry that changed them', async () => {
    const { id } = (await get('/verdicts?section=up&period=2026-02')).body.result;
    const why = await get(`/verdicts/${id}/why?readings=3`);
    expect(why.status).toBe(200);
    expect([...Value.Errors(Explanation, why.body.result)]).toEqual([]);
    const [item] = why.body.result.items;
    expect(item).toMatchObject({
      parameter: 'nh3n',
      decides: true,
      class: 4,
      counts: { valid: 168, expected: 168, validDays: 28 },
      source: { provider: 'bureau', method: 'automatic' },
    });
    expect(item.limits[1]).toBe('0.5');
    expect(item.rules.map(({ confidence }: { confidence: string }) => confidence)).toContain(
      'project-default',
    );
    const culprit = item.readings.shown.find(({ value }: { value: number }) => value === 90);
    expect(culprit).toMatchObject({ seq: corrected, journal: `/api/v1/journal/${corrected}`, counted: true });
    const versions = (await api.app.inject({ method: 'GET', url: culprit.versions })).json();
    expect(versions.results.map(({ value }: { value: number }) => value)).toEqual([0.6, 90]);
    const all = (await api.app.inject({ method: 'GET', url: item.readings.all })).json();
    expect(all.results[0].values).toContain(90);
  });

  it('answer under the id that they had while a digest was one of readings', async () => {
    const section = config.sections.find(({ id }) => id === 'up')!;
    const of = { config, section, period: periodOf('2026-02'), asOfSeq: told };
    const { id, formerId } = await sectionVerdict(stores, of);
    expect(formerId).not.toBe(id);
    const [now, former] = [await get(`/verdicts/${id}/why`), await get(`/verdicts/${formerId}/why`)];
    expect(former.status).toBe(200);
    expect(former.body.result).toEqual(now.body.result);
    const other = formerId.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    expect((await get(`/verdicts/${other}/why`)).status).toBe(409);
  });

  it('stay explainable as they were known then', async () => {
    const { id } = (await get(`/verdicts?section=up&period=2026-02&asOf=${told}`)).body.result;
    const why = await get(`/verdicts/${id}/why`);
    expect(why.body.result).toMatchObject({ class: 3, asOfSeq: told });
    expect(why.body.result.items[0].readings.shown.every(({ seq }: { seq: number }) => seq === told)).toBe(
      true,
    );
  });

  it('of a single reading word it as one, and go down to it and its journal entry', async () => {
    const { status, body } = await get('/verdicts?section=up&period=2026-02-10T08:00');
    expect(status).toBe(200);
    expect([...Value.Errors(AssessmentShape, body.result)]).toEqual([]);
    expect(body.result).toMatchObject({
      period: { kind: 'single', id: '2026-02-10T08:00', from: '2026-02-10', to: '2026-02-10' },
      class: 6,
      decidingItems: ['nh3n'],
      standing: 'single-unreviewed',
      targets: [
        {
          met: false,
          over: [
            {
              item: 'nh3n',
              limit: '0.5',
              multiple: '179.00',
              text: { zh: '单次值高于Ⅱ类限值(未经审核)' },
            },
          ],
        },
      ],
      defaults: [],
    });
    expect(JSON.stringify(body.result)).not.toContain('超标');
    const why = await get(`/verdicts/${body.result.id}/why`);
    expect([...Value.Errors(Explanation, why.body.result)]).toEqual([]);
    const [item] = why.body.result.items;
    expect(item).toMatchObject({
      value: '90',
      counts: { expected: 1, valid: 1 },
      source: { provider: 'bureau', method: 'automatic' },
      readings: {
        total: 1,
        shown: [{ time: '2026-02-10T08:00:00+08:00', journal: `/api/v1/journal/${corrected}` }],
      },
    });
    expect(item.rules).toMatchObject([
      { id: 'gb3838-2002', clause: expect.any(String), confidence: 'confirmed' },
      { says: 'the first automatic source with a valid reading' },
      { id: 'wording-ladder', confidence: 'project-default' },
    ]);
    const before = await get(`/verdicts?section=up&period=2026-02-10T08:00:00&asOf=${told}`);
    expect(before.body.result).toMatchObject({ class: 3, period: { id: '2026-02-10T08:00' } });
    const url = '/verdicts/difference?station=up&period=2026-02-10T08:00';
    expect((await get(`${url}&before=${told}`)).body.result).toMatchObject({
      items: [{ parameter: 'nh3n', before: '0.6', after: '90' }],
      readings: { revised: 1 },
    });
  });

  it('of a single reading take it as stored, and no sample by hand for one', async () => {
    // A mean of 0.504 would be judged as 0.50.
    const stored = await get('/verdicts?section=up&period=2025-06-01T08:00');
    expect(stored.body.result).toMatchObject({ class: 3, items: [{ value: '0.504' }] });
    const byHand = await get('/verdicts?section=up&period=2025-06-01T00:00');
    expect(byHand.body.result).toMatchObject({ class: null, reason: 'no-data', targets: [{ met: null }] });
    expect((await get(`/verdicts/${byHand.body.result.id}/why`)).status).toBe(200);
    for (const none of ['2026-02-30T08:00', '2026-02-10T24:00', '2026-02-10T08'])
      expect((await get(`/verdicts?section=up&period=${none}`)).status).toBe(400);
  });

  it('say so when configuration or rules are no longer theirs, and refuse what is no verdict', async () => {
    const { id } = (await get('/verdicts?section=up&period=2026-02')).body.result;
    // Another file of the configuration: the verdict is still the same one.
    current = { ...config, hash: 'd'.repeat(64) };
    expect((await get(`/verdicts/${id}/why`)).status).toBe(200);
    const sections = structuredClone(config.sections);
    sections[0]!.targets[0]!.class = 3;
    current = { ...config, sections, hash: 'e'.repeat(64) };
    expect(await get(`/verdicts/${id}/why`)).toMatchObject({
      status: 409,
      body: { error: { code: 'E_CONFLICT' } },
    });
    current = config;
    expect((await get('/verdicts/nonsense/why')).status).toBe(404);
    expect((await get('/verdicts?section=nowhere&period=2026-02')).status).toBe(404);
    expect((await get('/verdicts?section=up&period=2026-02-30')).status).toBe(400);
    expect((await get('/verdicts?section=up&period=1990-02')).status).toBe(404);
  });
});

describe('an alert', () => {
  const raised = async (id: string, change: object, standing: string): Promise<string[]> => {
    const drill = { station: 'up', severity: 'major', actor: 'li', synthetic: false } as const;
    const record = drillOf(drill, config, nowS);
    const [{ alert: made, ...first }] = record.changes as [(typeof record.changes)[number]];
    const alert = { ...made, id, subject: id, facts: { ...made.facts, standing }, drill: false, ...change };
    await stores.state.acts.perform({
      version: 1,
      id,
      actor: 'li',
      atS: nowS,
      kind: 'record-alerts',
      payload: { ...record, changes: [{ ...first, alert }] },
    });
    const answer = await api.app.inject({ url: `/api/v1/alerts/${id}`, headers: api.as('office') });
    expect(answer.statusCode).toBe(200);
    return answer.json<{ result: { verdicts: string[] } }>().result.verdicts;
  };

  it('names the verdict of its worst moment, where one is of its readings', async () => {
    const peakS = instantOfCivil('2026-02-10T08:00', 'Asia/Shanghai');
    const over = { kind: 'item-over-limit', parameter: 'nh3n', provider: 'bureau', peakS };
    const single = await raised('single', over, 'single-unreviewed');
    expect(single).toEqual([(await get('/verdicts?section=up&period=2026-02-10T08:00')).body.result.id]);
    const worse = { ...over, kind: 'class-worse', parameter: null };
    expect(await raised('day', worse, 'day-unreviewed')).toEqual([
      (await get('/verdicts?section=up&period=2026-02-10')).body.result.id,
    ]);
    expect(await raised('other-provider', { ...over, provider: 'other' }, 'single-unreviewed')).toEqual([]);
    expect(await raised('rise', { ...over, kind: 'rapid-rise' }, 'single-unreviewed')).toEqual([]);
  });
});

describe('the report of a month', () => {
  it('stands beside last month, last year and the cumulative figures, each with its id', async () => {
    const { body } = await get(`/assessments/sections/up?month=2026-02&asOf=${told}`);
    const report = body.result;
    expect(
      ['month', 'lastMonth', 'sameMonthLastYear', 'cumulative', 'cumulativeLastYear'].map((one) => [
        report[one].period.id,
        report[one].class,
      ]),
    ).toEqual([
      ['2026-02', 3],
      ['2026-01', 2],
      ['2025-02', 2],
      ['2026-01/2026-02', 2],
      ['2025-01/2025-02', 2],
    ]);
    expect(report.changes.onYear).toMatchObject({
      comparable: true,
      classesWorse: 1,
      verdict: { zh: '有所下降' },
    });
    const single = await get(`/verdicts?section=up&period=2026-01_2026-02&asOf=${told}`);
    expect(single.body.result.id).toBe(report.cumulative.id);
    expect((await get(`/verdicts/${report.cumulative.id}/why`)).body.result.items[0].months).toMatchObject([
      { month: '2026-01', mean: '0.4' },
      { month: '2026-02', mean: '0.6' },
    ]);
  });
});

describe('a trend', () => {
  it('ranks the values of the same period of several years, and says on how sure a rule', async () => {
    const { body, status } = await get('/assessments/trends?section=up&period=2026-02&periods=5');
    expect(status).toBe(200);
    expect(body.result).toMatchObject({
      periods: ['2022-02', '2023-02', '2024-02', '2025-02', '2026-02'],
      rules: [{ confidence: expect.any(String) }],
    });
    // Two Februaries of five were measured: too few for a verdict, which is said.
    expect(body.result.items).toMatchObject([
      { parameter: 'nh3n', rs: '1.0000', direction: null, reason: 'too-few-periods' },
    ]);
    expect(body.result.items[0].values).toHaveLength(5);
    expect(body.result.verdicts).toHaveLength(5);
    const months = await get('/assessments/trends?section=up&period=2026-02&periods=5&step=before');
    expect(months.body.result.periods[0]).toBe('2025-10');
    expect((await get('/assessments/trends?section=up&period=2026-02&periods=2')).status).toBe(400);
  });
});

describe('events', () => {
  it('of values beyond a target are told with when, how far and how long, as of a position', async () => {
    const url = '/events?station=up&parameter=nh3n&from=2026-02-01&to=2026-03-01';
    const before = (await get(`${url}&asOf=${told}`)).body;
    expect(before).toMatchObject({
      method: 'exceedance-events',
      confidence: 'project-default',
      results: [
        {
          criterion: { limit: '0.5', averaging: 'instant' },
          frequency: { expected: 168, valid: 168, beyond: 168 },
        },
      ],
    });
    expect(before.results[0].rules).toMatchObject([
      { id: 'gb3838-2002', clause: expect.any(String), confidence: 'confirmed' },
      { id: 'exceedance-events', confidence: 'project-default' },
    ]);
    const readings = await api.app.inject(before.results[0].readings);
    expect(readings.statusCode).toBe(200);
    expect(before.results[0].events).toMatchObject([
      { values: 168, durationHours: 672, peak: { value: 0.6, multiple: '0.20' } },
    ]);
    expect((await get(url)).body.results[0].events[0].peak).toMatchObject({
      value: 90,
      time: '2026-02-10T08:00:00+08:00',
    });
    expect((await get('/events?station=up&from=2024-01-01&to=2026-01-01')).status).toBe(400);
    expect((await get('/events?station=nowhere&from=2026-01-01&to=2026-01-02')).status).toBe(404);
    expect((await get('/events?station=roof&from=2026-03-01&to=2026-03-02')).body.results).toEqual([]);
  });
});

describe('samples by hand of a section', () => {
  const byHand = (id: string, stampMeans: 'begin' | 'instant') => {
    const { url: _url, ...source } = config.sources[0]!;
    return { ...source, id, provider: id, stampMeans, manual: true, push: true };
  };

  it('count in its verdicts although nobody has a name for it, and a month is no day', async () => {
    const sheets = [byHand('delivered', 'begin'), byHand('sampled', 'instant')];
    current = { ...config, sources: [...config.sources, ...sheets], hash: 'f'.repeat(64) };
    const at = (moment: string, value: number) => ({
      timeS: instantOfCivil(moment, 'Asia/Shanghai'),
      value,
    });
    const delivered = new BatchBuilder('delivered');
    delivered.add({
      series: delivered.seriesOf('down', 'tp', 'P1M'),
      ...at('2026-01-01T00:00', 0.15),
      flags: packFlags({ stage: 7 }),
    });
    await append(delivered);
    const sampled = new BatchBuilder('sampled');
    for (const value of [
      at('2026-01-05T09:00', 0.4),
      at('2026-01-05T09:00', 0.4),
      at('2026-02-03T09:00', 0.25),
    ])
      sampled.add({ series: sampled.seriesOf('down', 'tp', 'instant'), ...value });
    await append(sampled);
    const of = async (period: string) => (await get(`/verdicts?section=down&period=${period}`)).body.result;
    expect(await of('2026-01')).toMatchObject({
      class: 3,
      standing: 'monthly-reviewed',
      items: [{ parameter: 'tp', value: '0.150', provider: 'delivered', method: 'manual' }],
    });
    const february = await of('2026-02');
    expect(february).toMatchObject({
      class: 4,
      items: [{ value: '0.250', provider: 'sampled', method: 'manual' }],
    });
    expect((await of('2026-01-01')).class).toBeNull();
    const why = (await get(`/verdicts/${february.id}/why`)).body.result;
    expect(why.items[0].readings.shown).toHaveLength(1);
    const report = (await get('/assessments/sections/down?month=2026-02')).body.result;
    expect([report.month.class, report.lastMonth.class]).toEqual([4, 3]);
    expect(report.changes.onMonth.text.zh).toBe('不可比：数据来源不一致');
    current = config;
  });
});
