import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { politeClient } from '../../src/ingest/http.ts';
import { freePort } from '../servers/port.ts';
import { source } from './sources/fixture-config.ts';

const servers: Server[] = [];

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}`;
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const config = source('cnemc-water', {
  retries: 2,
  minimumIntervalMs: 0,
  timeoutSeconds: 5,
  maximumBodyMiB: 1,
});

test('a form goes out with the user agent, and body and status come back', async () => {
  const url = await serve((request, response) => {
    request.setEncoding('utf8');
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => response.end(`${request.method} ${request.headers['user-agent']} ${body}`));
  });
  const client = politeClient(config, { userAgent: 'jiehe/test (someone@example.org)' });
  const reply = await client.request({
    url: `${url}/x`,
    method: 'POST',
    form: { AreaID: '330000', 名: '值' },
  });
  expect(new TextDecoder().decode(reply.body)).toBe(
    'POST jiehe/test (someone@example.org) AreaID=330000&%E5%90%8D=%E5%80%BC',
  );
  expect(reply.meta).toMatchObject({ status: 200, origin: `${url}/x` });
  await client.close();
});

test('a 503 is asked again, and the answer after it is returned', async () => {
  let asked = 0;
  const url = await serve((_request, response) => {
    asked += 1;
    response.statusCode = asked < 3 ? 503 : 200;
    response.end(`answer ${asked}`);
  });
  const client = politeClient(config, { backoffMs: 1 });
  const reply = await client.request({ url });
  expect([reply.meta.status, asked]).toEqual([200, 3]);
  await client.close();
});

test('a 500 that stays is returned with its body after the last attempt', async () => {
  let asked = 0;
  const url = await serve((_request, response) => {
    asked += 1;
    response.statusCode = 500;
    response.end('broken');
  });
  const client = politeClient(config, { backoffMs: 1 });
  const reply = await client.request({ url });
  expect([reply.meta.status, asked, new TextDecoder().decode(reply.body)]).toEqual([500, 3, 'broken']);
  await client.close();
});

test('a 404 is not asked again', async () => {
  let asked = 0;
  const url = await serve((_request, response) => {
    asked += 1;
    response.statusCode = 404;
    response.end();
  });
  const client = politeClient(config, { backoffMs: 1 });
  expect((await client.request({ url })).meta.status).toBe(404);
  expect(asked).toBe(1);
  await client.close();
});

test('Retry-After of a 429 is waited for', async () => {
  const times: number[] = [];
  const url = await serve((_request, response) => {
    times.push(performance.now());
    response.statusCode = times.length === 1 ? 429 : 200;
    if (times.length === 1) response.setHeader('retry-after', '1');
    response.end();
  });
  const client = politeClient(config, { backoffMs: 1 });
  await client.request({ url });
  expect(times[1]! - times[0]!).toBeGreaterThan(950);
  await client.close();
});

test('requests to one source start at least the minimum interval apart, one at a time', async () => {
  const times: number[] = [];
  const url = await serve((_request, response) => {
    times.push(performance.now());
    response.end();
  });
  const client = politeClient({ ...config, minimumIntervalMs: 60 });
  const begun = performance.now();
  await Promise.all([1, 2, 3].map((n) => client.request({ url: `${url}/${n}` })));
  expect(times.length).toBe(3);
  // Measured here: on a busy machine the first request may reach the server late.
  expect(performance.now() - begun).toBeGreaterThan(119);
  await client.close();
});

test('an answer past the size limit and a closed port are E_UPSTREAM', async () => {
  const url = await serve((_request, response) => response.end(Buffer.alloc(2 * 1024 * 1024)));
  const client = politeClient(config, { backoffMs: 1 });
  await expect(client.request({ url })).rejects.toMatchObject({
    code: 'E_UPSTREAM',
    message: expect.stringContaining('1 MiB'),
  });
  const closed = `http://127.0.0.1:${await freePort()}/`;
  await expect(client.request({ url: closed })).rejects.toMatchObject({
    code: 'E_UPSTREAM',
    retryable: true,
  });
  await client.close();
});

test('an answer that does not come ends at the deadline, and an address keeps no password', async () => {
  const url = await serve(() => undefined);
  const client = politeClient({ ...config, timeoutSeconds: 1, retries: 0 }, { backoffMs: 1 });
  const secret = url.replace('http://', 'http://user:secret@');
  const failure: unknown = await client.request({ url: secret }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'E_UPSTREAM', message: expect.not.stringContaining('secret') });
  await client.close();
});
