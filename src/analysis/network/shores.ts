import type { Provenance } from '../../domain/config/facts.ts';
import type { Catchment } from '../../domain/config/basin.ts';
import type { Reach } from '../../domain/config/region.ts';
import { Exact } from '../liability/exact.ts';
import { type Network, reachesUpstream } from './network.ts';

export type Bank = 'left' | 'right';

/** A reach whose water is the border: who holds which bank, and how much shore each has (null: not stated). */
export interface SharedReach {
  reach: string;
  jurisdictions: Record<Bank, string>;
  shoreKm: Record<Bank, number> | null;
  provenance: Provenance;
}

/** Border reaches in the order of the configuration. */
export function sharedReaches(network: Network): SharedReach[] {
  return [...network.reaches.values()].flatMap((reach) => sharedReach(reach) ?? []);
}

/** Null for a reach within one jurisdiction's land on both banks. */
export function sharedReach(reach: Reach): SharedReach | null {
  if (reach.banks === undefined) return null;
  const { left, right, shoreKm } = reach.banks;
  return {
    reach: reach.id,
    jurisdictions: { left, right },
    shoreKm: shoreKm === undefined ? null : { left: shoreKm.left, right: shoreKm.right },
    provenance: shoreKm?.provenance ?? reach.banks.provenance,
  };
}

/**
 * Shore of each jurisdiction over several border reaches, as exact shares that add up to one. Null where one of them states no
 * shore lengths, or none is a border reach.
 */
export function shoreShares(reaches: readonly SharedReach[]): Map<string, Exact> | null {
  const lengths = new Map<string, Exact>();
  for (const { jurisdictions, shoreKm } of reaches) {
    if (shoreKm === null) return null;
    for (const bank of ['left', 'right'] as const) {
      const code = jurisdictions[bank];
      lengths.set(code, (lengths.get(code) ?? Exact.zero).plus(Exact.of(shoreKm[bank])));
    }
  }
  const whole = [...lengths.values()].reduce((sum, one) => sum.plus(one), Exact.zero);
  if (whole.sign() <= 0) return null;
  return new Map([...lengths].map(([code, length]) => [code, length.over(whole)]));
}

/** The jurisdiction of a bank of a reach; null where the reach is no border reach. */
export function bankOwner(network: Network, reachId: string, bank: Bank): string | null {
  return network.reaches.get(reachId)?.banks?.[bank] ?? null;
}

export interface CatchmentShares {
  areaKm2: number | null;
  shares: { jurisdiction: string; share: Exact }[];
  /** What the stated parts leave: land whose jurisdiction nobody states. */
  unstated: Exact;
  provenance: Provenance;
}

/** A section's land by jurisdiction, as stated for the section, otherwise for the reach at whose lower end it stands; else null. */
export function catchmentOf(network: Network, sectionId: string): CatchmentShares | null {
  const section = network.sections.get(sectionId);
  const reach = network.reaches.get(section?.reach?.id ?? '');
  const atEnd = reach?.lengthKm !== undefined && section?.reach?.km === reach.lengthKm.value;
  const stated: Catchment | undefined = section?.catchment ?? (atEnd ? reach.catchment : undefined);
  if (stated === undefined) return null;
  const shares = (stated.shares ?? []).map(({ jurisdiction, share }) => ({
    jurisdiction,
    share: Exact.of(share),
  }));
  const sum = shares.reduce((whole, one) => whole.plus(one.share), Exact.zero);
  return {
    areaKm2: stated.areaKm2 ?? null,
    shares,
    unstated: new Exact(1n).minus(sum),
    provenance: stated.provenance,
  };
}

/** Border reaches whose water passes a section, its own among them where it lies on one. */
export function sharedReachesAbove(network: Network, sectionId: string): SharedReach[] {
  const own = network.placed.get(sectionId)?.reach;
  if (own === undefined) return [];
  return [own, ...reachesUpstream(network, own)].flatMap((id) => {
    const reach = network.reaches.get(id);
    return reach === undefined ? [] : (sharedReach(reach) ?? []);
  });
}
