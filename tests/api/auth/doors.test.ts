import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BatchBuilder } from '../../../src/domain/batch.ts';
import type { SharingRule } from '../../../src/domain/config/sharing.ts';
import { fixtureConfig } from '../region-fixture.ts';
import { hourS, nowS, openStores, testApp, type Person, type Stores, type TestApp } from '../test-app.ts';

const provenance = { source: 'made up for tests', confidence: 'assumed' as const };
/** Whatever 331100 measures is for 331100 and the joint office. */
const sharing: SharingRule[] = [
  { id: 'readings', product: 'readings', grants: [{ tier: 'owner' }], provenance },
  { id: 'assessments', product: 'assessments', grants: [{ tier: 'public' }], provenance },
];
/** Values that occur nowhere else, and so betray where they went. */
const secrets = ['987.0625', '0.90625'];

let stores: Stores;
let api: TestApp;
beforeAll(async () => {
  stores = await openStores();
  const air = new BatchBuilder('airnet');
  air.add({ series: air.seriesOf('roof', 'pm25', 'PT1H'), timeS: nowS - hourS, value: 987.0625 });
  const water = new BatchBuilder('bureau');
  water.add({ series: water.seriesOf('up', 'tp', 'instant'), timeS: nowS - hourS, value: 0.90625 });
  for (const batch of [air.build(), water.build()]) {
    const body = new TextEncoder().encode(`a payload with ${secrets.join(' and ')}`);
    doors.push(`/api/v1/journal/${stores.journal.head().seq + 1}`);
    const entry = await stores.journal.append({
      kind: 'raw',
      receivedS: nowS,
      meta: { source: 'test' },
      body,
    });
    await stores.readings.apply({ seq: entry.seq, receivedS: nowS }, batch);
  }
  api = await testApp(stores, { config: () => config });
  api.progress.appliedSeq = stores.journal.head().seq;
});
afterAll(async () => {
  await api.app.close();
  await stores.close();
});
const config = { ...fixtureConfig, sharing };

const span = 'from=2026-02-20&to=2026-03-20';
const days = 'from=2026-02-01&to=2026-03-02';
/** Every way to ask for those readings; routes without parameters are walked besides. */
const doors = [
  '/api/v1/latest?kind=air',
  '/api/v1/latest?kind=water',
  `/api/v1/series?station=roof&parameter=pm25&averaging=PT1H&${span}`,
  `/api/v1/series?station=up&parameter=tp&averaging=instant&${span}&f=csv`,
  `/api/v1/series?station=up&parameter=tp&averaging=instant&${span}&f=columns`,
  '/api/v1/readings/past?station=roof&parameter=pm25&averaging=PT1H&time=2026-03-02T08:00',
  '/api/v1/readings/past?station=up&parameter=tp&averaging=instant&time=2026-03-02T07:00',
  '/api/v1/changes?limit=5000',
  '/api/v1/changes/stream?seconds=0',
  `/api/v1/loads?section=up&parameter=tp&${days}`,
  `/api/v1/attributions?section=up&parameter=tp&${days}`,
  `/api/v1/quality/marks?stations=up&averaging=instant&${span}&provider=bureau`,
  `/api/v1/quality/reviews-due?stations=up&averaging=instant&${span}&provider=bureau`,
  `/api/v1/series/export?station=roof&parameter=pm25&averaging=PT1H&${span}&f=csv`,
  `/api/v1/series/export?station=up&parameter=tp&averaging=instant&${span}&f=ndjson`,
  `/api/v1/coverage?station=roof&parameter=pm25&averaging=PT1H&period=day&${span}`,
  `/api/v1/coverage?station=up&parameter=tp&averaging=instant&period=day&${span}&f=csv`,
  '/sta/v1.1/Things?$expand=Datastreams($expand=Observations)',
  '/sta/v1.1/Datastreams?$expand=Observations&$resultFormat=dataArray',
  '/sta/v1.1/Observations?$resultFormat=dataArray&$top=1000',
  '/sta/v1.1/Observations?$filter=result%20eq%20987.0625%20or%20result%20eq%200.90625',
  '/ogc/edr/collections/air-pt1h/locations/roof',
  '/ogc/edr/collections/water-instant/locations/up?parameter-name=tp',
  '/ogc/edr/collections/air-pt1h/position?coords=POINT(119.9%2028.4)',
  '/ogc/edr/collections/water-instant/position?coords=POINT(119.5%2028.1)',
  '/ogc/collections/air-stations/items/roof',
  '/ogc/collections/sections/items/up',
  `/api/v1/quality/comparisons?stations=up&averaging=instant&${span}&providers=bureau,neighbour`,
];

/** Every SensorThings address by id that its owner is shown: series, their observations, and each value by its own number. */
async function numbered(): Promise<string[]> {
  const list = async (url: string): Promise<Record<string, number>[]> =>
    (await api.app.inject({ url, headers: api.as('viewer') })).json().value;
  const urls: string[] = [];
  for (const set of ['Things', 'Datastreams', 'FeaturesOfInterest'])
    for (const { '@iot.id': id } of await list(`/sta/v1.1/${set}`))
      urls.push(
        `/sta/v1.1/${set}(${id})`,
        `/sta/v1.1/${set}(${id})/${set === 'Things' ? 'Datastreams' : 'Observations'}`,
      );
  for (const { '@iot.id': id } of await list('/sta/v1.1/Observations?$top=1000'))
    urls.push(`/sta/v1.1/Observations(${id})`, `/sta/v1.1/Observations(${id})/result/$value`);
  return urls;
}

async function told(url: string, person: Person | null): Promise<boolean> {
  const answer = await api.app.inject({ url, headers: person === null ? {} : api.as(person) });
  expect({ url, person, fault: answer.statusCode === 500 }).toEqual({ url, person, fault: false });
  return secrets.some((secret) => answer.body.includes(secret));
}

describe('what only its owner may see', () => {
  it('leaves through no door to a key of another jurisdiction, to one of none, nor to anyone', async () => {
    const plain = api.app.routeTable
      .filter(({ method, url }) => method === 'GET' && !url.includes(':') && !url.includes('*'))
      .filter(({ url }) => /^\/(api\/v1|sta|ogc)\b/.test(url) && !url.endsWith('/stream'))
      .map(({ url }) => url);
    const byId = await numbered();
    expect(byId.length).toBeGreaterThan(60);
    const urls = [...new Set([...doors, ...plain, ...byId])];
    // Its owner asks first: what is kept for the owner's circle must not be given to another.
    for (const url of urls) await told(url, 'viewer');
    const leaks: string[] = [];
    for (const person of ['stranger', 'finance', 'unbound', null] as const)
      for (const url of urls) if (await told(url, person)) leaks.push(`${person}: ${url}`);
    expect(leaks).toEqual([]);
    const open = [];
    for (const url of urls) if (await told(url, 'viewer')) open.push(url);
    console.log(`${urls.length} addresses, 4 readers; the owner sees the values through ${open.length}`);
    expect(open.length).toBeGreaterThan(25);
  });

  it('is no basis of a load or a contribution for whoever may not see it, and says why', async () => {
    const load = (person: Person) =>
      api.app.inject({ url: `/api/v1/loads?section=up&parameter=tp&${days}`, headers: api.as(person) });
    expect((await load('viewer')).statusCode).toBe(200);
    const refused = await load('finance');
    expect(refused.statusCode).toBe(403);
    expect(refused.json().error.details).toMatchObject({
      reason: 'NOT_A_PARTY',
      station: 'up',
      parameter: 'tp',
    });
    const shares = `/api/v1/attributions?section=up&parameter=tp&${days}`;
    expect((await api.app.inject({ url: shares, headers: api.as('finance') })).statusCode).toBe(403);
  });
});
