import type { Config } from '../../domain/config/config.ts';
import type { Confidence } from '../../domain/config/facts.ts';
import type { Outfall } from '../../domain/config/basin.ts';
import type { FlowStation, Jurisdiction, Reach, Section } from '../../domain/config/region.ts';

export type NetworkFacts = Pick<Config, 'jurisdictions' | 'rivers' | 'sections'> &
  Partial<Pick<Config, 'flowStations' | 'outfalls'>>;

/** Where a section stands on its reach; `km` counts downstream from the reach's upper end, null where not known. */
export interface PlacedSection {
  id: string;
  reach: string;
  km: number | null;
}

/** The river graph: reaches are the nodes, `downstream` the edges. References that lead nowhere are left out (see `networkFaults`). */
export interface Network {
  reaches: ReadonlyMap<string, Reach>;
  /** Reaches that flow into a reach, by its id. */
  tributaries: ReadonlyMap<string, readonly string[]>;
  placed: ReadonlyMap<string, PlacedSection>;
  onReach: ReadonlyMap<string, readonly PlacedSection[]>;
  sections: ReadonlyMap<string, Section>;
  flowStations: ReadonlyMap<string, FlowStation>;
  outfalls: readonly Outfall[];
  prefectureOf: (code: string) => string;
}

export type Distance =
  | { km: number; confidence: Confidence }
  | { km: null; reason: 'not-placed' | 'not-downstream' | 'length-unknown' };

/** A prefecture for a county, otherwise the code itself; a code that is not configured is returned as it is. */
export function prefectureLookup(jurisdictions: readonly Jurisdiction[]): (code: string) => string {
  const byCode = new Map(jurisdictions.map((jurisdiction) => [jurisdiction.code, jurisdiction]));
  return (code) => {
    const jurisdiction = byCode.get(code);
    return jurisdiction?.level === 'county' && jurisdiction.parent !== undefined ? jurisdiction.parent : code;
  };
}

/** Builds the directed graph. Deterministic: order follows the configuration. */
export function buildNetwork(facts: NetworkFacts): Network {
  const reaches = new Map<string, Reach>();
  for (const river of facts.rivers) for (const reach of river.reaches) reaches.set(reach.id, reach);
  const tributaries = new Map<string, string[]>();
  for (const reach of reaches.values()) {
    if (reach.downstream === null || !reaches.has(reach.downstream)) continue;
    tributaries.set(reach.downstream, [...(tributaries.get(reach.downstream) ?? []), reach.id]);
  }
  const placed = new Map<string, PlacedSection>();
  const onReach = new Map<string, PlacedSection[]>();
  for (const section of facts.sections) {
    if (section.reach === undefined || !reaches.has(section.reach.id)) continue;
    const place = { id: section.id, reach: section.reach.id, km: section.reach.km ?? null };
    placed.set(section.id, place);
    onReach.set(place.reach, [...(onReach.get(place.reach) ?? []), place]);
  }
  return {
    reaches,
    tributaries,
    placed,
    onReach,
    sections: new Map(facts.sections.map((section) => [section.id, section])),
    flowStations: new Map((facts.flowStations ?? []).map((station) => [station.id, station])),
    outfalls: facts.outfalls ?? [],
    prefectureOf: prefectureLookup(facts.jurisdictions),
  };
}

/** Reaches whose water passes this one, nearest first, itself not included. */
export function reachesUpstream(network: Network, reachId: string): string[] {
  const found = new Set<string>();
  let front = [...(network.tributaries.get(reachId) ?? [])];
  while (front.length > 0) {
    const next: string[] = [];
    for (const id of front) {
      if (found.has(id) || id === reachId) continue;
      found.add(id);
      next.push(...(network.tributaries.get(id) ?? []));
    }
    front = next;
  }
  return [...found];
}

/** Reaches this one's water passes, in order to the sea or the edge, itself not included. */
export function reachesDownstream(network: Network, reachId: string): string[] {
  const found = new Set<string>([reachId]);
  let at = network.reaches.get(reachId)?.downstream ?? null;
  while (at !== null && !found.has(at) && network.reaches.has(at)) {
    found.add(at);
    at = network.reaches.get(at)?.downstream ?? null;
  }
  found.delete(reachId);
  return [...found];
}

/** Sections certainly upstream, nearest reach first. On its own reach a section counts only where both kilometres are known. */
export function upstreamOf(network: Network, sectionId: string): string[] {
  const place = network.placed.get(sectionId);
  if (place === undefined) return [];
  const above = (network.onReach.get(place.reach) ?? []).filter(
    (other) => other.km !== null && place.km !== null && other.km < place.km,
  );
  const further = reachesUpstream(network, place.reach).map((id) => network.onReach.get(id) ?? []);
  return [above, ...further].flatMap((group) =>
    group.toSorted((a, b) => inOrder(b, a)).map((other) => other.id),
  );
}

/** Sections certainly downstream, in order. On its own reach a section counts only where both kilometres are known. */
export function downstreamOf(network: Network, sectionId: string): string[] {
  const place = network.placed.get(sectionId);
  if (place === undefined) return [];
  const below = (network.onReach.get(place.reach) ?? []).filter(
    (other) => other.km !== null && place.km !== null && other.km > place.km,
  );
  const further = reachesDownstream(network, place.reach).map((id) => network.onReach.get(id) ?? []);
  return [below, ...further].flatMap((group) => group.toSorted(inOrder).map((other) => other.id));
}

/** Sections of the same reach of which it is not known whether they lie above or below. */
export function orderUnknown(network: Network, sectionId: string): string[] {
  const place = network.placed.get(sectionId);
  if (place === undefined) return [];
  return (network.onReach.get(place.reach) ?? [])
    .filter(
      (other) => other.id !== sectionId && (other.km === null || place.km === null || other.km === place.km),
    )
    .map((other) => other.id);
}

/**
 * Prefectures whose land drains past the section, nearest first. On its own reach: those from the top down to the one the
 * section protects or lies in, none at km 0; a border reach counts for both banks.
 */
export function jurisdictionsUpstream(network: Network, sectionId: string): string[] {
  const place = network.placed.get(sectionId);
  if (place === undefined) return [];
  const codes = [...ownReachJurisdictions(network, place)];
  for (const id of reachesUpstream(network, place.reach)) {
    codes.push(...(network.reaches.get(id)?.jurisdictions ?? []).map(network.prefectureOf).reverse());
  }
  return [...new Set(codes)];
}

/** A place on the river, from any kind of entry. */
export interface RiverPlace {
  reach: string;
  km: number | null;
  confidence: Confidence;
}

/** Kilometres along the declared reaches from one place down to another; the confidence is the weakest used. */
export function riverKm(network: Network, from: RiverPlace, to: RiverPlace): Distance {
  if (from.reach === to.reach && (from.km === null || to.km === null))
    return { km: null, reason: 'length-unknown' };
  const path = [from.reach, ...reachesDownstream(network, from.reach)];
  const end = path.indexOf(to.reach);
  if (end < 0) return { km: null, reason: 'not-downstream' };
  if (from.km === null || to.km === null) return { km: null, reason: 'length-unknown' };
  let km = to.km - from.km;
  const confidences = [from.confidence, to.confidence];
  for (const id of path.slice(0, end)) {
    const length = network.reaches.get(id)?.lengthKm;
    if (length === undefined) return { km: null, reason: 'length-unknown' };
    km += length.value;
    confidences.push(length.provenance.confidence);
  }
  return km < 0 ? { km: null, reason: 'not-downstream' } : { km, confidence: weakest(confidences) };
}

/** Where a section stands on its reach; null where it is on none. */
export function placeOf(
  network: Network,
  entry: { reach?: { id: string; km?: number; provenance: { confidence: Confidence } } } | undefined,
): RiverPlace | null {
  const on = entry?.reach;
  if (on === undefined || !network.reaches.has(on.id)) return null;
  return { reach: on.id, km: on.km ?? null, confidence: on.provenance.confidence };
}

/** Kilometres along the declared reaches from one section down to another; the confidence is the weakest used. */
export function distanceKm(network: Network, fromId: string, toId: string): Distance {
  const from = placeOf(network, network.sections.get(fromId));
  const to = placeOf(network, network.sections.get(toId));
  return from === null || to === null ? { km: null, reason: 'not-placed' } : riverKm(network, from, to);
}

export type BorderSection = Section & Required<Pick<Section, 'border'>>;

/** Sections at which one government answers to another, in the order of the configuration. */
export function borderSections(facts: Pick<NetworkFacts, 'sections'>): BorderSection[] {
  return facts.sections.filter((section): section is BorderSection => section.border !== undefined);
}

function ownReachJurisdictions(network: Network, place: PlacedSection): string[] {
  const reach = network.reaches.get(place.reach);
  const section = network.sections.get(place.id);
  if (reach === undefined || section === undefined || place.km === 0) return [];
  const codes = reach.jurisdictions.map(network.prefectureOf);
  if (reach.banks !== undefined) return codes;
  const last = codes.lastIndexOf(network.prefectureOf(section.border?.protecting ?? section.locatedIn));
  return (last < 0 ? codes : codes.slice(0, last + 1)).reverse();
}

function inOrder(a: PlacedSection, b: PlacedSection): number {
  return (a.km ?? Infinity) - (b.km ?? Infinity) || (a.id < b.id ? -1 : 1);
}

/** The least sure of several. */
export function weakest(confidences: readonly Confidence[]): Confidence {
  const order: Confidence[] = ['confirmed', 'from-memory', 'inferred', 'assumed', 'project-default'];
  return order[Math.max(...confidences.map((confidence) => order.indexOf(confidence)))] ?? 'assumed';
}
