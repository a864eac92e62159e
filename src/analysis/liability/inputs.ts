import type { Scheme, SchemeInput } from '../../domain/config/scheme.ts';
import { decimalOf } from '../../domain/decimal.ts';
import { classNumber } from './builtins.ts';
import { Exact } from './exact.ts';
import { type Value, Missing, isList, isMap } from './value.ts';

/** What the vocabulary of a scheme makes of a case. `unknown` are paths that no input reads. */
export interface ReadInputs {
  values: Map<string, Value>;
  unknown: string[];
  /** Inputs whose text or type does not fit any input of their path, in words. */
  faults: string[];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Own property at a dotted path; undefined where the document does not speak of it. */
function at(document: unknown, path: string): unknown {
  let value: unknown = document;
  for (const segment of path.split('.')) {
    if (!isRecord(value) || !Object.hasOwn(value, segment)) return undefined;
    value = value[segment];
  }
  return value;
}

/** A single value of the declared type; null when it does not fit. */
function leafOf(raw: unknown, input: SchemeInput, label: string): Value | null {
  if (raw === null) return new Missing([label]);
  const text = typeof raw === 'string' ? raw : null;
  switch (input.type) {
    case 'decimal':
      return decimalLeaf(raw);
    case 'class': {
      const word = text ?? (typeof raw === 'number' ? raw.toString() : '');
      const number = classNumber(wordOf(word, input) ?? '');
      return number === null ? null : new Exact(BigInt(number));
    }
    case 'boolean':
      return typeof raw === 'boolean' ? raw : null;
    case 'date':
      return text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) ? text : null;
    case 'text':
      return text === null ? null : wordOf(text, input);
    default:
      return decimalLeaf(raw) ?? (typeof raw === 'boolean' ? raw : text);
  }
}

/** No quantity of a case needs more digits before or after the point; longer text is a fault, not a number. */
const plainDecimal = /^-?\d{1,20}(\.\d{1,20})?$/;

function decimalLeaf(raw: unknown): Value | null {
  if (typeof raw === 'number') {
    const text = Number.isFinite(raw) ? decimalOf(raw).toFixed() : '';
    return plainDecimal.test(text) ? Exact.of(text) : null;
  }
  return typeof raw === 'string' && plainDecimal.test(raw) ? Exact.of(raw) : null;
}

/** The scheme's word for a text; any text where the scheme lists no words. */
function wordOf(text: string, input: SchemeInput): string | null {
  if (input.words === undefined) return text;
  const found = Object.entries(input.words).find(([word, others]) => word === text || others.includes(text));
  return found?.[0] ?? null;
}

function treeOf(raw: unknown, input: SchemeInput, label: string): Value | null {
  if (Array.isArray(raw)) {
    const entries = raw.map((entry, index) => treeOf(entry, input, `${label} ${index + 1}`));
    return entries.includes(null) ? null : (entries as Value[]);
  }
  if (isRecord(raw)) {
    const entries = Object.entries(raw).map(([key, entry]) => [key, treeOf(entry, input, key)] as const);
    return entries.some(([, entry]) => entry === null) ? null : new Map(entries as [string, Value][]);
  }
  return leafOf(raw, input, label);
}

const isLeaf = (value: Value): boolean => !isMap(value) && !isList(value);

function fits(value: Value, input: SchemeInput): boolean {
  if (value instanceof Missing || input.shape === 'any') return true;
  if (input.shape === 'map') return isMap(value) && [...value.values()].every(isLeaf);
  if (input.shape === 'table')
    return isMap(value) && [...value.values()].every((row) => isMap(row) && [...row.values()].every(isLeaf));
  if (input.shape === 'list') return isList(value) && (input.type === 'mixed' || value.every(isLeaf));
  return isLeaf(value);
}

/** The first path of the input that holds a fitting value, with the paths it used. */
function readInput(document: unknown, input: SchemeInput): { value: Value; used: string[] } | null {
  const paths = typeof input.path === 'string' ? [input.path] : input.path;
  for (const path of paths) {
    if (input.keys !== undefined) {
      const cells = readKeys(document, input, path, input.keys);
      if (cells !== null) return cells;
      continue;
    }
    const raw = at(document, path);
    if (raw === undefined) continue;
    const value = treeOf(raw, input, input.name);
    if (value !== null && fits(value, input)) return { value, used: [path] };
  }
  return null;
}

function readKeys(
  document: unknown,
  input: SchemeInput,
  path: string,
  keys: readonly string[],
): { value: Value; used: string[] } | null {
  const result = new Map<string, Value>();
  const used: string[] = [];
  for (const key of keys) {
    const place = path.replace('{key}', key);
    const raw = at(document, place);
    const value = raw === undefined ? null : treeOf(raw, input, key);
    if (value === null || !isLeaf(value)) continue;
    result.set(key, value);
    used.push(place);
  }
  return result.size === 0 ? null : { value: result, used };
}

function leafPaths(document: unknown, prefix = ''): string[] {
  if (!isRecord(document)) return [prefix];
  return Object.entries(document).flatMap(([key, value]) =>
    leafPaths(value, prefix === '' ? key : `${prefix}.${key}`),
  );
}

/** Reads a case through the scheme's vocabulary and nothing else. Throws nothing: what does not fit is listed. */
export function readInputs(scheme: Scheme, document: unknown): ReadInputs {
  const values = new Map<string, Value>();
  const used: string[] = [...scheme.remarks];
  for (const input of scheme.inputs) {
    const read = readInput(document, input);
    if (read === null) continue;
    values.set(input.name, read.value);
    used.push(...read.used);
  }
  const covered = (path: string): boolean => used.some((one) => path === one || path.startsWith(`${one}.`));
  const left = isRecord(document)
    ? leafPaths(document).filter((path) => path !== '' && !covered(path))
    : ['(not an object)'];
  const known = (path: string): SchemeInput | undefined =>
    scheme.inputs.find((input) => {
      const paths = typeof input.path === 'string' ? [input.path] : input.path;
      const places = paths.flatMap((one) => input.keys?.map((key) => one.replace('{key}', key)) ?? [one]);
      return places.some((place) => path === place || path.startsWith(`${place}.`));
    });
  const faults = left.flatMap((path) => {
    const input = known(path);
    if (input === undefined) return [];
    const words = input.words === undefined ? '' : ` (one of ${Object.keys(input.words).join(', ')})`;
    return [`${path}: ${JSON.stringify(at(document, path))} is no ${input.type}${words}`];
  });
  return { values, unknown: left.filter((path) => known(path) === undefined), faults };
}
