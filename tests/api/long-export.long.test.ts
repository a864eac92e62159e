import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Look } from './export-server.ts';

/** A value a minute for 5.7 years. */
const rows = Number(process.env['JIEHE_EXPORT_ROWS'] ?? 3_000_000);
const rowsPerPage = 10_000;
/** 2001-01-01T00:00Z. */
const beginS = 978_307_200;
const MiB = 2 ** 20;
const isoOf = (row: number): string => new Date((beginS + 60 * row) * 1000).toISOString();

let server: ChildProcess;
let port = 0;
beforeAll(async () => {
  server = fork(path.join(import.meta.dirname, 'export-server.ts'), [String(rows), String(beginS)]);
  const [started] = (await once(server, 'message')) as [{ port: number }];
  port = started.port;
}, 600_000);
afterAll(async () => {
  server.disconnect();
  await once(server, 'exit');
});

async function look(): Promise<Look> {
  server.send({});
  const [found] = (await once(server, 'message')) as [Look];
  return found;
}

async function ask(of: { rows: number; f: string; gzip?: boolean }): Promise<IncomingMessage> {
  const query = new URLSearchParams({
    station: 'up',
    parameter: 'tp',
    averaging: 'instant',
    provider: 'bureau',
    from: isoOf(0),
    to: isoOf(of.rows),
    f: of.f,
  });
  const headers = of.gzip === true ? { 'accept-encoding': 'gzip' } : {};
  const request = get({
    host: '127.0.0.1',
    port,
    path: `/api/v1/series/export?${query.toString()}`,
    headers,
  });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(200);
  return response;
}

interface Taken {
  bytes: number;
  looks: readonly Look[];
  /** Pages that were read while nothing was taken. */
  readWhileStalled: number;
}

const most = (looks: readonly Look[], what: 'heapMiB' | 'buffersMiB' | 'residentMiB'): number =>
  Math.max(...looks.map((one) => one[what]));

/** Reads all of an answer, looking at the server's memory now and then; with `stalls`, nothing is taken between two looks. */
async function take(response: IncomingMessage, stalls: number): Promise<Taken> {
  const looks: Look[] = [];
  const note = (seen: Look): Look => {
    looks.push(seen);
    return seen;
  };
  let bytes = 0;
  let readWhileStalled = 0;
  let nextLook = 0;
  let left = stalls;
  const step = response.headers['content-encoding'] === 'gzip' ? MiB : 16 * MiB;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes < nextLook) continue;
    nextLook = bytes + step;
    const before = note(await look());
    if (left === 0) continue;
    left -= 1;
    const still = note(await untilStill(before));
    readWhileStalled += still.pagesRead - before.pagesRead;
  }
  note(await look());
  return { bytes, looks, readWhileStalled };
}

const text = ({ bytes, looks }: Taken): string =>
  `${(bytes / MiB).toFixed(1)} MiB sent; live heap ≤ ${most(looks, 'heapMiB').toFixed(1)} MiB, buffers ≤ ${most(looks, 'buffersMiB').toFixed(1)} MiB, ` +
  `resident ${looks.map(({ residentMiB }) => residentMiB.toFixed(0)).join(' ')} MiB`;

/** Looks until the server has read nothing for a while; how many pages it read until then. */
async function untilStill(from: Look): Promise<Look> {
  let before = from;
  for (let still = 0; still < 20;) {
    const now = await look();
    still = now.pagesRead === before.pagesRead ? still + 1 : 0;
    before = now;
  }
  return before;
}

describe('a very long export', () => {
  // The store keeps what it read last in memory of its own, up to its bound: that is full before anything is compared.
  beforeAll(async () => {
    await take(await ask({ rows, f: 'csv' }), 0);
  }, 600_000);

  it.each([
    ['CSV', { f: 'csv' }],
    ['NDJSON', { f: 'ndjson' }],
    ['CSV with gzip', { f: 'csv', gzip: true }],
  ])(
    'as %s costs its server no more memory than a short one, and reads nothing ahead of a slow reader',
    { timeout: 600_000 },
    async (name, form) => {
      const short = await take(await ask({ rows: 2 * rowsPerPage, ...form }), 1);
      const long = await take(await ask({ rows, ...form }), 3);
      console.log(
        `${name}: ${2 * rowsPerPage} rows, ${text(short)}\n${name}: ${rows} rows, ${text(long)}; ${long.readWhileStalled} pages read in 3 stalls`,
      );
      expect(long.bytes).toBeGreaterThan(short.bytes * 20);
      for (const what of ['heapMiB', 'buffersMiB'] as const)
        expect(most(long.looks, what), what).toBeLessThan(most(short.looks, what) + 24);
      // The store's own memory grows to its bound and stays; what is kept of an answer would grow to its end.
      const half = Math.floor(long.looks.length / 2);
      expect(most(long.looks.slice(half), 'residentMiB')).toBeLessThan(
        most(long.looks.slice(0, half), 'residentMiB') + 128,
      );
      // What the two sockets take in before they are full.
      const bytesPerPage = long.bytes / (rows / rowsPerPage);
      expect(long.readWhileStalled * bytesPerPage).toBeLessThan(3 * 16 * MiB);
    },
  );

  it('whose reader hangs up in the middle is read no further', { timeout: 120_000 }, async () => {
    const before = await look();
    const response = await ask({ rows, f: 'csv' });
    await once(response, 'data');
    response.destroy();
    let after = await look();
    while (after.ended === before.ended) after = await look();
    const read = (await untilStill(after)).pagesRead - before.pagesRead;
    console.log(`hung up: ${read} of ${rows / rowsPerPage} pages read`);
    expect(read).toBeLessThan(rows / rowsPerPage / 5);
  });
});
