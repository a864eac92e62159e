import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SharingRule } from '../../src/domain/config/sharing.ts';
import { fixtureConfig } from './region-fixture.ts';
import { hourS, nowS, openStores, testApp, type Person, type Stores, type TestApp } from './test-app.ts';

const provenance = { source: 'made up for tests', confidence: 'assumed' as const };
/** Air is for its owner; water for anyone. */
const sharing: SharingRule[] = [
  { id: 'air', product: 'readings', medium: 'air', grants: [{ tier: 'owner' }], provenance },
  { id: 'water', product: 'readings', grants: [{ tier: 'public' }], provenance },
  { id: 'assessments', product: 'assessments', grants: [{ tier: 'public' }], provenance },
];

let stores: Stores;
let api: TestApp;
beforeAll(async () => {
  stores = await openStores();
  api = await testApp(stores, { config: () => ({ ...fixtureConfig, sharing }) });
});
afterAll(async () => {
  await api.app.close();
  await stores.close();
});

const get = (url: string, headers: Record<string, string> = {}) =>
  api.app.inject({ url: `/api/v1${url}`, headers });
const as = (person: Person) => api.as(person);

describe('lists', () => {
  it('give only the members that are asked for, and name those that there are', async () => {
    const { results } = (await get('/sources?fields=id,licence')).json();
    expect(results).toEqual([
      { id: 'bureau-water', licence: 'test' },
      { id: 'air-net', licence: 'test' },
    ]);
    const latest = (await get('/latest?kind=water&fields=station,withheld')).json();
    expect(latest.results[0]).toEqual({ station: 'up', withheld: false });
    const refused = await get('/sources?fields=id,secret');
    expect(refused.statusCode).toBe(400);
    expect(refused.json().error.details.faults).toMatchObject([
      { field: 'querystring.fields', value: 'secret', expected: expect.stringContaining('licence') },
    ]);
  });

  it('are tables where CSV is asked for, languages side by side', async () => {
    const answer = await get('/jurisdictions?f=csv');
    expect(answer.headers['content-type']).toContain('text/csv');
    const rows: Record<string, string>[] = parse(answer.body, { columns: true });
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatchObject({ code: '331100', 'name.zh': '丽水市', 'name.en': 'Lishui' });
    const byHeader = await get('/jurisdictions?fields=code', { accept: 'text/csv' });
    expect(byHeader.body).toBe('code\r\n331100\r\n350700\r\n330300\r\n');
  });

  it('go on behind the last item of the page before', async () => {
    const whole = (await get('/keys', as('administrator')))
      .json()
      .results.map(({ id }: { id: string }) => id);
    expect(whole.length).toBeGreaterThan(5);
    const paged: string[] = [];
    for (let url: string | null = '/keys?limit=3'; url !== null;) {
      const answer = await get(url, as('administrator'));
      const { results, meta } = answer.json();
      expect(answer.headers['link'] === undefined).toBe(meta.next === null);
      paged.push(...results.map(({ id }: { id: string }) => id));
      url = meta.next === null ? null : `/keys?limit=3&cursor=${meta.next}`;
    }
    expect(paged).toEqual(whole);
  });
});

describe('coverage', () => {
  const url =
    '/coverage?station=up&parameter=tp&averaging=instant&provider=bureau&from=2026-03-02&to=2026-03-03&period=day';

  it('counts what was due, what came and what is valid, by series and period', async () => {
    expect((await get(url)).json().results).toEqual([
      {
        station: 'up',
        parameter: 'tp',
        averaging: 'instant',
        provider: 'bureau',
        begin: '2026-03-02T00:00:00+08:00',
        end: '2026-03-03T00:00:00+08:00',
        expected: 6,
        observed: 3,
        valid: 3,
        share: 0.5,
      },
    ]);
    const suspect = (await get(url.replace('parameter=tp', 'parameter=nh3n'))).json().results[0];
    expect(suspect).toMatchObject({ observed: 4, valid: 3 });
    const [row] = parse<Record<string, string>>((await get(`${url}&f=csv`)).body, { columns: true });
    expect(row).toMatchObject({ expected: '6', observed: '3', share: '0.5' });
  });

  it('is refused where rows may not be seen, for sliding means and for too many rows', async () => {
    const air =
      '/coverage?station=roof&parameter=pm25&averaging=PT1H&from=2026-03-01&to=2026-03-02&period=day';
    expect((await get(air)).statusCode).toBe(403);
    expect((await get(air, as('viewer'))).json().results[0]).toMatchObject({ expected: 24, share: 18 / 24 });
    const sliding = await get(air.replace('PT1H', 'PT24H-sliding'), as('viewer'));
    expect(sliding.json().error.details.faults[0].field).toBe('querystring.averaging');
    const many = await get(
      air.replace('2026-03-01', '1990-01-01').replace('period=day', 'period=hour'),
      as('viewer'),
    );
    expect(many.json().error.details.faults[0]).toMatchObject({ field: 'querystring.period' });
  });
});

describe('a whole series', () => {
  const span = 'station=up&parameter=tp,nh3n&averaging=instant&provider=bureau&from=2026-03-01&to=2026-03-03';

  it('is one stream with the same rows as the pages', async () => {
    const pages = (await get(`/series?${span}&f=csv`)).body;
    const exported = await get(`/series/export?${span}&f=csv`);
    expect(exported.headers['content-type']).toContain('text/csv');
    expect(exported.body).toBe(pages);
    const lines = (await get(`/series/export?${span}&f=ndjson`)).body.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual((await get(`/series?${span}`)).json().results);
  });

  it('holds back what is not for its reader', async () => {
    const air = 'station=roof&parameter=pm25&averaging=PT1H&from=2026-03-01&to=2026-03-03&f=csv';
    const lines = async (headers = {}) =>
      (await get(`/series/export?${air}`, headers)).body.trim().split('\r\n');
    expect(await lines()).toHaveLength(1);
    expect((await lines(as('viewer'))).length).toBeGreaterThan(20);
  });
});

describe('an answer that is kept', () => {
  const air = '/series?station=roof&parameter=pm25&averaging=PT1H&from=2026-03-01&to=2026-03-03';

  it('is told apart before any work: whoever has it is not sent it again', async () => {
    const first = await get('/latest?kind=air', as('viewer'));
    const { calls } = api.latest;
    const tag = String(first.headers.etag);
    const again = await get('/latest?kind=air', { ...as('viewer'), 'if-none-match': tag });
    expect({ status: again.statusCode, body: again.body, calls: api.latest.calls }).toEqual({
      status: 304,
      body: '',
      calls,
    });
    api.progress.appliedSeq += 1;
    const moved = await get('/latest?kind=air', { ...as('viewer'), 'if-none-match': tag });
    expect(moved.statusCode).toBe(200);
    api.progress.appliedSeq -= 1;
  });

  it('is the same bytes compressed or not, and says which', async () => {
    const plain = await get(air, as('viewer'));
    const packed = await get(air, { ...as('viewer'), 'accept-encoding': 'br;q=1, gzip;q=0.5' });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(packed.rawPayload).toString()).toBe(plain.body);
    expect((await get(air, { ...as('viewer'), 'accept-encoding': 'gzip;q=0' })).body).toBe(plain.body);
  });

  it('is given to nobody of another circle, under no tag, and noted for each who was given it', async () => {
    const owner = await get(air, as('viewer'));
    const other = await get(air, { ...as('finance'), 'if-none-match': String(owner.headers.etag) });
    expect(other.statusCode).toBe(200);
    expect(other.json().results).toEqual([]);
    await get(air, as('office'));
    await get(air, as('administrator'));
    await api.app.close();
    const readers = (await stores.state.readLog.list({ owners: null, limit: 50 })).filter(
      ({ door, fromS }) => door === 'api' && fromS !== null && fromS > nowS - 100 * hourS,
    );
    expect(
      new Set(readers.map(({ readerJurisdiction, stations }) => `${readerJurisdiction} ${stations}`)),
    ).toEqual(new Set(['null roof']));
    expect(new Set(readers.map(({ actor }) => actor)).size).toBe(2);
  });
});
