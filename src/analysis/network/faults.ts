import { length, lineString } from '@turf/turf';
import type { Reach, Section } from '../../domain/config/region.ts';
import { buildNetwork, reachesDownstream, type Network, type NetworkFacts } from './network.ts';

export interface NetworkFault {
  /** JSON pointer into `{ rivers, sections }`. */
  path: string;
  message: string;
}

/** A surveyed line and a declared length may differ by this share before one of them is called wrong. */
const LENGTH_TOLERANCE = 0.1;

/** Everything that makes the river graph unusable or contradictory, all at once; empty when it is sound. Never throws. */
export function networkFaults(facts: NetworkFacts): NetworkFault[] {
  const network = buildNetwork(facts);
  const known = new Set(facts.jurisdictions.map((jurisdiction) => jurisdiction.code));
  const faults: NetworkFault[] = [];
  const seen = new Set<string>();
  facts.rivers.forEach((river, riverIndex) => {
    river.reaches.forEach((reach, reachIndex) => {
      const path = `/rivers/${riverIndex}/reaches/${reachIndex}`;
      if (seen.has(reach.id))
        faults.push({ path: `${path}/id`, message: `reach ${reach.id} is declared twice` });
      seen.add(reach.id);
      faults.push(...reachFaults(network, reach, path, known));
      if (river.reaches.length > 1 && isOrphan(network, reach)) {
        faults.push({
          path,
          message: `reach ${reach.id} is connected to no other: no reach flows into it and it flows into none`,
        });
      }
    });
  });
  facts.sections.forEach((section, index) =>
    faults.push(...sectionFaults(network, section, `/sections/${index}`)),
  );
  return [...faults, ...cycleFaults(facts, network)];
}

function reachFaults(
  network: Network,
  reach: Reach,
  path: string,
  known: ReadonlySet<string>,
): NetworkFault[] {
  const faults: NetworkFault[] = [];
  if (reach.downstream !== null && !network.reaches.has(reach.downstream)) {
    faults.push({
      path: `${path}/downstream`,
      message: `reach ${reach.id} flows into ${reach.downstream}, which no river declares`,
    });
  }
  reach.jurisdictions.forEach((code, index) => {
    if (!known.has(code)) {
      faults.push({
        path: `${path}/jurisdictions/${index}`,
        message: `jurisdiction ${code} of reach ${reach.id} is not configured`,
      });
    }
  });
  for (const bank of ['left', 'right'] as const) {
    const code = reach.banks?.[bank];
    if (code !== undefined && !reach.jurisdictions.includes(code)) {
      faults.push({
        path: `${path}/banks/${bank}`,
        message: `bank ${code} is not among the jurisdictions of reach ${reach.id}`,
      });
    }
  }
  if (reach.banks !== undefined && reach.banks.left === reach.banks.right) {
    faults.push({
      path: `${path}/banks`,
      message: `both banks of reach ${reach.id} belong to ${reach.banks.left}: it is no border reach`,
    });
  }
  if (reach.line?.surveyed === true && reach.lengthKm !== undefined) {
    const measured = length(lineString(reach.line.coordinates), { units: 'kilometers' });
    if (Math.abs(measured - reach.lengthKm.value) > LENGTH_TOLERANCE * reach.lengthKm.value) {
      faults.push({
        path: `${path}/lengthKm/value`,
        message: `reach ${reach.id} is declared ${reach.lengthKm.value} km long, its surveyed line measures ${measured.toFixed(1)} km`,
      });
    }
  }
  return faults;
}

function sectionFaults(network: Network, section: Section, path: string): NetworkFault[] {
  const faults: NetworkFault[] = [];
  if (section.border !== undefined && section.border.protecting === section.border.benefiting) {
    faults.push({
      path: `${path}/border`,
      message: `section ${section.id} has ${section.border.protecting} on both sides`,
    });
  }
  if (section.reach === undefined) return faults;
  const reach = network.reaches.get(section.reach.id);
  if (reach === undefined) {
    faults.push({
      path: `${path}/reach/id`,
      message: `section ${section.id} is on reach ${section.reach.id}, which no river declares`,
    });
    return faults;
  }
  const km = section.reach.km;
  if (km !== undefined && (km < 0 || (reach.lengthKm !== undefined && km > reach.lengthKm.value))) {
    faults.push({
      path: `${path}/reach/km`,
      message: `section ${section.id} is at km ${km} of reach ${reach.id}, expected 0 to ${reach.lengthKm?.value ?? 'its length'}`,
    });
  }
  if (section.reach.bank !== undefined && reach.banks === undefined) {
    faults.push({
      path: `${path}/reach/bank`,
      message: `section ${section.id} names a bank, but reach ${reach.id} is no border reach`,
    });
  }
  return faults;
}

function isOrphan(network: Network, reach: Reach): boolean {
  return reach.downstream === null && (network.tributaries.get(reach.id) ?? []).length === 0;
}

/** One fault a cycle, at its first reach in the order of the configuration. */
function cycleFaults(facts: NetworkFacts, network: Network): NetworkFault[] {
  const faults: NetworkFault[] = [];
  const reported = new Set<string>();
  facts.rivers.forEach((river, riverIndex) => {
    river.reaches.forEach((reach, reachIndex) => {
      const path = reachesDownstream(network, reach.id);
      const last = path.at(-1) ?? reach.id;
      const closes = network.reaches.get(last)?.downstream === reach.id;
      if (!closes || reported.has(reach.id)) return;
      for (const id of [reach.id, ...path]) reported.add(id);
      faults.push({
        path: `/rivers/${riverIndex}/reaches/${reachIndex}/downstream`,
        message: `reaches flow in a circle: ${[reach.id, ...path, reach.id].join(' → ')}`,
      });
    });
  });
  return faults;
}
