import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { archiveDay, liveCity } from './air-upstream.ts';
import { AirWorld } from './air-world.ts';
import { hashOf, uniform } from './noise.ts';
import { HOUR_S, defaultRates, type SimulatorOptions, type World } from './options.ts';
import { captureDay, livePage } from './water-upstream.ts';
import { WaterWorld } from './water-world.ts';

export { defaultRates, type FaultRates, type SimulatorOptions } from './options.ts';

export interface Simulator {
  port: number;
  /** What a source's `url` and `archiveUrl` must be to read from here, by adapter id. */
  urls: Readonly<Record<'cnemc-water' | 'cnemc-air', { url: string; archiveUrl: string }>>;
  close(): Promise<void>;
}

const WATER_PATH = '/GJZ/Ajax/Publish.ashx';
const AIR_PATH = '/CityData/GetAQIDataPublishLive';
const WATER_ARCHIVE = /^\/archive\/water\/realdatas_(\d{4}-\d{2}-\d{2})\.csv$/;
const AIR_ARCHIVE = /^\/archive\/air\/(\d{4}-\d{2}-\d{2})\.csv$/;
const FORM_LIMIT_BYTES = 16 * 1024;

interface Reply {
  status: number;
  mediaType: string;
  body: string;
}

/** Look-alikes of the upstreams on 127.0.0.1: every answer follows from (seed, time) alone. Everything they say is made up. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { config, seed, clock } = options;
  const world: World = { config, seed, rates: { ...defaultRates, ...options.rates } };
  const answer = answering(world, () => clock.nowS());
  const server = createServer((request, response) => void respond(request, response, answer));
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the simulator has no port');
  const { port } = address;
  const base = `http://127.0.0.1:${port}`;
  return {
    port,
    urls: {
      'cnemc-water': { url: `${base}${WATER_PATH}`, archiveUrl: `${base}/archive/water/` },
      'cnemc-air': { url: `${base}${AIR_PATH}`, archiveUrl: `${base}/archive/air/` },
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

type Answer = (path: string, query: URLSearchParams) => Reply;

function answering(world: World, nowS: () => number): Answer {
  const water = new WaterWorld(world);
  const air = new AirWorld(world);
  const json = (body: string): Reply => ({ status: 200, mediaType: 'application/json; charset=utf-8', body });
  const csv = (body: string): Reply => ({ status: 200, mediaType: 'text/csv; charset=utf-8', body });
  return (path, query) => {
    const now = nowS();
    if (path === WATER_PATH && query.get('action') === 'getRealDatas') {
      const pageIndex = wholeNumber(query.get('PageIndex'), 1);
      const areaId = query.get('AreaID') ?? '';
      const asked = { nowS: now, areaId, nameSearch: query.get('MNName') ?? '', pageIndex };
      const body = livePage(water, {
        ...asked,
        pageSize: Math.max(1, wholeNumber(query.get('PageSize'), 60)),
      });
      return perhapsBroken(world, json(body), { question: `water:${areaId}:${pageIndex}`, nowS: now });
    }
    if (path === AIR_PATH) {
      const city = query.get('cityName') ?? '';
      return perhapsBroken(world, json(liveCity(air, { city, nowS: now })), {
        question: `air:${city}`,
        nowS: now,
      });
    }
    const waterDay = WATER_ARCHIVE.exec(path)?.[1];
    if (waterDay !== undefined) return csv(captureDay(water, { date: waterDay, nowS: now }));
    const airDay = AIR_ARCHIVE.exec(path)?.[1];
    if (airDay !== undefined) return csv(archiveDay(air, { date: airDay, nowS: now }));
    return { status: 404, mediaType: 'text/plain; charset=utf-8', body: 'no such address\n' };
  };
}

function wholeNumber(text: string | null, otherwise: number): number {
  return text !== null && /^-?\d+$/.test(text) ? Number(text) : otherwise;
}

/** Now and then, for half an hour, one question gets a broken answer: cut off, an HTML page with status 200, or a 500. */
function perhapsBroken(world: World, reply: Reply, of: { question: string; nowS: number }): Reply {
  const key = hashOf(world.seed, of.question);
  const step = Math.floor(of.nowS / (HOUR_S / 2));
  if (uniform(key, step) >= world.rates.brokenReply) return reply;
  const kind = Math.floor(uniform(key ^ 3, step) * 3);
  if (kind === 0) return { ...reply, body: reply.body.slice(0, Math.floor(reply.body.length * 0.6)) };
  const page =
    '<!DOCTYPE html><html><head><title>运行时错误</title></head><body>应用程序中的服务器错误。</body></html>';
  return { status: kind === 1 ? 200 : 500, mediaType: 'text/html; charset=utf-8', body: page };
}

async function respond(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (request.method === 'POST')
      for (const [name, value] of await formOf(request)) url.searchParams.set(name, value);
    const reply = answer(decodeURIComponent(url.pathname), url.searchParams);
    // Whoever looks at the wire must see that nothing here was measured.
    response.writeHead(reply.status, { 'content-type': reply.mediaType, 'x-jiehe-synthetic': 'true' });
    response.end(reply.body);
  } catch (cause) {
    response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
    response.end(`simulator: ${cause instanceof Error ? cause.message : String(cause)}\n`);
  }
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > FORM_LIMIT_BYTES) throw new Error('the form is too long');
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
