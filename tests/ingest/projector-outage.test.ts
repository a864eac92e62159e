import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { batchAt, perHour, startS } from '../../bench/measure.ts';
import { openLine, replyOf, type Line } from '../../bench/through-journal.ts';
import type { ReadingStore } from '../../src/domain/ports.ts';
import { openInfluxReadings } from '../../src/store/readings/influx/index.ts';
import { influxdProgram, startInfluxd, type Influxd } from '../servers/influxd.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const hourly = (at: number): Uint8Array => replyOf(batchAt(at * perHour, perHour, 0));
/** 28 kB each: 8 MiB while the store is away, several times what may stay in memory. */
const away = 300;
const mostGrowthMiB = 4;

/** What is held after a full collection: buffers outside the heap count, since an entry's bytes are one. */
function heldMiB(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

describe.skipIf(influxdProgram === null)('the reading store is away', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-outage-'));
  const faults: number[] = [];
  let server: Influxd;
  let store: ReadingStore;
  let line: Line;

  beforeAll(async () => {
    server = await startInfluxd();
    store = await openInfluxReadings({
      url: server.url,
      database: 'outage',
      retentionPolicy: 'all',
      retries: 0,
    });
    line = await openLine(path.join(folder, 'journal'), store, (seq) => faults.push(seq));
  }, 60_000);

  afterAll(async () => {
    await line?.close();
    await store?.close();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the journal goes on, memory does not grow with what waits, the lag is told, and catching up keeps the order', async () => {
    expect((await line.take(hourly(0))).cells.accepted).toBe(perHour);
    await server.halt('SIGKILL');
    await line.append(hourly(1));
    await expect.poll(() => faults, { timeout: 20_000 }).toContain(2);
    const before = heldMiB();
    for (let at = 2; at <= away; at++) expect(await line.append(hourly(at))).toBe(at + 1);
    expect(line.progress()).toEqual({ journalSeq: away + 1, appliedSeq: 1 });
    // Buffers are freed some time after their collection; what is held for good never goes.
    await expect.poll(() => heldMiB() - before, { timeout: 30_000 }).toBeLessThan(mostGrowthMiB);
    expect(new Set(faults)).toEqual(new Set([2]));
    await server.start();
    expect((await line.applied(away + 1)).cells.accepted).toBe(perHour);
    expect(line.progress()).toEqual({ journalSeq: away + 1, appliedSeq: away + 1 });
    const { entries } = await store.changesSince('0', 1_000_000);
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: away + 1 }, (_, at) => at + 1));
    expect((await store.counts()).readings).toBe((away + 1) * perHour);
    const latest = await store.latest({ averaging: 'PT1H', provider: 'cnemc', sinceS: 0 });
    expect(new Set(latest.map(({ timeS }) => timeS))).toEqual(new Set([startS + away * 3600]));
  }, 120_000);
});
