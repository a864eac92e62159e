import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { examine } from '../../src/system/doctor.ts';
import { openSystem } from '../../src/main.ts';
import { capturedTable } from '../cli/captured-table.ts';
import { storedReadings } from '../cli/stored-readings.ts';
import { trySections, writeTryRegion } from '../cli/try-region.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-clock-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const known = {
  stations: ['section-1', 'section-2'],
  parameters: ['ph', 'tp'],
  averaging: 'instant',
} as const;
const table = (captures: number): Buffer =>
  Buffer.from(capturedTable({ seed: 5, captures, sections: trySections }).text);

test('what arrives after the clock was turned back is kept behind what came before, loses nothing, and is reported', async () => {
  const configDir = writeTryRegion(path.join(folder, 'config'), { enabled: false });
  const clock = { atS: 1_700_000_000, nowS: () => clock.atS };
  const system = await openSystem({ dataDir: path.join(folder, 'data'), configDir, synthetic: null, clock });
  const show = (captures: number) =>
    system.pipeline.file('water', { name: 'captured.csv', bytes: table(captures) }, { trigger: 'file' });
  const clockFinding = async () => (await examine(system)).find(({ subject }) => subject === 'clock');
  try {
    await show(6);
    const headSeq = system.journal.head().seq;
    const before = await storedReadings(system.readings, known);
    expect(await clockFinding()).toMatchObject({ status: 'ok' });
    clock.atS -= 86_400;
    expect(await clockFinding()).toMatchObject({
      status: 'fault',
      message: 'the last entry was received 86400 s in the future: the clock was turned back',
    });
    expect((await show(12)).cells.accepted).toBeGreaterThan(0);
    const after = await storedReadings(system.readings, { ...known, everyVersion: true });
    expect(after.counts.readings).toBeGreaterThan(before.counts.readings);
    const { series } = await storedReadings(system.readings, { ...known, asOfSeq: headSeq });
    expect(series).toEqual(before.series);
    const said: (number | undefined)[] = [];
    for await (const { receivedS, meta } of system.journal.read(headSeq)) {
      expect(receivedS).toBe(1_700_000_000);
      said.push(meta.clockS);
    }
    expect(new Set(said)).toEqual(new Set([clock.atS]));
    expect((await system.verifyJournal()).faults).toEqual([]);
    await system.rebuild(() => undefined);
    expect(await storedReadings(system.readings, { ...known, everyVersion: true })).toEqual(after);
  } finally {
    await system.close();
  }
}, 180_000);
