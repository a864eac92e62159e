import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FeatureService } from '@ogcapi-js/features';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Section } from '../../src/domain/config/region.ts';
import { hasProgram, hasPythonModule, output, python } from '../servers/programs.ts';
import { fixtureConfig } from './region-fixture.ts';
import { openStores, testApp, type Stores, type TestApp } from './test-app.ts';

const many = 5000;
const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-ogc-'));

/** The two sections of the region, and as many more as make a long list. */
function manySections(): Section[] {
  const [up] = fixtureConfig.sections;
  const more = Array.from({ length: many - fixtureConfig.sections.length }, (_, at) => ({
    ...up!,
    id: `more-${at}`,
    name: { zh: `断面${at}`, en: `Section ${at}` },
    aliases: [],
    riverName: at % 2 === 0 ? '瓯江' : '飞云江',
    position: { ...up!.position!, lon: 118 + (at % 100) / 100, lat: 27 + Math.floor(at / 100) / 100 },
  }));
  return [...fixtureConfig.sections, ...more];
}

let stores: Stores;
let api: TestApp;
let url: string;
beforeAll(async () => {
  stores = await openStores();
  const sections = manySections();
  api = await testApp(stores, { config: () => ({ ...fixtureConfig, sections }) });
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await api.app.close();
  await stores.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Items {
  type: string;
  features: { id: string; geometry: unknown; properties: Record<string, unknown> }[];
  links: { rel: string; href: string; type: string }[];
  numberMatched: number;
  numberReturned: number;
}

const items = async (query: string, collection = 'sections'): Promise<Items> => {
  const answer = await api.app.inject(`/ogc/collections/${collection}/items${query}`);
  expect({ query, status: answer.statusCode }).toEqual({ query, status: 200 });
  expect(answer.headers['content-type']).toBe('application/geo+json');
  return answer.json<Items>();
};

describe('OGC API Features', () => {
  it('leads from the landing page to everything, by absolute links with types', async () => {
    const landing = (
      await api.app.inject({ url: '/ogc/', headers: { host: new URL(url).host } })
    ).json<Items>();
    const rels = landing.links.map(({ rel }) => rel);
    for (const rel of ['self', 'service-desc', 'service-doc', 'conformance', 'data'])
      expect(rels).toContain(rel);
    for (const link of landing.links) {
      expect(link.href).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//);
      expect(link.type).not.toBe('');
      if (link.rel !== 'service-doc') expect((await fetch(link.href)).status).toBe(200);
    }
    const { conformsTo } = (await api.app.inject('/ogc/conformance')).json<{ conformsTo: string[] }>();
    expect(conformsTo).toContain('http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core');
    const { collections } = (await api.app.inject('/ogc/collections')).json<{
      collections: { id: string; links: { rel: string; href: string }[] }[];
    }>();
    for (const { id, links } of collections) {
      const first = links.find(({ rel }) => rel === 'items')!.href;
      expect({ id, status: (await api.app.inject(new URL(first).pathname)).statusCode }).toEqual({
        id,
        status: 200,
      });
    }
  });

  it('has an API document in both versions that names every parameter it takes', async () => {
    for (const version of ['3.0', '3.1']) {
      const answer = await api.app.inject(`/ogc/api?version=${version}`);
      expect(answer.headers['content-type']).toBe(`application/vnd.oai.openapi+json;version=${version}`);
      const document = answer.json<{
        openapi: string;
        paths: Record<string, { get: { parameters: { name: string }[] } }>;
      }>();
      expect(document.openapi.startsWith(version)).toBe(true);
      const names = document.paths['/collections/sections/items']!.get.parameters.map(({ name }) => name);
      for (const name of names) {
        const value =
          { limit: '3', offset: '0', bbox: '118,27,119,28', datetime: '2026-01-01T00:00:00Z/..', f: 'json' }[
            name
          ] ?? 'x';
        const status = (await api.app.inject(`/ogc/collections/sections/items?${name}=${value}`)).statusCode;
        expect({ name, status }).toEqual({ name, status: 200 });
      }
    }
  });

  it('pages, caps, and finds by box, time and property', async () => {
    const page = await items('?limit=7&river=瓯江');
    expect(page).toMatchObject({ numberReturned: 7, numberMatched: 2501 });
    const next = page.links.find(({ rel }) => rel === 'next')!;
    const following = await items(new URL(next.href).search);
    expect(following.features[0]!.id).not.toBe(page.features[6]!.id);
    expect(new URL(next.href).searchParams.get('river')).toBe('瓯江');
    expect((await items('?limit=99999')).numberReturned).toBe(many);
    const boxed = await items('?bbox=119.49,28.09,119.51,28.11');
    expect(boxed.features.map(({ id }) => id)).toEqual(['up']);
    expect((await items('?bbox=179,-10,-179,10')).numberMatched).toBe(0);
    const timed = await items('?datetime=2026-03-02T00:00:00%2B08:00/..&limit=5000');
    expect(timed.features.find(({ id }) => id === 'up')!.properties.time).toBe('2026-03-02T07:00:00+08:00');
    const before = await items('?datetime=../2020-01-01T00:00:00Z&limit=5000');
    expect(before.features.some(({ id }) => id === 'up')).toBe(false);
  });

  it('refuses every parameter that is unknown or wrong, and names them all', async () => {
    for (const query of [
      '?limit=0',
      '?limit=x',
      '?limit=-1',
      '?bbox=1,2,3',
      '?bbox=1,2,3,x',
      '?bbox=1,20,3,10',
      '?datetime=yesterday',
      '?datetime=2026-02-01/2026-01-01',
      '?datetime=../..',
      '?colour=red',
      '?f=xml',
      '?crs=EPSG:3857',
      '?offset=-3',
    ]) {
      const answer = await api.app.inject(`/ogc/collections/sections/items${query}`);
      expect({ query, status: answer.statusCode }).toEqual({ query, status: 400 });
    }
    const both = await api.app.inject('/ogc/collections/sections/items?limit=0&colour=red');
    expect(both.json<{ error: { details: { faults: unknown[] } } }>().error.details.faults).toHaveLength(2);
    expect((await api.app.inject('/ogc/collections/nothing/items')).statusCode).toBe(404);
    expect((await api.app.inject('/ogc/collections/sections/items/nothing')).statusCode).toBe(404);
  });

  it('shows values and verdicts only to who may see them', async () => {
    const closed = await testApp(stores, { config: () => ({ ...fixtureConfig, sharing: [] }) });
    const read = async (headers: Record<string, string>) =>
      (await closed.app.inject({ url: '/ogc/collections/sections/items/up', headers })).json<
        Items['features'][0]
      >().properties;
    expect(await read({})).toMatchObject({ name: '断面up', time: null });
    expect(await read(api.as('viewer'))).toMatchObject({ class: 2, value_tp: 0.11 });
    expect(await read(api.as('stranger'))).not.toHaveProperty('class');
    await closed.app.close();
  });
});

describe('independent readers of OGC API Features', () => {
  it.skipIf(!hasProgram('ogr2ogr'))('GDAL pages through 5,000 features and counts right', async () => {
    const source = `OAPIF:${url}/ogc`;
    expect(await output('ogrinfo', ['-so', source, 'sections'])).toContain(`Feature Count: ${many}`);
    const file = path.join(folder, 'sections.geojson');
    await output('ogr2ogr', ['-f', 'GeoJSON', file, source, 'sections', '-oo', 'PAGE_SIZE=1000']);
    const { features } = JSON.parse(readFileSync(file, 'utf8')) as Items;
    expect(new Set(features.map(({ properties }) => properties.name)).size).toBe(many);
    const spatial = await output('ogrinfo', [
      '-q',
      source,
      'sections',
      '-spat',
      '119.49',
      '28.09',
      '119.51',
      '28.11',
    ]);
    expect(spatial).toContain('断面up');
  });

  it.skipIf(!hasPythonModule('owslib'))('OWSLib reads collections, boxes and single features', async () => {
    const script = `
import json, sys
from owslib.ogcapi.features import Features
w = Features(sys.argv[1])
print(json.dumps({
  'collections': w.feature_collections(),
  'boxed': [f['id'] for f in w.collection_items('sections', bbox=[119.49, 28.09, 119.51, 28.11])['features']],
  'limited': len(w.collection_items('sections', limit=3)['features']),
  'one': w.collection_item('sections', 'up')['properties']['name'],
}))`;
    const text = await output(python, ['-c', script, `${url}/ogc/`]);
    expect(JSON.parse(text.trim().split('\n').at(-1) ?? '')).toEqual({
      collections: ['sections', 'air-stations', 'flow-stations', 'rivers'],
      boxed: ['up'],
      limited: 3,
      one: '断面up',
    });
  });

  it('@ogcapi-js/features reads conformance, collections and features', async () => {
    const service = new FeatureService({ baseUrl: `${url}/ogc` });
    expect((await service.getConformance()).conformsTo.length).toBeGreaterThan(3);
    const page = await service.getFeatures('sections', { limit: 4 });
    expect(page.features).toHaveLength(4);
    expect(await service.getFeature('sections', 'up')).toMatchObject({ id: 'up' });
  });
});

describe('OGC API EDR', () => {
  it('lists what has readings, with parameters and queries, and stations as locations', async () => {
    const { collections } = (await api.app.inject('/ogc/edr/collections')).json<{
      collections: { id: string; parameter_names: object; data_queries: object }[];
    }>();
    expect(collections.map(({ id }) => id)).toEqual(['air-pt1h', 'water-instant']);
    expect(Object.keys(collections[1]!.parameter_names).toSorted()).toEqual(['nh3n', 'tp']);
    const { features } = (await api.app.inject('/ogc/edr/collections/water-instant/locations')).json<Items>();
    expect(features.map(({ id }) => id)).toEqual(['up']);
  });

  it('gives series as CoverageJSON that an independent reader loads', async () => {
    const { read } = await import('covjson-reader');
    const span = 'datetime=2026-03-01T00:00:00Z/2026-03-02T00:00:00Z';
    const answer = await api.app.inject(`/ogc/edr/collections/air-pt1h/locations/roof?${span}`);
    expect(answer.headers['content-type']).toBe('application/prs.coverage+json');
    const coverage = await read(answer.json<object>());
    const domain = await coverage.loadDomain();
    const range = await coverage.loadRange('pm25');
    expect(domain.axes.get('t')?.values).toHaveLength(24);
    expect(range.get({ t: 0 })).toBe(54);
    const both = (
      await api.app.inject(
        `/ogc/edr/collections/water-instant/locations/up?parameter-name=tp&datetime=../2026-03-02T00:00:00Z`,
      )
    ).json<{
      type: string;
      coverages: { id: string; ranges: { tp: { values: (number | null)[] } } }[];
    }>();
    expect(both.type).toBe('CoverageCollection');
    expect(both.coverages.map(({ id, ranges }) => [id, ranges.tp.values])).toEqual([
      ['up:bureau', [0.19, 0.13, null, 0.11]],
      ['up:neighbour', [0.2]],
    ]);
  });

  it('tells units, and which values may not be used, and has no coordinates where none are known', async () => {
    const answer = await api.app.inject(
      '/ogc/edr/collections/water-instant/locations/up?parameter-name=nh3n&datetime=2026-03-01T00:00:00Z/..',
    );
    const coverage = answer.json<{
      parameters: Record<string, { unit?: object }>;
      ranges: Record<string, { values: unknown[] }>;
    }>();
    expect(coverage.parameters['nh3n']?.unit).toMatchObject({ label: { zh: 'mg/L', en: 'mg/L' } });
    expect(coverage.ranges['nh3n']?.values).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(coverage.ranges['nh3n-validity']?.values).toEqual(['valid', 'valid', 'valid', 'suspect']);
    const nowhere = {
      ...fixtureConfig,
      sections: fixtureConfig.sections.map((section) => ({ ...section, position: null })),
    };
    const other = await testApp(stores, { config: () => nowhere });
    const { read } = await import('covjson-reader');
    const path =
      '/ogc/edr/collections/water-instant/locations/up?parameter-name=nh3n&datetime=2026-03-01T00:00:00Z/..';
    const loaded = await read((await other.app.inject(path)).json<object>());
    expect([...(await loaded.loadDomain()).axes.keys()]).toEqual(['t']);
    await other.app.close();
  });

  it('lists the locations of a box, and refuses what it does not know', async () => {
    const listed = async (query: string) =>
      api.app.inject(`/ogc/edr/collections/air-pt1h/locations?${query}`);
    expect((await listed('bbox=119,28,120,29')).json<Items>().features.map(({ id }) => id)).toEqual(['roof']);
    expect((await listed('bbox=100,28,101,29')).json<Items>().features).toEqual([]);
    for (const query of ['bbox=here', 'colour=red']) expect((await listed(query)).statusCode).toBe(400);
  });

  it('answers a position by the station that lies there, and refuses what is none', async () => {
    const near = await api.app.inject(
      '/ogc/edr/collections/air-pt1h/position?coords=POINT(119.91 28.41)&datetime=2026-03-01T00:00:00Z/..',
    );
    expect(near.json()).toMatchObject({ id: 'roof:airnet' });
    expect(
      (await api.app.inject('/ogc/edr/collections/air-pt1h/position?coords=POINT(110 20)')).statusCode,
    ).toBe(404);
    for (const query of [
      'position',
      'position?coords=here',
      'locations/roof?datetime=x',
      'locations/roof?parameter-name=ph',
      'locations/roof?colour=red',
      'locations/roof?crs=EPSG:4490',
    ])
      expect({
        query,
        status: (await api.app.inject(`/ogc/edr/collections/air-pt1h/${query}`)).statusCode,
      }).toEqual({ query, status: 400 });
  });
});

describe('metrics', () => {
  it.skipIf(!hasProgram('promtool'))('are clean in the eyes of promtool', async () => {
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(await output('promtool', ['check', 'metrics'], text)).toBe('');
  });
});
