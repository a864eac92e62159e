import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createKey } from '../../src/store/state/index.ts';
import { jiehe } from '../cli/jiehe-process.ts';
import type { StoredReadings } from '../cli/stored-readings.ts';
import { filesOf } from '../ingest/journal/folder.ts';
import { influxdProgram } from '../servers/influxd.ts';
import { postgresAvailable } from '../servers/postgres.ts';
import {
  everything,
  openSite,
  readiness,
  replica,
  sharedStores,
  withSystem,
  type Site,
} from '../replicas/region.ts';

/** Moves over real servers take half a minute each: the long tier's. */
const longTest = test.runIf(process.env.JIEHE_LONG === '1');

describe.skipIf(influxdProgram === null || !postgresAvailable)('a backup', () => {
  vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
  let site: Site;
  let readings: StoredReadings;
  let keys: unknown;
  const at = (name: string): string => path.join(site.folder, name);
  const run = async (command: string, dir: string, data: string, env: Record<string, string> = {}) => {
    const config = command === 'backup' ? ['--config', site.config] : [];
    const ended = await jiehe([command, at(dir), '--json', '--data', at(data), ...config], { env });
    return { ...ended, result: ended.code === 0 ? JSON.parse(ended.stdout) : null };
  };

  beforeAll(async () => {
    site = await openSite({ captures: 30, seed: 9 });
    await withSystem(site, 'origin', {}, async (system) => {
      await createKey(system.state.acts, { actor: 'chen', role: 'viewer', name: 'desk', atS: 5 });
      const bytes = Buffer.from(site.table.text);
      await system.pipeline.file('water', { name: 'captured.csv', bytes }, { trigger: 'file' });
      readings = await everything(system);
      keys = await system.state.keys.list();
    });
  });
  afterAll(() => site.close());

  test('holds all that a new folder needs: readings, revisions, acts and reports are there again, and its second run adds only what is new', async () => {
    const first = await run('backup', 'copy', 'origin');
    expect(first).toMatchObject({ code: 0, result: { added: first.result?.entries } });
    await withSystem(site, 'origin', {}, (system) =>
      createKey(system.state.acts, { actor: 'chen', role: 'finance', name: 'later', atS: 6 }),
    );
    const second = await run('backup', 'copy', 'origin');
    expect(second.result).toMatchObject({ added: 1, entries: first.result.entries + 1 });
    const restored = await run('restore', 'copy', 'restored');
    expect(restored).toMatchObject({ code: 0, result: { readings: readings.counts.readings } });
    console.log(
      `restore of ${restored.result.entries} entries, ${restored.result.readings} readings:`,
      restored.result.seconds,
    );
    await withSystem(site, 'restored', {}, async (system) => {
      expect(await everything(system)).toEqual(readings);
      expect(await system.state.keys.list()).toMatchObject([...(keys as object[]), { name: 'later' }]);
      expect((await system.state.runs.recent({ limit: 5 })).map(({ source }) => source)).toEqual(['water']);
      expect((await system.verifyJournal()).faults).toEqual([]);
    });
    expect(await run('restore', 'copy', 'restored')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('E_CONFLICT'),
    });
  });

  test('that was damaged is refused, and nothing is put in place', async () => {
    await run('backup', 'damaged', 'origin');
    const [segment] = filesOf(at('damaged/journal'), '.jnl');
    const bytes = readFileSync(segment!);
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    writeFileSync(segment!, bytes);
    expect(await run('restore', 'damaged', 'nothing')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('E_JOURNAL_BROKEN'),
    });
    expect(await run('restore', 'nowhere', 'nothing')).toMatchObject({ code: 2 });
  });

  longTest(
    'of a laptop moves onto servers and back, with the same readings, revisions and keys',
    async () => {
      await run('backup', 'moving', 'origin');
      const env = await sharedStores(site, 'moved');
      const moved = await run('restore', 'moving', 'server', env);
      expect(moved).toMatchObject({ code: 0, result: { readings: readings.counts.readings } });
      console.log(`restore onto servers of ${moved.result.entries} entries:`, moved.result.seconds);
      await withSystem(site, 'server', env, async (system) => {
        expect(system.readings.kind).toBe('influx');
        expect(await everything(system)).toEqual(readings);
        expect((await system.state.keys.list())[0]).toEqual((keys as object[])[0]);
      });
      expect(await run('backup', 'back', 'server', env)).toMatchObject({ code: 0 });
      expect(await run('restore', 'back', 'again')).toMatchObject({ code: 0 });
      await withSystem(site, 'again', {}, async (system) =>
        expect(await everything(system)).toEqual(readings),
      );
    },
    90_000,
  );

  longTest(
    'a rebuild on the server fills another database; the replicas turn to it, and it is the one after a restart',
    async () => {
      const env = await sharedStores(site, 'rebuilt', 2);
      await run('backup', 'for-rebuild', 'origin');
      await run('restore', 'for-rebuild', 'b1', env);
      const one = await replica(site, 'b1', env);
      await vi.waitFor(async () => expect((await readiness(one)).here).toBe(true), { timeout: 20_000 });
      const two = await replica(site, 'b2', env);
      const elsewhere = await jiehe(['rebuild', '--json', '--config', site.config, '--data', at('b2')], {
        env,
      });
      expect(elsewhere).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('another replica projects'),
      });
      const rebuilt = await jiehe(['rebuild', '--json', '--config', site.config, '--data', at('b1')], {
        env,
      });
      expect(JSON.parse(rebuilt.stdout)).toMatchObject({
        database: 'rebuilt_g2',
        readings: readings.counts.readings,
      });
      await fetch(`${site.influxd.url}/query`, {
        method: 'POST',
        body: new URLSearchParams({ q: 'DROP DATABASE "rebuilt"' }),
      });
      await vi.waitFor(async () => expect((await readiness(two)).readings).toBe('ok'), { timeout: 10_000 });
      await vi.waitFor(async () => expect(await readiness(two)).toMatchObject({ status: 200, lag: 0 }), {
        timeout: 10_000,
      });
      await one.stop();
      await two.stop();
      await withSystem(site, 'b3', env, async (system) => expect(await everything(system)).toEqual(readings));
    },
    90_000,
  );

  test('an extract holds the readings of one source and window, and leaves the store in use as it is', async () => {
    const extract = (file: string, ...more: string[]) =>
      jiehe([
        'rebuild',
        '--json',
        '--out',
        at(file),
        ...more,
        '--config',
        site.config,
        '--data',
        at('origin'),
      ]);
    const all = await extract('all.duckdb', '--source', 'water');
    expect(JSON.parse(all.stdout)).toMatchObject({ readings: readings.counts.readings });
    const none = await extract('none.duckdb', '--source', 'air');
    expect(JSON.parse(none.stdout)).toMatchObject({ readings: 0 });
    const before = await extract('before.duckdb', '--to', '2000-01-01');
    expect(JSON.parse(before.stdout)).toMatchObject({ readings: 0 });
    const unknown = await extract('unknown.duckdb', '--source', 'no-such');
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('known: water, air') });
  });
});
