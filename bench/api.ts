/**
 * The HTTP side: latest map of 2,000 stations, a series of 8,760 points as columns, CSV and JSON, a SensorThings page with expand,
 * each beside the same bytes from a bare Fastify route (same process, same run), and series beside the engine's raw query.
 * Run: npm run bench api [seconds a round, default 3] [rounds, default 3]
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import autocannon from 'autocannon';
import Fastify, { type FastifyInstance } from 'fastify';
import { Agent, request } from 'undici';
import { judges } from '../src/api/verdicts/judges.ts';
import { loadStandards } from '../src/cli/standards.ts';
import type { ReadingBatch } from '../src/domain/batch.ts';
import type { Config } from '../src/domain/config/config.ts';
import { openFileJournal } from '../src/ingest/journal/index.ts';
import { openDuckdbReadings } from '../src/store/readings/duckdb/index.ts';
import { openState } from '../src/store/state/index.ts';
import { fixtureConfig } from '../tests/api/region-fixture.ts';
import { testApp, type Person } from '../tests/api/test-app.ts';
import { hour, inTurns, median, memoryMiB, parameters, ratioOf, startS } from './measure.ts';
import { rawDuckdb } from './raw-engines.ts';

const seconds = Number(process.argv[2] ?? 3);
const rounds = Number(process.argv[3] ?? 3);
const stationCount = 2000;
const hours = 8760;
const seriesStations = 20;
const endS = startS + hours * hour;

const things =
  '/sta/v1.1/Things?$top=100&$expand=Datastreams($expand=Observations($top=1;$orderby=phenomenonTime%20desc))';
const series = (form: string, more = ''): string =>
  `/api/v1/series?station=s0&parameter=tp&averaging=PT1H&provider=cnemc&limit=10000&from=2025-01-01&to=2026-01-01&f=${form}${more}`;
const hot = {
  'latest map of 2,000 stations': '/api/v1/latest?kind=water',
  'series of 8,760 points, columns': series('columns'),
  'series of 8,760 points, CSV': series('csv'),
  'series of 8,760 points, JSON': series('json'),
  'SensorThings: 100 things with datastreams and newest observations': things,
};

/** Stations as a whole country has them; what they measure is made up. */
function countryConfig(): Config {
  const [model] = fixtureConfig.sections;
  if (model === undefined) throw new Error('the fixture has no section');
  const sections = Array.from({ length: stationCount }, (_, at) => ({
    ...model,
    id: `s${at}`,
    name: { zh: `断面${at}`, en: `Section ${at}` },
    aliases: [{ provider: 'cnemc', key: `k${at}` }],
    position: { ...model.position!, lon: 118 + (at % 80) / 20, lat: 26 + Math.floor(at / 80) / 10 },
  }));
  const [tp] = fixtureConfig.parameters;
  const named = parameters.map((id) => ({ ...tp!, id, name: { zh: id, en: id } }));
  return { ...fixtureConfig, ...loadStandards(), sections, parameters: named, agreements: [] };
}

function batchOf(
  keys: readonly { station: string; parameter: string; averaging: 'PT1H' | 'instant' }[],
  times: number,
): ReadingBatch {
  const length = keys.length * times;
  const at = Array.from({ length }, (_, row) => row);
  return {
    provider: 'cnemc',
    series: keys,
    length,
    seriesIndex: Uint32Array.from(at, (row) => row % keys.length),
    timeS: Float64Array.from(at, (row) => endS - (times - Math.floor(row / keys.length)) * hour),
    value: Float64Array.from(at, (row) => Math.round(((row * 7919) % 977) + (row % 13)) / 1000),
    flags: new Uint16Array(length),
    publishedS: new Float64Array(length).fill(Number.NaN),
    side: { row: new Uint32Array(), originalText: [], originalUnit: [], detectionLimit: new Float64Array() },
  };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const listening = async (app: FastifyInstance): Promise<string> => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
};

/** The process under load: the whole API on embedded stores, and the yardsticks on a port of their own. */
async function server(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-bench-api-'));
  const journal = await openFileJournal({ dir: path.join(folder, 'journal') });
  const readings = await openDuckdbReadings({ path: path.join(folder, 'readings.duckdb') });
  const clock = { nowS: () => endS };
  const state = await openState({ kind: 'pglite', dir: path.join(folder, 'state') }, { journal, clock });
  const raw = await rawDuckdb(folder);
  const long = Array.from({ length: seriesStations }, (_, at) =>
    parameters.map((parameter) => ({ station: `s${at}`, parameter, averaging: 'PT1H' as const })),
  ).flat();
  const newest = Array.from({ length: stationCount }, (_, at) =>
    parameters.map((parameter) => ({ station: `s${at}`, parameter, averaging: 'instant' as const })),
  ).flat();
  for (const [at, batch] of [batchOf(long, hours), batchOf(newest, 3)].entries()) {
    const body = new TextEncoder().encode(String(at));
    const entry = await journal.append({ kind: 'raw', receivedS: endS, meta: { source: 'bench' }, body });
    await readings.apply({ seq: entry.seq, receivedS: endS }, batch);
    if (at === 0) await raw.append(batch);
  }
  const config = countryConfig();
  const stores = { journal, readings, state, tokens: {} as Record<Person, string> };
  const limits = { requests: 1e9, windowSeconds: 60 };
  const api = await testApp(stores, { config: () => config, clock, judges, rateLimit: limits });
  api.progress.appliedSeq = journal.head().seq;

  const yardsticks = Fastify({ logger: false });
  const held = new Map<string, { bytes: Buffer; headers: Record<string, string> }>();
  yardsticks.get('/static/:name', (asked, reply) => {
    const { bytes, headers } = held.get((asked.params as { name: string }).name)!;
    return reply.headers(headers).send(bytes);
  });
  yardsticks.get('/raw-series', async () => {
    await raw.ask(
      `SELECT time_s, value, flags FROM appended WHERE series_id = 4 AND time_s >= ${startS} AND time_s < ${endS} ORDER BY time_s`,
    );
    return 'asked';
  });
  const ours = await listening(api.app);
  const theirs = await listening(yardsticks);
  process.on('message', (message: { hold?: string; url?: string; encoding?: string; entry?: true }) => {
    void (async () => {
      if (message.entry === true) api.progress.appliedSeq += 1;
      if (message.hold !== undefined) {
        const headers = { 'accept-encoding': message.encoding ?? 'identity' };
        const answer = await api.app.inject({ url: message.url ?? '/', headers });
        if (answer.statusCode !== 200) throw new Error(`${message.url}: ${answer.statusCode} ${answer.body}`);
        const kept = ['content-type', 'content-encoding'].flatMap((name) =>
          typeof answer.headers[name] === 'string' ? [[name, answer.headers[name]]] : [],
        );
        held.set(message.hold, { bytes: answer.rawPayload, headers: Object.fromEntries(kept) });
      }
      process.send?.({
        done: true,
        bytes: held.get(message.hold ?? '')?.bytes.length ?? 0,
        memory: memoryMiB(),
        cpuMs: cpuMs(),
      });
    })();
  });
  process.on('disconnect', () => {
    void (async () => {
      await Promise.all([api.app.close(), yardsticks.close()]);
      raw.close();
      await state.close();
      await readings.close();
      await journal.close();
      rmSync(folder, { recursive: true, force: true });
    })();
  });
  process.send?.({ ours, theirs });
}

interface Reply {
  done: true;
  bytes: number;
  memory: number;
  /** Processor time of the server since its start, of all its threads. */
  cpuMs: number;
}
async function tell(child: ChildProcess, message: object): Promise<Reply> {
  child.send(message);
  const [reply] = (await once(child, 'message')) as [Reply];
  return reply;
}

interface Load {
  rate: number;
  p99: number;
  /** Of the server, a request. */
  cpuMs: number;
}

async function loaded(
  child: ChildProcess,
  { url, headers, rate }: { url: string; headers: Record<string, string>; rate?: number },
): Promise<Load> {
  const before = await tell(child, {});
  const result = await autocannon({
    url,
    headers,
    connections: 10,
    duration: rate === undefined ? seconds : seconds * 2,
    ...(rate === undefined ? {} : { overallRate: rate }),
  });
  if (result.non2xx + result.errors > 0) throw new Error(`${url}: ${result.non2xx} answers were not good`);
  const spentMs = (await tell(child, {})).cpuMs - before.cpuMs;
  return {
    rate: result.requests.average,
    p99: result.latency.p99,
    cpuMs: spentMs / Math.max(1, result.requests.total),
  };
}

/** Rate of each hot read beside the same bytes from a bare route, in turns; then its delays at 200 requests a second. */
async function hotReads(child: ChildProcess, at: { ours: string; theirs: string }): Promise<void> {
  for (const encoding of ['identity', 'gzip']) {
    for (const [name, url] of Object.entries(hot)) {
      const headers = { 'accept-encoding': encoding };
      const { bytes } = await tell(child, { hold: 'same', url, encoding });
      const ways = { ours: at.ours + url, fixed: `${at.theirs}/static/same` };
      for (const warm of [ways.ours, ways.fixed])
        await autocannon({ url: warm, headers, connections: 10, duration: 1 });
      const found: Record<'ours' | 'fixed', Load>[] = [];
      for (let round = 0; round < rounds; round++) {
        const order = round % 2 === 0 ? (['ours', 'fixed'] as const) : (['fixed', 'ours'] as const);
        const turn: Partial<Record<'ours' | 'fixed', Load>> = {};
        for (const way of order) turn[way] = await loaded(child, { url: ways[way], headers });
        found.push(turn as Record<'ours' | 'fixed', Load>);
      }
      const calm = await loaded(child, { url: ways.ours, headers, rate: 200 });
      const fixedCalm = await loaded(child, { url: ways.fixed, headers, rate: 200 });
      const cpu = (way: 'ours' | 'fixed') => median(found.map((one) => one[way].cpuMs)).toFixed(2);
      const share = median(found.map(({ ours, fixed }) => ours.rate / fixed.rate));
      console.log(
        `${name} (${encoding}, ${Math.round(bytes / 1024)} KiB): ${Math.round(median(found.map(({ ours }) => ours.rate)))} requests/s, ` +
          `${Math.round(share * 100)} % of static; ${cpu('ours')} ms of processor a request, static ${cpu('fixed')}; ` +
          `at ${Math.round(calm.rate)} requests/s p99 ${calm.p99} ms, static ${fixedCalm.p99} ms`,
      );
    }
  }
}

/** One request at a time, each for another span so that nothing kept can serve it, beside the raw query over the same wire. */
async function coldReads(child: ChildProcess, at: { ours: string; theirs: string }): Promise<void> {
  const dispatcher = new Agent({ connections: 1 });
  const get = async (url: string): Promise<void> => {
    const { statusCode, body } = await request(url, { dispatcher });
    await body.arrayBuffer();
    if (statusCode !== 200) throw new Error(`${url}: ${statusCode}`);
  };
  let nth = 0;
  const ask = (form: string) => () => {
    nth += 1;
    return get(
      at.ours +
        series(form)
          .replace('to=2026-01-01', `to=2026-01-01T00:00:${String(nth % 60).padStart(2, '0')}`)
          .replace('limit=10000', `limit=${9000 + nth}`),
    );
  };
  const spent = await inTurns(25, {
    raw: () => get(`${at.theirs}/raw-series`),
    columns: ask('columns'),
    csv: ask('csv'),
    json: ask('json'),
  });
  const ms = (name: keyof typeof spent) => median(spent[name].map((one) => one.ms)).toFixed(1);
  for (const form of ['columns', 'csv', 'json'] as const)
    console.log(
      `series of 8,760 points, ${form}, read anew: ${ms(form)} ms, raw query ${ms('raw')} ms: ${ratioOf(spent[form], spent.raw).toFixed(2)} × raw`,
    );
  for (const [name, url] of Object.entries(hot)) {
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      await tell(child, { entry: true });
      const before = performance.now();
      await get(at.ours + url);
      times.push(performance.now() - before);
    }
    console.log(`${name}: first answer after a journal entry ${median(times).toFixed(0)} ms`);
  }
  await dispatcher.close();
}

async function main(): Promise<void> {
  const child = fork(import.meta.filename, ['server']);
  const [at] = (await once(child, 'message')) as [{ ours: string; theirs: string }];
  try {
    await coldReads(child, at);
    await hotReads(child, at);
    console.log(`memory of the server ${(await tell(child, {})).memory} MiB`);
  } finally {
    child.disconnect();
  }
}

await (process.argv[2] === 'server' ? server() : main());
