import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { jiehe, type ServedProcess } from '../cli/jiehe-process.ts';
import type { StoredReadings } from '../cli/stored-readings.ts';
import { writeTryRegion } from '../cli/try-region.ts';
import { influxdProgram } from '../servers/influxd.ts';
import { postgresAvailable } from '../servers/postgres.ts';
import { everything, openSite, readiness, replica, sharedStores, withSystem, type Site } from './region.ts';

const patience = { timeout: 30_000, interval: 100 };

describe.skipIf(influxdProgram === null || !postgresAvailable)(
  'replicas on one PostgreSQL and one InfluxDB',
  () => {
    let site: Site;
    let undisturbed: StoredReadings;
    const running = new Set<ServedProcess>();
    const start = async (...args: Parameters<typeof replica>): Promise<ServedProcess> => {
      const served = await replica(...args);
      running.add(served);
      return served;
    };
    const stop = async (served: ServedProcess): Promise<void> => {
      running.delete(served);
      await served.stop();
    };
    const kill = async (served: ServedProcess, signal: NodeJS.Signals): Promise<void> => {
      process.kill(served.pid, signal);
      if (signal === 'SIGKILL') await stop(served);
    };
    const ingest = (name: string, env: Record<string, string>) =>
      jiehe(
        [
          'ingest',
          'water',
          '--json',
          '--config',
          site.config,
          '--data',
          path.join(site.folder, name),
          '--file',
          site.file,
        ],
        { env },
      );

    beforeAll(async () => {
      site = await openSite({ captures: 60, seed: 5 });
      undisturbed = await withSystem(site, 'embedded', {}, async (system) => {
        const bytes = Buffer.from(site.table.text);
        await system.pipeline.file('water', { name: 'captured.csv', bytes }, { trigger: 'file' });
        return everything(system);
      });
      expect(undisturbed.counts.past).toBeGreaterThan(100);
    });
    afterAll(async () => {
      for (const served of running) await served.stop();
      await site.close();
    });

    test('one projects and both ingest; when the one that projects is killed, the other takes its place and nothing is lost or doubled', async () => {
      const env = await sharedStores(site, 'killed');
      const [one, two] = [await start(site, 'k1', env), await start(site, 'k2', env)];
      await vi.waitFor(async () => expect((await readiness(one)).here).toBe(true), patience);
      expect((await readiness(two)).here).toBe(false);
      const [first, second] = [ingest('k1', env), ingest('k2', env)];
      await vi.waitFor(async () => expect((await readiness(two)).lag).toBeGreaterThan(0), patience);
      await kill(one, 'SIGKILL');
      await first;
      const report = await second;
      expect(report).toMatchObject({ code: 0 });
      const { cells, entries } = JSON.parse(report.stdout);
      expect(cells.read).toBe(site.table.cells);
      expect(
        cells.absent + cells.missing + cells.rejected + cells.accepted + cells.unchanged + cells.revised,
      ).toBe(site.table.cells);
      expect(entries).toBeGreaterThan(50);
      await vi.waitFor(
        async () => expect(await readiness(two)).toMatchObject({ here: true, lag: 0 }),
        patience,
      );
      await withSystem(site, 'k3', env, async (system) => {
        expect(await everything(system)).toEqual(undisturbed);
        expect((await system.verifyJournal()).faults).toEqual([]);
      });
      await stop(two);
    }, 90_000);

    test('one that slept while another took its place does not write any more, and projects nothing until it is its turn', async () => {
      const env = await sharedStores(site, 'slept', 2);
      const [one, two] = [await start(site, 's1', env), await start(site, 's2', env)];
      await vi.waitFor(async () => expect((await readiness(one)).here).toBe(true), patience);
      const ingested = ingest('s2', env);
      await vi.waitFor(async () => expect((await readiness(two)).lag).toBeGreaterThan(0), patience);
      await kill(one, 'SIGSTOP');
      await vi.waitFor(async () => expect(await readiness(two)).toMatchObject({ here: true }), patience);
      await kill(one, 'SIGCONT');
      expect(await ingested).toMatchObject({ code: 0 });
      await vi.waitFor(
        async () => expect(await readiness(two)).toMatchObject({ here: true, lag: 0 }),
        patience,
      );
      expect((await readiness(one)).here).toBe(false);
      await withSystem(site, 's3', env, async (system) => {
        expect(await everything(system)).toEqual(undisturbed);
      });
      await stop(one);
      await stop(two);
    }, 90_000);

    test('while the store of readings is away the journal goes on, the run says so, and the projection catches up', async () => {
      const env = await sharedStores(site, 'outage');
      const one = await start(site, 'o1', env);
      await vi.waitFor(async () => expect((await readiness(one)).here).toBe(true), patience);
      await site.influxd.halt('SIGKILL');
      const report = await ingest('o1', env);
      const { message, entries, status } = JSON.parse(report.stdout);
      expect(status).toBe('with-issues');
      expect(message).toMatch(/entries are journaled and wait for the reading store/);
      const down = await readiness(one);
      expect(down).toMatchObject({ status: 503, readings: expect.stringContaining('does not answer') });
      expect(down.lag).toBeGreaterThanOrEqual(entries);
      await site.influxd.start();
      await vi.waitFor(
        async () => expect(await readiness(one)).toMatchObject({ status: 200, lag: 0 }),
        patience,
      );
      await withSystem(site, 'o3', env, async (system) => {
        expect(await everything(system)).toEqual(undisturbed);
      });
      await stop(one);
    }, 90_000);

    test('another configuration comes into force at its first start; who has the older one answers as stale until it is adopted again', async () => {
      const env = await sharedStores(site, 'configured');
      const other = writeTryRegion(path.join(site.folder, 'other'), { enabled: false });
      const regionFile = path.join(other, 'regions', 'try', 'region.yaml');
      writeFileSync(regionFile, readFileSync(regionFile, 'utf8').replace('Schematic', 'Schematic again'));
      const one = await start(site, 'c1', env);
      await vi.waitFor(async () => expect((await readiness(one)).here).toBe(true), patience);
      const looked = await jiehe(
        ['journal', 'verify', '--config', other, '--data', path.join(site.folder, 'c9')],
        { env },
      );
      expect(looked).toMatchObject({ code: 0 });
      expect((await readiness(one)).configuration).toBe('in force');
      const two = await start(site, 'c2', env, ['--config', other]);
      await vi.waitFor(async () => expect((await readiness(one)).status).toBe(503), patience);
      expect((await readiness(one)).configuration).toContain('stale');
      const region = await fetch(`${one.url}/api/v1/region`);
      expect(region.status).toBe(200);
      expect(region.headers.get('x-jiehe-configuration')).toContain('stale');
      await vi.waitFor(
        async () => expect(await readiness(two)).toMatchObject({ status: 200, here: true }),
        patience,
      );
      await stop(one);
      const again = await start(site, 'c1', env);
      expect(await readiness(again)).toMatchObject({ status: 503 });
      await stop(again);
      const adopted = await start(site, 'c1', env, ['--adopt-config']);
      expect(await readiness(adopted)).toMatchObject({ status: 200, configuration: 'in force' });
      await vi.waitFor(async () => expect((await readiness(two)).status).toBe(503), patience);
      await stop(adopted);
      await stop(two);
    }, 90_000);

    test('an api process never projects, a worker answers nothing but its health; neither runs on embedded stores', async () => {
      const env = await sharedStores(site, 'roles');
      const api = await start(site, 'r1', env, ['--role', 'api']);
      const worker = await start(site, 'r2', env, ['--role', 'worker']);
      await vi.waitFor(async () => expect((await readiness(worker)).here).toBe(true), patience);
      expect((await readiness(api)).here).toBe(false);
      expect((await fetch(`${worker.url}/api/v1/region`)).status).toBe(404);
      expect((await fetch(`${api.url}/api/v1/region`)).status).toBe(200);
      await stop(api);
      await stop(worker);
      const alone = await jiehe([
        'serve',
        '--role',
        'worker',
        '--config',
        site.config,
        '--data',
        path.join(site.folder, 'r3'),
      ]);
      expect(alone).toMatchObject({ code: 2, stderr: expect.stringContaining('JIEHE_DATABASE_URL') });
      rmSync(path.join(site.folder, 'r3'), { recursive: true, force: true });
    }, 90_000);
  },
);
