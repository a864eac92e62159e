import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { seededNumbers } from '../cli/captured-table.ts';
import { jiehe, type ServedProcess } from '../cli/jiehe-process.ts';
import { influxdProgram } from '../servers/influxd.ts';
import { postgresAvailable } from '../servers/postgres.ts';
import { everything, openSite, readiness, replica, sharedStores, withSystem } from './region.ts';

const rounds = Number(process.env.JIEHE_ROUNDS ?? '6');
const seed = Number(process.env.JIEHE_SEED ?? '1');
const patience = { timeout: 60_000, interval: 200 };

describe.skipIf(influxdProgram === null || !postgresAvailable)('two replicas under load', () => {
  test(
    `${rounds} rounds of kill -9 of jiehe, influxd or postgres: nothing that was answered is lost or doubled`,
    async () => {
      const site = await openSite({ captures: 120, seed });
      const next = seededNumbers(seed);
      const undisturbed = await withSystem(site, 'embedded', {}, async (system) => {
        const bytes = Buffer.from(site.table.text);
        await system.pipeline.file('water', { name: 'captured.csv', bytes }, { trigger: 'file' });
        return everything(system);
      });
      const env = await sharedStores(site, 'load', 2);
      const served: ServedProcess[] = [await replica(site, 'l0', env), await replica(site, 'l1', env)];
      const ingest = (at: number) =>
        jiehe(
          [
            'ingest',
            'water',
            '--json',
            '--config',
            site.config,
            '--data',
            path.join(site.folder, `l${at}`),
            '--file',
            site.file,
          ],
          { env },
        );
      const killed = { jiehe: 0, influxd: 0, postgres: 0 };
      let answered = 0;
      for (let round = 0; round < rounds; round += 1) {
        const victim = (['jiehe', 'influxd', 'postgres'] as const)[Math.floor(next() * 3)]!;
        const load = [ingest(0), ingest(1)];
        await wait(1000 + next() * 4000);
        killed[victim] += 1;
        if (victim === 'jiehe') {
          const at = Math.floor(next() * 2);
          process.kill(served[at]!.pid, 'SIGKILL');
          await served[at]!.stop();
          // A command that did not find its server any more works on the folder itself, and holds it.
          await load[at];
          served[at] = await replica(site, `l${at}`, env);
        } else if (victim === 'influxd') {
          await site.influxd.halt('SIGKILL');
          await wait(next() * 2000);
          await site.influxd.start();
        } else {
          await site.postgres.crash();
          await wait(next() * 1000);
          await site.postgres.start();
        }
        const ends = await Promise.all(load);
        answered += ends.filter(({ code }) => code === 0).length;
        await vi.waitFor(async () => {
          for (const one of served) expect(await readiness(one)).toMatchObject({ status: 200, lag: 0 });
        }, patience);
      }
      const last = await ingest(1);
      expect(last).toMatchObject({ code: 0 });
      await withSystem(site, 'looking', env, async (system) => {
        expect(await everything(system)).toEqual(undisturbed);
        expect((await system.verifyJournal()).faults).toEqual([]);
      });
      console.log(
        `${rounds} rounds, seed ${seed}: killed`,
        killed,
        `${answered} of ${2 * rounds} ingests answered`,
      );
      for (const one of served) await one.stop();
      await site.close();
    },
    120_000 + rounds * 60_000,
  );
});
