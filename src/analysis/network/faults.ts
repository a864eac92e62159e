import { length, lineString, point, pointToLineDistance } from '@turf/turf';
import type { Outfall } from '../../domain/config/basin.ts';
import type { FlowStation, Reach, Section } from '../../domain/config/region.ts';
import { buildNetwork, reachesDownstream, type Network, type NetworkFacts } from './network.ts';

/** A fault at a value of one entry: `path` is within the river, section, station or outfall of that place in its list. */
export interface NetworkFault {
  list: 'rivers' | 'sections' | 'flowStations' | 'outfalls';
  index: number;
  path: (string | number)[];
  message: string;
  expected: string;
}

type Found = Omit<NetworkFault, 'list' | 'index'>;

/** A surveyed line and a declared length may differ by this share before one of them is called wrong. */
const lengthTolerance = 0.1;
/** A section may lie this far from the surveyed line of its reach, beside the error of its position. */
const offRiverKm = 0.5;

/**
 * Everything that makes the river graph unusable or contradictory, all at once; empty when it is sound. Never throws. Names that
 * lead nowhere are left to whoever checks references. Geometry counts only where a line is surveyed.
 */
export function networkFaults(facts: NetworkFacts): NetworkFault[] {
  const network = buildNetwork(facts);
  const measured = new Set(facts.sections.map((section) => section.reach?.id));
  const faults: NetworkFault[] = [];
  facts.rivers.forEach((river, index) => {
    river.reaches.forEach((reach, at) => {
      const found = reachFaults(reach);
      const lonely = river.reaches.length > 1 && !measured.has(reach.id) && isOrphan(network, reach);
      if (lonely) {
        const expected = 'a reach above or below it, or a section on it';
        found.push({ path: ['id'], message: 'joined to nothing', expected });
      }
      faults.push(
        ...found.map(({ path, ...rest }) => ({
          list: 'rivers' as const,
          index,
          path: ['reaches', at, ...path],
          ...rest,
        })),
      );
    });
  });
  const add = (list: NetworkFault['list']) => (found: Found[], index: number) =>
    faults.push(...found.map((one) => ({ list, index, ...one })));
  facts.sections.map((section) => sectionFaults(network, section)).forEach(add('sections'));
  (facts.flowStations ?? []).map((station) => stationFaults(network, station)).forEach(add('flowStations'));
  (facts.outfalls ?? []).map((outfall) => outfallFaults(network, outfall)).forEach(add('outfalls'));
  return [...faults, ...cycleFaults(facts, network)];
}

function reachFaults(reach: Reach): Found[] {
  const faults = [...bankFaults(reach), ...shareFaults(reach.catchment, ['catchment'])];
  if (reach.line?.surveyed === true && reach.lengthKm !== undefined) {
    const declared = reach.lengthKm.value;
    const measured = length(lineString(reach.line.coordinates), { units: 'kilometers' });
    if (Math.abs(measured - declared) > lengthTolerance * declared) {
      faults.push({
        path: ['lengthKm', 'value'],
        message: `reach ${reach.id} is declared ${declared} km long, its surveyed line measures ${measured.toFixed(1)} km`,
        expected: 'the length of the surveyed line, within a tenth',
      });
    }
  }
  return faults;
}

function bankFaults(reach: Reach): Found[] {
  if (reach.banks === undefined) return [];
  const { left, right, shoreKm } = reach.banks;
  const faults: Found[] = [];
  if (left === right) {
    const expected = 'two jurisdictions, or no banks';
    faults.push({ path: ['banks', 'right'], message: 'both banks belong to one jurisdiction', expected });
  }
  for (const bank of ['left', 'right'] as const) {
    const code = reach.banks[bank];
    if (!reach.jurisdictions.includes(code)) {
      faults.push({
        path: ['banks', bank],
        message: `bank ${code} is not among the jurisdictions of reach ${reach.id}`,
        expected: `one of ${reach.jurisdictions.join(', ')}`,
      });
    }
    const [shore, river] = [shoreKm?.[bank], reach.lengthKm?.value];
    if (shore !== undefined && river !== undefined && shore < (1 - lengthTolerance) * river) {
      faults.push({
        path: ['banks', 'shoreKm', bank],
        message: `the ${bank} shore of reach ${reach.id} is ${shore} km, shorter than the river between both banks`,
        expected: `at least ${river} km, within a tenth`,
      });
    }
  }
  return faults;
}

function shareFaults(catchment: Reach['catchment'], path: Found['path']): Found[] {
  const shares = catchment?.shares ?? [];
  const negative = shares.findIndex(({ share }) => Number(share) < 0);
  if (negative >= 0)
    return [
      {
        path: [...path, 'shares', negative, 'share'],
        message: 'a part below nothing',
        expected: 'from 0 to 1',
      },
    ];
  const sum = shares.reduce((whole, { share }) => whole + Number(share), 0);
  if (sum <= 1 + 1e-9) return [];
  const message = `the parts of the catchment add up to ${sum.toFixed(3)}`;
  return [{ path: [...path, 'shares'], message, expected: 'at most 1' }];
}

/** `km` beyond the reach, or a bank where there is no border. */
function placeFaults(
  network: Network,
  what: string,
  place: { id: string; km?: number; bank?: string } | undefined,
): Found[] {
  const reach = place === undefined ? undefined : network.reaches.get(place.id);
  if (place === undefined || reach === undefined) return [];
  const faults: Found[] = [];
  const { km } = place;
  if (km !== undefined && (km < 0 || (reach.lengthKm !== undefined && km > reach.lengthKm.value))) {
    faults.push({
      path: ['reach', 'km'],
      message: `${what} is at km ${km} of reach ${reach.id}`,
      expected: `0 to ${reach.lengthKm?.value ?? 'its length'}`,
    });
  }
  if (place.bank !== undefined && reach.banks === undefined) {
    const message = `${what} names a bank, but reach ${reach.id} is no border reach`;
    faults.push({ path: ['reach', 'bank'], message, expected: 'no bank' });
  }
  return faults;
}

function sectionFaults(network: Network, section: Section): Found[] {
  const what = `section ${section.id}`;
  const faults = [
    ...placeFaults(network, what, section.reach),
    ...shareFaults(section.catchment, ['catchment']),
    ...transferFaults(network, section),
  ];
  const { border } = section;
  if (border !== undefined && border.protecting === border.benefiting) {
    const message = `${what} has ${border.protecting} on both sides`;
    faults.push({ path: ['border'], message, expected: 'two governments' });
  }
  const standing = section.hydraulics === 'tidal' || section.hydraulics === 'backwater';
  if (standing && border?.role === 'hand-over') {
    const message = `${what} is ${section.hydraulics}: water does not pass it one way`;
    const expected = 'a hand-over section in free-flowing water';
    faults.push({ path: ['border', 'role'], message, expected });
  }
  const line = section.reach === undefined ? undefined : network.reaches.get(section.reach.id)?.line;
  if (section.position !== null && line?.surveyed === true) {
    const { lon, lat, uncertaintyKm } = section.position;
    const apart = pointToLineDistance(point([lon, lat]), lineString(line.coordinates), {
      units: 'kilometers',
      method: 'geodesic',
    });
    if (apart > uncertaintyKm + offRiverKm) {
      const message = `${what} lies ${apart.toFixed(1)} km off the surveyed line of its reach`;
      faults.push({ path: ['position'], message, expected: `within ${uncertaintyKm + offRiverKm} km` });
    }
  }
  return faults;
}

function transferFaults(network: Network, section: Section): Found[] {
  const transfer = section.flowStation?.transfer;
  if (transfer === undefined) return [];
  const path = ['flowStation', 'transfer'];
  const { factor, relativeStandardError } = transfer;
  if (factor !== undefined && Number(factor) <= 0) {
    const message = `the transfer of section ${section.id} makes no water of the station's`;
    return [{ path: [...path, 'factor'], message, expected: 'a factor above 0' }];
  }
  if (Number(relativeStandardError) < 0) {
    const message = `the error of the transfer of section ${section.id} is below nothing`;
    return [{ path: [...path, 'relativeStandardError'], message, expected: 'from 0 on' }];
  }
  if ((transfer.method === 'factor') !== (transfer.factor !== undefined)) {
    const message = `the transfer of section ${section.id} is ${transfer.method}`;
    const expected = transfer.method === 'factor' ? 'a factor' : 'no factor';
    return [{ path: [...path, 'method'], message, expected }];
  }
  const station = network.flowStations.get(section.flowStation?.id ?? '');
  const known = section.catchment?.areaKm2 !== undefined && station?.catchment?.areaKm2 !== undefined;
  if (transfer.method !== 'area-ratio' || known || station === undefined) return [];
  const message = `the transfer of section ${section.id} is by area, and an area is not stated`;
  return [
    { path: [...path, 'method'], message, expected: 'catchment.areaKm2 of the section and of the station' },
  ];
}

function stationFaults(network: Network, station: FlowStation): Found[] {
  return [
    ...placeFaults(network, `flow station ${station.id}`, station.reach),
    ...shareFaults(station.catchment, ['catchment']),
  ];
}

function outfallFaults(network: Network, outfall: Outfall): Found[] {
  const faults = placeFaults(network, `outfall ${outfall.id}`, outfall.reach);
  const reach = network.reaches.get(outfall.reach.id);
  if (reach?.banks !== undefined && outfall.reach.bank === undefined) {
    const message = `outfall ${outfall.id} is on border reach ${reach.id} and names no bank`;
    faults.push({ path: ['reach'], message, expected: 'bank: left or right' });
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
  facts.rivers.forEach((river, index) => {
    river.reaches.forEach((reach, at) => {
      const way = reachesDownstream(network, reach.id);
      const last = way.at(-1) ?? reach.id;
      const closes = network.reaches.get(last)?.downstream === reach.id;
      if (!closes || reported.has(reach.id)) return;
      for (const id of [reach.id, ...way]) reported.add(id);
      faults.push({
        list: 'rivers',
        index,
        path: ['reaches', at, 'downstream'],
        message: `flows into itself: ${[reach.id, ...way, reach.id].join(' → ')}`,
        expected: 'a way to the sea or to the edge of the region (null)',
      });
    });
  });
  return faults;
}
