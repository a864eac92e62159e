import type { Arithmetic, Comparison, Expression } from './filter.ts';
import { functions } from './functions.ts';
import {
  bounds,
  instantMs,
  intervalMs,
  isDuration,
  isGeometry,
  isTime,
  type Instant,
  type Interval,
  type Value,
} from './values.ts';

/** Every value under a path of one entity: several where a relation to many lies on the way. */
export type Reader = (segments: readonly string[]) => readonly Value[];

function calculated(operator: Arithmetic, left: number, right: number): number {
  if (operator === 'add') return left + right;
  if (operator === 'sub') return left - right;
  if (operator === 'mul') return left * right;
  return operator === 'div' ? left / right : left % right;
}

function shifted(time: Instant | Interval, byMs: number): Value {
  if (time.type === 'instant') return { type: 'instant', atMs: time.atMs + byMs };
  return { type: 'interval', beginMs: time.beginMs + byMs, endMs: time.endMs + byMs };
}

function calculate(operator: Arithmetic, left: Value, right: Value): Value {
  if (typeof left === 'number' && typeof right === 'number') return calculated(operator, left, right);
  if (operator === 'add' && isTime(left) && isDuration(right)) return shifted(left, right.ms);
  if (operator === 'sub' && isTime(left) && isDuration(right)) return shifted(left, -right.ms);
  if (operator === 'sub' && isTime(left) && isTime(right))
    return { type: 'duration', ms: bounds(left).beginMs - bounds(right).beginMs };
  return null;
}

/** Negative, zero or positive; null where the two cannot be compared. A number and a quoted number compare as numbers. */
function ordered(left: Value, right: Value): number | null {
  if (isDuration(left) && isDuration(right)) return left.ms - right.ms;
  if (typeof left === 'number' && typeof right === 'string') return ordered(left, numberOf(right));
  if (typeof left === 'string' && typeof right === 'number') return ordered(numberOf(left), right);
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0;
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  return null;
}

function numberOf(text: string): number | null {
  return text.trim() === '' || Number.isNaN(Number(text)) ? null : Number(text);
}

/** `lt` ends before, `gt` starts after, `eq` is equal; `le` and `ge` allow the touching end (SensorThings 1.1, 9.3.3.5.1). */
function comparedTimes(operator: Comparison, left: Instant | Interval, right: Instant | Interval): boolean {
  const [one, other] = [bounds(left), bounds(right)];
  const equal = one.beginMs === other.beginMs && one.endMs === other.endMs;
  const before = one.endMs < other.beginMs || (one.endMs === other.beginMs && one.beginMs < other.beginMs);
  const after = one.beginMs > other.endMs || (one.beginMs === other.endMs && one.endMs > other.endMs);
  if (operator === 'eq') return equal;
  if (operator === 'ne') return !equal;
  if (operator === 'lt') return before;
  if (operator === 'gt') return after;
  if (operator === 'le') return before || equal || one.endMs <= other.beginMs;
  return after || equal || one.beginMs >= other.endMs;
}

/** A text beside a time is read as one, as many clients quote times and `date()` is worth a text. */
function timeBeside(value: Value, other: Value): Value {
  if (typeof value !== 'string' || !isTime(other)) return value;
  const atMs = instantMs(value);
  return atMs === null ? intervalMs(value) : { type: 'instant', atMs };
}

function compare(operator: Comparison, left: Value, right: Value): boolean {
  if (left === null || right === null) {
    if (operator === 'eq') return left === right;
    return operator === 'ne' ? left !== right : false;
  }
  const [one, other] = [timeBeside(left, right), timeBeside(right, left)];
  if (isTime(one) && isTime(other)) return comparedTimes(operator, one, other);
  if (isGeometry(left) && isGeometry(right)) {
    const same = JSON.stringify(left) === JSON.stringify(right);
    return operator === 'eq' ? same : operator === 'ne' && !same;
  }
  const order = ordered(left, right);
  if (order === null) return operator === 'ne';
  if (operator === 'eq') return order === 0;
  if (operator === 'ne') return order !== 0;
  if (operator === 'gt') return order > 0;
  if (operator === 'ge') return order >= 0;
  return operator === 'lt' ? order < 0 : order <= 0;
}

/** Values of an expression; more than one where a path passes a relation to many. */
function valuesOf(expression: Expression, read: Reader, nowMs: number): readonly Value[] {
  switch (expression.kind) {
    case 'value':
      return [expression.value];
    case 'path':
      return read(expression.segments);
    case 'minus':
      return valuesOf(expression.of, read, nowMs).map((value) => (typeof value === 'number' ? -value : null));
    case 'calculate': {
      const rights = valuesOf(expression.right, read, nowMs);
      return valuesOf(expression.left, read, nowMs).flatMap((left) =>
        rights.map((right) => calculate(expression.operator, left, right)),
      );
    }
    case 'call':
      return calledValues(expression, read, nowMs);
    default:
      return [holds(expression, read, nowMs)];
  }
}

function calledValues(
  call: Extract<Expression, { kind: 'call' }>,
  read: Reader,
  nowMs: number,
): readonly Value[] {
  let tuples: Value[][] = [[]];
  for (const input of call.inputs) {
    const values = valuesOf(input, read, nowMs);
    tuples = tuples.flatMap((tuple) => values.map((value) => [...tuple, value]));
  }
  const { of } = functions.get(call.name) ?? { of: () => null };
  return tuples.map((tuple) => of(tuple, nowMs));
}

/** Whether the filter holds for an entity: true where any of the values under a path makes it so. */
export function holds(expression: Expression, read: Reader, nowMs: number): boolean {
  switch (expression.kind) {
    case 'both':
      return holds(expression.left, read, nowMs) && holds(expression.right, read, nowMs);
    case 'either':
      return holds(expression.left, read, nowMs) || holds(expression.right, read, nowMs);
    case 'not':
      return !holds(expression.of, read, nowMs);
    case 'compare': {
      const rights = valuesOf(expression.right, read, nowMs);
      return valuesOf(expression.left, read, nowMs).some((left) =>
        rights.some((right) => compare(expression.operator, left, right)),
      );
    }
    default:
      return valuesOf(expression, read, nowMs).some((value) => value === true);
  }
}

const first = (values: readonly Value[]): Value => values[0] ?? null;

/** For `$orderby`: null last, times by their begin. */
export function orderOf(left: readonly Value[], right: readonly Value[]): number {
  const [one, other] = [first(left), first(right)];
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  if (isTime(one) && isTime(other)) {
    const [a, b] = [bounds(one), bounds(other)];
    return a.beginMs - b.beginMs || a.endMs - b.endMs;
  }
  return ordered(one, other) ?? 0;
}
