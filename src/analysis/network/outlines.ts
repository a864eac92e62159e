import {
  booleanPointInPolygon,
  distance,
  featureCollection,
  point,
  rewind,
  truncate,
  union,
  voronoi,
} from '@turf/turf';
import type { Feature, FeatureCollection, MultiPolygon, Polygon } from 'geojson';
import type { Config } from '../../domain/config/config.ts';
import type { Position } from '../../domain/config/facts.ts';
import { prefectureLookup } from './network.ts';

export type OutlineFacts = Pick<
  Config,
  'region' | 'jurisdictions' | 'sections' | 'airStations' | 'flowStations'
>;

/** `schematic` is always true: these shapes come from points, settle no boundary and must be marked 示意 wherever drawn. */
export interface OutlineProperties {
  code: string;
  name: { zh: string; en: string };
  member: boolean;
  schematic: true;
}

export type Outlines = FeatureCollection<Polygon | MultiPolygon, OutlineProperties>;

export interface PositionFinding {
  section: string;
  /** Prefecture the section is said to lie in, and the one whose outline holds its position (null: sea or outside the region). */
  locatedIn: string;
  foundIn: string | null;
  /** To the nearest known point of its own prefecture; null where it has none. */
  nearestOwnPointKm: number | null;
  uncertaintyKm: number;
}

interface Site {
  lon: number;
  lat: number;
  /** Prefecture code, null for the sea. */
  owner: string | null;
}

/**
 * Schematic outlines, one per prefecture: Voronoi cells of every station, section, county seat and shaping point, clipped to
 * the region's box, joined per prefecture; cells of sea points are left out. A station is inside its prefecture by
 * construction. Longitude and latitude are treated as plane coordinates. Deterministic.
 */
export function outlines(facts: OutlineFacts): Outlines {
  return outlinesOf(facts, [...fixedSites(facts), ...sectionSites(facts)]);
}

/**
 * Sections whose position falls outside the outline that the other points (seats, stations, shaping points) give their
 * prefecture. Near a border this is expected within the position's uncertainty; it is a finding, not a fault.
 */
export function positionCheck(facts: OutlineFacts): PositionFinding[] {
  const sites = fixedSites(facts);
  const shapes = outlinesOf(facts, sites);
  const prefectureOf = prefectureLookup(facts.jurisdictions);
  const findings: PositionFinding[] = [];
  for (const section of facts.sections) {
    const owner = prefectureOf(section.locatedIn);
    if (section.position === null || !isPrefecture(facts, owner)) continue;
    const at = point([section.position.lon, section.position.lat]);
    const within = shapes.features.filter((shape) =>
      booleanPointInPolygon(at, shape, { ignoreBoundary: false }),
    );
    if (within.some((shape) => shape.properties.code === owner)) continue;
    const own = sites
      .filter((site) => site.owner === owner)
      .map((site) => kmBetween(site, section.position!));
    findings.push({
      section: section.id,
      locatedIn: owner,
      foundIn: within[0]?.properties.code ?? null,
      nearestOwnPointKm: own.length === 0 ? null : Math.min(...own),
      uncertaintyKm: section.position.uncertaintyKm,
    });
  }
  return findings;
}

/** Every prefecture whose outline holds or touches a point: a point on a border is in both, in code order; none in the sea. */
export function prefecturesAt(shapes: Outlines, lon: number, lat: number): string[] {
  const at = point([lon, lat]);
  return shapes.features
    .filter((shape) => booleanPointInPolygon(at, shape, { ignoreBoundary: false }))
    .map((shape) => shape.properties.code)
    .toSorted();
}

/** The prefecture whose outline holds a point; null for the sea and beyond the region. A point on a border is in neither. */
export function prefectureAt(shapes: Outlines, lon: number, lat: number): string | null {
  const at = point([lon, lat]);
  const holder = shapes.features.find((shape) => booleanPointInPolygon(at, shape, { ignoreBoundary: true }));
  return holder?.properties.code ?? null;
}

export interface Misplaced {
  list: 'sections' | 'airStations' | 'flowStations';
  index: number;
  locatedIn: string;
  /** The prefecture of the nearest known point. */
  nearest: string;
  /** So far at least lies the position from any place that is nearer to a known point of its own prefecture. */
  outsideByKm: number;
}

/**
 * Sections and stations whose position, moved by its stated error and `slackKm`, still cannot lie in their own prefecture, as far
 * as the other known points tell. Compares distances on the sphere, so no outline has to be drawn; a place midway between
 * two prefectures belongs to both.
 */
export function misplaced(facts: OutlineFacts, slackKm: number): Misplaced[] {
  const sites = fixedSites(facts).filter((site) => site.owner !== null);
  const prefectureOf = prefectureLookup(facts.jurisdictions);
  return (['sections', 'airStations', 'flowStations'] as const).flatMap((list) =>
    facts[list].flatMap(({ position, locatedIn }, index): Misplaced[] => {
      const owner = locatedIn === null ? null : prefectureOf(locatedIn);
      if (position === null || owner === null || !isPrefecture(facts, owner)) return [];
      const others = sites.filter(({ lon, lat }) => lon !== position.lon || lat !== position.lat);
      const own = nearestOf(
        others.filter((site) => site.owner === owner),
        position,
      );
      const any = nearestOf(others, position);
      if (own === null || any === null) return [];
      const outsideByKm = (own.km - any.km) / 2;
      if (outsideByKm <= position.uncertaintyKm + slackKm) return [];
      return [{ list, index, locatedIn: owner, nearest: any.owner, outsideByKm }];
    }),
  );
}

function nearestOf(
  sites: readonly Site[],
  position: Pick<Site, 'lon' | 'lat'>,
): { owner: string; km: number } | null {
  let nearest: { owner: string; km: number } | null = null;
  for (const site of sites) {
    const km = kmBetween(site, position);
    if (site.owner !== null && (nearest === null || km < nearest.km)) nearest = { owner: site.owner, km };
  }
  return nearest;
}

function outlinesOf(facts: OutlineFacts, sites: readonly Site[]): Outlines {
  const distinct = distinctSites(sites);
  const cells = voronoi(featureCollection(distinct.map((site) => point([site.lon, site.lat]))), {
    bbox: facts.region.bbox,
  });
  const byOwner = new Map<string, Feature<Polygon>[]>();
  cells.features.forEach((cell, index) => {
    const owner = distinct[index]?.owner;
    // turf leaves a hole in the list where a cell lies wholly outside the box
    if (owner === undefined || owner === null || !Object.hasOwn(cells.features, index)) return;
    byOwner.set(owner, [...(byOwner.get(owner) ?? []), truncate(cell, { precision: 6 })]);
  });
  const features: Outlines['features'] = [];
  for (const jurisdiction of facts.jurisdictions) {
    const own = byOwner.get(jurisdiction.code);
    if (own === undefined) continue;
    const properties = {
      code: jurisdiction.code,
      name: jurisdiction.name,
      member: jurisdiction.member,
      schematic: true as const,
    };
    const joined = own.length === 1 ? own[0] : union(featureCollection(own));
    if (joined === null || joined === undefined) continue;
    rewind(joined, { mutate: true });
    features.push({ type: 'Feature', id: jurisdiction.code, properties, geometry: joined.geometry });
  }
  return featureCollection(features);
}

/** Points besides the sections: seats, shaping points, air and flow stations. */
function fixedSites(facts: OutlineFacts): Site[] {
  const prefectureOf = prefectureLookup(facts.jurisdictions);
  const sites: Site[] = [];
  const add = (position: Pick<Position, 'lon' | 'lat'> | null | undefined, code: string | null) => {
    if (position === null || position === undefined || code === null) return;
    const owner = prefectureOf(code);
    if (isPrefecture(facts, owner)) sites.push({ lon: position.lon, lat: position.lat, owner });
  };
  for (const jurisdiction of facts.jurisdictions) {
    add(jurisdiction.seat, jurisdiction.code);
    for (const land of jurisdiction.outlinePoints?.land ?? []) add(land, jurisdiction.code);
    for (const sea of jurisdiction.outlinePoints?.sea ?? [])
      sites.push({ lon: sea.lon, lat: sea.lat, owner: null });
  }
  for (const station of [...facts.airStations, ...facts.flowStations])
    add(station.position, station.locatedIn);
  return sites.filter((site) => insideBox(facts.region.bbox, site));
}

function sectionSites(facts: OutlineFacts): Site[] {
  const prefectureOf = prefectureLookup(facts.jurisdictions);
  return facts.sections.flatMap((section) => {
    const owner = prefectureOf(section.locatedIn);
    if (section.position === null || !isPrefecture(facts, owner)) return [];
    const site = { lon: section.position.lon, lat: section.position.lat, owner };
    return insideBox(facts.region.bbox, site) ? [site] : [];
  });
}

/** In a fixed order, one a place: the diagram has no answer for two sites at the same point. The first owner by code wins. */
function distinctSites(sites: readonly Site[]): Site[] {
  const sorted = sites.toSorted(
    (a, b) => a.lon - b.lon || a.lat - b.lat || ((a.owner ?? '') < (b.owner ?? '') ? -1 : 1),
  );
  return sorted.filter(
    (site, index) =>
      index === 0 || site.lon !== sorted[index - 1]!.lon || site.lat !== sorted[index - 1]!.lat,
  );
}

function isPrefecture(facts: Pick<OutlineFacts, 'jurisdictions'>, code: string): boolean {
  return facts.jurisdictions.some(
    (jurisdiction) => jurisdiction.code === code && jurisdiction.level === 'prefecture',
  );
}

function insideBox(bbox: OutlineFacts['region']['bbox'], site: Pick<Site, 'lon' | 'lat'>): boolean {
  return site.lon > bbox[0] && site.lat > bbox[1] && site.lon < bbox[2] && site.lat < bbox[3];
}

function kmBetween(a: Pick<Site, 'lon' | 'lat'>, b: Pick<Site, 'lon' | 'lat'>): number {
  return distance(point([a.lon, a.lat]), point([b.lon, b.lat]), { units: 'kilometers' });
}
