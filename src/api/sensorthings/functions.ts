import {
  booleanContains,
  booleanCrosses,
  booleanDisjoint,
  booleanEqual,
  booleanIntersects,
  booleanOverlap,
  booleanTouches,
  booleanWithin,
  pointToLineDistance,
} from '@turf/turf';
import type { Geometry, LineString, Position } from 'geojson';
import { Temporal } from 'temporal-polyfill';
import { notSupported } from './faults.ts';
import { bounds, isGeometry, isTime, type Value } from './values.ts';

interface Builtin {
  /** Numbers of inputs that it takes. */
  inputs: readonly number[];
  /** Whether it answers yes or no, so that a filter can be nothing but it. */
  condition?: true;
  /** Null where an input is of another kind. */
  of(inputs: readonly Value[], nowMs: number): Value;
}

const text = (count: readonly number[], of: (...texts: string[]) => Value): Builtin => ({
  inputs: count,
  of: (inputs) => {
    const texts = inputs.map((input) => (typeof input === 'number' ? String(input) : input));
    return texts.every((input) => typeof input === 'string') ? of(...texts) : null;
  },
});

const textTest = (of: (one: string, other: string) => boolean): Builtin => ({
  ...text([2], (one = '', other = '') => of(one, other)),
  condition: true,
});

const number = (of: (value: number) => number): Builtin => ({
  inputs: [1],
  of: ([value]) => (typeof value === 'number' ? of(value) : null),
});

/** A part of a time in UTC; of an interval its begin. */
const part = (of: (time: Temporal.ZonedDateTime) => Value): Builtin => ({
  inputs: [1],
  of: ([time = null]) => {
    if (!isTime(time)) return null;
    const { beginMs } = bounds(time);
    return of(Temporal.Instant.fromEpochMilliseconds(beginMs).toZonedDateTimeISO('UTC'));
  },
});

/** Turf throws for pairs of shapes that a relation is not defined for (OGC 06-103r4, 6.1.15): between those it does not hold. */
const relation = (of: (one: Geometry, other: Geometry) => boolean): Builtin => ({
  inputs: [2],
  condition: true,
  of: ([one = null, other = null]) => {
    if (!isGeometry(one) || !isGeometry(other)) return null;
    try {
      return of(one, other);
    } catch {
      return false;
    }
  },
});

const planar = ([ax = 0, ay = 0]: Position, [bx = 0, by = 0]: Position): number =>
  Math.hypot(ax - bx, ay - by);

function lengthOf(line: LineString): number {
  return line.coordinates.reduce((sum, at, index) => sum + planar(line.coordinates[index - 1] ?? at, at), 0);
}

/** In degrees, as the coordinates are. Throws E_NOT_SUPPORTED for pairs that are not points and lines. */
function distanceOf(one: Geometry, other: Geometry): number {
  if (one.type === 'Point' && other.type === 'Point') return planar(one.coordinates, other.coordinates);
  const [point, line] = one.type === 'Point' ? [one, other] : [other, one];
  if (point.type !== 'Point' || line.type !== 'LineString')
    throw notSupported(`geo.distance between ${one.type} and ${other.type}`);
  return pointToLineDistance(point, line, { units: 'degrees', method: 'planar' });
}

const substring = (whole: string, from: string, length?: string): Value => {
  const [start, count] = [Number(from), length === undefined ? Infinity : Number(length)];
  return Number.isInteger(start) && start >= 0 ? whole.slice(start, start + count) : null;
};

/** The built-in functions of SensorThings 1.1, part 1, 9.3.3.5.2. */
export const functions: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['substringof', textTest((found, whole) => whole.includes(found))],
  ['contains', textTest((whole, found) => whole.includes(found))],
  ['endswith', textTest((whole, end) => whole.endsWith(end))],
  ['startswith', textTest((whole, start) => whole.startsWith(start))],
  ['length', text([1], (whole) => (whole ?? '').length)],
  ['indexof', text([2], (whole, found) => (whole ?? '').indexOf(found ?? ''))],
  ['substring', text([2, 3], (whole, from, length) => substring(whole ?? '', from ?? '', length))],
  ['tolower', text([1], (whole) => (whole ?? '').toLowerCase())],
  ['toupper', text([1], (whole) => (whole ?? '').toUpperCase())],
  ['trim', text([1], (whole) => (whole ?? '').trim())],
  ['concat', text([2], (one, other) => `${one}${other}`)],
  ['year', part((time) => time.year)],
  ['month', part((time) => time.month)],
  ['day', part((time) => time.day)],
  ['hour', part((time) => time.hour)],
  ['minute', part((time) => time.minute)],
  ['second', part((time) => time.second)],
  ['fractionalseconds', part((time) => time.millisecond / 1000)],
  ['date', part((time) => time.toPlainDate().toString())],
  ['time', part((time) => time.toPlainTime().toString({ smallestUnit: 'second' }))],
  ['totaloffsetminutes', part(() => 0)],
  ['now', { inputs: [0], of: (_inputs, atMs) => ({ type: 'instant', atMs }) }],
  ['mindatetime', { inputs: [0], of: () => ({ type: 'instant', atMs: -8.64e15 }) }],
  ['maxdatetime', { inputs: [0], of: () => ({ type: 'instant', atMs: 8.64e15 }) }],
  ['round', number((value) => Math.sign(value) * Math.round(Math.abs(value)))],
  ['floor', number(Math.floor)],
  ['ceiling', number(Math.ceil)],
  [
    'geo.distance',
    {
      inputs: [2],
      of: ([one = null, other = null]) =>
        isGeometry(one) && isGeometry(other) ? distanceOf(one, other) : null,
    },
  ],
  [
    'geo.length',
    {
      inputs: [1],
      of: ([line = null]) => (isGeometry(line) && line.type === 'LineString' ? lengthOf(line) : null),
    },
  ],
  ['geo.intersects', relation((one, other) => booleanIntersects(one, other))],
  ['st_equals', relation((one, other) => one.type === other.type && booleanEqual(one, other))],
  ['st_disjoint', relation((one, other) => booleanDisjoint(one, other))],
  ['st_touches', relation((one, other) => booleanTouches(one, other))],
  ['st_within', relation((one, other) => booleanWithin(one, other))],
  ['st_overlaps', relation((one, other) => one.type === other.type && booleanOverlap(one, other))],
  ['st_crosses', relation((one, other) => booleanCrosses(one, other))],
  ['st_intersects', relation((one, other) => booleanIntersects(one, other))],
  ['st_contains', relation((one, other) => booleanContains(one, other))],
]);

/** Functions of the standard that this service does not have. */
export const missingFunctions: readonly string[] = ['st_relate'];
