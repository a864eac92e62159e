import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { checkConfig } from '../../src/config/index.ts';
import { configOptions } from '../../src/main.ts';
import { writeTryRegion } from '../cli/try-region.ts';
import { hj212Source } from '../ingest/sources/hj212/fixture.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-settings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function faultsWith(settings: Record<string, unknown>): Promise<string[]> {
  writeTryRegion(folder, { enabled: false });
  const sources = [hj212Source(settings)];
  writeFileSync(path.join(folder, 'regions', 'try', 'loggers.yaml'), stringify({ kind: 'sources', sources }));
  const { faults } = await checkConfig(folder, configOptions({ region: null }));
  return faults.map((fault) => `${fault.file} ${fault.path}`);
}

test('settings of a source are checked by the schema of its adapter, one fault a value, with its place', async () => {
  expect(await faultsWith({})).toEqual([]);
  const factorSets = { river: [{ code: 'w01001', parameter: 'ph', unit: 'furlong' }] };
  expect(await faultsWith({ factorSets, limits: { connections: 0 } })).toEqual([
    'regions/try/loggers.yaml sources[0].settings.factorSets.river[0].unit',
    'regions/try/loggers.yaml sources[0].settings.limits.connections',
  ]);
});
