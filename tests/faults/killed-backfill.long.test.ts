import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { loadConfig } from '../../src/config/index.ts';
import { openSystem, type System } from '../../src/main.ts';
import { startRepairs } from '../../src/serving/repairs.ts';
import { startSimulator, type Simulator } from '../../src/simulator/index.ts';
import { openJobs } from '../../src/store/state/jobs.ts';
import { jiehe, spawnJiehe } from '../cli/jiehe-process.ts';
import { storedReadings } from '../cli/stored-readings.ts';
import { writeTryRegion } from '../cli/try-region.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 120_000 });
const dayS = 86_400;
const nowS = Math.floor(Date.now() / 1000);
const iso = (atS: number): string => new Date(atS * 1000).toISOString();
const known = {
  stations: ['section-1', 'section-2'],
  parameters: ['tp', 'nh3n', 'pub_class'],
  averaging: 'instant' as const,
  everyVersion: true,
};

const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-killed-backfill-'));
const configDir = path.join(folder, 'config');
let simulator: Simulator;

beforeAll(async () => {
  writeTryRegion(configDir, { enabled: false });
  const config = await loadConfig(configDir);
  simulator = await startSimulator({
    config,
    seed: 3,
    clock: { nowS: () => nowS },
    port: 0,
    rates: { brokenReply: 0 },
  });
  const { url, archiveUrl } = simulator.urls['cnemc-water'];
  writeTryRegion(configDir, { waterUrl: url, waterArchiveUrl: archiveUrl });
});
afterAll(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

async function withSystem<T>(dataDir: string, work: (system: System) => Promise<T>): Promise<T> {
  const system = await openSystem({ dataDir, configDir, synthetic: null });
  try {
    return await work(system);
  } finally {
    await system.close();
  }
}

describe('a back-fill by the command line', () => {
  const window = ['--from', iso(nowS - 200 * dayS), '--to', iso(nowS - 20 * dayS)];
  const command = (dataDir: string): string[] => [
    'backfill',
    'water',
    ...window,
    '--config',
    configDir,
    '--data',
    path.join(folder, dataDir),
  ];
  const kept = (dataDir: string) =>
    withSystem(path.join(folder, dataDir), async (system) => ({
      stored: await storedReadings(system.readings, known),
      faults: (await system.verifyJournal()).faults,
    }));

  test('that is killed after its second step, and given again, goes on there and loses and doubles nothing', async () => {
    expect(await jiehe(command('whole'))).toMatchObject({ code: 0 });
    const undisturbed = await kept('whole');
    expect(undisturbed.stored.counts.readings).toBeGreaterThan(5000);
    const child = spawnJiehe(command('killed'));
    let said = '';
    const end = once(child, 'exit');
    const secondStep = new Promise<void>((resolve) => {
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if ((said.match(/% done/g) ?? []).length >= 2) resolve();
      });
    });
    await Promise.race([secondStep, end]);
    child.kill('SIGKILL');
    await end;
    expect(child.signalCode, said).toBe('SIGKILL');
    const listed = await jiehe(['backfill', 'water', '--list', ...command('killed').slice(-4)]);
    expect(listed).toMatchObject({ code: 0 });
    const again = await jiehe(command('killed'));
    expect(again, again.stderr).toMatchObject({ code: 0 });
    const first = Number(/(\d+) % done/.exec(again.stderr)?.[1]);
    expect(first, 'goes on after what was done').toBeGreaterThan(33);
    expect(await kept('killed')).toEqual(undisturbed);
  });
});

describe('a gap', () => {
  const dataDir = path.join(folder, 'gaps');
  const days = (from: number, to: number): string[] => [
    '--from',
    iso(nowS - from * dayS),
    '--to',
    iso(nowS - to * dayS),
  ];
  const at = ['--config', configDir, '--data', dataDir];
  const rowsIn = (system: System, fromS: number, toS: number) =>
    system.readings
      .series({
        stations: ['section-1'],
        parameters: ['nh3n'],
        averaging: 'instant',
        provider: 'cnemc',
        fromS,
        toS,
      })
      .then((found) => found.reduce((sum, { timeS }) => sum + timeS.length, 0));

  test('is listed by jiehe gaps, and the scheduled turn of a server asks for it and fills it', async () => {
    expect(await jiehe(['backfill', 'water', ...days(16, 12), ...at])).toMatchObject({ code: 0 });
    expect(await jiehe(['backfill', 'water', ...days(8, 4), ...at])).toMatchObject({ code: 0 });
    const listed = await jiehe(['gaps', 'water', '--json', ...at]);
    expect(listed, listed.stderr).toMatchObject({ code: 0 });
    const gaps = listed.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(gaps.length).toBeGreaterThan(0);
    expect(gaps[0]).toMatchObject({ source: 'water', state: 'open', attempts: 0 });
    const [fromS, toS] = [nowS - 11 * dayS, nowS - 9 * dayS];
    await withSystem(dataDir, async (system) => {
      expect(await rowsIn(system, fromS, toS)).toBe(0);
      const jobs = await openJobs(system.state, {});
      const stopping = new AbortController();
      const stop = await startRepairs(system, jobs, stopping.signal, 200);
      await expect.poll(() => rowsIn(system, fromS, toS), { timeout: 120_000 }).toBeGreaterThan(8);
      stop();
      stopping.abort();
      await jobs.stop();
    });
    const after = await jiehe(['gaps', 'water', '--state', 'filled', '--json', ...at]);
    expect(after.stdout).toContain('"state":"filled"');
  });
});

describe('recorded files by the command line', () => {
  const sources = path.resolve(import.meta.dirname, '../../src/ingest/sources');
  const adapters = readdirSync(sources, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

  test.each(adapters)('of %s are read whatever they hold: every cell is accounted for', async (adapter) => {
    const { cpSync, readFileSync, writeFileSync } = await import('node:fs');
    const { parse, stringify } = await import('yaml');
    const directory = path.join(folder, `config-${adapter}`);
    cpSync(path.resolve(import.meta.dirname, '../../config'), directory, { recursive: true });
    const file = path.join(directory, 'regions/zhe-min-gan/sources.yaml');
    const shipped = parse(readFileSync(file, 'utf8'));
    const [sample] = parse(readFileSync(path.join(sources, adapter, 'source.sample.yaml'), 'utf8')).sources;
    const entry = { ...sample, id: 'recorded', enabled: false };
    writeFileSync(file, stringify({ ...shipped, sources: [...shipped.sources, entry] }));
    const cases = path.join(sources, adapter, 'cases');
    const files = readdirSync(cases).flatMap((name) =>
      readdirSync(path.join(cases, name))
        .filter((one) => one.startsWith('reply.'))
        .map((one) => path.join(cases, name, one)),
    );
    const data = ['--config', directory, '--data', path.join(folder, `data-${adapter}`)];
    const { code, stdout, stderr } = await jiehe([
      'ingest',
      'recorded',
      '--json',
      ...data,
      '--file',
      ...files,
    ]);
    expect([0, 1], stderr).toContain(code);
    const reports = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(reports.length).toBeGreaterThan(0);
    let read = 0;
    for (const { cells } of reports) {
      const { accepted, unchanged, revised, absent, missing, rejected } = cells;
      expect(accepted + unchanged + revised + absent + missing + rejected).toBe(cells.read);
      read += cells.read;
    }
    expect(read).toBeGreaterThan(0);
  });
});
