import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { adapterCheck, checkConfig, checkFiles, loadConfig, printFault } from '../../src/config/index.ts';
import { MonitorError } from '../../src/domain/errors.ts';
import { stationResolver } from '../../src/domain/config/config.ts';
import { edited, shippedDirectory, smallDirectory, textsOf } from './small-region.ts';

describe('a configuration folder', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(os.tmpdir(), 'jiehe-config-'));
    cpSync(smallDirectory, directory, { recursive: true });
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test('is loaded with its only region', async () => {
    const config = await loadConfig(directory);
    expect(config.region.id).toBe('small');
    expect(config.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test('with two faulty files stops the start with both, coded E_CONFIG', async () => {
    writeFileSync(path.join(directory, 'parameters/water.yaml'), 'kind: parameters\nparameters: 5\n');
    writeFileSync(path.join(directory, 'schemes/more.yaml'), 'kind: [\n');
    const error: unknown = await loadConfig(directory).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(MonitorError);
    if (!(error instanceof MonitorError)) return;
    const { code, details, message } = error;
    expect(code).toBe('E_CONFIG');
    expect(details.printed).toEqual([
      'parameters/water.yaml:2:13  parameters: wrong type (got 5, expected a list)',
      expect.stringMatching(/^schemes\/more\.yaml:2:1 {2}BAD_INDENT/),
    ]);
    expect(message).toContain('parameters/water.yaml:2:13');
  });

  test('takes JSON files as well, with positions', async () => {
    const text = '{ "kind": "scheme",\n  "id": "UPPER" }\n';
    writeFileSync(path.join(directory, 'schemes/more.json'), text);
    const { faults } = await checkConfig(directory);
    expect(faults.map(printFault)).toContainEqual(
      expect.stringMatching(/^schemes\/more\.json:2:9 {2}id: not well formed \(got "UPPER"/),
    );
  });

  test('with bytes that are no UTF-8 names the file', async () => {
    writeFileSync(path.join(directory, 'schemes/gbk.yaml'), Buffer.from([0xce, 0xc2, 0xd6, 0xdd]));
    const { config, faults } = await checkConfig(directory);
    expect(config).toBeNull();
    expect(faults.map(printFault)).toEqual([
      expect.stringMatching(/^schemes\/gbk\.yaml:1:1 {2}cannot be read: .*expected a readable UTF-8 file/),
    ]);
  });

  test('with a file outside the known folders says so', async () => {
    writeFileSync(path.join(directory, 'sections.yaml'), 'kind: sections\n');
    const { faults } = await checkConfig(directory);
    expect(faults.map(printFault)).toEqual([
      expect.stringMatching(/^sections\.yaml:1:1 {2}not in a folder of the configuration/),
    ]);
  });

  test('is held against the adapters that the caller has', async () => {
    const good = await checkConfig(directory, { checks: [adapterCheck(['cnemc-water'])] });
    expect(good.faults).toEqual([]);
    const { config, faults } = await checkConfig(directory, { checks: [adapterCheck(['cnemc-air'])] });
    expect(config).toBeNull();
    expect(faults.map(printFault)).toEqual([
      'regions/small/sources.yaml:4:14  sources[0].adapter: unknown adapter (got "cnemc-water", expected one of cnemc-air)',
    ]);
  });

  test('that does not exist, or has no such region, is one fault', async () => {
    const missing = await checkConfig(path.join(directory, 'nowhere'));
    expect(missing.faults[0]?.message).toMatch(/no configuration folder/);
    const { faults } = await checkConfig(directory, { region: 'elsewhere' });
    expect(faults.map(printFault)).toContain(
      'regions/elsewhere:1:1  no such region (got the file, expected one of small)',
    );
  });
});

describe('the shipped configuration', () => {
  test('loads without a fault', async () => {
    const { config, faults } = await checkConfig(shippedDirectory);
    expect(faults.map(printFault)).toEqual([]);
    expect(config?.region.id).toBe('zhe-min-gan');
    expect(config?.sections.length).toBeGreaterThan(0);
    expect(config?.agreements.every((agreement) => agreement.scenario)).toBe(true);
  });

  test('names each of its sections and stations by every alias', async () => {
    const config = await loadConfig(shippedDirectory);
    const resolve = stationResolver(config);
    for (const station of [...config.sections, ...config.airStations, ...config.flowStations]) {
      for (const alias of station.aliases)
        expect(resolve(alias.provider, alias.key, alias.from ?? alias.to ?? '2021-04-01')).toBe(station.id);
    }
  });

  test.each([
    ["from: '2026-03-01'", "from: '2026-03-02'", 'leaves a gap after'],
    ["from: '2026-03-01'", "from: '2026-02-28'", 'overlaps with'],
  ])('with an edition moved from %s to %s %s the one before', (from, to, message) => {
    const files = textsOf(shippedDirectory, ['parameters', 'standards', 'schemes', 'regions']);
    const { faults } = checkFiles(edited(files, 'standards/hj633-2026.yaml', from, to));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject({
      file: 'standards/hj633-2026.yaml',
      path: 'inForce.from',
      message: `${message} hj633-2012`,
    });
    const lines = files.find((source) => source.file === 'standards/hj633-2026.yaml')?.text.split('\n') ?? [];
    expect(lines[(faults[0]?.line ?? 0) - 1]?.slice((faults[0]?.column ?? 0) - 1)).toMatch(/^'2026-03-01'/);
  });
});
