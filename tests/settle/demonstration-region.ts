import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { openSystem, type System } from '../../src/main.ts';
import { jiehe } from '../cli/in-process.ts';

const root = path.resolve(import.meta.dirname, '../..');
export const example = path.join(root, 'examples/load-demonstration');

/** A system whose region has the agreements of the example, and others made of them. */
export async function opened(
  more: (region: string) => void = () => undefined,
): Promise<{ folder: string; system: System }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-demonstration-'));
  const configDir = path.join(folder, 'config');
  cpSync(path.join(root, 'config'), configDir, { recursive: true });
  const region = path.join(configDir, 'regions/zhe-min-gan');
  for (const name of ['baita-load', 'yanxia-load'])
    cpSync(path.join(example, `${name}.yaml`), path.join(region, 'agreements', `${name}.yaml`));
  cpSync(path.join(example, 'hydro-mwr.yaml'), path.join(region, 'hydro-mwr.yaml'));
  more(region);
  const system = await openSystem({ dataDir: path.join(folder, 'data'), configDir, synthetic: null });
  return { folder, system };
}

/** Water and flow from two files of the folder. */
export async function ingested(
  place: { folder: string; system: System },
  files: { water: string; flow: string },
): Promise<void> {
  for (const [source, file] of [
    ['cnemc-water', files.water],
    ['hydro-mwr', files.flow],
  ] as const)
    expect(await jiehe(place, ['ingest', source, '--file', file])).toMatchObject({ err: '' });
}
