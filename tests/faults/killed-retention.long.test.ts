import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSystem, type System } from '../../src/main.ts';
import { archiveFaults } from '../../src/system/retention.ts';
import { capturedTable } from '../cli/captured-table.ts';
import { jiehe, spawnJiehe } from '../cli/jiehe-process.ts';
import { storedReadings, type StoredReadings } from '../cli/stored-readings.ts';
import { trySections, writeTryRegion } from '../cli/try-region.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-killed-retention-'));
const configDir = path.join(folder, 'config');
const filled = path.join(folder, 'filled');
const table = capturedTable({ seed: 8, captures: 200, sections: trySections });
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
const known = {
  stations: ['section-1', 'section-2'],
  parameters: ['ph', 'tp', 'pub_class'],
  averaging: 'instant',
} as const;
let before: StoredReadings;

async function withSystem<T>(dataDir: string, work: (system: System) => Promise<T>): Promise<T> {
  const system = await openSystem({ dataDir, configDir, synthetic: null });
  try {
    return await work(system);
  } finally {
    await system.close();
  }
}

const run = (dataDir: string): string[] => ['retention', 'run', '--config', configDir, '--data', dataDir];
const seen = (dataDir: string) =>
  withSystem(dataDir, async (system) => ({
    stored: await storedReadings(system.readings, known),
    marks: (await system.readings.archive!.marks()).map(({ id, readings }) => ({ id, readings })),
    faults: (await archiveFaults(system)).faults,
  }));

beforeAll(async () => {
  writeTryRegion(configDir, { enabled: false });
  writeFileSync(path.join(configDir, 'regions/try/retention.yaml'), policy);
  before = await withSystem(filled, async (system) => {
    const bytes = Buffer.from(table.text);
    await system.pipeline.file('water', { name: 'captured.csv', bytes }, { trigger: 'file' });
    return storedReadings(system.readings, known);
  });
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a retention that is killed as its first month is written, and run again, loses and doubles nothing', async () => {
  const dataDir = path.join(folder, 'killed');
  cpSync(filled, dataDir, { recursive: true });
  const child = spawnJiehe(run(dataDir));
  const end = once(child, 'exit');
  const archived = (): boolean =>
    readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).some((name) => name.includes('.parquet'));
  await expect.poll(() => child.exitCode !== null || archived(), { timeout: 60_000, interval: 1 }).toBe(true);
  child.kill('SIGKILL');
  await end;
  expect(child.signalCode).toBe('SIGKILL');
  expect((await seen(dataDir)).stored).toEqual(before);
  expect(await jiehe(run(dataDir))).toMatchObject({ code: 0 });
  const after = await seen(dataDir);
  expect(after).toMatchObject({ stored: before, faults: [] });
  expect(after.marks.length).toBeGreaterThan(1);
  expect(new Set(after.marks.map(({ id }) => id)).size).toBe(after.marks.length);
}, 240_000);
