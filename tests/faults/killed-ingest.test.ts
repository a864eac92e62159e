import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSystem, type System } from '../../src/main.ts';
import { capturedTable, seededNumbers } from '../cli/captured-table.ts';
import { spawnJiehe } from '../cli/jiehe-process.ts';
import { storedReadings, type StoredReadings } from '../cli/stored-readings.ts';
import { trySections, writeTryRegion } from '../cli/try-region.ts';
import { influxdProgram, startInfluxd, type Influxd } from '../servers/influxd.ts';

const rounds = Number(process.env.JIEHE_ROUNDS ?? '1');
const seed = Number(process.env.JIEHE_SEED ?? '1');
const table = capturedTable({ seed, captures: 120, sections: [...trySections, '无名断面'] });
const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-killed-'));
const file = path.join(folder, 'captured.csv');
const config = path.join(folder, 'config');

/** Runs `work` with the server of readings that `env` names, as a process with these variables would. */
async function withSystem<T>(
  dataDir: string,
  env: Record<string, string>,
  work: (system: System) => Promise<T>,
): Promise<T> {
  Object.assign(process.env, env);
  const system = await openSystem({ dataDir, configDir: config, synthetic: null });
  try {
    return await work(system);
  } finally {
    await system.close();
    for (const name of Object.keys(env)) delete process.env[name];
  }
}

const known = {
  stations: ['section-1', 'section-2'],
  parameters: ['tp', 'pub_class'],
  averaging: 'instant' as const,
};

interface Kept {
  stored: StoredReadings;
  unregistered: number;
  unknown: number;
  faults: string[];
  applied: boolean;
}

async function kept(system: System): Promise<Kept> {
  const { journalSeq, appliedSeq } = system.projector.progress();
  return {
    stored: await storedReadings(system.readings, { ...known, everyVersion: true }),
    unregistered: (await system.state.issues.list({ code: 'STATION_UNREGISTERED', limit: 10 })).length,
    unknown: (await system.state.issues.unknownStations()).length,
    faults: (await system.verifyJournal()).faults,
    applied: journalSeq === appliedSeq,
  };
}

function bytesIn(directory: string): number {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const sizeOf = (name: string) => statSync(path.join(directory, name), { throwIfNoEntry: false })?.size ?? 0;
  return files.reduce((sum, name) => sum + sizeOf(name), 0);
}

/** Kills the ingest when the journal has grown by this share of the table; answers whether it was cut off. */
async function killAt(share: number, dataDir: string, env: Record<string, string>): Promise<boolean> {
  const journal = path.join(dataDir, 'journal');
  const wanted = bytesIn(journal) + share * table.text.length;
  const child = spawnJiehe(['ingest', 'water', '--config', config, '--data', dataDir, '--file', file], {
    env,
  });
  const end = once(child, 'exit');
  while (child.exitCode === null && bytesIn(journal) < wanted) await wait(2);
  child.kill('SIGKILL');
  await end;
  return child.signalCode === 'SIGKILL';
}

let empty: string;
let undisturbed: Kept;

beforeAll(async () => {
  writeTryRegion(config);
  writeFileSync(file, table.text);
  empty = path.join(folder, 'empty');
  await withSystem(empty, {}, () => Promise.resolve());
  const whole = path.join(folder, 'whole');
  cpSync(empty, whole, { recursive: true });
  await withSystem(whole, {}, async (system) => {
    const bytes = Buffer.from(table.text);
    await system.pipeline.file('water', { name: 'captured.csv', bytes }, { trigger: 'file' });
    undisturbed = await kept(system);
  });
  console.log(`killed ingests: rounds ${rounds}, seed ${seed}`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function round(nth: number, environment: Record<string, string>): Promise<boolean> {
  const dataDir = path.join(folder, `${Object.keys(environment).length}-${nth}`);
  cpSync(empty, dataDir, { recursive: true });
  const cut = await killAt(seededNumbers(seed + nth)() * 0.95, dataDir, environment);
  const again = await withSystem(dataDir, environment, async (system) => {
    const recorded = { name: 'captured.csv', bytes: Buffer.from(table.text) };
    const report = await system.pipeline.file('water', recorded, { trigger: 'file' });
    return { report, kept: await kept(system) };
  });
  const { cells } = again.report;
  const { read, absent, missing, rejected, accepted, unchanged, revised } = cells;
  expect(read).toBe(table.cells);
  expect(absent + missing + rejected + accepted + unchanged + revised).toBe(table.cells);
  expect(again.kept).toEqual(undisturbed);
  rmSync(dataDir, { recursive: true });
  return cut;
}

test('the table that is ingested has revisions, or the rounds would prove little', () => {
  expect(undisturbed.stored.counts.past).toBeGreaterThan(300);
  expect(undisturbed.stored.series).toHaveLength(4);
  expect(undisturbed).toMatchObject({ unregistered: 1, unknown: 1, faults: [], applied: true });
});

test(
  'an ingest into DuckDB that is killed, and run again, loses and doubles nothing',
  async () => {
    const cut = [];
    for (let nth = 1; nth <= rounds; nth++) cut.push(await round(nth, {}));
    expect(cut).toContain(true);
  },
  60_000 + rounds * 30_000,
);

describe.skipIf(influxdProgram === null)('on a real influxd', () => {
  let server: Influxd;
  beforeAll(async () => {
    server = await startInfluxd();
  });
  afterAll(() => server.stop());

  test(
    'an ingest into InfluxDB that is killed, and run again, loses and doubles nothing',
    async () => {
      const cut = [];
      for (let nth = 1; nth <= rounds; nth++) {
        const environment = { JIEHE_INFLUX_URL: server.url, JIEHE_INFLUX_DATABASE: `round_${nth}` };
        cut.push(await round(nth, environment));
      }
      expect(cut).toContain(true);
    },
    60_000 + rounds * 30_000,
  );
});
