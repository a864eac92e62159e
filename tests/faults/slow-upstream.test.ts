import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { slotCursor } from '../../src/ingest/schedule.ts';
import { openSystem } from '../../src/main.ts';
import { serveJiehe } from '../cli/jiehe-process.ts';
import { writeTryRegion } from '../cli/try-region.ts';

const DAY_S = 86_400;
const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-slow-'));
const config = path.join(folder, 'config');
const data = path.join(folder, 'data');
const asked = { water: 0, air: 0, days: [] as string[] };
const held: ServerResponse[] = [];
let mostHeld = 0;
let holding = true;
let upstream: Server;

/** The archive has nothing, air answers at once, water keeps everybody waiting until it is let go. */
function answer(url: string, response: ServerResponse): void {
  const day = /realdatas_(\d{4}-\d{2}-\d{2})/.exec(url)?.[1];
  if (day !== undefined) {
    asked.days.push(day);
    response.writeHead(404).end();
  } else if (url.startsWith('/air')) {
    asked.air += 1;
    response.end('[]');
  } else {
    asked.water += 1;
    if (!holding) response.end('{}');
    else mostHeld = Math.max(mostHeld, held.push(response));
  }
}

beforeAll(async () => {
  upstream = createServer((request, response) => {
    request.resume();
    request.once('end', () => answer(request.url ?? '', response));
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const base = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  writeTryRegion(config, {
    waterUrl: `${base}/water`,
    airUrl: `${base}/air`,
    waterArchiveUrl: `${base}/archive/`,
    cron: '* * * * * *',
    timeoutSeconds: 15,
  });
});

afterAll(() => {
  upstream.closeAllConnections();
  upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

const letGo = (): void => {
  holding = false;
  for (const response of held.splice(0)) response.end('{}');
};

test('a slow source is never asked twice at once, and the other goes on in its rhythm', async () => {
  const server = await serveJiehe(['--config', config, '--data', data], { env: { JIEHE_LOG_LEVEL: 'warn' } });
  onTestFinished(() => server.stop().then(() => undefined));
  await expect.poll(() => server.said(), { timeout: 20_000 }).toContain('administrator token');
  await expect.poll(() => held.length, { timeout: 20_000 }).toBe(1);
  expect(new Set(asked.days).size).toBe(asked.days.length);
  expect(asked.days.length).toBeGreaterThanOrEqual(30);
  const before = asked.air;
  await expect.poll(() => asked.air, { timeout: 20_000 }).toBeGreaterThan(before + 3);
  expect([asked.water, mostHeld]).toEqual([1, 1]);
  letGo();
  await expect.poll(() => asked.water, { timeout: 20_000 }).toBeGreaterThan(2);
  expect((await server.stop()).code).toBe(0);
}, 90_000);

test('a start after days without one fetches these days from the archive, and SIGTERM ends it while a reply hangs', async () => {
  // A folder of its own: slots that the server before left in its queue would come first.
  const interrupted = path.join(folder, 'interrupted');
  const system = await openSystem({ dataDir: interrupted, configDir: config, synthetic: null });
  await system.state.cursors.set(slotCursor('water'), String(system.clock.nowS() - 3 * DAY_S));
  await system.close();
  [asked.days, asked.water] = [[], 0];
  const server = await serveJiehe(['--config', config, '--data', interrupted]);
  onTestFinished(() => server.stop().then(() => undefined));
  await expect.poll(() => asked.days.length, { timeout: 60_000 }).toBe(4);
  holding = true;
  await expect.poll(() => held.length, { timeout: 20_000 }).toBe(1);
  expect(asked.days).toHaveLength(4);
  expect(asked.days).toEqual(asked.days.toSorted());
  expect((await server.stop()).code).toBe(0);
}, 120_000);
