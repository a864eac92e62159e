import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { jiehe, type ServedProcess } from '../cli/jiehe-process.ts';
import type { StoredReadings } from '../cli/stored-readings.ts';
import { influxdProgram } from '../servers/influxd.ts';
import { postgresAvailable } from '../servers/postgres.ts';
import { everything, openSite, readiness, replica, sharedStores, withSystem, type Site } from './region.ts';

const patience = { timeout: 60_000, interval: 200 };
const policy = `
kind: retention
retention:
  - id: instants
    name: { zh: 瞬时值, en: Instants }
    averagings: [instant]
    keepDays: 90
    archive: instants
    inForce: { from: '2020-01-01', to: null, provenance: { source: made up for tests, confidence: assumed } }
`;

describe.skipIf(influxdProgram === null || !postgresAvailable)('beside replicas on servers', () => {
  let site: Site;
  let env: Record<string, string>;
  let undisturbed: StoredReadings;
  const served: ServedProcess[] = [];

  beforeAll(async () => {
    site = await openSite({ captures: 120, seed: 5 });
    writeFileSync(path.join(site.config, 'regions/try/retention.yaml'), policy);
    undisturbed = await withSystem(site, 'embedded', {}, async (system) => {
      const bytes = Buffer.from(site.table.text);
      await system.pipeline.file('water', { name: 'captured.csv', bytes }, { trigger: 'file' });
      return everything(system);
    });
    env = { ...(await sharedStores(site, 'rebuilt')), JIEHE_ARCHIVE: path.join(site.folder, 'archive') };
    for (const name of ['p0', 'p1']) served.push(await replica(site, name, env));
  }, 180_000);
  afterAll(async () => {
    for (const one of served) await one.stop();
    await site.close();
  });

  const run = (at: number, ...argv: string[]) =>
    jiehe([...argv, '--config', site.config, '--data', path.join(site.folder, `p${at}`)], { env });
  const ingest = (at: number) => run(at, 'ingest', 'water', '--json', '--file', site.file);
  /** Which of them projects. */
  async function projecting(): Promise<number> {
    let at = -1;
    await vi.waitFor(async () => {
      at = (await Promise.all(served.map(readiness))).findIndex(({ here }) => here);
      expect(at).toBeGreaterThanOrEqual(0);
    }, patience);
    return at;
  }
  const caughtUp = (): Promise<void> =>
    vi.waitFor(async () => {
      for (const one of served) expect(await readiness(one)).toMatchObject({ status: 200, lag: 0 });
    }, patience);
  const seen = () =>
    withSystem(site, 'looking', env, async (system) => ({
      database: system.readings.place,
      marks: (await system.readings.archive!.marks()).map(({ id, state }) => `${id} ${state}`),
      stored: await everything(system),
    }));

  test('months move, selected entries are rebuilt over them, and what is ingested meanwhile is neither lost nor doubled', async () => {
    expect(await ingest(0)).toMatchObject({ code: 0 });
    await caughtUp();
    const [here, there] = (await projecting()) === 0 ? [0, 1] : [1, 0];
    for (const argv of [
      ['retention', 'run'],
      ['rebuild', '--source', 'water'],
    ])
      expect(await run(there, ...argv)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('another replica projects')!,
      });
    expect(await run(here, 'retention', 'run')).toMatchObject({ code: 0 });
    const archived = await seen();
    expect(archived.marks.length).toBeGreaterThan(1);
    expect(archived.stored).toEqual(undisturbed);

    const [rebuilt, again] = await Promise.all([run(here, 'rebuild', '--source', 'water'), ingest(there)]);
    expect([rebuilt, again]).toMatchObject([{ code: 0 }, { code: 0 }]);
    await caughtUp();
    const fresh = await seen();
    expect(fresh).toMatchObject({ database: 'rebuilt_g2', marks: [], stored: undisturbed });

    expect(await run(here, 'retention', 'run')).toMatchObject({ code: 0 });
    expect(await run(here, 'rebuild', '--from', '2020-01-01', '--to', '2021-01-01')).toMatchObject({
      code: 0,
    });
    expect(await seen()).toMatchObject({ database: 'rebuilt_g3', marks: [], stored: undisturbed });
    expect(await run(here, 'retention', 'run')).toMatchObject({ code: 0 });
    expect((await seen()).marks).toEqual(archived.marks);
  }, 400_000);

  test('killed in the middle of a rebuild or of a move, another takes over and ends the same', async () => {
    for (const argv of [
      ['rebuild', '--source', 'water'],
      ['retention', 'restore', (await seen()).marks[0]!.split(' ')[0]!],
    ]) {
      const here = await projecting();
      const { database: before, marks: archived } = await seen();
      const cut = run(here, ...argv);
      // The new database is made, or a month is on its way back (or there already): the work is under way.
      await vi.waitFor(async () => {
        const { marks, database } = await withSystem(site, 'looking', env, async (system) => ({
          marks: await system.readings.archive!.marks(),
          database: system.readings.place,
        }));
        const databases = await (await fetch(`${site.influxd.url}/query?q=SHOW+DATABASES`)).text();
        const next = `rebuilt_g${Number(before?.split('_g')[1] ?? 1) + 1}`;
        expect(database).toBe(before);
        expect(
          databases.includes(next) ||
            marks.filter(({ state }) => state === 'archived').length < archived.length,
        ).toBe(true);
      }, patience);
      process.kill(served[here]!.pid, 'SIGKILL');
      await served[here]!.stop();
      await cut;
      served[here] = await replica(site, `p${here}`, env);
      await caughtUp();
      expect((await seen()).stored).toEqual(undisturbed);
      expect(await run(await projecting(), 'retention', 'run')).toMatchObject({ code: 0 });
      const after = await seen();
      expect(after.stored).toEqual(undisturbed);
      expect(after.marks.filter((mark) => !mark.endsWith(' archived'))).toEqual([]);
    }
  }, 400_000);
});
