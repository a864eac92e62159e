import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSystem, type System } from '../../src/main.ts';
import { capturedTable } from '../cli/captured-table.ts';
import { storedReadings } from '../cli/stored-readings.ts';
import { trySections, writeTryRegion } from '../cli/try-region.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-rebuild-'));
const table = capturedTable({ seed: 21, captures: 60, sections: [...trySections, '无名断面'] });
const known = {
  stations: ['section-1', 'section-2'],
  parameters: ['tp', 'pub_class'],
  averaging: 'instant' as const,
  everyVersion: true,
};
let system: System;

beforeAll(async () => {
  const configDir = writeTryRegion(path.join(folder, 'config'));
  system = await openSystem({ dataDir: path.join(folder, 'data'), configDir, synthetic: null });
});

afterAll(async () => {
  await system.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a rebuild during an ingest takes nothing from it, and a rebuild at rest says the same', async () => {
  const recorded = { name: 'captured.csv', bytes: Buffer.from(table.text) };
  const done: number[] = [];
  const rebuilds: Promise<unknown>[] = [];
  const report = await system.pipeline.file('water', recorded, {
    trigger: 'file',
    onProgress: ({ entries }) => {
      if (entries > 30 && rebuilds.length === 0) rebuilds.push(system.rebuild((at) => done.push(at)));
    },
  });
  await Promise.all(rebuilds);
  expect(rebuilds).toHaveLength(1);
  expect(done.length).toBeGreaterThan(20);
  const { cells } = report;
  expect(report.entries).toBe(table.captures);
  const told = cells.accepted + cells.unchanged + cells.superseded + cells.revised;
  expect(told + cells.absent + cells.missing + cells.rejected).toBe(table.cells);

  const live = await storedReadings(system.readings, known);
  const result = await system.rebuild(() => undefined);
  expect(result).toMatchObject({ readings: live.counts.readings, past: live.counts.past });
  expect(result.entries).toBe(system.journal.head().seq);
  expect(await storedReadings(system.readings, known)).toEqual(live);
  expect(await system.state.issues.list({ code: 'STATION_UNREGISTERED', limit: 10 })).toHaveLength(1);
});
