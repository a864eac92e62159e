import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AirExplanation } from '../../src/api/verdicts/air-explanation.ts';
import { AirVerdictShape } from '../../src/api/verdicts/air-shapes.ts';
import { DifferenceShape } from '../../src/api/verdicts/verdict-difference.ts';
import { standards } from '../analysis/standards.ts';
import { BatchBuilder } from '../../src/domain/batch.ts';
import type { Config } from '../../src/domain/config/config.ts';
import { packFlags } from '../../src/domain/flags.ts';
import { instantOfCivil } from '../../src/domain/time.ts';
import { fixtureConfig } from './region-fixture.ts';
import { nowS, openStores, testApp, type Stores, type TestApp } from './test-app.ts';

const pollutants = ['so2', 'no2', 'co', 'o3', 'pm10', 'pm25'];
const fixture = structuredClone(fixtureConfig);
const pm25 = fixture.parameters.find(({ id }) => id === 'pm25');
const parameters = [
  ...fixture.parameters.filter(({ id }) => id !== 'pm25'),
  ...pollutants.map((id) => ({ ...pm25!, id, decimals: id === 'co' ? 1 : 0 })),
];
const config: Config = { ...fixture, parameters, ...structuredClone(standards) };
const at = (text: string) => instantOfCivil(text, 'Asia/Shanghai');
/** µg/m³, CO mg/m³; a day on which only particles are above grade 2 of the transition, 60 µg/m³. */
const usual: Record<string, number> = { so2: 10, no2: 20, co: 0.5, o3: 60, pm10: 50, pm25: 30 };
let stores: Stores;
let api: TestApp;
let [told, corrected] = [0, 0];

async function append(batch: BatchBuilder): Promise<number> {
  const body = new Uint8Array([1]);
  const entry = await stores.journal.append({ kind: 'raw', receivedS: nowS, meta: { source: 'test' }, body });
  await stores.readings.apply({ seq: entry.seq, receivedS: nowS }, batch.build());
  api.progress.appliedSeq = entry.seq;
  return entry.seq;
}

beforeAll(async () => {
  stores = await openStores();
  api = await testApp(stores, { config: () => config });
  const batch = new BatchBuilder('airnet');
  for (const id of pollutants) {
    const series = batch.seriesOf('roof', id, 'PT1H');
    // From the last day of the 2012 edition to the second of the 2026 one; CO lacks five hours of 1 March.
    for (let hour = 0; hour < 72; hour++) {
      const day = Math.floor(hour / 24);
      const missing = id === 'co' && day === 1 && hour % 24 < 5;
      const flags = missing ? packFlags({ qualifiers: ['missing'] }) : 0;
      const value = missing ? null : id === 'pm25' ? [30, 30, 61][day]! : usual[id]!;
      batch.add({ series, timeS: at('2026-02-28T00:00') + hour * 3600, value, flags });
    }
  }
  told = await append(batch);
  const correction = new BatchBuilder('airnet');
  const series = correction.seriesOf('roof', 'pm25', 'PT1H');
  for (let hour = 0; hour < 24; hour++)
    correction.add({ series, timeS: at('2026-03-02T00:00') + hour * 3600, value: 60 });
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
const verdict = async (period: string, asOf?: number) => {
  const { body } = await get(
    `/verdicts/air?station=roof&period=${period}${asOf === undefined ? '' : `&asOf=${asOf}`}`,
  );
  expect([...Value.Errors(AirVerdictShape, body.result)]).toEqual([]);
  return body.result;
};
const why = async (id: string) => {
  const { status, body } = await get(`/verdicts/${id}/why?readings=30`);
  expect(status).toBe(200);
  expect([...Value.Errors(AirExplanation, body.result)]).toEqual([]);
  return body.result;
};

describe('air verdicts', () => {
  it('of an hour follow the edition of the day on which the hour begins', async () => {
    expect((await verdict('2026-02-28T23')).hour).toMatchObject({ edition: 'hj633-2012', aqi: 50 });
    const first = await verdict('2026-03-01T05');
    expect(first.hour).toMatchObject({ edition: 'hj633-2026', iaqi: { pm25: 43, pm10: 50 } });
    // CO of 00:00 to 01:00 is missing, and nothing else is above 100.
    expect((await verdict('2026-03-01T00')).hour).toMatchObject({ aqi: null, reason: 'pollutant-missing' });
  });

  it('of a day tell index and attainment apart', async () => {
    const before = await verdict('2026-03-02', told);
    expect(before.day).toMatchObject({
      edition: 'hj633-2026',
      attains: false,
      over: [{ parameter: 'pm25', value: '61', limit: '60', standing: 'day-unreviewed', clause: 'table 1' }],
    });
    const after = await verdict('2026-03-02');
    expect(after.day).toMatchObject({ attains: true, over: [], aqi: 100 });
    expect(after.values.find(({ parameter }: { parameter: string }) => parameter === 'pm25')).toEqual({
      parameter: 'pm25',
      of: '24h',
      value: '60',
      valid: 24,
    });
    // Nineteen hours of CO are not a day.
    expect((await verdict('2026-03-01')).day).toMatchObject({ aqi: null, attains: null });
  });

  it('are explained down to breakpoints, limits with clause and confidence, readings and journal entries', async () => {
    const { id } = await verdict('2026-03-02', told);
    const tree = await why(id);
    expect(tree.rules.every(({ confidence }: { confidence: string }) => confidence.length > 0)).toBe(true);
    const item = tree.items.find(({ parameter }: { parameter: string }) => parameter === 'pm25');
    expect(item).toMatchObject({
      decides: true,
      value: '61',
      of: '24h',
      valid: 24,
      index: { edition: 'hj633-2026', column: 'pm25', confidence: 'confirmed' },
      limits: [
        { limit: '60', standard: 'gb3095-2026', clause: 'table 1', confidence: 'confirmed', grade: 2 },
      ],
      readings: { total: 24 },
    });
    expect(item.rules.map(({ says }: { says: string }) => says)).toContain('a day needs 20 valid hours');
    expect(item.readings.shown).toHaveLength(24);
    expect(item.readings.shown[0]).toMatchObject({
      value: 61,
      counted: true,
      seq: told,
      journal: `/api/v1/journal/${told}`,
    });
    const ozone = tree.items.find(({ parameter }: { parameter: string }) => parameter === 'o3');
    expect(ozone).toMatchObject({ of: '8h-max', index: { column: 'o3_8h' } });
    const all = (await api.app.inject({ method: 'GET', url: item.readings.all })).json();
    expect(all.results[0].values).toHaveLength(24);

    const hour = await why((await verdict('2026-03-01T00')).id);
    const co = hour.items.find(({ parameter }: { parameter: string }) => parameter === 'co');
    expect(co.readings.shown).toMatchObject([
      { value: null, counted: false, flags: { qualifiers: ['missing'] } },
    ]);
    const year = await why((await verdict('2026')).id);
    expect(year.verdict.span).toMatchObject({ attains: null, phase: 'GB3095-2026/transition' });
    expect(year.items[0].days).toHaveLength(365);
  });

  it('of an earlier day are recomputed as they were known, and the difference is explained', async () => {
    const { body } = await get(`/verdicts/difference?station=roof&period=2026-03-02&before=${told}`);
    expect([...Value.Errors(DifferenceShape, body.result)]).toEqual([]);
    expect(body.result).toMatchObject({
      before: { asOfSeq: told },
      after: { asOfSeq: corrected },
      items: [{ parameter: 'pm25', before: '61', after: '60' }],
      readings: { revised: 24, added: 0 },
      rules: { changed: false },
    });
    expect(body.result.text.zh).toContain('修订读数24个');
    const same = await get(`/verdicts/difference?station=roof&period=2026-02-28&before=${told}`);
    expect(same.body.result).toMatchObject({ same: true, text: { en: 'Unchanged: AQI 50, attains' } });
  });

  it('refuse what is no station or period', async () => {
    expect((await get('/verdicts/air?station=nowhere&period=2026-03-01')).status).toBe(404);
    expect((await get('/verdicts/air?station=roof&period=2026-03-01T24')).status).toBe(400);
    expect((await get('/verdicts/air?station=roof&period=1990')).status).toBe(404);
    expect((await get(`/verdicts/roof~2026-03-01T05~${told}~${'0'.repeat(32)}/why`)).status).toBe(409);
  });
});
