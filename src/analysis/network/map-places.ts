import { along, length, lineString } from '@turf/turf';
import type { Reach } from '../../domain/config/region.ts';
import { buildNetwork, type Network, type NetworkFacts, type PlacedSection } from './network.ts';

/** Where a map draws a section. `basis` must be shown: only `position` is a place that a source gives. */
export interface MapPlace {
  section: string;
  lon: number;
  lat: number;
  basis: 'position' | 'reach-km' | 'somewhere-on-reach';
  /** Null where the place is only somewhere on the schematic line. */
  uncertaintyKm: number | null;
}

/**
 * A place to draw for every section that has a position or a reach with a line, in the order of the configuration.
 * Sections that cannot be placed by kilometre are spread evenly over the line of their reach, by kilometre as far as
 * known, then by id. For drawing only: no distance, outline or verdict may use it.
 */
export function mapPlaces(facts: NetworkFacts): MapPlace[] {
  const network = buildNetwork(facts);
  return facts.sections.flatMap((section) => {
    if (section.position !== null) {
      const { lon, lat, uncertaintyKm } = section.position;
      return [{ section: section.id, lon, lat, basis: 'position' as const, uncertaintyKm }];
    }
    const place = network.placed.get(section.id);
    const reach = place === undefined ? undefined : network.reaches.get(place.reach);
    if (place === undefined || reach?.line === undefined) return [];
    return [onLine(network, place, reach, reach.line.coordinates)];
  });
}

function onLine(
  network: Network,
  place: PlacedSection,
  reach: Reach,
  coordinates: [number, number][],
): MapPlace {
  const line = lineString(coordinates);
  const at = (share: number) => {
    const [lon = 0, lat = 0] = along(line, share * length(line, { units: 'kilometers' }), {
      units: 'kilometers',
    }).geometry.coordinates;
    return { section: place.id, lon: round(lon), lat: round(lat), uncertaintyKm: null };
  };
  if (place.km !== null && (reach.lengthKm !== undefined || place.km === 0)) {
    const share = place.km === 0 ? 0 : Math.min(1, place.km / (reach.lengthKm?.value ?? place.km));
    return { ...at(share), basis: 'reach-km' };
  }
  const loose = (network.onReach.get(place.reach) ?? [])
    .filter((other) => network.sections.get(other.id)?.position === null)
    .toSorted((a, b) => (a.km ?? Infinity) - (b.km ?? Infinity) || (a.id < b.id ? -1 : 1))
    .map((other) => other.id);
  return { ...at((loose.indexOf(place.id) + 1) / (loose.length + 1)), basis: 'somewhere-on-reach' };
}

/** Six decimals, a tenth of a metre, so that the same facts give the same text everywhere. */
function round(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}
