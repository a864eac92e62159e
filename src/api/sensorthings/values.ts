import type { Geometry } from 'geojson';
import { Temporal } from 'temporal-polyfill';

export interface Instant {
  type: 'instant';
  atMs: number;
}
export interface Interval {
  type: 'interval';
  beginMs: number;
  endMs: number;
}
export interface Duration {
  type: 'duration';
  ms: number;
}

/** What an expression can be worth. */
export type Value = null | boolean | number | string | Instant | Interval | Duration | Geometry;

/** Epoch milliseconds of an ISO time with an offset, or of a UTC day; null for anything else. */
export function instantMs(text: string): number | null {
  try {
    return Temporal.Instant.from(text.length === 10 ? `${text}T00:00Z` : text).epochMilliseconds;
  } catch {
    return null;
  }
}

/** `begin/end`; null for anything else and for an end before its begin. */
export function intervalMs(text: string): Interval | null {
  const [begin = '', end = '', more] = text.split('/');
  const [beginMs, endMs] = [instantMs(begin), instantMs(end)];
  if (more !== undefined || beginMs === null || endMs === null || endMs < beginMs) return null;
  return { type: 'interval', beginMs, endMs };
}

export const isTime = (value: Value): value is Instant | Interval =>
  typeof value === 'object' && value !== null && (value.type === 'instant' || value.type === 'interval');

export const isDuration = (value: Value): value is Duration =>
  typeof value === 'object' && value !== null && value.type === 'duration';

export const isGeometry = (value: Value): value is Geometry =>
  typeof value === 'object' && value !== null && !isTime(value) && value.type !== 'duration';

/** Begin and end of a time; equal for an instant. */
export function bounds(time: Instant | Interval): { beginMs: number; endMs: number } {
  return time.type === 'instant' ? { beginMs: time.atMs, endMs: time.atMs } : time;
}

const instantText = /^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})$/;

/** A property of an entity as a value: ISO times become times, GeoJSON becomes a geometry, other objects are worth nothing. */
export function valueOf(property: unknown): Value {
  if (property === null || property === undefined) return null;
  if (typeof property === 'string') {
    if (instantText.test(property)) {
      const atMs = instantMs(property);
      if (atMs !== null) return { type: 'instant', atMs };
    }
    return property.includes('/') ? (intervalMs(property) ?? property) : property;
  }
  if (typeof property === 'number' || typeof property === 'boolean') return property;
  if (typeof property !== 'object') return null;
  if ('geometry' in property) return valueOf(property.geometry);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- GeoJSON of our own making
  return 'coordinates' in property ? (property as Geometry) : null;
}
