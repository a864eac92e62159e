import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/index.ts';
import type { Config } from '../../src/domain/config/config.ts';
import { rowKinds } from '../../src/domain/ports.ts';
import { sourceAdapters } from '../../src/ingest/sources/index.ts';
import { DeviceStory, noDeviceFaults, usualDeviceFaults } from '../../src/simulator/device-faults.ts';
import {
  monthlySheet,
  noSheetFaults,
  sheetBytes,
  sheetFaults,
  type SheetKind,
  type SheetSampling,
} from '../../src/simulator/monthly-sheet.ts';
import { basinTruth } from '../../src/simulator/water-world.ts';
import { commandLine } from '../cli/command-line.ts';
import { shippedDirectory } from '../config/small-region.ts';

const nowS = 1_787_315_400; // 2026-08-21T20:30+08:00
const month = '2026-06';
const sources: Record<SheetKind, string> = {
  separated: 'separated-sampling',
  joint: 'joint-sampling',
  delivered: 'monthly-delivered',
};

let config: Config;
let folder: string;
beforeAll(async () => {
  config = await loadConfig(shippedDirectory);
  folder = mkdtempSync(path.join(tmpdir(), 'jiehe-sheets-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function readBack(kind: SheetKind, bytes: Uint8Array, name: string) {
  const adapter = sourceAdapters.get('monthly-sheet')!;
  const body = (await adapter.prepare?.(bytes)) ?? bytes;
  const sourceId = sources[kind];
  const parsed = adapter.parse(body, { receivedS: nowS, meta: { origin: name }, config, sourceId, seq: 1 });
  const unregistered = new Map(parsed.unknownStations.map(({ id, name: called }) => [id, called]));
  const values = new Map<string, number>();
  for (let row = 0; row < parsed.batch.length; row++) {
    const { station, parameter } = parsed.batch.series[parsed.batch.seriesIndex[row]!]!;
    if (parsed.rowKind[row] !== rowKinds.measured || unregistered.has(station)) continue;
    values.set(`${station} ${parameter} ${parsed.batch.timeS[row]}`, parsed.batch.value[row]!);
  }
  return { values, unregistered, issues: parsed.issues };
}

/** Points that the truth says are stored under a registered section. */
const pointsOf = (samplings: readonly SheetSampling[]): string[] =>
  samplings
    .filter(({ expect: outcome }) => outcome === 'stored' || outcome === 'refused-value')
    .flatMap(({ section, timeS, sent, refused }) =>
      Object.keys(sent)
        .filter((parameter) => !refused.includes(parameter))
        .map((parameter) => `${section} ${parameter} ${timeS}`),
    );

describe.each(['separated', 'joint', 'delivered'] as const)('a simulated sheet (%s)', (kind) => {
  test.each(['csv', 'xlsx'] as const)('as %s is read as its truth says, fault by fault', async (format) => {
    const rates = { ...noSheetFaults };
    for (const fault of sheetFaults) rates[fault] = 0.1;
    const sections = config.sections.map(({ id }) => id);
    const sheet = monthlySheet({ config, seed: 1, kind, month, sections, rates });
    const wanted = sheetFaults.filter((fault) => kind === 'joint' || fault !== 'halvesDiffer');
    for (const fault of wanted)
      expect(sheet.samplings.filter((one) => one.fault === fault).length, fault).toBeGreaterThan(0);
    const { values, unregistered, issues } = await readBack(
      kind,
      await sheetBytes(sheet, format),
      `月报.${format}`,
    );
    expect([...values.keys()].toSorted()).toEqual(pointsOf(sheet.samplings).toSorted());
    const strangers = sheet.samplings.filter(({ expect: outcome }) => outcome === 'stored-unregistered');
    expect(unregistered.size).toBe(strangers.length);
    const rowsOf = (fault: string) => sheet.samplings.filter((one) => one.fault === fault);
    const cells = [...rowsOf('wrongType'), ...rowsOf('formulaText')].reduce((sum, { rows }) => sum + rows, 0);
    const notNumbers = issues.filter(({ code }) => code === 'VALUE_NOT_A_NUMBER' || code === 'FORMULA_CELL');
    expect(notNumbers.length).toBe(cells);
    // What is stored is what passed the section, within the error of a laboratory.
    for (const { section, timeS, truth, fault } of sheet.samplings) {
      const shown = values.get(`${section} tp ${timeS}`);
      if (shown !== undefined && fault === null)
        expect(Math.abs(shown / truth['tp']! - 1)).toBeLessThan(0.06);
    }
  });
});

test('jiehe simulate sheet writes the sheet and the truth beside it, the same for the same seed', async () => {
  const write = (name: string) =>
    commandLine(
      ['simulate', 'sheet', '--month', month, '--out', name, '--truth', `${name}.ndjson`, '--fault', 'usual'],
      folder,
    );
  expect(await write('a.csv')).toMatchObject({ code: 0 });
  expect(await write('b.csv')).toMatchObject({ code: 0 });
  const text = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
  expect(text('a.csv')).toBe(text('b.csv'));
  expect(text('a.csv')).toContain('采样日期');
  const truth = text('a.csv.ndjson').trimEnd().split('\n');
  expect(truth).toHaveLength(
    config.sections.filter(({ id }) => basinTruth(config, 1)(id, 0) !== null).length,
  );
  const refused = await commandLine(['simulate', 'sheet', '--month', '2026-13', '--out', 'c.csv'], folder);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('2026-13') });
});

test('a device at a section measures what passes it there, with the error of an instrument', () => {
  const truth = basinTruth(config, 1);
  const section = config.sections.find(({ id }) => truth(id, nowS) !== null);
  const water = (timeS: number) => truth(section!.id, timeS);
  const here = (_device: string, timeS: number) => water(timeS);
  const of = { device: 'S900000_0001', kind: 'logger', seed: 1, periodS: 3600 } as const;
  const story = new DeviceStory({ ...of, rates: noDeviceFaults, water: here });
  let apart = 0;
  for (let hour = 0; hour < 48; hour++) {
    const beginS = Math.floor(nowS / 3600) * 3600 - hour * 3600;
    const period = story.period(beginS);
    expect(Number(period.truth['nh3n'])).toBeCloseTo(water(beginS)!['nh3n']!, 3);
    expect(Math.abs(Number(period.sent['do']) / water(beginS)!['do']! - 1)).toBeLessThan(0.1);
    if (period.sent['do'] !== period.truth['do']) apart += 1;
  }
  expect(apart).toBeGreaterThan(20);
  const wrong = new DeviceStory({ ...of, rates: { ...usualDeviceFaults, wrongUnit: 1 }, water: here }).period(
    nowS,
  );
  if (wrong.fault === 'wrongUnit') expect(Number(wrong.sent['nh3n'])).toBeGreaterThan(300);
});
