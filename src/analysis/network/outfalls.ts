import type { Outfall } from '../../domain/config/basin.ts';
import type { Text } from '../../domain/config/facts.ts';
import type { Section } from '../../domain/config/region.ts';
import { type Network, placeOf, reachesUpstream, riverKm, type RiverPlace } from './network.ts';
import { bankOwner } from './shores.ts';

/** An outfall that a reader of a section must know of, and whose it is (null: nobody states it). */
export interface OutfallWarning {
  outfall: string;
  section: string;
  where: 'mixing-reach' | 'between-section-and-boundary' | 'order-unknown';
  /** Along the river from the outfall down to the section, negative where the outfall lies below; null: not known. */
  km: number | null;
  jurisdiction: string | null;
  text: Text;
}

/** Whose an outfall is: the bank's on a border reach, otherwise the reach's, otherwise as stated. */
export function outfallOwner(network: Network, outfall: Outfall): string | null {
  const { id, bank } = outfall.reach;
  if (bank !== undefined) return bankOwner(network, id, bank);
  const reach = network.reaches.get(id);
  return outfall.locatedIn ?? (reach?.jurisdictions.length === 1 ? (reach.jurisdictions[0] ?? null) : null);
}

/**
 * Outfalls whose water has not mixed when it passes the section, and outfalls between the section and the border it stands for:
 * what enters there is counted on the wrong side. One on the section's own reach without a kilometre is named as well.
 */
export function outfallWarnings(network: Network, section: Section, mixingKm: number): OutfallWarning[] {
  const at = placeOf(network, section);
  if (at === null) return [];
  const mixing = section.mixingKm?.value ?? mixingKm;
  const boundary = boundaryReaches(network, section, at);
  return network.outfalls.flatMap((outfall): OutfallWarning[] => {
    const place = placeOf(network, outfall);
    if (place === null) return [];
    const km = signedKm(network, place, at);
    const where = whereOf({ place, km, at, mixing, boundary });
    if (where === null) return [];
    const jurisdiction = outfallOwner(network, outfall);
    return [
      { outfall: outfall.id, section: section.id, where, km, jurisdiction, text: textOf(outfall, where) },
    ];
  });
}

function whereOf(of: {
  place: RiverPlace;
  km: number | null;
  at: RiverPlace;
  mixing: number;
  boundary: { reaches: ReadonlySet<string>; below: boolean };
}): OutfallWarning['where'] | null {
  const { place, km, at, mixing, boundary } = of;
  if (km !== null && km >= 0 && km <= mixing) return 'mixing-reach';
  if (km === null && place.reach === at.reach) return 'order-unknown';
  if (!boundary.reaches.has(place.reach)) return null;
  if (place.reach !== at.reach) return 'between-section-and-boundary';
  return km !== null && km < 0 === boundary.below ? 'between-section-and-boundary' : null;
}

/**
 * Reaches between a section and the border it stands for: downstream while they are all the protecting side's where the section
 * lies on that side, otherwise upstream while they are all the benefiting side's.
 */
function boundaryReaches(
  network: Network,
  section: Section,
  at: RiverPlace,
): { reaches: ReadonlySet<string>; below: boolean } {
  const border = section.border;
  const reaches = new Set<string>();
  if (border === undefined) return { reaches, below: true };
  const own = network.prefectureOf(section.locatedIn);
  const below = own === network.prefectureOf(border.protecting);
  const side = below ? border.protecting : border.benefiting;
  const belongs = (id: string): boolean =>
    (network.reaches.get(id)?.jurisdictions ?? []).every((code) => network.prefectureOf(code) === side);
  if (below) {
    for (
      let id: string | null = at.reach;
      id !== null && !reaches.has(id) && belongs(id);
      id = network.reaches.get(id)?.downstream ?? null
    )
      reaches.add(id);
  } else {
    for (const id of [at.reach, ...reachesUpstream(network, at.reach)]) if (belongs(id)) reaches.add(id);
  }
  return { reaches, below };
}

function signedKm(network: Network, from: RiverPlace, to: RiverPlace): number | null {
  const down = riverKm(network, from, to);
  if (down.km !== null) return down.km;
  const up = riverKm(network, to, from);
  return up.km === null ? null : -up.km;
}

function textOf(outfall: Outfall, where: OutfallWarning['where']): Text {
  const { zh, en } = outfall.name;
  if (where === 'mixing-reach')
    return {
      zh: `${zh}排污口位于断面混合段内`,
      en: `${en} discharges within the mixing reach of the section`,
    };
  if (where === 'order-unknown')
    return {
      zh: `${zh}排污口与断面在同一河段，先后次序不明`,
      en: `${en} is on the section's reach; which of them lies above is not known`,
    };
  return {
    zh: `${zh}排污口位于断面与交界之间`,
    en: `${en} discharges between the section and the border`,
  };
}
