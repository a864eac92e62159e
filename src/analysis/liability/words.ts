import type { Provenance } from '../../domain/config/facts.ts';
import type { Scheme, SchemeFigure, SchemeStep } from '../../domain/config/scheme.ts';
import { classNumber } from './builtins.ts';
import { textsIn } from './expression.ts';
import { expressionOf, expressionsOf } from './steps.ts';

/** A key, a word or a source that a print shows, and where in the file it stands. */
export interface WordNeed {
  key: string;
  path: (string | number)[];
}

type Path = WordNeed['path'];
const needs = (keys: readonly string[], path: Path): WordNeed[] => keys.map((key) => ({ key, path }));

function tableKeys(value: SchemeFigure['value']): string[] {
  if (typeof value === 'string') return [];
  if (Array.isArray(value)) return value;
  return Object.entries(value).flatMap(([key, entry]) => [
    key,
    ...(typeof entry === 'string' ? [] : tableKeys(entry)),
  ]);
}

const addresses = /^https?:\S+(;\s*https?:\S+)*$/;

/** Addresses are the same in every language. */
function sourceNeeds(provenance: Provenance | undefined, path: Path): WordNeed[] {
  if (provenance === undefined) return [];
  const { source, note } = provenance;
  return [
    ...(addresses.test(source) ? [] : needs([source], [...path, 'source'])),
    ...(note === undefined ? [] : needs([note], [...path, 'note'])),
  ];
}

const textNeeds = (sources: readonly string[], path: Path): WordNeed[] =>
  sources.flatMap((source) => needs(textsIn(expressionOf(source)), path));

function stepNeeds(step: SchemeStep, path: Path): WordNeed[] {
  const bases = 'pay' in step ? step.pay.flatMap(({ basis }) => basis ?? []) : [];
  const rows = 'net' in step ? ['from', 'to', 'amountWan'] : [];
  const factors = 'classify' in step ? Object.keys(step.classify.names) : [];
  return [
    ...needs([step.step], [...path, 'step']),
    ...needs(rows, [...path, 'net']),
    ...needs(bases, [...path, 'pay']),
    ...needs(factors, [...path, 'classify', 'names']),
    ...textNeeds(expressionsOf(step), path),
    ...sourceNeeds(step.provenance, [...path, 'provenance']),
  ];
}

/** Everything of a scheme that a print would show as it stands in the file. Throws E_CONFIG for an expression that does not parse. */
export function wordNeeds(scheme: Scheme): WordNeed[] {
  const found = [
    ...needs([scheme.readiness], ['readiness']),
    ...scheme.figures.flatMap(({ figure, value, provenance }, at) => [
      ...needs([figure, ...tableKeys(value)], ['figures', at]),
      ...sourceNeeds(provenance, ['figures', at, 'provenance']),
    ]),
    ...scheme.inputs.flatMap(({ name, keys = [], words = {} }, at) =>
      needs([name, ...keys, ...Object.keys(words)], ['inputs', at]),
    ),
    ...scheme.steps.flatMap((step, at) => stepNeeds(step, ['steps', at])),
    ...scheme.results.flatMap(({ name, value, fields = {}, columns = {} }, at) => {
      const parts = { ...fields, ...columns };
      const sources = [...(value === undefined ? [] : [value]), ...Object.values(parts)];
      return [
        ...needs([name, ...Object.keys(parts)], ['results', at]),
        ...textNeeds(sources, ['results', at]),
      ];
    }),
    ...sourceNeeds(scheme.money.provenance, ['money', 'provenance']),
    ...sourceNeeds(scheme.provenance, ['provenance']),
  ];
  return [...new Map(found.map((one) => [one.key, one])).values()];
}

/** Parameter that a factor of the scheme is; null for a key that names none. */
export function factorOf(scheme: Scheme, key: string): string | null {
  const declared = scheme.parameters.find((one) => one.vocabulary === key)?.parameter;
  if (declared !== undefined) return declared;
  for (const step of scheme.steps) {
    const named = 'classify' in step ? step.classify.names[key] : undefined;
    if (named !== undefined) return named.parameter;
  }
  return null;
}

/** Numbers, years and classes in Roman figures need no name. */
export const speaksForItself = (key: string): boolean => /^\d+$/.test(key) || classNumber(key) !== null;

/** Needs that the scheme's own words, factors and parties do not meet. */
export function wordGaps(scheme: Scheme): WordNeed[] {
  const parties = new Set(scheme.parties.map(({ name }) => name.zh));
  return wordNeeds(scheme).filter(
    ({ key }) =>
      scheme.words?.[key] === undefined &&
      factorOf(scheme, key) === null &&
      !parties.has(key) &&
      !speaksForItself(key),
  );
}
