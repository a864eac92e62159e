import type { ConfigFault } from '../../domain/config/config.ts';
import { valueAt, type ValuePath } from '../document.ts';
import type { Draft } from '../draft.ts';
import { kinds, standardLists, type Collection } from '../kinds.ts';
import { everyMap } from './every-map.ts';

interface Reference {
  entry: object;
  path: ValuePath;
  name: unknown;
}

/** Every name that should be the id of something else is one. A list that could not be read whole is not held against anyone. */
export function referenceFaults(draft: Draft): ConfigFault[] {
  const standards = draft.region?.standards;
  const region = draft.region;
  const named = (kind: 'water' | 'air' | 'aqi'): Reference[] =>
    region === null
      ? []
      : (standards?.[kind] ?? []).map((name, index) => ({
          entry: region,
          path: ['standards', kind, index],
          name,
        }));
  return [
    ...unknown(draft, 'jurisdictions', 'jurisdiction', jurisdictionReferences(draft)),
    ...unknownReaches(draft),
    ...unknown(
      draft,
      'flowStations',
      'flow station',
      draft.sections.map((entry) => reference(entry, ['flowStation', 'id'])),
    ),
    ...unknown(
      draft,
      'schemes',
      'scheme',
      draft.agreements.map((entry) => reference(entry, ['scheme'])),
    ),
    ...unknown(draft, 'sections', 'section', agreementSections(draft)),
    ...unknown(draft, 'parameters', 'parameter', parameterReferences(draft)),
    ...unknown(draft, 'waterStandards', 'water standard', named('water')),
    ...unknown(draft, 'airStandards', 'air standard', named('air')),
    ...unknown(draft, 'aqiStandards', 'AQI standard', named('aqi')),
    ...unknownProviders(draft),
  ];
}

function reference(entry: object, path: ValuePath): Reference {
  return { entry, path, name: valueAt(entry, path) };
}

/** References into `collection` that name nothing in it; absent and null ones are no references. */
function unknown(
  draft: Draft,
  collection: Collection,
  noun: string,
  references: readonly Reference[],
): ConfigFault[] {
  if (!draft.complete(collection)) return [];
  const key = kinds.find((kind) => kind.collection === collection)?.key ?? 'id';
  const known = new Set(draft.entries[collection].map((entry) => valueAt(entry, [key])));
  return missing(draft, known, noun, references);
}

function missing(
  draft: Draft,
  known: ReadonlySet<unknown>,
  noun: string,
  references: readonly Reference[],
): ConfigFault[] {
  return references
    .filter(({ name }) => name !== undefined && name !== null && !known.has(name))
    .map(({ entry, path }) =>
      draft.fault(entry, path, { message: `unknown ${noun}`, expected: expectedNames(known, noun) }),
    );
}

function expectedNames(known: ReadonlySet<unknown>, noun: string): string {
  if (known.size === 0) return `the name of a ${noun}; none is configured`;
  const names = [...known].filter((name) => typeof name === 'string');
  return names.length <= 12 ? `one of ${names.join(', ')}` : `one of the ${names.length} that are configured`;
}

function jurisdictionReferences(draft: Draft): Reference[] {
  return [
    ...draft.jurisdictions.map((entry) => reference(entry, ['parent'])),
    ...draft.sections.flatMap((entry) => [
      reference(entry, ['locatedIn']),
      reference(entry, ['assessed']),
      reference(entry, ['border', 'protecting']),
      reference(entry, ['border', 'benefiting']),
      ...catchmentReferences(entry, ['catchment']),
    ]),
    ...draft.outfalls.map((entry) => reference(entry, ['locatedIn'])),
    ...draft.airStations.map((entry) => reference(entry, ['locatedIn'])),
    ...draft.flowStations.flatMap((entry) => [
      reference(entry, ['locatedIn']),
      ...catchmentReferences(entry, ['catchment']),
    ]),
    ...draft.agreements.flatMap((entry) => [
      reference(entry, ['parties', 'protecting']),
      reference(entry, ['parties', 'benefiting']),
    ]),
    ...draft.sharing.flatMap((entry) =>
      (entry.locatedIn ?? []).map((_, index) => reference(entry, ['locatedIn', index])),
    ),
    ...draft.rivers.flatMap((entry) =>
      entry.reaches.flatMap((reach, index) => [
        ...reach.jurisdictions.map((_, at) => reference(entry, ['reaches', index, 'jurisdictions', at])),
        reference(entry, ['reaches', index, 'banks', 'left']),
        reference(entry, ['reaches', index, 'banks', 'right']),
        ...catchmentReferences(entry, ['reaches', index, 'catchment']),
      ]),
    ),
  ];
}

function catchmentReferences(entry: object, path: ValuePath): Reference[] {
  const shares = valueAt(entry, [...path, 'shares']);
  if (!Array.isArray(shares)) return [];
  return shares.map((_, index) => reference(entry, [...path, 'shares', index, 'jurisdiction']));
}

function unknownReaches(draft: Draft): ConfigFault[] {
  if (!draft.complete('rivers')) return [];
  const known = new Set(
    draft.entries.rivers.flatMap((river) => {
      const reaches = valueAt(river, ['reaches']);
      return Array.isArray(reaches) ? reaches.map((reach: unknown) => valueAt(reach, ['id'])) : [];
    }),
  );
  return missing(draft, known, 'reach', [
    ...draft.sections.map((entry) => reference(entry, ['reach', 'id'])),
    ...draft.flowStations.map((entry) => reference(entry, ['reach', 'id'])),
    ...draft.outfalls.map((entry) => reference(entry, ['reach', 'id'])),
    ...draft.rivers.flatMap((entry) =>
      entry.reaches.map((_, index) => reference(entry, ['reaches', index, 'downstream'])),
    ),
  ]);
}

function agreementSections(draft: Draft): Reference[] {
  return draft.agreements.flatMap((entry) =>
    entry.sections.map((_, index) => reference(entry, ['sections', index, 'section'])),
  );
}

/** Items of the drinking-water tables are named by the standard alone: none is measured automatically. */
function parameterReferences(draft: Draft): Reference[] {
  const references: Reference[] = [];
  for (const entry of [...standardLists.flatMap((name): object[] => draft[name]), ...draft.schemes]) {
    everyMap(entry, (map, path) => {
      if (path[0] !== 'drinkingSource' && typeof map.parameter === 'string')
        references.push(reference(entry, [...path, 'parameter']));
    });
  }
  for (const entry of draft.sharing)
    references.push(...(entry.parameters ?? []).map((_, index) => reference(entry, ['parameters', index])));
  for (const entry of draft.waterEvaluations) {
    for (const list of [
      ['referenceItems'],
      ['automaticItems', 'items'],
      ['meanByHydrogenIon', 'items'],
      ['mainPollutants', 'priorityItems'],
    ]) {
      const items = valueAt(entry, list);
      if (Array.isArray(items))
        references.push(...items.map((_, index) => reference(entry, [...list, index])));
    }
  }
  return references;
}

/** An agreement's data, and what is shared, comes from a provider that some source delivers. */
function unknownProviders(draft: Draft): ConfigFault[] {
  if (!draft.complete('sources')) return [];
  const known = new Set(draft.entries.sources.map((entry) => valueAt(entry, ['provider'])));
  return missing(draft, known, 'provider', [
    ...draft.agreements.flatMap((entry) => [
      reference(entry, ['dataSource', 'provider']),
      reference(entry, ['dataSource', 'check', 'provider']),
      ...(entry.dataSource.otherwise ?? []).map((_, at) =>
        reference(entry, ['dataSource', 'otherwise', at, 'provider']),
      ),
    ]),
    ...draft.sharing.map((entry) => reference(entry, ['provider'])),
  ]);
}
