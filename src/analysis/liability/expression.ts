import { MonitorError } from '../../domain/errors.ts';
import { builtins } from './builtins.ts';
import { Exact } from './exact.ts';
import { type Value, Missing, isMap, lift, numberOf, truthOf, describe } from './value.ts';

/** A parsed expression. `operator` covers unary minus (one operand) and every binary sign. */
export type Node =
  | { type: 'literal'; value: Value }
  | { type: 'name'; name: string }
  | { type: 'field'; of: Node; key: string }
  | { type: 'list'; items: Node[] }
  | { type: 'operator'; sign: string; operands: Node[] }
  | { type: 'call'; name: string; operands: Node[] };

/** Values by name; what is not in it is absent. */
export type Scope = ReadonlyMap<string, Value>;

interface Token {
  kind: 'number' | 'text' | 'name' | 'sign' | 'end';
  text: string;
  at: number;
}

const tokenPattern =
  /\s*(?:(\d+(?:\.\d+)?)|"([^"]*)"|([A-Za-z][A-Za-z0-9_]*)|(<=|>=|==|!=|[-+*/<>()[\],.]))/y;
const words = new Set(['and', 'or', 'not', 'true', 'false']);

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < source.trimEnd().length) {
    const at = tokenPattern.lastIndex;
    const match = tokenPattern.exec(source);
    if (match === null)
      throw new MonitorError('E_CONFIG', `expression "${source}": cannot read from column ${at + 1}`);
    const [, number, text, name, sign] = match;
    if (number !== undefined) tokens.push({ kind: 'number', text: number, at });
    else if (text !== undefined) tokens.push({ kind: 'text', text, at });
    else if (name !== undefined) tokens.push({ kind: words.has(name) ? 'sign' : 'name', text: name, at });
    else tokens.push({ kind: 'sign', text: sign ?? '', at });
  }
  tokens.push({ kind: 'end', text: 'the end', at: source.length });
  return tokens;
}

const binding: Record<string, number> = {
  or: 1,
  and: 2,
  '<': 4,
  '<=': 4,
  '>': 4,
  '>=': 4,
  '==': 4,
  '!=': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
};
const notBinding = 3;
const negationBinding = 7;

class Parser {
  readonly #source: string;
  readonly #tokens: Token[];
  #at = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokensOf(source);
  }

  whole(): Node {
    const node = this.#expression(0);
    if (this.#peek().kind !== 'end') this.#refuse('an operator');
    return node;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: 'the end', at: this.#source.length };
  }

  #refuse(expected: string): never {
    const token = this.#peek();
    const where = `expression "${this.#source}", column ${token.at + 1}`;
    throw new MonitorError('E_CONFIG', `${where}: found ${token.text}, expected ${expected}`);
  }

  #take(sign: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'sign' || token.text !== sign) return false;
    this.#at += 1;
    return true;
  }

  #need(sign: string): void {
    if (!this.#take(sign)) this.#refuse(`"${sign}"`);
  }

  #expression(least: number): Node {
    let left = this.#prefix();
    for (;;) {
      const token = this.#peek();
      const strength = token.kind === 'sign' ? binding[token.text] : undefined;
      if (strength === undefined || strength <= least) return left;
      this.#at += 1;
      left = { type: 'operator', sign: token.text, operands: [left, this.#expression(strength)] };
    }
  }

  #prefix(): Node {
    if (this.#take('-'))
      return { type: 'operator', sign: '-', operands: [this.#expression(negationBinding)] };
    if (this.#take('not')) return { type: 'operator', sign: 'not', operands: [this.#expression(notBinding)] };
    let node = this.#primary();
    while (this.#take('.')) {
      const key = this.#peek();
      if (key.kind !== 'name' && key.kind !== 'text') this.#refuse('a key');
      this.#at += 1;
      node = { type: 'field', of: node, key: key.text };
    }
    return node;
  }

  #primary(): Node {
    const token = this.#peek();
    if (this.#take('(')) {
      const inner = this.#expression(0);
      this.#need(')');
      return inner;
    }
    if (this.#take('[')) return { type: 'list', items: this.#until(']') };
    if (this.#take('true')) return { type: 'literal', value: true };
    if (this.#take('false')) return { type: 'literal', value: false };
    if (token.kind === 'sign' || token.kind === 'end') this.#refuse('a value');
    this.#at += 1;
    if (token.kind === 'number') return { type: 'literal', value: Exact.of(token.text) };
    if (token.kind === 'text') return { type: 'literal', value: token.text };
    if (!this.#take('(')) return { type: 'name', name: token.text };
    return { type: 'call', name: token.text, operands: this.#until(')') };
  }

  #until(close: string): Node[] {
    const items: Node[] = [];
    if (this.#take(close)) return items;
    do items.push(this.#expression(0));
    while (this.#take(','));
    this.#need(close);
    return items;
  }
}

/** Throws E_CONFIG with the column and what was expected there. */
export function parseExpression(source: string): Node {
  return new Parser(source).whole();
}

/** Every name the expression reads, in order of appearance. */
export function namesIn(node: Node): string[] {
  if (node.type === 'name') return [node.name];
  if (node.type === 'field') return namesIn(node.of);
  if (node.type === 'list') return node.items.flatMap(namesIn);
  if (node.type === 'literal') return [];
  return node.operands.flatMap(namesIn);
}

/** Every text in quotes in the expression. */
export function textsIn(node: Node): string[] {
  if (node.type === 'literal') return typeof node.value === 'string' ? [node.value] : [];
  if (node.type === 'name') return [];
  if (node.type === 'field') return textsIn(node.of);
  if (node.type === 'list') return node.items.flatMap(textsIn);
  return node.operands.flatMap(textsIn);
}

/** Every function the expression calls. */
export function callsIn(node: Node): { name: string; operands: number }[] {
  if (node.type === 'field') return callsIn(node.of);
  if (node.type === 'list') return node.items.flatMap(callsIn);
  if (node.type === 'operator') return node.operands.flatMap(callsIn);
  if (node.type !== 'call') return [];
  return [{ name: node.name, operands: node.operands.length }, ...node.operands.flatMap(callsIn)];
}

const comparisons: Record<string, (order: number) => boolean> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
};

function orderOf(left: Value, right: Value, sign: string): number {
  if (left instanceof Exact && right instanceof Exact) return left.compare(right);
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0;
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  throw new MonitorError('E_CONFIG', `cannot compare ${describe(left)} ${sign} ${describe(right)}`);
}

function binary(sign: string, left: Value, right: Value): Value {
  const compare = comparisons[sign];
  if (compare !== undefined) return compare(orderOf(left, right, sign));
  const [a, b] = [numberOf(left, sign), numberOf(right, sign)];
  if (sign === '+') return a.plus(b);
  if (sign === '-') return a.minus(b);
  if (sign === '*') return a.times(b);
  return b.sign() === 0 ? new Missing(['a divisor other than zero']) : a.over(b);
}

/** `false and missing` is false, `true or missing` is true; otherwise what is missing stays missing. */
function junction(sign: 'and' | 'or', operands: readonly Node[], scope: Scope): Value {
  const decisive = sign === 'or';
  let gap: Missing | null = null;
  for (const operand of operands) {
    const value = evaluate(operand, scope);
    if (value instanceof Missing) gap = value;
    else if (truthOf(value, sign) === decisive) return decisive;
  }
  return gap ?? !decisive;
}

function operate(node: Extract<Node, { type: 'operator' }>, scope: Scope): Value {
  if (node.sign === 'and' || node.sign === 'or') return junction(node.sign, node.operands, scope);
  const values = node.operands.map((operand) => evaluate(operand, scope));
  if (node.sign === 'not') return lift(values, (value) => !truthOf(value, 'not'));
  if (values.length === 1) return lift(values, (value) => numberOf(value, '-').negated());
  return lift(values, (left, right) => binary(node.sign, left, right));
}

/** The value of a parsed expression. Throws E_CONFIG for a fault of the rule; what the case lacks is {@link Missing}. */
export function evaluate(node: Node, scope: Scope): Value {
  switch (node.type) {
    case 'literal':
      return node.value;
    case 'name':
      return scope.get(node.name) ?? new Missing([node.name], true);
    case 'field': {
      const value = evaluate(node.of, scope);
      if (isMap(value)) return value.get(node.key) ?? new Missing([node.key], true);
      return value instanceof Missing ? value : new Missing([node.key]);
    }
    case 'list':
      return node.items.map((item) => evaluate(item, scope));
    case 'operator':
      return operate(node, scope);
    default: {
      const builtin = builtins[node.name];
      if (builtin === undefined) throw new MonitorError('E_CONFIG', `no function "${node.name}"`);
      return builtin.apply(node.operands.map((operand) => evaluate(operand, scope)));
    }
  }
}
