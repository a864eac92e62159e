import { MonitorError } from '../../domain/errors.ts';
import { Exact } from './exact.ts';
import { splitValue } from './money.ts';
import {
  type Value,
  Missing,
  describe,
  isList,
  isMap,
  lift,
  missingIn,
  numberOf,
  textOf,
  truthOf,
} from './value.ts';

/** A function of expressions. `operands` is how many it takes, least and most. */
export interface Builtin {
  operands: readonly [number, number];
  apply(args: readonly Value[]): Value;
}

const romans = ['I', 'II', 'III', 'IV', 'V', 'VI'];
const otherRomans: Record<string, string> = {
  Ⅰ: 'I',
  Ⅱ: 'II',
  Ⅲ: 'III',
  Ⅳ: 'IV',
  Ⅴ: 'V',
  劣V: 'VI',
  劣Ⅴ: 'VI',
  '>V': 'VI',
};

/** Water quality class 1..6 of Roman or Arabic text, 6 for worse than V; null when the text is no class. */
export function classNumber(text: string): number | null {
  const plain = text.trim().replace(/类$/, '');
  const roman = romans.indexOf(otherRomans[plain] ?? plain);
  if (roman >= 0) return roman + 1;
  return /^[1-6]$/.test(plain) ? Number(plain) : null;
}

const arg = (args: readonly Value[], at: number): Value => args[at] ?? new Missing([`operand ${at + 1}`]);

/** Entries of a table or list; a single value is its own only entry. */
function entriesOf(value: Value): readonly Value[] {
  if (isMap(value)) return [...value.values()];
  return isList(value) ? value : [value];
}

function fold(value: Value, name: string, combine: (left: Value, right: Value) => Value): Value {
  if (value instanceof Missing) return value;
  const entries = entriesOf(value);
  const [first, ...rest] = entries;
  if (first === undefined) return name === 'sum' ? Exact.zero : new Missing(['an entry']);
  return rest.reduce(combine, first);
}

const plus = (left: Value, right: Value): Value =>
  lift([left, right], (a, b) => numberOf(a, 'sum').plus(numberOf(b, 'sum')));
const larger = (left: Value, right: Value): Value =>
  lift([left, right], (a, b) => (numberOf(a, 'max').compare(numberOf(b, 'max')) >= 0 ? a : b));
const smaller = (left: Value, right: Value): Value =>
  lift([left, right], (a, b) => (numberOf(a, 'min').compare(numberOf(b, 'min')) <= 0 ? a : b));

function meanOf(value: Value): Value {
  if (value instanceof Missing) return value;
  const entries = entriesOf(value);
  if (entries.length === 0) return new Missing(['a valid reading']);
  const total = fold(value, 'sum', plus);
  return lift([total], (sum) => numberOf(sum, 'mean').over(new Exact(BigInt(entries.length))));
}

/** One function of a number, lifted over tables. */
function numeric(apply: (x: Exact) => Value): Builtin {
  return { operands: [1, 1], apply: (args) => lift([arg(args, 0)], (x) => apply(numberOf(x, 'function'))) };
}

const mostPlaces = 20;
const impossiblePlaces = new Missing([`decimals from 0 to ${mostPlaces}`]);

/** A number of decimals that a case may ask for; null for any other number. */
function placesOf(value: Value): number | null {
  const places = numberOf(value, 'decimals');
  if (!places.isWhole() || places.sign() < 0) return null;
  return places.numerator <= BigInt(mostPlaces) ? Number(places.numerator) : null;
}

function rounded(rounding: 'half-even' | 'half-away-from-zero'): Builtin {
  return {
    operands: [2, 2],
    apply: (args) =>
      lift(args, (x, places) => {
        const count = placesOf(places);
        return count === null ? impossiblePlaces : numberOf(x, 'round').round(count, rounding);
      }),
  };
}

function columnOf(rows: Value, key: Value): Value {
  if (rows instanceof Missing) return rows;
  const cell = (row: Value): Value => {
    if (isMap(row)) return row.get(textOf(key)) ?? new Missing([textOf(key)]);
    if (isList(row) && key instanceof Exact)
      return row[Number(key.numerator)] ?? new Missing([`entry ${key.toString()}`]);
    return row instanceof Missing ? row : new Missing([describe(key)]);
  };
  if (isMap(rows)) return new Map([...rows].map(([name, row]) => [name, cell(row)]));
  return entriesOf(rows).map(cell);
}

/** The entries of `table` at the keys of `like` (a table), or one for each text of `like` (a list), or the one named. */
function pickFrom(table: Value, like: Value): Value {
  if (table instanceof Missing) return table;
  if (like instanceof Missing) return like;
  const at = (key: string): Value => {
    if (!isMap(table)) return table;
    return table.get(key) ?? new Missing([key]);
  };
  if (isMap(like)) return new Map([...like.keys()].map((key) => [key, at(key)]));
  if (isList(like)) return like.map((key) => (typeof key === 'string' ? at(key) : new Missing(['a key'])));
  return typeof like === 'string' ? at(like) : new Missing(['a key']);
}

/** A table from names and values, in order; a repeated name gets its number, so that no entry is lost. */
function tableOf(names: Value, values: Value): Value {
  if (names instanceof Missing) return names;
  if (values instanceof Missing) return values;
  const keys = entriesOf(names);
  const result = new Map<string, Value>();
  for (const [at, value] of entriesOf(values).entries()) {
    const name = keys[at];
    const text = typeof name === 'string' ? name : `#${at + 1}`;
    result.set(result.has(text) ? `${text} #${at + 1}` : text, value);
  }
  return result;
}

function labelOf(row: Value): string {
  if (isList(row)) return row.map(textOf).join(' ');
  return textOf(row);
}

function censored(sample: Value, share: Value): Value {
  if (sample instanceof Exact) return sample;
  const match = /^\s*<\s*(\d+(?:\.\d+)?)\s*$/.exec(textOf(sample));
  if (match === null) return new Missing([`a reading for "${textOf(sample)}"`]);
  return Exact.of(match[1] ?? '').times(numberOf(share, 'detected'));
}

/** Rows whose text under `key` is not one of `words`; a row without that text stays. */
function withoutRows(rows: Value, key: Value, words: Value): Value {
  if (rows instanceof Missing) return rows;
  const banned = new Set(entriesOf(words).filter((word) => typeof word === 'string'));
  return entriesOf(rows).filter((row) => {
    const text = isMap(row) ? row.get(textOf(key)) : undefined;
    return typeof text !== 'string' || !banned.has(text);
  });
}

const largestExponent = new Exact(100n);

/** A power to 40 digits. Missing where base or exponent belong to no physical question and would only cost time. */
function power(base: Exact | null, exponent: Exact): Value {
  if (exponent.abs().compare(largestExponent) > 0) return new Missing(['an exponent from -100 to 100']);
  if (base === null) return Exact.fromDecimal(exponent.toDecimal().exp());
  if (base.sign() <= 0) return new Missing(['a base above zero']);
  if (base.ceil().numerator > 10n ** 6n) return new Missing(['a base up to a million']);
  return Exact.fromDecimal(base.toDecimal().pow(exponent.toDecimal()));
}

/** Every function an expression may call; docs/schemes.md describes each. */
export const builtins: Record<string, Builtin> = {
  sum: { operands: [1, 1], apply: (args) => fold(arg(args, 0), 'sum', plus) },
  sumEach: {
    operands: [1, 1],
    apply: ([rows = new Missing(['rows'])]) => {
      if (!isMap(rows)) return isList(rows) ? rows.map((row) => fold(row, 'sum', plus)) : rows;
      return new Map([...rows].map(([key, row]) => [key, fold(row, 'sum', plus)]));
    },
  },
  mean: { operands: [1, 1], apply: (args) => meanOf(arg(args, 0)) },
  greatest: { operands: [1, 1], apply: (args) => fold(arg(args, 0), 'greatest', larger) },
  least: { operands: [1, 1], apply: (args) => fold(arg(args, 0), 'least', smaller) },
  count: {
    operands: [1, 1],
    apply: (args) => {
      const value = arg(args, 0);
      return value instanceof Missing ? value : new Exact(BigInt(entriesOf(value).length));
    },
  },
  min: { operands: [2, 6], apply: (args) => args.slice(1).reduce(smaller, arg(args, 0)) },
  max: { operands: [2, 6], apply: (args) => args.slice(1).reduce(larger, arg(args, 0)) },
  ceil: numeric((x) => x.ceil()),
  floor: numeric((x) => x.floor()),
  abs: numeric((x) => x.abs()),
  sign: numeric((x) => new Exact(BigInt(x.sign()))),
  exp: numeric((x) => power(null, x)),
  pow: {
    operands: [2, 2],
    apply: (args) => lift(args, (x, y) => power(numberOf(x, 'pow'), numberOf(y, 'pow'))),
  },
  round: rounded('half-away-from-zero'),
  roundHalfEven: rounded('half-even'),
  fixed: {
    operands: [2, 2],
    apply: (args) =>
      lift(args, (x, places) => {
        const count = placesOf(places);
        return count === null ? impossiblePlaces : numberOf(x, 'fixed').toFixed(count);
      }),
  },
  roman: numeric((x) => romans[Number(x.numerator) - 1] ?? new Missing(['a class'])),
  given: {
    operands: [1, 1],
    apply: (args) => {
      const value = arg(args, 0);
      return !(value instanceof Missing && value.absent);
    },
  },
  complete: { operands: [1, 1], apply: (args) => missingIn(arg(args, 0)) === null },
  default: {
    operands: [2, 2],
    apply: (args) => {
      const value = arg(args, 0);
      return value instanceof Missing && value.absent ? arg(args, 1) : value;
    },
  },
  if: {
    operands: [3, 3],
    apply: (args) => {
      const condition = arg(args, 0);
      if (condition instanceof Missing) return condition;
      return truthOf(condition, 'if') ? arg(args, 1) : arg(args, 2);
    },
  },
  keys: {
    operands: [1, 1],
    apply: (args) => {
      const value = arg(args, 0);
      return isMap(value) ? [...value.keys()] : value instanceof Missing ? value : [];
    },
  },
  has: {
    operands: [2, 2],
    apply: (args) => {
      const [list, word] = [arg(args, 0), arg(args, 1)];
      if (list instanceof Missing) return list;
      return isMap(list) ? list.has(textOf(word)) : entriesOf(list).includes(word);
    },
  },
  column: { operands: [2, 2], apply: (args) => columnOf(arg(args, 0), arg(args, 1)) },
  pick: { operands: [2, 2], apply: (args) => pickFrom(arg(args, 0), arg(args, 1)) },
  table: { operands: [2, 2], apply: (args) => tableOf(arg(args, 0), arg(args, 1)) },
  labels: {
    operands: [1, 1],
    apply: (args) => {
      const value = arg(args, 0);
      return value instanceof Missing ? value : entriesOf(value).map(labelOf);
    },
  },
  split: {
    operands: [3, 3],
    apply: (args) => {
      const [total, weights, places] = [arg(args, 0), arg(args, 1), arg(args, 2)];
      if (weights instanceof Missing) return weights;
      const decimals = Number(numberOf(places, 'split').numerator);
      if (!isMap(total)) return splitValue(total, weights, decimals);
      const rows = pickFrom(weights, total) as ReadonlyMap<string, Value>;
      return new Map(
        [...total].map(([key, part]) => {
          const row = rows.get(key) ?? new Missing([key]);
          return [key, row instanceof Missing ? row : splitValue(part, row, decimals)];
        }),
      );
    },
  },
  portion: {
    operands: [1, 1],
    apply: (args) => {
      const total = fold(arg(args, 0), 'sum', plus);
      return lift([arg(args, 0), total], (part, whole) => {
        const sum = numberOf(whole, 'portion');
        return sum.sign() === 0
          ? new Missing(['a total other than zero'])
          : numberOf(part, 'portion').over(sum);
      });
    },
  },
  join: {
    operands: [2, 2],
    apply: (args) => {
      const [left, right] = [arg(args, 0), arg(args, 1)];
      return isMap(left) && isMap(right) ? new Map([...left, ...right]) : new Missing(['two tables']);
    },
  },
  number: {
    operands: [1, 1],
    apply: (args) => lift(args, (x) => (truthOf(x, 'number') ? new Exact(1n) : Exact.zero)),
  },
  keysWhere: {
    operands: [1, 1],
    apply: (args) => {
      const table = arg(args, 0);
      return isMap(table) ? [...table].filter(([, held]) => held === true).map(([key]) => key) : table;
    },
  },
  detected: {
    operands: [2, 2],
    apply: (args) => lift(args, (sample, share) => censored(sample, share)),
  },
  without: { operands: [3, 3], apply: (args) => withoutRows(arg(args, 0), arg(args, 1), arg(args, 2)) },
};

/** The function of this name. Throws E_CONFIG. */
export function builtinNamed(name: string): Builtin {
  const builtin = builtins[name];
  if (builtin === undefined) throw new MonitorError('E_CONFIG', `no function "${name}"`);
  return builtin;
}
