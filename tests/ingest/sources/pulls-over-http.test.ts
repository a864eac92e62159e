import { afterEach, describe, expect, test } from 'vitest';
import { unpackFlags } from '../../../src/domain/flags.ts';
import { MonitorError } from '../../../src/domain/errors.ts';
import { NOW_S, pull, upstream, type Answer, type Upstream } from './upstream.ts';

const open: Upstream[] = [];
async function serve(answer: Answer): Promise<Upstream> {
  const server = await upstream(answer);
  open.push(server);
  return server;
}
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

const HOUR_S = 3600;
const iso = (atS: number): string => new Date(atS * 1000).toISOString().replace('.000', '');
const all = (parts: Uint8Array[]): string => parts.map((part) => new TextDecoder().decode(part)).join('');

describe('OpenAQ', () => {
  const KEY = 'a-key-that-nobody-may-see';
  const measurement = (beginS: number) => ({
    value: 12.5,
    flagInfo: { hasFlags: false },
    parameter: { id: 2, name: 'pm25', units: 'µg/m³', displayName: null },
    period: {
      label: 'raw',
      interval: '01:00:00',
      datetimeFrom: { utc: iso(beginS), local: iso(beginS) },
      datetimeTo: { utc: iso(beginS + HOUR_S), local: iso(beginS + HOUR_S) },
    },
  });
  const location = {
    id: 7,
    name: 'testing site 7',
    isMonitor: true,
    coordinates: { latitude: 28.4, longitude: 119.9 },
    sensors: [
      { id: 3, name: 'pm25 µg/m³', parameter: { id: 2, name: 'pm25', units: 'µg/m³' } },
      { id: 4, name: 'temperature c', parameter: { id: 100, name: 'temperature', units: 'c' } },
    ],
  };
  /** Three measurements in pages of two. */
  const served: Answer = (url, request, response) => {
    if (request.headers['x-api-key'] !== KEY) {
      response.statusCode = 401;
      return { detail: 'Unauthorized' };
    }
    const meta = { name: 'openaq-api', website: '/', page: 1, limit: 2, found: '>2' };
    if (url.pathname === '/v3/locations')
      return { meta, results: url.searchParams.get('page') === '1' ? [location] : [] };
    const page = Number(url.searchParams.get('page'));
    const hours = [4, 3, 2].map((back) => measurement(NOW_S - 1800 - back * HOUR_S));
    return { meta, results: hours.slice((page - 1) * 2, page * 2) };
  };
  const secrets = { OPENAQ_API_KEY: KEY };
  const settings = { pageSize: 2 };

  test('pages are followed until one is not full, and what was asked for goes into the journal without the key', async () => {
    const server = await serve(served);
    const run = await pull('openaq', { url: server.url, secrets, settings });
    expect([run.fault, run.issues, run.measured]).toEqual([null, [], 3]);
    expect(server.asked.map((url) => url.pathname)).toEqual([
      '/v3/locations',
      '/v3/sensors/3/measurements',
      '/v3/sensors/3/measurements',
    ]);
    expect(server.asked[0]!.searchParams.get('bbox')).toBe('117,25,122,30');
    expect(run.payloads[1]!.meta).toMatchObject({
      status: 200,
      location: 7,
      sensor: 3,
      locationName: 'testing site 7',
    });
    const kept =
      JSON.stringify(run.payloads.map((payload) => payload.meta)) +
      all(run.payloads.map((payload) => payload.body));
    expect(kept).not.toContain(KEY);
  });

  test('a later run asks again for the overlap before the last one only', async () => {
    const server = await serve(served);
    const cursors = new Map<string, string>();
    await pull('openaq', { url: server.url, secrets, settings, cursors });
    expect(cursors.get('sensor 3')).toBe(String(NOW_S));
    expect(server.asked[1]!.searchParams.get('datetime_from')).toBe(iso(NOW_S - 7 * 24 * HOUR_S));
    server.asked.length = 0;
    await pull('openaq', { url: server.url, secrets, settings, cursors });
    expect(server.asked[1]!.searchParams.get('datetime_from')).toBe(iso(NOW_S - 48 * HOUR_S));
  });

  test('a wrong key is an answer with its status, and moves no cursor', async () => {
    const server = await serve(served);
    const cursors = new Map<string, string>();
    const run = await pull('openaq', {
      url: server.url,
      secrets: { OPENAQ_API_KEY: 'wrong' },
      settings,
      cursors,
    });
    expect([run.issues, cursors.size]).toEqual([['REPLY_STATUS'], 0]);
  });

  test('a key that the environment lacks is named, and nothing is asked', async () => {
    const server = await serve(served);
    const run = await pull('openaq', { url: server.url, settings });
    expect(String(run.fault)).toContain('OPENAQ_API_KEY');
    expect(server.asked).toEqual([]);
  });

  test('an allowance that is used up ends the run when its reset is far, and the next run goes on', async () => {
    const limited: Answer = (url, request, response) => {
      response.setHeader('X-RateLimit-Remaining', url.pathname === '/v3/locations' ? '0' : '9');
      response.setHeader('X-RateLimit-Reset', '1800');
      return served(url, request, response);
    };
    const server = await serve(limited);
    const run = await pull('openaq', { url: server.url, secrets, settings });
    expect(server.asked.length).toBe(1);
    expect(run.fault).toBeInstanceOf(MonitorError);
    expect(String(run.fault)).toMatch(/takes no more requests for 1[78]\d\d s/);
  });
});

describe('the Water Data API of USGS', () => {
  const feature = (atS: number, facts: Record<string, unknown> = {}) => ({
    type: 'Feature',
    properties: {
      monitoring_location_id: 'USGS-01491000',
      parameter_code: '00060',
      statistic_id: '00011',
      time: iso(atS),
      value: '466',
      unit_of_measure: 'ft^3/s',
      approval_status: 'Approved',
      qualifier: null,
      ...facts,
    },
    geometry: { type: 'Point', coordinates: [-75.78, 38.99] },
  });
  const settings = {
    services: ['continuous'],
    sites: ['01491000'],
    parameters: [{ code: '00060', unit: 'ft^3/s', parameter: 'discharge', factor: '0.028316846592' }],
  };
  const paged: Answer = (url) => {
    const second = url.searchParams.get('cursor') === '2';
    const next = { rel: 'next', href: `${url.origin}${url.pathname}?cursor=2` };
    return {
      type: 'FeatureCollection',
      features: [feature(NOW_S - (second ? 900 : 1800))],
      links: second ? [] : [next],
    };
  };

  test('next links are followed; approval is a stage, cubic feet become cubic metres with the original beside them', async () => {
    const server = await serve(paged);
    const run = await pull('usgs', { url: server.url, settings });
    expect([run.fault, run.issues, run.measured]).toEqual([null, [], 2]);
    const { batch } = run.results[0]!;
    expect([batch.value[0], batch.side.originalText[0], batch.side.originalUnit[0]]).toEqual([
      13.1957,
      '466',
      'ft^3/s',
    ]);
    expect(unpackFlags(batch.flags[0]!)).toEqual({ validity: 'valid', stage: 7, qualifiers: [] });
  });

  test('after the first run it asks for what was modified since, and a back-fill for its window', async () => {
    const server = await serve(paged);
    const cursors = new Map<string, string>();
    await pull('usgs', { url: server.url, settings, cursors });
    expect(server.asked[0]!.searchParams.get('datetime')).toBe(
      `${iso(NOW_S - 7 * 24 * HOUR_S)}/${iso(NOW_S)}`,
    );
    server.asked.length = 0;
    await pull('usgs', { url: server.url, settings, cursors });
    expect(server.asked[0]!.searchParams.get('last_modified')).toBe('P3D');
    expect(server.asked[0]!.searchParams.get('datetime')).toBeNull();
    server.asked.length = 0;
    await pull('usgs', { url: server.url, settings, window: { fromS: NOW_S - 7200, toS: NOW_S } });
    expect(server.asked[0]!.searchParams.get('datetime')).toBe(`${iso(NOW_S - 7200)}/${iso(NOW_S)}`);
  });

  test('a next link to another host is not followed with the key', async () => {
    const server = await serve(() => ({
      features: [feature(NOW_S - 900)],
      links: [{ rel: 'next', href: 'http://127.0.0.2:9/steal' }],
    }));
    const cursors = new Map<string, string>();
    const run = await pull('usgs', {
      url: server.url,
      settings: { ...settings, keyEnv: 'API_USGS_PAT' },
      secrets: { API_USGS_PAT: 'k' },
      cursors,
    });
    expect(String(run.fault)).toContain('expected an address on');
    expect([run.measured, cursors.size, server.headers[0]!['x-api-key']]).toEqual([1, 0, 'k']);
  });

  test('pages in a circle end with a fault, and what was read stays', async () => {
    const server = await serve((url) => ({
      features: [feature(NOW_S - 900)],
      links: [{ rel: 'next', href: url.href }],
    }));
    const run = await pull('usgs', { url: server.url, settings });
    expect([String(run.fault).includes('leads back'), run.measured]).toEqual([true, 1]);
  });

  test('the older services answer in JSON or RDB, and 404 means that nothing was measured', async () => {
    const rdb =
      '#\nagency_cd\tsite_no\tdatetime\ttz_cd\t1_00060\t1_00060_cd\n5s\t15s\t20d\t6s\t14n\t10s\nUSGS\t01491000\t2026-08-21 08:00\tEDT\t466\tP\n';
    const server = await serve((url, _request, response) => {
      response.statusCode = url.pathname.includes('/dv/') ? 404 : 200;
      return url.pathname.includes('/dv/') ? 'no sites' : rdb;
    });
    const cursors = new Map<string, string>();
    const run = await pull('usgs', {
      url: server.url,
      settings: { ...settings, services: ['iv', 'dv'], format: 'rdb' },
      cursors,
    });
    expect([run.measured, run.issues, cursors.size]).toEqual([1, ['REPLY_STATUS'], 2]);
    expect(server.asked.map((url) => `${url.pathname}${url.searchParams.get('format')}`)).toEqual([
      '/nwis/iv/rdb',
      '/nwis/dv/rdb',
    ]);
  });
});

describe('a SensorThings server', () => {
  const stream = {
    '@iot.id': 'ds-1',
    name: 'NH3-N at 岩下',
    unitOfMeasurement: { name: 'milligram per litre', symbol: 'mg/L', definition: 'mg/L' },
    ObservedProperty: { name: 'NH3-N', definition: 'https://example.org/nh3n' },
    Thing: {
      '@iot.id': 17,
      name: 'songxi-yanxia',
      properties: {},
      Locations: [{ location: { type: 'Point', coordinates: [118.9, 27.7] } }],
    },
  };
  const paged: Answer = (url) => {
    if (url.pathname.endsWith('/Datastreams'))
      return {
        value: [
          stream,
          { ...stream, '@iot.id': 2, ObservedProperty: { name: 'Humidity', definition: '' }, name: 'h' },
        ],
      };
    const second = url.searchParams.get('$skip') === '1';
    const value = [
      { '@iot.id': second ? 2 : 1, phenomenonTime: iso(NOW_S - (second ? 3600 : 7200)), result: 0.108 },
    ];
    return second ? { value } : { '@iot.nextLink': `${url.origin}${url.pathname}?$skip=1`, value };
  };

  test('each mapped Datastream is read page by page, and its pages name their Thing', async () => {
    const server = await serve(paged);
    const run = await pull('sensorthings', {
      url: `${server.url}/v1.1/`,
      settings: { tokenEnv: 'STA_TOKEN' },
      secrets: { STA_TOKEN: 't' },
    });
    expect([run.fault, run.issues, run.measured]).toEqual([null, [], 2]);
    expect(decodeURIComponent(server.asked[1]!.pathname)).toBe("/v1.1/Datastreams('ds-1')/Observations");
    expect(server.asked[1]!.searchParams.get('$filter')).toBe(
      `phenomenonTime ge ${iso(NOW_S - 7 * 24 * HOUR_S)} and phenomenonTime lt ${iso(NOW_S)}`,
    );
    expect(server.headers[0]!.authorization).toBe('Bearer t');
    expect(run.results[1]!.unknownStations[0]).toMatchObject({
      naturalKey: 'songxi-yanxia',
      lon: 118.9,
      lat: 27.7,
    });
  });

  test('one Datastream that fails does not cost the others theirs', async () => {
    const server = await serve((url, request, response) => {
      if (url.pathname.endsWith('/Datastreams')) return { value: [{ ...stream, '@iot.id': 1 }, stream] };
      if (url.pathname.includes('(1)')) response.destroy();
      return paged(url, request, response);
    });
    const cursors = new Map<string, string>();
    const run = await pull('sensorthings', { url: `${server.url}/v1.1/`, cursors });
    expect(String(run.fault)).toContain('1 of 2 parts had no answer');
    expect([run.measured, [...cursors.keys()]]).toEqual([2, ['datastream ds-1']]);
  });
});

describe('lists, tables and archives', () => {
  test('hydrology: both lists, shown now', async () => {
    const server = await serve((url) => ({
      result: {
        data: [
          url.pathname.endsWith('greatRiver')
            ? { stcd: '71111500', stnm: '松溪', rvnm: '松溪', tm: '2026-08-21 20:00:00', ql: 0, zl: 182.31 }
            : {
                stcd: '62301230',
                stnm: '万安水库',
                rvnm: '赣江',
                tm: '2026-08-21 08:00:00',
                rz: 91.74,
                inq: 133,
                wl: 730,
              },
        ],
      },
    }));
    const run = await pull('hydro-mwr', { url: server.url });
    expect(server.asked.map((url) => url.pathname)).toEqual([
      '/hydroSearch/greatRiver',
      '/hydroSearch/greatRsvr',
    ]);
    expect([run.issues, run.measured, run.payloads[0]!.meta.publishedS]).toEqual([[], 4, NOW_S]);
  });

  test('county stations: the list where the settings say it is', async () => {
    const row = {
      sitecode: '331126001',
      sitename: '庆元监测楼',
      districtname: '丽水市',
      SYWRW: '--',
      AQI: '22',
      time: '2026-08-21 20:00:00',
      PM10: '5',
      PM25: '3',
      SO2: '6',
      NO2: '6',
      O3: '70',
      CO: '0.5',
      O3H8: '62',
      PM10H24: '5',
      PM25H24: '3',
    };
    const server = await serve(() => ({ data: [row] }));
    const found = await pull('zjemc-air', { url: `${server.url}/list`, settings: { listAt: 'data' } });
    expect([found.issues, found.measured]).toEqual([[], 9]);
    expect((await pull('zjemc-air', { url: `${server.url}/list` })).issues).toEqual(['REPLY_NOT_READABLE']);
  });

  test('the portal: one table a site, dates in its own order', async () => {
    const server = await serve(() => 'no header\n');
    await pull('wqp', { url: server.url, window: { fromS: NOW_S - 24 * HOUR_S, toS: NOW_S } });
    const [url] = server.asked;
    expect([
      url!.pathname,
      url!.searchParams.get('siteid'),
      url!.searchParams.get('startDateLo'),
      url!.searchParams.get('startDateHi'),
    ]).toEqual(['/data/Result/search', 'USGS-01491000', '08-20-2026', '08-21-2026']);
    expect(url!.searchParams.getAll('characteristicName')).toContain('Phosphorus');
  });

  test('the archive of the air feed: one file a day; the day that runs may be missing, an older one may not', async () => {
    const day = (date: string) => `date,hour,type,1267A\n${date},1,PM2.5,12\n`;
    let missing = '20260821';
    const server = await serve((url, _request, response) => {
      const date = /sites_(\d{8})/.exec(url.pathname)![1]!;
      if (date === missing) response.statusCode = 404;
      return date === missing ? 'not found' : day(date);
    });
    const cursors = new Map<string, string>();
    const run = await pull('quotsoft-air', { url: `${server.url}/data/`, cursors });
    expect([run.measured, run.payloads.length, cursors.get('days')]).toEqual([7, 8, String(NOW_S)]);
    missing = '20260820';
    cursors.clear();
    await pull('quotsoft-air', { url: `${server.url}/data/`, cursors });
    expect(cursors.size).toBe(0);
  });
});

describe('an upstream that lies', () => {
  const bodies: [string, number, string | Buffer, string][] = [
    ['nothing', 200, '', 'REPLY_TRUNCATED'],
    ['a page with 200', 200, '<html>维护</html>', 'REPLY_IS_HTML'],
    ['a 500', 500, 'down', 'REPLY_STATUS'],
    ['another encoding', 200, Buffer.from([0x7b, 0xb1, 0xa8, 0x7d]), 'REPLY_NOT_READABLE'],
  ];

  test.each(['hydro-mwr', 'openaq', 'sensorthings', 'usgs', 'wqp', 'zjemc-air', 'quotsoft-air'] as const)(
    '%s: each kind of bad reply is journaled, named, and moves no cursor; one that is too large is not kept',
    async (id) => {
      let at = 0;
      const server = await serve((_url, _request, response) => {
        if (at === bodies.length) return 'x'.repeat(3 * 1024 * 1024);
        const [, status, body] = bodies[at]!;
        response.statusCode = status;
        response.write(body);
        return '';
      });
      const given = {
        url: `${server.url}/`,
        extra: { maximumBodyMiB: 1, retries: 0 },
        secrets: { OPENAQ_API_KEY: 'k' },
      };
      for (; at < bodies.length; at++) {
        const cursors = new Map<string, string>();
        const run = await pull(id, { ...given, cursors });
        expect(run.payloads.length, bodies[at]![0]).toBeGreaterThan(0);
        expect(new Set(run.issues), bodies[at]![0]).toEqual(new Set([bodies[at]![3]]));
        if (bodies[at]![0] !== 'another encoding') expect(cursors.size).toBe(0);
      }
      const run = await pull(id, given);
      expect([run.payloads.length, String(run.fault).includes('longer than 1 MiB')]).toEqual([0, true]);
    },
  );
});
