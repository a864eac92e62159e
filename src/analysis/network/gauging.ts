import { distance, point } from '@turf/turf';
import type { Confidence } from '../../domain/config/facts.ts';
import type { FlowStation, Section } from '../../domain/config/region.ts';
import { Exact } from '../liability/exact.ts';
import { type Network, placeOf, riverKm, weakest } from './network.ts';

/** How a station's discharge becomes the section's. `riverKm` is negative where the station lies above the section; null: not known. */
export interface Gauging {
  station: string;
  factor: Exact;
  method: 'same-place' | 'area-ratio' | 'factor';
  relativeStandardError: string;
  riverKm: number | null;
  confidence: Confidence;
}

export type GaugingResult =
  Gauging | { station: string | null; reason: 'no-station' | 'no-transfer' | 'area-unknown' };

/** The declared gauging of a section; a reason where none is declared. A transfer is never guessed from a map. */
export function gaugingOf(network: Network, sectionId: string): GaugingResult {
  const section = network.sections.get(sectionId);
  const station = network.flowStations.get(section?.flowStation?.id ?? '');
  if (section?.flowStation === undefined || station === undefined)
    return { station: null, reason: 'no-station' };
  const { transfer, provenance } = section.flowStation;
  if (transfer === undefined) return { station: station.id, reason: 'no-transfer' };
  const factor = factorOf(section, station);
  if (factor === null) return { station: station.id, reason: 'area-unknown' };
  return {
    station: station.id,
    factor: factor.value,
    method: transfer.method,
    relativeStandardError: transfer.relativeStandardError,
    riverKm: riverKmBetween(network, section, station),
    confidence: weakest([provenance.confidence, transfer.provenance.confidence, ...factor.confidences]),
  };
}

function factorOf(
  section: Section,
  station: FlowStation,
): { value: Exact; confidences: Confidence[] } | null {
  const transfer = section.flowStation?.transfer;
  if (transfer === undefined) return null;
  if (transfer.method === 'same-place') return { value: new Exact(1n), confidences: [] };
  if (transfer.method === 'factor')
    return transfer.factor === undefined ? null : { value: Exact.of(transfer.factor), confidences: [] };
  const [own, gauged] = [section.catchment, station.catchment];
  if (own?.areaKm2 === undefined || gauged?.areaKm2 === undefined) return null;
  const value = Exact.of(own.areaKm2).over(Exact.of(gauged.areaKm2));
  return { value, confidences: [own.provenance.confidence, gauged.provenance.confidence] };
}

function riverKmBetween(network: Network, section: Section, station: FlowStation): number | null {
  const [from, to] = [placeOf(network, section), placeOf(network, station)];
  if (from === null || to === null) return null;
  const down = riverKm(network, from, to);
  if (down.km !== null) return down.km;
  const up = riverKm(network, to, from);
  return up.km === null ? null : -up.km;
}

export interface NearStation {
  station: string;
  /** Along the river, negative above the section; null where the river kilometres are not known. */
  riverKm: number | null;
  /** As the crow flies, null where a position is not known; for looking, never for a transfer. */
  straightKm: number | null;
  declared: boolean;
}

/**
 * Gauging stations on the section's river (same reach graph, or the same river name), nearest first by river kilometre, then as
 * the crow flies: what a person chooses a declared transfer from.
 */
export function nearestFlowStations(network: Network, sectionId: string): NearStation[] {
  const section = network.sections.get(sectionId);
  if (section === undefined) return [];
  const found = [...network.flowStations.values()].flatMap((station): NearStation[] => {
    const along = riverKmBetween(network, section, station);
    const declared = section.flowStation?.id === station.id;
    if (along === null && !declared && station.riverName !== section.riverName) return [];
    return [{ station: station.id, riverKm: along, straightKm: straightKm(section, station), declared }];
  });
  const rank = (one: NearStation): number => Math.abs(one.riverKm ?? one.straightKm ?? Infinity);
  return found.toSorted(
    (a, b) =>
      Number(a.riverKm === null) - Number(b.riverKm === null) ||
      rank(a) - rank(b) ||
      (a.station < b.station ? -1 : 1),
  );
}

function straightKm(a: Pick<Section, 'position'>, b: Pick<FlowStation, 'position'>): number | null {
  if (a.position === null || b.position === null) return null;
  const [from, to] = [a.position, b.position].map(({ lon, lat }) => point([lon, lat]));
  return distance(from!, to!, { units: 'kilometers' });
}
