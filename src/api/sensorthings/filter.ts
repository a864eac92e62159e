import { wktToGeoJSON } from '@terraformer/wkt';
import type { Geometry } from 'geojson';
import { Temporal } from 'temporal-polyfill';
import { badQuery, notSupported } from './faults.ts';
import { functions, missingFunctions } from './functions.ts';
import { tokensOf, type Token, type TokenKind } from './tokens.ts';
import { instantMs, intervalMs, type Value } from './values.ts';

export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';
export type Arithmetic = 'add' | 'sub' | 'mul' | 'div' | 'mod';

/** A filter as a tree. */
export type Expression =
  | { kind: 'value'; value: Value }
  | { kind: 'path'; segments: string[] }
  | { kind: 'compare'; operator: Comparison; left: Expression; right: Expression }
  | { kind: 'calculate'; operator: Arithmetic; left: Expression; right: Expression }
  | { kind: 'both' | 'either'; left: Expression; right: Expression }
  | { kind: 'not' | 'minus'; of: Expression }
  | { kind: 'call'; name: string; inputs: Expression[] };

const deepest = 20;
/** Binding strength, loosest first. */
const strengths: readonly (readonly string[])[] = [
  ['or'],
  ['and'],
  ['eq', 'ne', 'gt', 'ge', 'lt', 'le'],
  ['add', 'sub'],
  ['mul', 'div', 'mod'],
];

class Parser {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  #next = 0;
  #depth = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
    this.#end = text.length;
  }

  whole(): Expression {
    const expression = this.#level(0);
    if (this.#peek() !== undefined) throw this.#fault('an operator or the end');
    return expression;
  }

  #level(strength: number): Expression {
    const operators = strengths[strength];
    if (operators === undefined) return this.#operand();
    let left = this.#level(strength + 1);
    for (;;) {
      const operator = this.#takeName(operators);
      if (operator === null) return left;
      left = combined(operator, left, this.#level(strength + 1));
    }
  }

  #operand(): Expression {
    this.#depth += 1;
    if (this.#depth > deepest) throw this.#fault(`at most ${deepest} levels`);
    const expression = this.#innerOperand();
    this.#depth -= 1;
    return expression;
  }

  #innerOperand(): Expression {
    if (this.#takeName(['not']) !== null) return { kind: 'not', of: this.#operand() };
    if (this.#takeMark('-')) return { kind: 'minus', of: this.#operand() };
    if (this.#takeMark('(')) {
      const inner = this.#level(0);
      if (!this.#takeMark(')')) throw this.#fault(')');
      return inner;
    }
    const token = this.#peek();
    if (token === undefined || token.kind === 'mark') throw this.#fault('a value, a property or a function');
    this.#next += 1;
    if (token.kind !== 'name') return { kind: 'value', value: this.#valueOf(token) };
    const word = constants.get(token.text);
    if (word !== undefined) return { kind: 'value', value: word };
    if (this.#takeMark('(')) return this.#call(token);
    return { kind: 'path', segments: token.text.split('/') };
  }

  #call(token: Token): Expression {
    if (missingFunctions.includes(token.text)) throw notSupported(token.text);
    const known = functions.get(token.text);
    if (known === undefined)
      throw badQuery('$filter', token.at, `one of ${[...functions.keys()].join(', ')}`);
    const inputs: Expression[] = [];
    if (!this.#takeMark(')')) {
      do inputs.push(this.#level(0));
      while (this.#takeMark(','));
      if (!this.#takeMark(')')) throw this.#fault(') or ,');
    }
    if (!known.inputs.includes(inputs.length))
      throw badQuery('$filter', token.at, `${token.text} with ${known.inputs.join(' or ')} inputs`);
    return { kind: 'call', name: token.text, inputs };
  }

  #valueOf({ kind, text, at }: Token): Value {
    const read = readers[kind];
    const value = read === undefined ? null : read(text);
    if (value === null) throw badQuery('$filter', at, `a ${kind} that can be read`);
    return value;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #takeName(names: readonly string[]): string | null {
    const token = this.#peek();
    if (token?.kind !== 'name' || !names.includes(token.text)) return null;
    this.#next += 1;
    return token.text;
  }

  #takeMark(mark: string): boolean {
    const token = this.#peek();
    if (token?.kind !== 'mark' || token.text !== mark) return false;
    this.#next += 1;
    return true;
  }

  #fault(expected: string): Error {
    return badQuery('$filter', this.#peek()?.at ?? this.#end, expected);
  }
}

const constants = new Map<string, Value>([
  ['null', null],
  ['true', true],
  ['false', false],
]);

function geometryOf(text: string): Geometry | null {
  try {
    const geometry = wktToGeoJSON(text);
    return 'coordinates' in geometry ? geometry : null;
  } catch {
    return null;
  }
}

const readers: Partial<Record<TokenKind, (text: string) => Value>> = {
  number: Number,
  string: (text) => text,
  time: (text) => {
    const atMs = instantMs(text);
    return atMs === null ? null : { type: 'instant', atMs };
  },
  interval: (text) => intervalMs(text),
  duration: (text) => ({
    type: 'duration',
    ms: Temporal.Duration.from(text).total({ unit: 'milliseconds' }),
  }),
  geography: geometryOf,
};

function combined(operator: string, left: Expression, right: Expression): Expression {
  if (operator === 'and') return { kind: 'both', left, right };
  if (operator === 'or') return { kind: 'either', left, right };
  if (isComparison(operator)) return { kind: 'compare', operator, left, right };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the last two lists of `strengths` hold nothing else
  return { kind: 'calculate', operator: operator as Arithmetic, left, right };
}

const isComparison = (text: string): text is Comparison => strengths[2]?.includes(text) === true;

/** Whether an expression can be true: a property may be, a number, a text or a time never is. */
function canHold(expression: Expression): boolean {
  switch (expression.kind) {
    case 'both':
    case 'either':
      return canHold(expression.left) && canHold(expression.right);
    case 'not':
      return canHold(expression.of);
    case 'value':
      return typeof expression.value === 'boolean';
    case 'call':
      return functions.get(expression.name)?.condition === true;
    default:
      return expression.kind === 'compare' || expression.kind === 'path';
  }
}

/** `$filter` of SensorThings 1.1 as a tree. Throws E_BAD_REQUEST with the position and what could stand there. */
export function parseFilter(text: string): Expression {
  const filter = new Parser(text).whole();
  if (!canHold(filter))
    throw badQuery('$filter', null, 'a condition, on both sides of and, or, and after not');
  return filter;
}

/** Every path in an expression. */
export function pathsOf(expression: Expression): string[][] {
  if (expression.kind === 'path') return [expression.segments];
  if (expression.kind === 'call') return expression.inputs.flatMap((input) => pathsOf(input));
  if ('of' in expression) return pathsOf(expression.of);
  return 'left' in expression ? [...pathsOf(expression.left), ...pathsOf(expression.right)] : [];
}
