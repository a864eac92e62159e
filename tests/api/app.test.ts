import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandIo } from '../../src/api/deps.ts';
import { drillOf } from '../../src/alert/drill.ts';
import { standards } from '../analysis/standards.ts';
import { fixtureConfig } from './region-fixture.ts';
import { nowS, openStores, testApp, type Stores, type TestApp } from './test-app.ts';

let stores: Stores;
let api: TestApp;
beforeAll(async () => {
  stores = await openStores();
  api = await testApp(stores);
  const drill = { station: 'up', severity: 'minor', actor: 'duty', synthetic: false } as const;
  const payload = { ...drillOf(drill, fixtureConfig, nowS) };
  const act = { version: 1, id: 'a-drill', actor: 'duty', atS: nowS } as const;
  await stores.state.acts.perform({ ...act, kind: 'record-alerts', payload });
  const cells = {
    read: 3,
    absent: 0,
    missing: 1,
    rejected: 1,
    accepted: 1,
    unchanged: 0,
    revised: 0,
    superseded: 0,
  };
  const run = { runId: 'r1', source: 'bureau-water', startedS: 1_772_000_000, trigger: 'schedule' as const };
  await stores.state.runs.start(run);
  await stores.state.runs.finish({
    ...run,
    finishedS: 1_772_000_009,
    status: 'with-issues',
    entries: 1,
    cells,
    issues: { ROW_SHAPE: 5 },
    message: null,
  });
  const issue = (row: number) => ({
    code: 'ROW_SHAPE' as const,
    path: `row ${row}`,
    message: 'short',
    source: { id: 'bureau-water', record: 'x' },
  });
  await stores.state.issues.record(
    1,
    1_772_000_001,
    [1, 2, 3, 4, 5].map((row) => issue(row)),
  );
});
afterAll(async () => {
  await api.app.close();
  await stores.close();
});

const get = (url: string, headers: Record<string, string> = {}) =>
  api.app.inject({ method: 'GET', url, headers });
const series = '/api/v1/series?station=up&parameter=tp&averaging=instant&from=2026-03-01&to=2026-03-03';

/** One good request for every documented GET. */
const qualityWindow = 'averaging=instant&from=2026-02-20&to=2026-03-20';
const examples: Record<string, string> = {
  '/api/v1/stations/{id}': '/api/v1/stations/up',
  '/api/v1/series/export': series.replace('/series', '/series/export'),
  '/api/v1/coverage': `${series.replace('/series', '/coverage')}&period=day`,
  '/api/v1/stations/{id}/history': '/api/v1/stations/up/history',
  '/api/v1/stations/{id}/silence': '/api/v1/stations/up/silence',
  '/api/v1/sources/{id}/silence': '/api/v1/sources/bureau-water/silence',
  '/api/v1/quality/marks': `/api/v1/quality/marks?stations=up&${qualityWindow}&provider=bureau`,
  '/api/v1/quality/comparisons': `/api/v1/quality/comparisons?stations=up&${qualityWindow}&providers=bureau,neighbour`,
  '/api/v1/quality/reviews-due': `/api/v1/quality/reviews-due?stations=up&${qualityWindow}&provider=bureau`,
  '/api/v1/stations/{id}/limits': '/api/v1/stations/up/limits',
  '/api/v1/sections/{id}': '/api/v1/sections/up',
  '/api/v1/latest': '/api/v1/latest?kind=water',
  '/api/v1/series': series,
  '/api/v1/readings/past':
    '/api/v1/readings/past?station=up&parameter=tp&averaging=instant&time=2026-03-02T04:00',
  '/api/v1/changes/stream': '/api/v1/changes/stream?seconds=0',
  '/api/v1/sources/{id}/runs': '/api/v1/sources/bureau-water/runs',
  '/api/v1/sources/{id}/gaps': '/api/v1/sources/bureau-water/gaps',
  '/api/v1/journal/{seq}': '/api/v1/journal/1',
  '/api/v1/loads': '/api/v1/loads?section=up&parameter=tp&from=2026-02-01&to=2026-02-28',
  '/api/v1/attributions': '/api/v1/attributions?section=up&parameter=tp&from=2026-02-01&to=2026-02-28',
  '/api/v1/agreements/{id}/preview': '/api/v1/agreements/ou-pact/preview?period=2026-02',
  '/api/v1/agreements/{id}/statements': '/api/v1/agreements/ou-pact/statements',
  '/api/v1/agreements/{id}/changed-statements': '/api/v1/agreements/ou-pact/changed-statements',
  '/api/v1/agreements/{id}/notices': '/api/v1/agreements/ou-pact/notices',
  '/api/v1/agreements/{id}/reminders': '/api/v1/agreements/ou-pact/reminders',
  '/api/v1/agreements/{id}/ledger': '/api/v1/agreements/ou-pact/ledger',
  '/api/v1/agreements/{id}/disputes': '/api/v1/agreements/ou-pact/disputes',
  '/api/v1/alerts/{id}': `/api/v1/alerts/drill~up~${nowS}`,
  '/api/v1/statements/{id}': '/api/v1/statements/ou-pact.2026-02.1',
  '/api/v1/statements/{id}/standing': '/api/v1/statements/ou-pact.2026-02.1/standing',
  '/api/v1/statements/{id}/why': '/api/v1/statements/ou-pact.2026-02.1/why?section=up',
  '/api/v1/statements/{id}/bundle': '/api/v1/statements/ou-pact.2026-02.1/bundle',
  '/api/v1/agreements/{id}/arrears': '/api/v1/agreements/ou-pact/arrears',
  '/api/v1/agreements/{id}/account':
    '/api/v1/agreements/ou-pact/account?party=331100&from=2026-01-01&to=2026-12-31',
  '/api/v1/agreements/{id}/fund': '/api/v1/agreements/ou-pact/fund',
};

/** Whose answers other tests hold against the document. */
const elsewhere = new Set([
  '/api/v1/subscriptions/{id}/deliveries',
  '/api/v1/assessments/lakes',
  '/api/v1/sources/{id}/template',
  '/api/v1/statements/{id}/document',
  '/api/v1/uploads/{id}',
]);

interface Operation {
  operationId?: string;
  responses: Record<string, { description?: string; content?: Record<string, { schema: object }> }>;
}

describe('the OpenAPI document', () => {
  const formats = { instant: true, 'as-of': true, 'date-time': true, date: true, uri: true } as const;
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats });

  it('is version 3.1, describes every route under /api/v1 and refers to nothing outside', async () => {
    const answer = await get('/api/openapi.json');
    const document = answer.json() as { openapi: string; paths: Record<string, Record<string, Operation>> };
    expect(document.openapi).toBe('3.1.0');
    const documented = Object.entries(document.paths).flatMap(([url, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${url}`),
    );
    const registered = api.app.routeTable
      .filter(({ url, method }) => url.startsWith('/api/v1') && !['HEAD', 'OPTIONS'].includes(method))
      .map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`);
    expect(documented.toSorted()).toEqual([...new Set(registered)].toSorted());
    expect(answer.body).not.toContain('"$ref":"http');
  });

  it('describes every answer as it is, in every representation', async () => {
    const { paths } = (await get('/api/openapi.json')).json() as {
      paths: Record<string, Record<string, Operation>>;
    };
    let checked = 0;
    // Verdicts over periods need standards in force.
    const withStandards = { ...fixtureConfig, ...standards };
    const judging = await testApp(stores, { config: () => withStandards });
    const asked = '/api/v1/verdicts?section=up&period=2026-03';
    const { id } = (await judging.app.inject(asked)).json<{ result: { id: string } }>().result;
    const judged: Record<string, string> = {
      '/api/v1/verdicts': asked,
      '/api/v1/assessments/waters': '/api/v1/assessments/waters?id=oujiang&period=2026-03',
      '/api/v1/rankings/water': '/api/v1/rankings/water?period=2026-03',
      '/api/v1/rankings/air': '/api/v1/rankings/air?period=2026-03',
      '/api/v1/verdicts/air': '/api/v1/verdicts/air?station=roof&period=2026-03-01T20',
      '/api/v1/verdicts/difference': '/api/v1/verdicts/difference?station=up&period=2026-03&before=1',
      '/api/v1/verdicts/{id}/why': `/api/v1/verdicts/${id}/why`,
      '/api/v1/assessments/sections/{id}': '/api/v1/assessments/sections/up?month=2026-03',
      '/api/v1/assessments/trends': '/api/v1/assessments/trends?section=up&period=2026-03',
      '/api/v1/events': '/api/v1/events?station=up&from=2026-03-01&to=2026-04-01',
    };
    for (const [url, methods] of Object.entries(paths)) {
      const operation = methods.get;
      // A lake needs points, which this region has none of (tests/api/waters.test.ts); a file has to be handed in first
      // (tests/api/uploads.test.ts), an address subscribed (tests/api/webhooks.test.ts); a statement
      // is printed in tests/report/statement.test.ts.
      if (operation === undefined || elsewhere.has(url)) continue;
      for (const [type, { schema }] of Object.entries(operation.responses['200']?.content ?? {})) {
        const headers = { ...api.as('administrator'), accept: type };
        const answer =
          judged[url] === undefined
            ? await get(examples[url] ?? url, headers)
            : await judging.app.inject({ url: judged[url], headers });
        expect({ url, type, status: answer.statusCode }).toEqual({ url, type, status: 200 });
        expect({ url, sent: answer.headers['content-type']?.toString().split(';')[0] }).toEqual({
          url,
          sent: type,
        });
        const value: unknown = /[+/]json$/.test(type) ? answer.json() : answer.body;
        const valid = ajv.validate(schema, value);
        expect({ url, type, errors: ajv.errors ?? [] }).toEqual({ url, type, errors: [] });
        expect(valid).toBe(true);
        checked++;
      }
    }
    await judging.app.close();
    expect(checked).toBeGreaterThan(26);
  });

  it('comes with a page that needs nothing from outside and runs under the content security policy', async () => {
    const page = await get('/api/docs/');
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/(src|href)="https?:/);
    expect(page.body).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>[^<]/);
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
  });
});

describe('bad requests', () => {
  const cases: [string, string, string][] = [
    ['/api/v1/latest', 'querystring.kind', 'required'],
    ['/api/v1/latest?kind=soil', 'querystring.kind', 'water, air'],
    ['/api/v1/latest?kind=water&colour=red', 'querystring.colour', 'no such field'],
    ['/api/v1/stations?f=xml', 'querystring.f', 'json, geojson'],
    ['/api/v1/stations?kind=soil', 'querystring.kind', 'flow'],
    [`${series}&limit=0`, 'querystring.limit', '>= 1'],
    [`${series}&limit=many`, 'querystring.limit', 'integer'],
    [`${series}&cursor=abc`, 'querystring.cursor', 'meta.next'],
    [`${series}&cursor=%20`, 'querystring.cursor', 'pattern'],
    [`${series}&asOf=yesterday`, 'querystring.asOf', 'journal position'],
    [`${series}&f=xlsx`, 'querystring.f', 'csv'],
    [series.replace('instant', 'PT7H'), 'querystring.averaging', 'PT1H'],
    [series.replace('2026-03-01', '2026-02-30'), 'querystring.from', 'ISO 8601'],
    [series.replace('2026-03-03', 'soon'), 'querystring.to', 'ISO 8601'],
    [series.replace('2026-03-03', '2025-03-03'), 'querystring.to', 'after'],
    [series.replace('=tp', '=gold'), 'querystring.parameter', '/api/v1/parameters'],
    ['/api/v1/exceedances?kind=x', 'querystring.kind', 'water, air'],
    ['/api/v1/sources/bureau-water/runs?limit=9999', 'querystring.limit', '<= 500'],
    ['/api/v1/issues?code=NOPE', 'querystring.code', 'ROW_SHAPE'],
    ['/api/v1/issues?seq=0', 'querystring.seq', '>= 1'],
    ['/api/v1/issues?cursor=e30', 'querystring.cursor', 'meta.next'],
    ['/api/v1/agreements/ou-pact/preview?period=2026-13', 'querystring.period', 'pattern'],
    [
      '/api/v1/readings/past?station=up&parameter=tp&averaging=instant&time=x',
      'querystring.time',
      'ISO 8601',
    ],
  ];

  it.each(cases)('%s names the field %s and what is expected', async (url, field, expected) => {
    const answer = await get(url, api.as('administrator'));
    expect(answer.statusCode).toBe(400);
    const { error } = answer.json();
    expect(error).toMatchObject({ code: 'E_BAD_REQUEST', requestId: expect.any(String) });
    expect(error.details.faults[0].field).toBe(field);
    expect(error.details.faults[0].expected).toContain(expected);
    expect(error.details.faults[0]).toHaveProperty('value');
  });

  it('lists all faults together', async () => {
    const { error } = (await get('/api/v1/series?station=up&averaging=x&from=y&to=z&limit=0')).json();
    const fields = error.details.faults.map((fault: { field: string }) => fault.field.split('.')[1]);
    expect(fields.toSorted()).toEqual(['averaging', 'from', 'limit', 'parameter', 'to']);
    expect(error.details.messageZh).toBe('请求有误');
  });

  it.each([
    '/api/v1/stations/none',
    '/api/v1/sections/none',
    '/api/v1/sources/none/runs',
    '/api/v1/none',
    series.replace('=up', '=none'),
  ])('%s is not found, in the same shape', async (url) => {
    const answer = await get(url);
    expect(answer.statusCode).toBe(404);
    expect(answer.json().error).toMatchObject({
      code: 'E_NOT_FOUND',
      message: expect.stringContaining('none'),
    });
  });

  it('answers a broken path, a broken body and a body that is too large in the same shape', async () => {
    const post = (payload: string, type = 'application/json') =>
      api.app.inject({
        method: 'POST',
        url: '/api/v1/keys',
        headers: { ...api.as('administrator'), 'content-type': type },
        payload,
      });
    for (const answer of [
      await get('/api/v1/stations/%E0%A4%A'),
      await post('{"a":'),
      await post('x'.repeat(2 ** 21)),
      await post('a', 'text/weird'),
    ]) {
      expect(answer.statusCode).toBe(400);
      expect(answer.json().error.code).toBe('E_BAD_REQUEST');
    }
  });
});

describe('collections', () => {
  it('page issues by key, newest first, each exactly once', async () => {
    const seen: number[] = [];
    let cursor = '';
    do {
      const { meta, results } = (await get(`/api/v1/issues?limit=2${cursor}`, api.as('viewer'))).json();
      seen.push(...results.map((issue: { id: number }) => issue.id));
      cursor = meta.next === null ? '' : `&cursor=${meta.next}`;
    } while (cursor !== '');
    expect(seen).toHaveLength(5);
    expect(seen).toEqual([...new Set(seen)].toSorted((a, b) => b - a));
  });

  it('show sources with runs, next due time and issues, and never an upstream address', async () => {
    const answer = await get('/api/v1/sources');
    expect(answer.json().results[0]).toMatchObject({
      id: 'bureau-water',
      issuesOfLastRun: 5,
      nextDue: '2026-03-02T09:00:00+08:00',
      lastRuns: [{ status: 'with-issues' }],
    });
    expect(answer.body).not.toContain('secret');
  });

  it('give sections as GeoJSON by Accept, lon before lat', async () => {
    const answer = await get('/api/v1/sections', { accept: 'application/geo+json' });
    expect(answer.json().features[0]).toMatchObject({
      id: 'up',
      geometry: { type: 'Point', coordinates: [119.5, 28.1] },
    });
  });

  it('draw a reach without a surveyed line as schematic, and outlines marked so too', async () => {
    const rivers = (await get('/api/v1/rivers')).json();
    expect(rivers.features[0]).toMatchObject({
      geometry: {
        type: 'LineString',
        coordinates: [
          [119.5, 28.1],
          [120.4, 28.2],
        ],
      },
      properties: { schematic: true },
    });
    expect(rivers.features[1].geometry).toBeNull();
    const { features } = (await get('/api/v1/outlines')).json();
    expect(features.length).toBeGreaterThan(0);
    expect(
      features.every((feature: { properties: { schematic: boolean } }) => feature.properties.schematic),
    ).toBe(true);
  });

  it('mark a preview as a trial calculation', async () => {
    const answer = await get('/api/v1/agreements/ou-pact/preview?period=2026-02', api.as('finance'));
    expect(answer.json()).toMatchObject({
      marking: { zh: '试算' },
      scenario: true,
      result: { amountFen: 100 },
    });
  });
});

describe('every answer', () => {
  it('can be asked for conditionally', async () => {
    const first = await get('/api/v1/latest?kind=water');
    const tag = String(first.headers.etag);
    const second = await get('/api/v1/latest?kind=water', { 'if-none-match': tag });
    expect([first.statusCode, second.statusCode, second.body]).toEqual([200, 304, '']);
    expect(first.headers['cache-control']).toBe('no-cache');
    expect((await get('/api/v1/me', api.as('viewer'))).headers['cache-control']).toBe('private, no-cache');
  });

  it('is compressed where the client takes it', async () => {
    const answer = await get('/api/v1/sections', { 'accept-encoding': 'gzip' });
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(JSON.parse(gunzipSync(answer.rawPayload).toString()).results).toHaveLength(2);
    expect(String(answer.headers.vary)).toBe('accept, accept-encoding, authorization, cookie');
  });

  it('says so when the data is synthetic, in headers, envelopes and CSV', async () => {
    const synthetic = await testApp(stores, { synthetic: true });
    const json = await synthetic.app.inject('/api/v1/region');
    expect(json.headers['x-jiehe-data']).toBe('synthetic');
    expect(json.json().meta).toMatchObject({
      synthetic: true,
      notice: { zh: expect.stringContaining('模拟数据') },
    });
    const csv = await synthetic.app.inject(`${series}&f=csv`);
    expect(csv.headers['x-jiehe-data']).toBe('synthetic');
    expect(csv.body.split('\r\n')[1]).toMatch(/,true$/);
    expect((await get('/api/v1/region')).headers['x-jiehe-data']).toBeUndefined();
    await synthetic.app.close();
  });

  it('is counted against a limit that its headers state, and refused beyond it', async () => {
    const limited = await testApp(stores, { rateLimit: { requests: 2, windowSeconds: 60 } });
    const ask = () => limited.app.inject('/api/v1/region');
    expect((await ask()).headers).toMatchObject({ 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '1' });
    await ask();
    const refused = await ask();
    expect(refused.statusCode).toBe(429);
    expect(refused.json().error).toMatchObject({
      code: 'E_TOO_MANY_REQUESTS',
      details: { limit: 2, windowSeconds: 60 },
    });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(
      (await limited.app.inject({ url: '/api/v1/region', headers: limited.as('viewer') })).statusCode,
    ).toBe(200);
    expect((await limited.app.inject('/healthz')).statusCode).toBe(200);
    await limited.app.close();
  });
});

describe('operations', () => {
  it('is ready while the stores answer and readings keep up, and says what is wrong otherwise', async () => {
    expect((await get('/readyz')).json()).toMatchObject({ status: 'ready', readings: 'ok', state: 'ok' });
    const behind = await testApp(stores, { progress: () => ({ journalSeq: 5000, appliedSeq: 1 }) });
    const answer = await behind.app.inject('/readyz');
    expect(answer.statusCode).toBe(503);
    expect(answer.json().error).toMatchObject({ code: 'E_NOT_READY', details: { lag: 4999 } });
    expect((await behind.app.inject('/healthz')).json().status).toBe('ok');
    await behind.app.close();
  });

  it('counts requests by route pattern, so that ids make no new series', async () => {
    await get('/api/v1/stations/some-odd-id');
    await get('/no/such/odd-path');
    const { body } = await get('/metrics');
    expect(body).toContain(
      'jiehe_http_requests_total{method="GET",route="/api/v1/stations/:id",status="4xx"}',
    );
    expect(body).toContain('jiehe_applied_seq 4');
    expect(body).not.toContain('odd-');
  });
});

describe('the command bridge', () => {
  const run = async (argv: readonly string[], io: CommandIo) => {
    io.stdout(`ran ${argv.join(' ')}\n`);
    io.stderr('1 of 1\n');
    if (argv[0] === 'burst') throw new Error('burst pipe');
    return 3;
  };
  const post = (app: TestApp, token: string, remoteAddress = '127.0.0.1', argv = ['doctor', '--json']) =>
    app.app.inject({
      method: 'POST',
      url: '/internal/command',
      headers: { authorization: `Bearer ${token}` },
      payload: { argv },
      remoteAddress,
    });

  it('streams output and exit code to the holder of the token on this machine, and to nobody else', async () => {
    const serving = await testApp(stores, { command: { token: 'serve-token', run } });
    const answer = await post(serving, 'serve-token');
    expect(answer.headers['content-type']).toContain('application/x-ndjson');
    expect(
      answer.body
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { stream: 'stdout', data: 'ran doctor --json\n' },
      { stream: 'stderr', data: '1 of 1\n' },
      { exit: 3 },
    ]);
    expect((await post(serving, 'wrong')).statusCode).toBe(401);
    expect((await post(serving, stores.tokens.administrator)).statusCode).toBe(401);
    expect((await post(serving, 'serve-token', '10.0.0.9')).statusCode).toBe(403);
    const burst = (await post(serving, 'serve-token', '127.0.0.1', ['burst'])).body.trimEnd().split('\n');
    expect(burst.slice(-2)).toEqual(['{"stream":"stderr","data":"burst pipe\\n"}', '{"exit":1}']);
    await serving.app.close();
  });

  it('does not exist where no runner is given', async () => {
    const answer = await api.app.inject({
      method: 'POST',
      url: '/internal/command',
      payload: { argv: ['doctor'] },
    });
    expect(answer.statusCode).toBe(404);
  });
});

describe('the dashboard', () => {
  it('is served with its assets, precompressed, and for every path that its router knows', async () => {
    const dist = mkdtempSync(path.join(tmpdir(), 'jiehe-dist-'));
    mkdirSync(path.join(dist, 'assets'));
    writeFileSync(path.join(dist, 'index.html'), '<title>jiehe</title>');
    writeFileSync(path.join(dist, 'assets', 'a-1.js'), 'let a;');
    writeFileSync(path.join(dist, 'assets', 'a-1.js.gz'), gzipSync('let a;'));
    const web = await testApp(stores, { webDist: dist });
    const ask = (url: string, headers: Record<string, string> = { accept: 'text/html' }) =>
      web.app.inject({ url, headers });
    for (const url of ['/', '/sections/up', '/?lang=en']) {
      const page = await ask(url);
      expect({ url, body: page.body, cache: page.headers['cache-control'] }).toEqual({
        url,
        body: '<title>jiehe</title>',
        cache: 'no-cache',
      });
    }
    const asset = await ask('/assets/a-1.js', { 'accept-encoding': 'gzip' });
    expect(asset.headers['content-encoding']).toBe('gzip');
    expect(asset.headers['cache-control']).toContain('immutable');
    expect((await ask('/assets/gone.js')).statusCode).toBe(404);
    expect((await ask('/api/v1/none')).json().error.code).toBe('E_NOT_FOUND');
    expect((await ask('/../../etc/passwd')).body).not.toContain('root:');
    await web.app.close();
    rmSync(dist, { recursive: true });
  });
});
