import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSystem, type System } from '../../src/main.ts';
import { capturedTable } from '../cli/captured-table.ts';
import { trySections, writeTryRegion } from '../cli/try-region.ts';
import { influxdProgram, startInfluxd, type Influxd } from '../servers/influxd.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-foreign-'));
const configDir = writeTryRegion(path.join(folder, 'config'), { enabled: false });
const table = capturedTable({ seed: 3, captures: 4, sections: trySections });
const at = (name: string): string => path.join(folder, name);

async function withSystem<T>(name: string, work: (system: System) => Promise<T>): Promise<T> {
  const system = await openSystem({ dataDir: at(name), configDir, synthetic: null });
  try {
    return await work(system);
  } finally {
    await system.close();
  }
}

const ingest = (system: System) =>
  system.pipeline.file(
    'water',
    { name: 'captured.csv', bytes: Buffer.from(table.text) },
    { trigger: 'file' },
  );
const firstHash = (name: string): Promise<string> =>
  withSystem(name, async (system) => (await system.journal.get(1)).hash.slice(0, 12));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('readings in a file', () => {
  test('of another journal stop the start, and the message names both journals', async () => {
    await withSystem('mine', ingest);
    await withSystem('other', async (system) => {
      await ingest(system);
      await ingest(system);
    });
    const [mine, other] = [await firstHash('mine'), await firstHash('other')];
    expect(mine).not.toBe(other);
    cpSync(at('other/readings'), at('mine/readings'), { recursive: true });
    await expect(withSystem('mine', ingest)).rejects.toMatchObject({
      code: 'E_MIXED_DATA',
      message: expect.stringMatching(new RegExp(`readings-1\\.duckdb.*${other}.*${mine}`))!,
    });
    rmSync(at('mine/readings'), { recursive: true });
    await withSystem('mine', async (system) => {
      await expect.poll(() => system.projector.progress().appliedSeq).toBe(system.journal.head().seq);
      expect((await system.readings.counts()).readings).toBeGreaterThan(0);
    });
  });

  test('that are ahead of their journal, or whose journal went another way, stop the start', async () => {
    await withSystem('grown', ingest);
    cpSync(at('grown'), at('older'), { recursive: true });
    await withSystem('grown', ingest);
    // The journal and the state of an older copy, with the readings of the newer one.
    cpSync(at('grown/readings'), at('older/readings'), { recursive: true });
    await expect(withSystem('older', ingest)).rejects.toMatchObject({
      code: 'E_MIXED_DATA',
      message: expect.stringContaining('entry')!,
    });
    rmSync(at('older/readings'), { recursive: true });
    await withSystem('older', async (system) => {
      for (let times = 0; times < 3; times += 1) await ingest(system);
    });
    cpSync(at('grown/readings'), at('older/readings'), { recursive: true });
    await expect(withSystem('older', ingest)).rejects.toMatchObject({
      code: 'E_MIXED_DATA',
      message: expect.stringContaining('missing or another')!,
    });
  });
});

describe.skipIf(influxdProgram === null)('a database of readings', () => {
  let influxd: Influxd;
  beforeAll(async () => {
    influxd = await startInfluxd();
    process.env.JIEHE_INFLUX_URL = influxd.url;
  });
  afterAll(async () => {
    delete process.env.JIEHE_INFLUX_URL;
    await influxd.stop();
  });

  test('of another journal stops the start, and a database of its own takes the journal', async () => {
    await withSystem('on-server', ingest);
    const theirs = await firstHash('on-server');
    await expect(withSystem('beside', ingest)).rejects.toMatchObject({
      code: 'E_MIXED_DATA',
      message: expect.stringMatching(new RegExp(`database jiehe of http.*${theirs}`))!,
    });
    process.env.JIEHE_INFLUX_DATABASE = 'beside';
    try {
      await withSystem('beside', async (system) => {
        await ingest(system);
        expect((await system.readings.counts()).readings).toBeGreaterThan(0);
      });
    } finally {
      delete process.env.JIEHE_INFLUX_DATABASE;
    }
  });
});

test('a configuration in the journal says who brought it into force, and which one it replaced', async () => {
  process.env.JIEHE_OPERATOR = '联合办公室';
  try {
    await withSystem('named', ingest);
    const changed = writeTryRegion(at('changed'), { enabled: false, cadenceSeconds: 7200 });
    const system = await openSystem({ dataDir: at('named'), configDir: changed, synthetic: null });
    const metas: unknown[] = [];
    for await (const entry of system.journal.read(0)) if (entry.kind === 'config') metas.push(entry.meta);
    const { hash } = system.config();
    await system.close();
    expect(metas).toMatchObject([
      { actor: '联合办公室' },
      { actor: '联合办公室', configHash: hash, replaces: (metas[0] as { configHash: string }).configHash },
    ]);
  } finally {
    delete process.env.JIEHE_OPERATOR;
  }
});
