import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { Value } from 'typebox/value';
import { MonitorError } from '../domain/errors.ts';
import { noStandards, standardKinds, type Standards } from '../domain/config/standard.ts';

interface Dated {
  inForce: { from: string };
}

/** The `config` folder that ships with the project. */
export const shippedConfigFolder = path.resolve(import.meta.dirname, '../../config');

/**
 * Reads every standard under `<folder>/standards`, checked against its kind, oldest edition first in each list.
 * For commands that judge rows without a region. Throws E_CONFIG naming file and path of the first fault of each file.
 */
export function loadStandards(folder: string = shippedConfigFolder): Standards {
  const standards = noStandards();
  const directory = path.join(folder, 'standards');
  for (const name of readdirSync(directory).toSorted()) {
    if (!name.endsWith('.yaml')) continue;
    const file = path.join(directory, name);
    const document: unknown = parse(readFileSync(file, 'utf8'));
    const named =
      document !== null && typeof document === 'object' && 'kind' in document ? document.kind : undefined;
    const kind = Object.entries(standardKinds).find(([name]) => name === named)?.[1];
    if (kind === undefined)
      throw new MonitorError('E_CONFIG', `${file}: kind: "${String(named)}" is not a kind of standard`);
    if (!Value.Check(kind.schema, document)) {
      const [fault] = Value.Errors(kind.schema, document);
      throw new MonitorError('E_CONFIG', `${file}: ${fault?.instancePath}: ${fault?.message}`);
    }
    const list: unknown[] = standards[kind.into];
    list.push(document);
  }
  for (const list of Object.values(standards)) {
    list.sort((a: Dated, b: Dated) => (a.inForce.from < b.inForce.from ? -1 : 1));
  }
  return standards;
}
