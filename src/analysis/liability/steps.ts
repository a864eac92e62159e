import type { Scheme, SchemeStep } from '../../domain/config/scheme.ts';
import { MonitorError } from '../../domain/errors.ts';
import { Exact } from './exact.ts';
import { type Node, type Scope, evaluate, namesIn, parseExpression } from './expression.ts';
import { type Value, Missing, isList, isMap, lift, numberOf, truthOf } from './value.ts';

/** An amount still exact and unnamed: `from` and `to` are roles, or names that the case gives (`named`). */
export interface Line {
  from: { role: string } | { named: string };
  to: { role: string } | { named: string };
  amount: Value;
  basis: string | null;
  signed: boolean;
  step: string;
}

/** What a step leaves behind: a value under its name, lines of payment, or the end of the evaluation. */
export interface StepResult {
  value: Value;
  lines: Line[];
  ends: boolean;
}

const parsed = new Map<string, Node>();

/** Parses once per text; expressions are part of the configuration, so their number is bounded. */
export function expressionOf(source: string): Node {
  let node = parsed.get(source);
  if (node === undefined) {
    node = parseExpression(source);
    parsed.set(source, node);
  }
  return node;
}

export function valueOf(source: string, scope: Scope): Value {
  return evaluate(expressionOf(source), scope);
}

/** Every expression of a step, in the order it is read. */
export function expressionsOf(step: SchemeStep): string[] {
  const own: string[] = step.when === undefined ? [] : [step.when];
  if ('value' in step) own.push(step.value);
  else if ('bands' in step) own.push(step.on, ...step.bands.map((band) => band.amount));
  else if ('brackets' in step) own.push(step.on);
  else if ('cases' in step)
    own.push(...step.cases.flatMap((one) => [...(one.when === undefined ? [] : [one.when]), one.value]));
  else if ('gate' in step) own.push(step.gate.if);
  else if ('pay' in step)
    own.push(...step.pay.flatMap((line) => [...(line.when === undefined ? [] : [line.when]), line.amount]));
  else if ('net' in step) own.push(step.net);
  else if ('classify' in step) own.push(step.classify.values);
  else own.push(step.pool.contributed, step.pool.allocated);
  return own;
}

/** Names that a step reads, without the `x` of its bands. */
export function namesReadBy(step: SchemeStep): string[] {
  const names = expressionsOf(step).flatMap((source) => namesIn(expressionOf(source)));
  return [...new Set(names)].filter((name) => !('bands' in step) || name !== 'x');
}

type BandStep = Extract<SchemeStep, { bands: unknown }>;

function inBand(x: Exact, band: BandStep['bands'][number]): boolean {
  if (band.above !== undefined && x.compare(Exact.of(band.above)) <= 0) return false;
  if (band.atLeast !== undefined && x.compare(Exact.of(band.atLeast)) < 0) return false;
  if (band.below !== undefined && x.compare(Exact.of(band.below)) >= 0) return false;
  return band.upTo === undefined || x.compare(Exact.of(band.upTo)) <= 0;
}

function bandValue(step: BandStep, scope: Scope): Value {
  return lift([valueOf(step.on, scope)], (leaf) => {
    const x = numberOf(leaf, step.step);
    const band = step.bands.find((one) => inBand(x, one));
    if (band === undefined) return new Missing([`a band for ${x.toString()}`]);
    return valueOf(band.amount, new Map([...scope, ['x', x]]));
  });
}

type BracketStep = Extract<SchemeStep, { brackets: unknown }>;

function bracketValue(step: BracketStep, scope: Scope): Value {
  return lift([valueOf(step.on, scope)], (leaf) => {
    const x = numberOf(leaf, step.step);
    let lower = Exact.zero;
    let total = Exact.zero;
    for (const bracket of step.brackets) {
      const upper = bracket.upTo === null ? x : Exact.of(bracket.upTo);
      const end = x.compare(upper) < 0 ? x : upper;
      if (end.compare(lower) > 0) total = total.plus(end.minus(lower).times(Exact.of(bracket.rate)));
      lower = upper;
    }
    return total;
  });
}

type CaseStep = Extract<SchemeStep, { cases: unknown }>;

function caseValue(step: CaseStep, scope: Scope): Value {
  for (const one of step.cases) {
    const condition = one.when === undefined ? true : valueOf(one.when, scope);
    if (condition instanceof Missing) return condition;
    if (truthOf(condition, step.step)) return valueOf(one.value, scope);
  }
  return new Missing([`a case of the rule for ${step.step}`]);
}

type PayStep = Extract<SchemeStep, { pay: unknown }>;

function payLines(step: PayStep, scope: Scope): Line[] {
  return step.pay.flatMap((pay) => {
    const condition = pay.when === undefined ? true : valueOf(pay.when, scope);
    if (!(condition instanceof Missing) && !truthOf(condition, step.step)) return [];
    const amount = condition instanceof Missing ? condition : valueOf(pay.amount, scope);
    const basis = pay.basis ?? null;
    const head = { basis, signed: pay.signed === true, step: step.step };
    if (pay.each !== true || amount instanceof Missing) {
      return [{ ...head, from: { role: pay.from }, to: { role: pay.to }, amount }];
    }
    if (!isMap(amount)) throw new MonitorError('E_CONFIG', `${step.step}: "each" needs a table of amounts`);
    const party = (name: string, key: string) => (name === '@key' ? { named: key } : { role: name });
    return [...amount].map(([key, entry]) => ({
      ...head,
      from: party(pay.from, key),
      to: party(pay.to, key),
      amount: entry,
    }));
  });
}

/** Nets a list of `{from, to, amountWan}` per pair; pairs in order of first appearance. Value: gross per direction. */
function netResult(rows: Value, step: string): StepResult {
  if (!isList(rows)) return { value: rows, lines: [], ends: false };
  const gross = new Map<string, Value>();
  const pairs = new Map<string, { from: string; to: string; amount: Value }>();
  for (const row of rows) {
    const cell = (key: string): Value =>
      isMap(row) ? (row.get(key) ?? new Missing([key])) : new Missing([key]);
    const [from, to, amount] = [cell('from'), cell('to'), cell('amountWan')];
    if (typeof from !== 'string' || typeof to !== 'string')
      return { value: new Missing(['from', 'to']), lines: [], ends: false };
    const direction = `${from}>${to}`;
    const add = (left: Value, right: Value): Value =>
      lift([left, right], (a, b) => numberOf(a, step).plus(numberOf(b, step)));
    gross.set(direction, add(gross.get(direction) ?? Exact.zero, amount));
    const key = [from, to].toSorted().join('\n');
    const pair = pairs.get(key) ?? { from, to, amount: Exact.zero };
    const signed = pair.from === from ? amount : lift([amount], (a) => numberOf(a, step).negated());
    pairs.set(key, { ...pair, amount: add(pair.amount, signed) });
  }
  const lines = [...pairs.values()].map((pair) => ({
    from: { named: pair.from },
    to: { named: pair.to },
    amount: pair.amount,
    basis: null,
    signed: true,
    step,
  }));
  return { value: gross, lines, ends: false };
}

/** Who must pay whom so that each member ends with what it is allocated; payers and receivers in their own order. */
function poolResult(contributed: Value, allocated: Value, step: string): StepResult {
  const net = lift([allocated, contributed], (a, b) => numberOf(a, step).minus(numberOf(b, step)));
  if (!isMap(net)) return { value: net, lines: [], ends: false };
  const balances = [...net].map(([name, balance]) => ({ name, left: numberOf(balance, step) }));
  const receivers = balances.filter((one) => one.left.sign() > 0);
  const lines: Line[] = [];
  for (const payer of balances.filter((one) => one.left.sign() < 0)) {
    for (const receiver of receivers) {
      const owed = payer.left.negated();
      const amount = owed.compare(receiver.left) < 0 ? owed : receiver.left;
      if (amount.sign() <= 0) continue;
      const parties = { from: { named: payer.name }, to: { named: receiver.name } };
      lines.push({ ...parties, amount, basis: null, signed: false, step });
      payer.left = payer.left.plus(amount);
      receiver.left = receiver.left.minus(amount);
    }
  }
  return { value: net, lines, ends: false };
}

/** Judges one value by a standard: the class number, or Missing where the standard cannot say. */
export type Classifier = (standard: string, parameter: string, bodyType: string, value: Exact) => Value;

type ClassifyStep = Extract<SchemeStep, { classify: unknown }>;

function classifyValue(step: ClassifyStep, scope: Scope, classifier: Classifier): Value {
  const values = valueOf(step.classify.values, scope);
  if (!isMap(values)) return values;
  return new Map(
    [...values].map(([key, value]) => {
      const name = step.classify.names[key];
      if (name === undefined) return [key, new Missing([`a limit for ${key}`])];
      const judge = (leaf: Value): Value =>
        classifier(step.classify.standard, name.parameter, name.bodyType, numberOf(leaf, step.step));
      return [key, lift([value], (leaf) => judge(leaf))];
    }),
  );
}

/** Runs one step. Throws E_CONFIG where the rule itself is faulty; what the case lacks comes back as Missing. */
export function runStep(step: SchemeStep, scope: Scope, classifier: Classifier): StepResult {
  const plain = (value: Value): StepResult => ({ value, lines: [], ends: false });
  if ('value' in step) return plain(valueOf(step.value, scope));
  if ('bands' in step) return plain(bandValue(step, scope));
  if ('brackets' in step) return plain(bracketValue(step, scope));
  if ('cases' in step) return plain(caseValue(step, scope));
  if ('classify' in step) return plain(classifyValue(step, scope, classifier));
  if ('net' in step) return netResult(valueOf(step.net, scope), step.step);
  if ('pool' in step) {
    return poolResult(valueOf(step.pool.contributed, scope), valueOf(step.pool.allocated, scope), step.step);
  }
  if ('pay' in step) {
    const lines = payLines(step, scope);
    const amounts = lines.map((line) => line.amount);
    return { value: amounts.length === 1 ? (amounts[0] ?? true) : amounts, lines, ends: false };
  }
  const condition = valueOf(step.gate.if, scope);
  const ends = !(condition instanceof Missing) && truthOf(condition, step.step);
  return { value: condition, lines: [], ends };
}

/** Figures of the rule as values. */
export function figureValues(scheme: Scheme): Map<string, Value> {
  const valueFrom = (raw: unknown): Value => {
    if (typeof raw === 'string') return Exact.of(raw);
    if (Array.isArray(raw)) return raw.map(String);
    return new Map(
      Object.entries(raw as Record<string, unknown>).map(([key, entry]) => [key, valueFrom(entry)]),
    );
  };
  return new Map(scheme.figures.map((figure) => [figure.figure, valueFrom(figure.value)]));
}
