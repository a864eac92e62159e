import { MonitorError } from '../../domain/errors.ts';
import type { Plain } from '../../domain/preview.ts';
import { Exact } from './exact.ts';

/** A value that is not there, and what would have to be supplied. `absent`: the case does not speak of it at all. */
export class Missing {
  readonly what: readonly string[];
  readonly absent: boolean;

  constructor(what: readonly string[], absent = false) {
    this.what = [...new Set(what)];
    this.absent = absent;
  }
}

/** What expressions compute with. Tables keep the order of the case; combining two works key by key. */
export type Value = Exact | string | boolean | Missing | readonly Value[] | ReadonlyMap<string, Value>;

export const isMap = (value: Value): value is ReadonlyMap<string, Value> => value instanceof Map;
export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

export function plainOf(value: Value): Plain {
  if (value instanceof Exact) return value.toString();
  if (value instanceof Missing) return null;
  if (isMap(value)) return Object.fromEntries([...value].map(([key, entry]) => [key, plainOf(entry)]));
  if (isList(value)) return value.map(plainOf);
  return value;
}

/** Everything missing anywhere inside; null when the value is complete. */
export function missingIn(value: Value): Missing | null {
  if (value instanceof Missing) return value;
  const parts = isMap(value) ? [...value.values()] : isList(value) ? value : [];
  const found = parts.map(missingIn).filter((part) => part !== null);
  return found.length === 0 ? null : new Missing(found.flatMap((part) => [...part.what]));
}

function liftMaps(args: readonly Value[], leaf: (...leaves: Value[]) => Value): Value {
  const keys = new Set(args.filter(isMap).flatMap((map) => [...map.keys()]));
  const result = new Map<string, Value>();
  for (const key of keys) {
    const entries = args.map((arg) => (isMap(arg) ? (arg.get(key) ?? new Missing([key])) : arg));
    result.set(key, lift(entries, leaf));
  }
  return result;
}

/**
 * Applies a function of single values to tables and lists, entry by entry; a single value stands for every entry.
 * A key that one table lacks is missing in the result: nothing is left out silently.
 */
export function lift(args: readonly Value[], leaf: (...leaves: Value[]) => Value): Value {
  if (args.some(isMap)) {
    const whole = args.find((arg) => arg instanceof Missing);
    return whole ?? liftMaps(args, leaf);
  }
  const lists = args.filter(isList);
  if (lists.length > 0) {
    const length = Math.max(...lists.map((list) => list.length));
    return Array.from({ length }, (_, at) =>
      lift(
        args.map((arg) => (isList(arg) ? (arg[at] ?? new Missing([`entry ${at + 1}`])) : arg)),
        leaf,
      ),
    );
  }
  const gaps = args.filter((arg) => arg instanceof Missing);
  if (gaps.length > 0)
    return new Missing(
      gaps.flatMap((gap) => [...gap.what]),
      gaps.every((gap) => gap.absent),
    );
  return leaf(...args);
}

/** The value as a number. Throws E_CONFIG: the rule computes with something that is none. */
export function numberOf(value: Value | undefined, where: string): Exact {
  if (value instanceof Exact) return value;
  throw new MonitorError('E_CONFIG', `${where}: expected a number, found ${describe(value)}`);
}

/** The value as a truth. Throws E_CONFIG. */
export function truthOf(value: Value | undefined, where: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new MonitorError('E_CONFIG', `${where}: expected true or false, found ${describe(value)}`);
}

export function describe(value: Value | undefined): string {
  if (value === undefined) return 'nothing';
  return JSON.stringify(plainOf(value));
}

/** The value in words, for names and messages. */
export function textOf(value: Value): string {
  if (typeof value === 'string') return value;
  return value instanceof Exact ? value.toString() : describe(value);
}
