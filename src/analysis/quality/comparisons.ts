import type { Screening } from '../../domain/config/screening.ts';
import type { EpochS } from '../../domain/time.ts';
import { medianOf } from './level.ts';
import type { Effect } from './rules.ts';

/** A reading that is unlike others of the same time: neighbouring stations, or another provider of the same station. */
export interface Finding {
  rule: 'neighbours' | 'providers';
  station: string;
  provider: string;
  parameter: string;
  timeS: EpochS;
  value: number;
  flags: number;
  /** `suspect`: the reading goes under review until somebody looked at it. */
  effect: Effect;
  figures: Readonly<Record<string, string>>;
  inputs: readonly { station: string; provider: string; value: number }[];
}

interface Columns {
  key: { station: string; parameter: string; provider: string };
  timeS: Float64Array;
  value: Float64Array;
  flags: Uint16Array;
}

interface Reading {
  station: string;
  provider: string;
  value: number;
  flags: number;
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

/** Readings of one item by time. */
function byTime(columns: readonly Columns[], parameter: string): Map<EpochS, Reading[]> {
  const times = new Map<EpochS, Reading[]>();
  for (const { key, timeS, value, flags } of columns) {
    if (key.parameter !== parameter) continue;
    const { station, provider } = key;
    for (const [row, at] of timeS.entries()) {
      if (Number.isNaN(value[row]!)) continue;
      const known = times.get(at);
      const one = { station, provider, value: value[row]!, flags: flags[row]! };
      if (known === undefined) times.set(at, [one]);
      else known.push(one);
    }
  }
  return times;
}

const inputOf = ({ station, provider, value }: Reading) => ({ station, provider, value });

/** Values of one provider that are far from the median of the stations around them. Stations without a place are left out. */
export function unlikeNeighbours(
  columns: readonly Columns[],
  places: ReadonlyMap<string, Place>,
  rule: Screening['neighbours'],
): Finding[] {
  const near = new Map<string, Set<string>>();
  const present = new Set(columns.map(({ key }) => key.station));
  const placed = [...places].filter(([station]) => present.has(station));
  for (const [station, place] of placed)
    near.set(
      station,
      new Set(
        placed
          .filter(([other, there]) => other !== station && distanceKm(place, there) <= rule.withinKm)
          .map(([other]) => other),
      ),
    );
  const findings: Finding[] = [];
  for (const { parameter, above } of rule.items) {
    for (const [timeS, values] of byTime(columns, parameter)) {
      for (const one of values) {
        const around = near.get(one.station);
        if (around === undefined || around.size < rule.minimumStations) continue;
        const inputs = values.filter(({ station }) => around.has(station)).map(inputOf);
        if (inputs.length < rule.minimumStations) continue;
        const median = medianOf(inputs.map(({ value }) => value));
        const distance = Math.abs(one.value - median);
        if (distance < Number(above) || distance <= Number(rule.multiple) * median) continue;
        const { withinKm, multiple } = rule;
        const figures = { withinKm: String(withinKm), multiple, above, median: String(median) };
        const { effect = 'suspect' } = rule;
        findings.push({ rule: 'neighbours', ...one, effect, parameter, timeS, figures, inputs });
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
        findings.push({
          rule: 'providers',
          ...one,
          effect: rule.effect ?? 'suspect',
          parameter,
          timeS,
          figures,
          inputs: inputs.map(inputOf),
        });
      }
    }
  }
  return findings;
}
