import type { Screening } from '../../domain/config/screening.ts';
import type { EpochS } from '../../domain/time.ts';
import { medianOf } from './rules.ts';

/** A reading that is unlike others of the same time: neighbouring stations, or another provider of the same station. */
export interface Finding {
  rule: 'neighbours' | 'providers';
  station: string;
  provider: string;
  parameter: string;
  timeS: EpochS;
  value: number;
  figures: Readonly<Record<string, string>>;
  inputs: readonly { station: string; provider: string; value: number }[];
}

interface Columns {
  key: { station: string; parameter: string; provider: string };
  timeS: Float64Array;
  value: Float64Array;
}

interface Place {
  lon: number;
  lat: number;
}

const earthRadiusKm = 6371;
const lastBits = 1e-9;

/** Great-circle distance of two places on a sphere. */
export function distanceKm(a: Place, b: Place): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const [dLat, dLon] = [radians(b.lat - a.lat), radians(b.lon - a.lon)];
  const h =
    Math.sin(dLat / 2) ** 2 + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(dLon / 2) ** 2;
  return 2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Values of one item by time, then by station. */
function byTime(columns: readonly Columns[], parameter: string) {
  const times = new Map<EpochS, { station: string; provider: string; value: number }[]>();
  for (const { key, timeS, value } of columns) {
    if (key.parameter !== parameter) continue;
    const { station, provider } = key;
    for (const [row, at] of timeS.entries()) {
      if (Number.isNaN(value[row]!)) continue;
      times.set(at, [...(times.get(at) ?? []), { station, provider, value: value[row]! }]);
    }
  }
  return times;
}

/** Values of one provider that are far from the median of the stations around them. Stations without a place are left out. */
export function unlikeNeighbours(
  columns: readonly Columns[],
  places: ReadonlyMap<string, Place>,
  rule: Screening['neighbours'],
): Finding[] {
  const near = new Map<string, Set<string>>();
  for (const [station, place] of places)
    near.set(
      station,
      new Set(
        [...places]
          .filter(([other, there]) => other !== station && distanceKm(place, there) <= rule.withinKm)
          .map(([other]) => other),
      ),
    );
  const findings: Finding[] = [];
  for (const { parameter, above } of rule.items) {
    for (const [timeS, values] of byTime(columns, parameter)) {
      for (const one of values) {
        const inputs = values.filter(({ station }) => near.get(one.station)?.has(station) === true);
        if (inputs.length < rule.minimumStations) continue;
        const median = medianOf(inputs.map(({ value }) => value));
        const distance = Math.abs(one.value - median);
        if (distance < Number(above) || distance <= Number(rule.multiple) * median) continue;
        const { withinKm, multiple } = rule;
        const figures = { withinKm: String(withinKm), multiple, above, median: String(median) };
        findings.push({ rule: 'neighbours', ...one, parameter, timeS, figures, inputs });
      }
    }
  }
  return findings;
}

/** Pairs of providers that report one station, item and time and disagree; one finding for each of the two values. */
export function disagreeing(columns: readonly Columns[], rule: Screening['providers']): Finding[] {
  const findings: Finding[] = [];
  const { tolerancePercent } = rule;
  for (const { parameter, above } of rule.items) {
    for (const [timeS, values] of byTime(columns, parameter)) {
      for (const one of values) {
        const inputs = values.filter((other) => {
          if (other.station !== one.station || other.provider === one.provider) return false;
          const difference = Math.abs(other.value - one.value);
          const most = Math.max(Math.abs(other.value), Math.abs(one.value));
          return (
            difference >= Number(above) && difference * 100 > Number(tolerancePercent) * most * (1 + lastBits)
          );
        });
        if (inputs.length === 0) continue;
        const figures = { tolerancePercent, above };
        findings.push({ rule: 'providers', ...one, parameter, timeS, figures, inputs });
      }
    }
  }
  return findings;
}
