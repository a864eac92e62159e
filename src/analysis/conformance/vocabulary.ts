import type { ConformanceFacts } from './runner.ts';

/** What documents call things, mapped to the project's names. Idempotent: the project's own names stay. */
export interface Vocabulary {
  water: ReadonlyMap<string, string>;
  air: ReadonlyMap<string, string>;
  waterClass: ReadonlyMap<string, number>;
}

const FIELD_NAMES: ReadonlyMap<string, string> = new Map([['waterBody', 'bodyType']]);
const AVERAGINGS: ReadonlyMap<string, string> = new Map([
  ['annual', 'year'],
  ['mda8', '8h-max'],
]);

/** Names of items, pollutants and classes as the standards themselves list them. */
export function vocabularyOf(facts: ConformanceFacts): Vocabulary {
  const water = new Map<string, string>();
  const waterClass = new Map<string, number>();
  for (const standard of facts.waterStandards) {
    for (const item of standard.items) {
      for (const name of [item.parameter, ...item.aliases]) water.set(name, item.parameter);
    }
    for (const entry of standard.classes) {
      for (const name of entry.aliases) waterClass.set(name, entry.class);
    }
  }
  for (const [name, parameter] of Object.entries({ chlorophyllA: 'chla' })) water.set(name, parameter);
  const air = new Map<string, string>();
  for (const standard of facts.aqiStandards) {
    for (const entry of standard.parameters) {
      for (const name of [entry.parameter, ...entry.aliases]) air.set(name, entry.parameter);
    }
  }
  for (const standard of facts.airStandards) {
    for (const { parameter } of standard.limits) {
      air.set(parameter, parameter);
      air.set(parameter.toUpperCase(), parameter);
    }
  }
  air.set('NOx', 'nox').set('Pb', 'pb').set('BaP', 'bap');
  return { water, air, waterClass };
}

/** A case's `given` or `expected` in the project's names: keys and texts that are names of items, and classes as numbers. */
export function translate(
  document: unknown,
  medium: 'water' | 'air',
  vocabulary: Vocabulary,
  field = '',
): unknown {
  const names = vocabulary[medium];
  if (Array.isArray(document)) return document.map((entry) => translate(entry, medium, vocabulary, field));
  if (document !== null && typeof document === 'object') {
    return Object.fromEntries(
      Object.entries(document).map(([key, value]) => {
        const name = FIELD_NAMES.get(key) ?? names.get(key) ?? key;
        return [name, translate(value, medium, vocabulary, field === 'reference' ? 'class' : key)];
      }),
    );
  }
  if (typeof document !== 'string') return document;
  if (medium === 'water' && (field === 'class' || field === 'targetClass')) {
    return vocabulary.waterClass.get(document) ?? document;
  }
  if (field === 'averaging') return AVERAGINGS.get(document) ?? document;
  return FIELDS_OF_NAMES.has(field) ? (names.get(document) ?? document) : document;
}

const FIELDS_OF_NAMES = new Set([
  'item',
  'pollutant',
  'determining',
  'primary',
  'nonAttainment',
  'notInPlan',
]);
