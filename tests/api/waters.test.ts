import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { standards } from '../analysis/standards.ts';
import { BatchBuilder } from '../../src/domain/batch.ts';
import type { Config } from '../../src/domain/config/config.ts';
import { instantOfCivil } from '../../src/domain/time.ts';
import { fixtureConfig } from './region-fixture.ts';
import { nowS, openStores, testApp, type Stores, type TestApp } from './test-app.ts';

const provenance = { source: 'made up for tests', confidence: 'assumed' as const };
const fixture = structuredClone(fixtureConfig);
const pm25 = fixture.parameters.find(({ id }) => id === 'pm25')!;
const pollutants = ['so2', 'no2', 'co', 'o3', 'pm10', 'pm25'];
const [up, down] = fixture.sections as [Config['sections'][number], Config['sections'][number]];
const name = { zh: '瓯湖', en: 'Lake Ou' };
const lakePoint = (id: string, zone: string) => ({
  ...structuredClone(down),
  id,
  reach: undefined,
  assessed: '331100',
  bodyType: { value: 'lake' as const, origin: 'official' as const, provenance },
  lake: { id: 'ou-lake', name, zone, provenance },
});
const roof = fixture.airStations[0]!;
const config: Config = {
  ...fixture,
  sections: [up, { ...down, assessed: '330300' }, lakePoint('north', 'n'), lakePoint('south', 's')].map(
    ({ reach, ...section }) => (reach === undefined ? section : { ...section, reach }),
  ),
  airStations: [
    roof,
    { ...roof, id: 'yard', locatedIn: '330300', aliases: [{ provider: 'airnet', key: '2' }] },
  ],
  parameters: [
    ...fixture.parameters.filter(({ id }) => id !== 'pm25'),
    ...pollutants.map((id) => ({ ...pm25, id, decimals: 1 })),
  ],
  ...structuredClone(standards),
};
const at = (text: string) => instantOfCivil(text, 'Asia/Shanghai');
let stores: Stores;
let api: TestApp;

beforeAll(async () => {
  stores = await openStores();
  api = await testApp(stores, { config: () => config });
  const water = new BatchBuilder('bureau');
  const values: Record<string, number> = { up: 0.4, down: 0.9, north: 0.02, south: 0.07 };
  for (const [station, value] of Object.entries(values)) {
    const item = station === 'up' || station === 'down' ? 'nh3n' : 'tp';
    const series = water.seriesOf(station, item, 'instant');
    for (const month of ['2025-01', '2026-01'])
      for (let slot = 0; slot < 31 * 6; slot++)
        water.add({ series, timeS: at(`${month}-01T00:00`) + slot * 14_400, value });
  }
  const air = new BatchBuilder('airnet');
  for (const station of ['roof', 'yard'])
    for (const item of pollutants) {
      const series = air.seriesOf(station, item, 'PT1H');
      for (let hour = 0; hour < 31 * 24; hour++)
        air.add({ series, timeS: at('2026-01-01T00:00') + hour * 3600, value: station === 'roof' ? 20 : 10 });
    }
  for (const batch of [water, air]) {
    const body = new Uint8Array([1]);
    const entry = await stores.journal.append({
      kind: 'raw',
      receivedS: nowS,
      meta: { source: 'test' },
      body,
    });
    await stores.readings.apply({ seq: entry.seq, receivedS: nowS }, batch.build());
    api.progress.appliedSeq = entry.seq;
  }
});
afterAll(async () => {
  await api.app.close();
  await stores.close();
});

const ajv = new Ajv2020({ strict: false, allErrors: true });
let document: {
  paths: Record<
    string,
    { get: { responses: Record<string, { content: Record<string, { schema: object }> }> } }
  >;
};
/** The answer, which fits its description. */
async function get(url: string) {
  const answer = await api.app.inject(`/api/v1${url}`);
  document ??= (await api.app.inject('/api/openapi.json')).json();
  const path = `/api/v1${url.split('?')[0]}`;
  const { schema } = document.paths[path]!.get.responses['200']!.content['application/json']!;
  expect(answer.statusCode).toBe(200);
  ajv.validate(schema, answer.json());
  expect(ajv.errors ?? []).toEqual([]);
  return answer.json().result;
}

describe('rivers and basins', () => {
  it('below five sections are judged by the means over them, beside the year before', async () => {
    const river = await get('/assessments/waters?id=oujiang&period=2026-01');
    expect(river.now).toMatchObject({
      sections: 2,
      judged: ['up', 'down'],
      by: 'means',
      condition: { zh: '良好' },
    });
    expect(river.lastYear).toMatchObject({ period: '2025-01', by: 'means' });
    expect(river.change.comparable).toBe(false);
    expect(river.rules[0]).toMatchObject({ id: expect.any(String), confidence: expect.any(String) });
    for (const id of river.verdicts) {
      const why = await api.app.inject(`/api/v1/verdicts/${id}/why`);
      expect([why.statusCode, why.json().result.period]).toEqual([200, '2026-01']);
    }
    expect(river.verdicts).toHaveLength(2);
    expect(
      (await get(`/assessments/waters?id=${encodeURIComponent('瓯江')}&period=2026-01`)).now.sections,
    ).toBe(2);
    expect((await api.app.inject('/api/v1/assessments/waters?id=nowhere&period=2026-01')).statusCode).toBe(
      404,
    );
  });
});

describe('lakes', () => {
  it('are means over their points, and each zone for itself', async () => {
    const found = await get('/assessments/lakes?id=ou-lake&period=2026-01');
    expect(found).toMatchObject({
      name,
      whole: { points: ['north', 'south'], class: 3, values: { tp: '0.045' }, pointsByItem: { tp: 2 } },
      zones: [
        { zone: 'n', figures: { class: 2 } },
        { zone: 's', figures: { class: 4 } },
      ],
    });
    expect(found.verdicts.map((id: string) => id.split('~')[0])).toEqual(['north', 'south']);
    expect((await api.app.inject('/api/v1/assessments/lakes?id=oujiang&period=2026-01')).statusCode).toBe(
      404,
    );
  });
});

describe('rankings', () => {
  it('of cities by water say index, change and what is missing; cities with other items are not ranked together', async () => {
    const ranking = await get('/rankings/water?period=2026-01');
    expect(ranking.confidence).toBe('from-memory');
    const [first, second] = ranking.cities;
    expect([first.city, second.city]).toEqual(expect.arrayContaining(['331100', '330300']));
    const wenzhou = ranking.cities.find(({ city }: { city: string }) => city === '330300');
    expect(wenzhou).toMatchObject({ index: '0.9000', changePercent: '0.00', sections: 1, items: 1 });
    expect(wenzhou.comparability).toMatchObject({ comparable: true, text: null });
    expect(wenzhou.missing).toContain('tp');
    expect(wenzhou.verdicts).toHaveLength(1);
    expect(ranking.rules).toMatchObject([{ confidence: 'from-memory' }]);
    // Nothing was measured the year before that.
    const [before] = (await get('/rankings/water?period=2025-01')).cities;
    expect(before).toMatchObject({
      changePercent: null,
      comparability: { comparable: false, text: { zh: '不可比：有一期无法评价' } },
    });
  });

  it('of cities by air go by the composite index of their points', async () => {
    const ranking = await get('/rankings/air?period=2026-01');
    expect(
      ranking.cities.map(({ city, rank, points }: Record<string, unknown>) => [city, rank, points]),
    ).toEqual([
      ['330300', 1, 1],
      ['331100', 2, 1],
    ]);
    expect(ranking.cities[0].composite.leading).toEqual(['co']);
    expect(ranking.cities[0].attainment.validDays).toBe(31);
    const [point] = ranking.cities[0].verdicts;
    const why = await api.app.inject(`/api/v1/verdicts/${point}/why`);
    expect(why.json().result.items[0].readings.total).toBe(744);
    expect(ranking.rules).toHaveLength(2);
  });
});
