import type { ConfigFault } from '../../domain/config/config.ts';
import { valueAt, type ValuePath } from '../document.ts';
import type { Draft } from '../draft.ts';
import { kinds, standardLists, type Collection } from '../kinds.ts';

interface Named {
  entry: object;
  path: ValuePath;
  name: string;
}

/** Ids and codes that occur twice in their name space. Sections, air and flow stations share one, so do all standards. */
export function duplicateFaults(draft: Draft): ConfigFault[] {
  const stations: Collection[] = ['sections', 'airStations', 'flowStations'];
  const own: Collection[] = [
    'jurisdictions',
    'rivers',
    'outfalls',
    'agreements',
    'sources',
    'sharing',
    'parameters',
    'schemes',
  ];
  return [
    ...own.flatMap((collection) => twice(draft, 'is already used', keysOf(draft, collection))),
    ...twice(
      draft,
      'is already used by another section or station',
      stations.flatMap((name) => keysOf(draft, name)),
    ),
    ...twice(
      draft,
      'is already used by another standard',
      standardLists.flatMap((name) => keysOf(draft, name)),
    ),
    ...twice(draft, 'is already used by another reach', reachIds(draft)),
    ...twice(draft, 'is already used by another section', sectionCodes(draft)),
    ...twice(draft, 'is already used by another parameter', pollutantCodes(draft)),
  ];
}

function keysOf(draft: Draft, collection: Collection): Named[] {
  const key = kinds.find((kind) => kind.collection === collection)?.key ?? 'id';
  return draft.entries[collection].flatMap((entry) => named(entry, [key]));
}

function named(entry: object, path: ValuePath, prefix = ''): Named[] {
  const name = valueAt(entry, path);
  return typeof name === 'string' ? [{ entry, path, name: prefix + name }] : [];
}

function reachIds(draft: Draft): Named[] {
  return draft.entries.rivers.flatMap((river) => {
    const reaches = valueAt(river, ['reaches']);
    return Array.isArray(reaches)
      ? reaches.flatMap((_, index) => named(river, ['reaches', index, 'id']))
      : [];
  });
}

function sectionCodes(draft: Draft): Named[] {
  return draft.sections.flatMap((section) =>
    section.codes.flatMap((code, index) =>
      named(section, ['codes', index, 'code'], `${code.issuer} ${code.asOf} `),
    ),
  );
}

function pollutantCodes(draft: Draft): Named[] {
  return draft.parameters.flatMap((parameter) =>
    parameter.hj525.flatMap((_, index) => named(parameter, ['hj525', index])),
  );
}

function twice(draft: Draft, message: string, all: readonly Named[]): ConfigFault[] {
  const seen = new Set<string>();
  const faults: ConfigFault[] = [];
  for (const { entry, path, name } of all) {
    if (seen.has(name))
      faults.push(draft.fault(entry, path, { message, expected: 'one that occurs only once' }));
    seen.add(name);
  }
  return faults;
}
