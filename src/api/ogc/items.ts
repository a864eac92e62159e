import type { EpochS } from '../../domain/time.ts';
import { parseInstant } from '../../domain/time.ts';
import { rejectIfAny, type RequestFault } from '../http/faults.ts';
import type { CollectionKind, Feature } from './collections.ts';

export const limits = { preset: 100, most: 10_000 };

export interface ItemQuery {
  limit: number;
  offset: number;
  bbox: readonly [number, number, number, number] | null;
  /** Both inclusive; infinite where open. */
  datetime: { fromS: EpochS; toS: EpochS } | null;
  equals: readonly (readonly [string, string])[];
}

const own = ['limit', 'offset', 'bbox', 'bbox-crs', 'crs', 'datetime', 'f'];
const crs84 = 'http://www.opengis.net/def/crs/OGC/1.3/CRS84';

function fault(field: string, value: unknown, expected: string): RequestFault {
  return { field: `querystring.${field}`, value, expected };
}

function wholeOf(text: string | undefined, preset: number, least: number): number | null {
  if (text === undefined) return preset;
  return /^\d{1,15}$/.test(text) && Number(text) >= least ? Number(text) : null;
}

export const bboxForm = 'west,south,east,north in degrees, or six numbers';

/** Four or six numbers; the west may lie east of the east, across the antimeridian. */
export function bboxOf(text: string): ItemQuery['bbox'] {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (![4, 6].includes(numbers.length) || !numbers.every((value) => Number.isFinite(value))) return null;
  const [west = 0, south = 0] = numbers;
  const [east = 0, north = 0] = numbers.length === 4 ? numbers.slice(2) : numbers.slice(3);
  return south <= north && Math.abs(south) <= 90 && Math.abs(north) <= 90 ? [west, south, east, north] : null;
}

/** An instant, `a/b`, `../b` or `a/..`; null for anything else. */
export function datetimeOf(text: string): ItemQuery['datetime'] {
  const [from = '', to, more] = text.split('/');
  const at = (part: string, open: number): number | null => {
    if (part === '' || part === '..') return open;
    try {
      return parseInstant(part, 'UTC');
    } catch {
      return null;
    }
  };
  if (more !== undefined) return null;
  if (to === undefined) {
    const atS = from === '' || from === '..' ? null : at(from, 0);
    return atS === null ? null : { fromS: atS, toS: atS };
  }
  const [fromS, toS] = [at(from, -Infinity), at(to, Infinity)];
  const open = (part: string): boolean => part === '' || part === '..';
  if (fromS === null || toS === null || fromS > toS || (open(from) && open(to))) return null;
  return { fromS, toS };
}

/** The query of an items request. Throws E_BAD_REQUEST for every parameter that is unknown or wrong (17-069r4, 7.15). */
export function itemQuery(query: Readonly<Record<string, string>>, kind: CollectionKind): ItemQuery {
  const faults: RequestFault[] = [];
  const queryables = kind.queryables.map(({ name }) => name);
  for (const [name, value] of Object.entries(query))
    if (!own.includes(name) && !queryables.includes(name))
      faults.push(fault(name, value, `one of ${[...own, ...queryables].join(', ')}`));
  const limit = wholeOf(query.limit, limits.preset, 1);
  if (limit === null) faults.push(fault('limit', query.limit, 'a whole number from 1'));
  const offset = wholeOf(query.offset, 0, 0);
  if (offset === null) faults.push(fault('offset', query.offset, 'a whole number from 0'));
  const bbox = query.bbox === undefined ? null : bboxOf(query.bbox);
  if (query.bbox !== undefined && bbox === null) faults.push(fault('bbox', query.bbox, bboxForm));
  const datetime = query.datetime === undefined ? null : datetimeOf(query.datetime);
  if (query.datetime !== undefined && datetime === null)
    faults.push(fault('datetime', query.datetime, 'an instant, a/b, ../b or a/..'));
  for (const name of ['crs', 'bbox-crs'])
    if (query[name] !== undefined && query[name] !== crs84) faults.push(fault(name, query[name], crs84));
  if (query.f !== undefined && !['json', 'geojson'].includes(query.f))
    faults.push(fault('f', query.f, 'json or geojson'));
  rejectIfAny(faults);
  const equals = Object.entries(query).filter(([name]) => queryables.includes(name));
  return { limit: Math.min(limit ?? 0, limits.most), offset: offset ?? 0, bbox, datetime, equals };
}

function positions(coordinates: unknown): [number, number][] {
  if (!Array.isArray(coordinates)) return [];
  const [lon, lat] = coordinates as unknown[];
  if (typeof lon === 'number' && typeof lat === 'number') return [[lon, lat]];
  return coordinates.flatMap(positions);
}

/** A feature without a geometry is everywhere (17-069r4, 7.15.3); a line counts by its corners. */
export function within(feature: Pick<Feature, 'geometry'>, bbox: NonNullable<ItemQuery['bbox']>): boolean {
  if (feature.geometry === null) return true;
  const [west, south, east, north] = bbox;
  return positions(feature.geometry.coordinates).some(([lon, lat]) => {
    const between = west <= east ? lon >= west && lon <= east : lon >= west || lon <= east;
    return between && lat >= south && lat <= north;
  });
}

/** A feature without a time is always (7.15.4). */
function during(
  feature: Feature,
  property: string | null,
  span: NonNullable<ItemQuery['datetime']>,
): boolean {
  const time = property === null ? null : feature.properties[property];
  if (typeof time !== 'string') return true;
  const atS = parseInstant(time, 'UTC');
  return atS >= span.fromS && atS <= span.toS;
}

/** Numbers and truth values compare by their text; what is missing equals the empty text. */
function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Features that a query finds: this page, and how many there are in all. */
export function found(
  features: readonly Feature[],
  query: ItemQuery,
  kind: CollectionKind,
): { page: Feature[]; matched: number } {
  const { bbox, datetime, equals, offset, limit } = query;
  const all = features.filter(
    (feature) =>
      (bbox === null || within(feature, bbox)) &&
      (datetime === null || during(feature, kind.timeProperty, datetime)) &&
      equals.every(([name, value]) => asText(feature.properties[name]) === value),
  );
  return { page: all.slice(offset, offset + limit), matched: all.length };
}
