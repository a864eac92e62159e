import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSystem } from '../../src/main.ts';
import { capturedTable } from '../cli/captured-table.ts';
import { storedReadings, type StoredReadings } from '../cli/stored-readings.ts';
import { trySections, writeTryRegion } from '../cli/try-region.ts';

/** A disk of a size of its own: a mount that only the process under test sees. */
const canMount =
  spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs -o size=1m none /mnt']).status === 0;
const program = path.join(import.meta.dirname, 'filling-process.ts');
const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-full-'));
const [disk, configDir, file] = ['disk', 'config', 'captured.csv'].map((name) => path.join(folder, name));
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
const noRoom = expect.stringMatching(/no space left/i);
let undisturbed: StoredReadings;

/** What each step saw, by its name. */
function onSmallDisk(what: string, leaveBytes: number): Record<string, unknown> {
  const script = `mount -t tmpfs -o size=160m none "$1" && shift && exec "$@"`;
  const args = [program, disk!, configDir!, file!, what, String(leaveBytes)];
  const ran = spawnSync('unshare', ['-rm', 'sh', '-c', script, 'sh', disk!, process.execPath, ...args], {
    encoding: 'utf8',
    env: { ...process.env, JIEHE_LOG_LEVEL: 'fatal' },
    maxBuffer: 1 << 26,
  });
  expect([ran.status, ran.stderr]).toEqual([0, '']);
  const steps = ran.stdout.trim().split('\n');
  return Object.fromEntries(
    steps
      .map((line) => JSON.parse(line) as { step: string; seen: unknown })
      .map(({ step, seen }) => [step, seen]),
  );
}

beforeAll(async () => {
  mkdirSync(disk!);
  writeTryRegion(configDir!, { enabled: false });
  writeFileSync(path.join(configDir!, 'regions/try/retention.yaml'), policy);
  writeFileSync(file!, table.text);
  const system = await openSystem({
    dataDir: path.join(folder, 'data'),
    configDir: configDir!,
    synthetic: null,
  });
  const bytes = Buffer.from(table.text);
  await system.pipeline.file('water', { name: 'captured.csv', bytes }, { trigger: 'file' });
  const stored = await storedReadings(system.readings, {
    stations: ['section-1', 'section-2'],
    parameters: ['ph', 'tp', 'pub_class'],
    averaging: 'instant',
    everyVersion: true,
  });
  // As it comes out of the other process: "no value" is null.
  undisturbed = JSON.parse(JSON.stringify(stored)) as StoredReadings;
  await system.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!canMount)('a disk that is full', () => {
  test.each([60_000, 400_000])(
    'while readings are written (%i bytes left): the run says so, and with room again nothing is lost or doubled, in the same process',
    (leaveBytes) => {
      const seen = onSmallDisk('ingest', leaveBytes);
      expect([
        { code: 'E_STORE_UNAVAILABLE', message: noRoom },
        expect.objectContaining({ status: 'failed', message: noRoom, issues: {} }),
        expect.objectContaining({ message: expect.stringContaining('wait for the reading store') }),
      ]).toContainEqual(seen.full);
      expect(seen.again).toMatchObject({ status: 'ok', issues: {} });
      expect(seen.reopened).toMatchObject({ status: 'ok', cells: { accepted: 0, revised: 0 } });
      expect(seen).toMatchObject({ journal: [], stored: undisturbed });
    },
    120_000,
  );

  test('while a month is archived: it stays in the store, and moves when there is room', () => {
    const seen = onSmallDisk('archive', 40_000);
    expect(seen.full).toEqual({ code: 'E_STORE_UNAVAILABLE', message: noRoom });
    expect((seen.again as unknown[]).length).toBeGreaterThan(1);
    expect(seen).toMatchObject({ same: true, still: true, journal: [], stored: undisturbed });
  }, 240_000);
});
