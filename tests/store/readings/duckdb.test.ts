import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { BatchBuilder } from '../../../src/domain/batch.ts';
import { openDuckdbReadings } from '../../../src/store/readings/duckdb/index.ts';
import { agrees, readingStoreContract } from './contract.ts';
import { crashEntry, largeEntry, largeEntryRows } from './crash-entries.ts';
import { Model } from './model.ts';

const small = { memoryLimitMiB: 256, threads: 1 };
const folder = (): string => mkdtempSync(path.join(tmpdir(), 'jiehe-readings-'));

readingStoreContract({
  name: 'DuckDB',
  skip: null,
  propertyRuns: Number(process.env.JIEHE_ROUNDS ?? 15),
  async open() {
    const directory = folder();
    const file = path.join(directory, 'readings.duckdb');
    let store = await openDuckdbReadings({ path: file, ...small });
    return {
      store,
      async reopen() {
        await store.close();
        store = await openDuckdbReadings({ path: file, ...small });
        return store;
      },
      async close() {
        await store.close();
        rmSync(directory, { recursive: true });
      },
    };
  },
});

describe('the DuckDB file', () => {
  const directory = folder();
  afterAll(() => rmSync(directory, { recursive: true }));
  const file = (name: string): string => path.join(directory, name);

  test('a second open in this process is refused, also through a link, and works again after closing', async () => {
    const store = await openDuckdbReadings({ path: file('one'), ...small });
    symlinkSync(file('one'), file('link'));
    for (const other of ['one', 'link']) {
      await expect(openDuckdbReadings({ path: file(other), ...small })).rejects.toMatchObject({
        code: 'E_LOCKED',
        details: { pid: process.pid },
      });
    }
    await store.close();
    const again = await openDuckdbReadings({ path: file('one'), ...small });
    await again.close();
  });

  test('a file that another process holds is refused with its process id', async () => {
    const { child, lines } = await writer(file('two'), 1);
    expect(lines).toContain('open 0');
    try {
      await expect(openDuckdbReadings({ path: file('two'), ...small })).rejects.toMatchObject({
        code: 'E_LOCKED',
        details: { pid: child.pid },
      });
    } finally {
      await killed(child);
    }
  });

  test('a file that is not a database is refused and left as it was', async () => {
    writeFileSync(file('text'), 'station,time,value\n'.repeat(1000));
    await expect(openDuckdbReadings({ path: file('text'), ...small })).rejects.toMatchObject({
      code: 'E_STORE_UNSUPPORTED',
    });
  });

  test('readings with more decimals than are asked for are rounded each before they are added', async () => {
    const store = await openDuckdbReadings({ path: file('decimals'), ...small });
    const batch = new BatchBuilder('p');
    for (const [parameter, value] of [
      ['ph', 1.004],
      ['tp', 0.1],
    ] as const) {
      const series = batch.seriesOf('s1', parameter, 'PT1H');
      for (let at = 0; at < 199; at++) batch.add({ series, timeS: at * 3600, value });
    }
    await store.apply({ seq: 1, receivedS: 0 }, batch.build());
    const sums = await store.sums({
      averaging: 'PT1H',
      provider: 'p',
      groups: [{ id: 's1', stations: ['s1'] }],
      parameters: [
        { id: 'ph', decimals: 2 },
        { id: 'tp', decimals: 3 },
      ],
      fromS: 0,
      toS: 199 * 3600,
      period: 'year',
      timeZone: 'UTC',
      cadenceS: 3600,
    });
    expect(sums.map(({ sum, exact }) => [sum[0], exact[0]])).toEqual([
      [199, 1],
      [19.9, 1],
    ]);
    await store.close();
  });

  test('a closed store says so', async () => {
    const store = await openDuckdbReadings({ path: file('closed'), ...small });
    await store.close();
    await store.close();
    await expect(store.position()).rejects.toMatchObject({ code: 'E_STORE_UNAVAILABLE' });
    await expect(store.apply({ seq: 1, receivedS: 0 }, null)).rejects.toMatchObject({
      code: 'E_STORE_UNAVAILABLE',
    });
  });

  test('a full disk is a clear error; what was acknowledged is there, the failed entry is not, and writing goes on', async () => {
    // Blocks of 1 KiB. With the signal ignored, the write that passes the limit fails as on a full disk.
    const script = `trap '' XFSZ; ulimit -f 6000; exec "$0" "$1" "$2"`;
    const program = path.join(import.meta.dirname, 'duckdb-full-disk.ts');
    const { stdout } = await promisify(execFile)('bash', [
      '-c',
      script,
      process.execPath,
      program,
      file('full'),
    ]);
    const lines = stdout.trim().split('\n');
    const fault: unknown = JSON.parse(lines.pop() ?? '');
    expect(fault).toMatchObject({
      code: 'E_STORE_UNAVAILABLE',
      message: expect.stringMatching(/too large|No space|write/i)!,
    });
    const acknowledged = lines.length;
    expect(acknowledged).toBeGreaterThan(0);
    expect(lines.at(-1)).toBe(`applied ${acknowledged}`);
    const store = await openDuckdbReadings({ path: file('full'), ...small });
    expect(await store.position()).toBe(acknowledged);
    expect(await store.counts()).toMatchObject({ readings: acknowledged * largeEntryRows });
    const next = await store.apply({ seq: acknowledged + 1, receivedS: 0 }, largeEntry(acknowledged + 1));
    expect(next.accepted).toBe(largeEntryRows);
    await store.close();
  }, 60_000);

  const rounds = Math.min(Number(process.env.JIEHE_ROUNDS ?? 3), 50);
  test(`kill -9 in the middle of writing, ${rounds} rounds: every acknowledged entry is there, none in part, none twice`, async () => {
    for (let round = 0; round < rounds; round++) {
      const { child, lines } = await writer(file('crash'), 2 + ((round * 5) % 9));
      await killed(child);
      const acknowledged = Number(lines.at(-1)?.split(' ')[1]);
      const store = await openDuckdbReadings({ path: file('crash'), ...small });
      const position = await store.position();
      expect(position).toBeGreaterThanOrEqual(acknowledged);
      const model = new Model();
      for (let seq = 1; seq <= position; seq++) model.apply(seq, crashEntry(seq));
      await agrees(store, model, position, [Math.max(0, position - 1), position]);
      await store.close();
    }
  }, 300_000);
});

/** Starts the writer and waits for that many acknowledged entries. */
async function writer(
  file: string,
  entries: number,
): Promise<{ child: ReturnType<typeof spawn>; lines: string[] }> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'duckdb-writer.ts'), file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const input = createInterface({ input: child.stdout });
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the writer ended with ${code}`)));
    input.on('line', (line) => {
      if (lines.push(line) > entries) resolve();
    });
  });
  child.removeAllListeners('exit');
  return { child, lines };
}

async function killed(child: ReturnType<typeof spawn>): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
