import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunReport } from '../../src/domain/ports.ts';
import { openSystem, type System } from '../../src/main.ts';
import { writeTryRegion } from '../cli/try-region.ts';

/** What the water upstream answers; the air upstream is sound throughout. */
let answerWater: (response: ServerResponse) => void = (response) => response.end();
const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-lying-'));
let waterUpstream: Server;
let airUpstream: Server;
let system: System;

const headers = [
  '省份,流域,断面名称,监测时间,水质类别,水温(℃),pH(无量纲),溶解氧(mg/L),电导率(μS/cm),浊度(NTU)',
  '高锰酸盐指数(mg/L),氨氮(mg/L),总磷(mg/L),总氮(mg/L),叶绿素α(mg/L),藻密度(cells/L)',
]
  .join(',')
  .split(',');

/** A page of one row of 上断面 in today's format. */
function page(row: Record<string, string> = {}, thead: readonly string[] = headers): string {
  const sound = '浙江省,浙闽片河流,上断面,03-26 20:00,2,17.7,8.27,11.47,134.7,2.0,1.63,0.07,0.014,0.88,*,*';
  const cells = sound.split(',').map((cell, at) => row[headers[at]!] ?? cell);
  return JSON.stringify({ result: 1, total: 1, records: 1, thead, tbody: [cells] });
}

const air = JSON.stringify([
  {
    TimePoint: '/Date(1774540800000)/',
    Area: '上游市',
    CityCode: '330300',
    ProvinceId: '33',
    PositionName: '气站1',
    StationCode: '9001A',
    Latitude: '28',
    Longitude: '120.5',
    AQI: '40',
    PrimaryPollutant: '—',
    Quality: '优',
    ...Object.fromEntries(
      ['PM2_5', 'PM10', 'SO2', 'NO2', 'O3', 'CO'].flatMap((name) => [
        [name, '20'],
        [`${name}_24h`, '20'],
      ]),
    ),
    O3_8h: '20',
    O3_8h_24h: '20',
  },
]);

async function listening(answer: (response: ServerResponse) => void): Promise<[Server, string]> {
  const server = createServer((request, response) => {
    request.resume();
    request.once('end', () => answer(response));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return [server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`];
}

beforeAll(async () => {
  let waterUrl: string;
  let airUrl: string;
  [waterUpstream, waterUrl] = await listening((response) => answerWater(response));
  [airUpstream, airUrl] = await listening((response) => response.end(air));
  const region = { waterUrl, airUrl, timeoutSeconds: 1 };
  const configDir = writeTryRegion(path.join(folder, 'config'), region);
  system = await openSystem({ dataDir: path.join(folder, 'data'), configDir, synthetic: null });
});

afterAll(async () => {
  await system.close();
  for (const server of [waterUpstream, airUpstream]) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

const body = (text: string | Buffer, status = 200) => {
  answerWater = (response) => {
    response.statusCode = status;
    response.end(text);
  };
};

/** Both sources at once; the sound one must not notice. */
async function pullBoth(): Promise<RunReport> {
  const [water, sound] = await Promise.all([
    system.pipeline.pull('water', { trigger: 'manual' }),
    system.pipeline.pull('air', { trigger: 'manual' }),
  ]);
  expect(sound.status).toBe('ok');
  expect(sound.cells.read).toBeGreaterThan(5);
  expect(sound.cells.rejected).toBe(0);
  const { cells } = water;
  const told = cells.accepted + cells.unchanged + cells.superseded + cells.revised;
  expect(told + cells.absent + cells.missing + cells.rejected).toBe(cells.read);
  return water;
}

const truncated = page().slice(0, 150);
const changed = page({}, headers.with(7, '溶解气体(mg/L)'));
const bad: [what: string, bytes: string, status: number, issue: string, rejected: number][] = [
  ['JSON cut off in the middle', truncated, 200, 'REPLY_TRUNCATED', 0],
  ['headers that changed', changed, 200, 'HEADERS_CHANGED', 11],
  ['a class that is not a class', page({ 水质类别: 'Ⅶ' }), 200, 'CLASS_UNKNOWN', 0],
  ['a value of abc', page({ 'pH(无量纲)': 'abc' }), 200, 'VALUE_NOT_A_NUMBER', 1],
  ['HTTP status 500', '{"message":"An error has occurred."}', 500, 'REPLY_STATUS', 0],
  ['an HTML error page with status 200', '<html><body>维护中</body></html>', 200, 'REPLY_IS_HTML', 0],
  ['nothing at all', '', 200, 'REPLY_TRUNCATED', 0],
];

test.each(bad)(
  '%s is an issue with its journal entry, bytes as they came',
  async (_what, bytes, status, code, rejected) => {
    body(bytes, status);
    const report = await pullBoth();
    expect(report).toMatchObject({ status: 'with-issues', entries: 1, issues: { [code]: 1 } });
    expect(report.cells.rejected).toBe(rejected);
    const [issue] = await system.state.issues.list({ source: 'water', code, limit: 1 });
    expect(issue).toMatchObject({ code, source: { id: 'water' } });
    const entry = await system.journal.get(issue!.seq!);
    expect(new TextDecoder().decode(entry.body)).toBe(bytes);
    expect(entry.meta).toMatchObject({ source: 'water', status });
  },
);

test('a row with one bad value still gives its other values', async () => {
  body(page({ 'pH(无量纲)': 'abc', 监测时间: '03-27 00:00' }));
  const report = await pullBoth();
  expect(report.cells).toMatchObject({ read: 11, accepted: 8, absent: 2, rejected: 1 });
});

const silent: [what: string, answer: (response: ServerResponse) => void, message: RegExp][] = [
  ['a connection that breaks off', (response) => response.destroy(), /no answer/],
  ['an answer that does not come in time', () => undefined, /no answer/],
  [
    'a body past the limit',
    (response) => response.end(Buffer.alloc(2 * 1024 * 1024, 32)),
    /longer than 1 MiB/,
  ],
];

test.each(silent)('%s fails the run by name, and the next run is sound', async (_what, answer, message) => {
  answerWater = answer;
  const report = await pullBoth();
  expect(report).toMatchObject({ status: 'failed', entries: 0, issues: { SOURCE_UNREACHABLE: 1 } });
  expect(report.message).toMatch(message);
  const [issue] = await system.state.issues.list({ code: 'SOURCE_UNREACHABLE', limit: 1 });
  expect(issue).toMatchObject({ seq: null, message: report.message, source: { id: 'water' } });
  body(page());
  expect((await pullBoth()).status).toBe('ok');
});

test('a connection that is refused fails the run by name, and the other source goes on', async () => {
  waterUpstream.closeAllConnections();
  waterUpstream.close();
  await once(waterUpstream, 'close');
  const report = await pullBoth();
  expect(report).toMatchObject({ status: 'failed', entries: 0, issues: { SOURCE_UNREACHABLE: 1 } });
  expect(report.message).toContain('ECONNREFUSED');
});

test('every run is in the log of runs, each with its own end', async () => {
  const runs = await system.state.runs.recent({ source: 'water', limit: 100 });
  expect(runs.length).toBeGreaterThan(bad.length + silent.length);
  expect(runs.filter((run) => run.finishedS === null || run.status === 'running')).toEqual([]);
});
