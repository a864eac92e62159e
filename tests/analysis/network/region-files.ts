import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import type { Config } from '../../../src/domain/config/config.ts';

const folder = path.resolve(import.meta.dirname, '../../../config/regions/zhe-min-gan');

export type RegionFacts = Pick<
  Config,
  'region' | 'jurisdictions' | 'rivers' | 'sections' | 'airStations' | 'flowStations'
> &
  Partial<Pick<Config, 'outfalls'>>;

/** One file of the region as it stands, unchecked. */
export function readRegionFile(name: string): unknown {
  return parse(readFileSync(path.join(folder, `${name}.yaml`), 'utf8'));
}

const shipped = {
  region: readRegionFile('region'),
  ...part('jurisdictions'),
  ...part('rivers'),
  ...part('sections'),
  ...part('air-stations'),
  ...part('flow-stations'),
};

/** A fresh copy of the region's facts, so that a test may break one. */
export function readRegion(): RegionFacts {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- tests/config/region-facts.test.ts checks the schema
  return structuredClone(shipped) as RegionFacts;
}

function part(name: string): object {
  const content = readRegionFile(name);
  return typeof content === 'object' && content !== null ? content : {};
}
