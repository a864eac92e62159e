import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSystem, type System } from '../../src/main.ts';
import { reliedOn } from '../../src/system/retention.ts';
import { capturedTable } from '../cli/captured-table.ts';
import { jiehe as jieheIn, type Said } from '../cli/in-process.ts';
import { storedReadings } from '../cli/stored-readings.ts';
import { trySections, writeTryRegion } from '../cli/try-region.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-retention-'));
const table = capturedTable({ seed: 8, captures: 40, sections: trySections });
const known = {
  stations: ['section-1', 'section-2'],
  parameters: ['ph', 'tp', 'pub_class'],
  averaging: 'instant' as const,
  everyVersion: true,
};
const dayS = 86_400;
let system: System;

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

/** One command line on the open system, as a server runs it. */
const jiehe = (...argv: string[]): Promise<Said> => jieheIn({ folder, system }, argv);

beforeAll(async () => {
  const configDir = writeTryRegion(path.join(folder, 'config'), { enabled: false });
  writeFileSync(path.join(configDir, 'regions/try/retention.yaml'), policy);
  system = await openSystem({ dataDir: path.join(folder, 'data'), configDir, synthetic: null });
  const bytes = Buffer.from(table.text);
  await system.pipeline.file('water', { name: 'captured.csv', bytes }, { trigger: 'file' });
});
afterAll(async () => {
  await system.close();
  rmSync(folder, { recursive: true, force: true });
});

test('months move by policy, but what a review or a statement relied on; all of it is read as before, and after a rebuild moves again into the same files', async () => {
  const before = await storedReadings(system.readings, known);
  const [ph] = await system.readings.series({
    ...known,
    parameters: ['ph'],
    provider: 'cnemc',
    fromS: 0,
    toS: 4e9,
  });
  const [firstS, lastS] = [ph!.timeS[0]!, ph!.timeS.at(-1)!];
  const review = {
    station: 'section-1',
    parameters: ['tp'],
    averaging: 'instant',
    provider: 'cnemc',
    fromS: firstS,
    toS: firstS + dayS,
    validity: 'valid',
    stage: 1,
    seenSeq: 0,
    reason: 'seen',
  };
  await system.state.acts.perform({
    kind: 'review-readings',
    version: 1,
    id: 'review-1',
    actor: 'office',
    atS: 5,
    payload: review,
  });
  const document = '{}';
  const inputs = { series: [{ station: 'section-2', timeS: [lastS - 2 * dayS, lastS - dayS] }], entries: [] };
  await system.state.db
    .insertInto('statement')
    .values({
      id: 's1',
      agreement: 'a',
      period: 'p',
      number: 1,
      corrects: null,
      sha256: createHash('sha256').update(document).digest('hex'),
      document,
      inputs: JSON.stringify(inputs),
      facts: '{}',
      issued_s: 6,
    })
    .execute();
  expect(await reliedOn(system)).toEqual([
    { station: 'section-2', fromS: lastS - 2 * dayS, toS: lastS - dayS + 1 },
    { station: 'section-1', fromS: firstS, toS: firstS + dayS },
  ]);

  const planned = JSON.parse((await jiehe('retention', 'run', '--dry-run', '--json')).out) as {
    readings: number;
  }[];
  expect(planned.length).toBeGreaterThan(0);
  expect(await system.readings.archive!.marks()).toEqual([]);
  const whole = { ...known, provider: 'cnemc', parameters: null, fromS: 0, toS: lastS + dayS };
  const archive = system.readings.archive!;
  const without = await archive.count(whole, []);
  const kept = await archive.count(whole, await reliedOn(system));
  expect(without.readings - kept.readings).toBeGreaterThan(10);
  expect(planned.reduce((sum, { readings }) => sum + readings, 0)).toBe(kept.readings);
  const moved = await jiehe('retention', 'run');
  expect(moved).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^instants cnemc instant \d{4}-\d\d: moved \d+ readings/)!,
  });
  const total = planned.reduce((sum, { readings }) => sum + readings, 0);
  const marks = await system.readings.archive!.marks();
  expect(marks.reduce((sum, { readings }) => sum + readings, 0)).toBe(total);
  expect(await storedReadings(system.readings, known)).toEqual(before);
  expect((await jiehe('retention', 'run')).out).toBe('nothing to move\n');
  expect(await jiehe('retention', 'verify')).toMatchObject({
    code: 0,
    out: `${marks.length} archives: as they were written\n`,
  });

  await system.rebuild(() => undefined);
  expect(await system.readings.archive!.marks()).toEqual([]);
  expect(await storedReadings(system.readings, known)).toEqual(before);
  expect((await jiehe('retention', 'list')).out).toMatch(/not in use/);
  await jiehe('retention', 'run');
  expect(await system.readings.archive!.marks()).toEqual(marks);
  expect(await storedReadings(system.readings, known)).toEqual(before);

  const taken = await jiehe('retention', 'restore', marks[0]!.id);
  expect(taken).toMatchObject({ code: 0, out: expect.stringContaining('in the store again')! });
  expect(await system.readings.archive!.marks()).toHaveLength(marks.length - 1);
  expect(await storedReadings(system.readings, known)).toEqual(before);
  expect(await jiehe('retention', 'restore', 'no-such')).toMatchObject({
    code: 2,
    err: expect.stringContaining('E_NOT_FOUND')!,
  });
});

test('showing the same recorded file again changes nothing, although its months are archived', async () => {
  await jiehe('retention', 'run');
  const before = await storedReadings(system.readings, known);
  const bytes = Buffer.from(table.text);
  const report = await system.pipeline.file('water', { name: 'captured.csv', bytes }, { trigger: 'file' });
  expect(report.cells).toMatchObject({ accepted: 0, revised: 0 });
  expect(await storedReadings(system.readings, known)).toEqual(before);
});
