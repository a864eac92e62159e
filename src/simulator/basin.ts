import type { Config } from '../domain/config/config.ts';
import type { Reach, Section } from '../domain/config/region.ts';
import { hashOf, uniform } from './noise.ts';
import { DAY_S, HOUR_S } from './options.ts';
import { runoff, summer } from './weather.ts';

/** Rivers of these hills run at about half a metre a second: kilometres to seconds. */
const SECONDS_PER_KM = 2000;
/** First-order decay of what is discharged, per second: half is gone in about three days. */
const DECAY_PER_S = Math.LN2 / (3 * DAY_S);
/** Where a reach's length is not known. */
const USUAL_REACH_KM = 25;
/** Spills are drawn in slots of this length, one discharger at most once in each. */
const SPILL_SLOT_S = 4 * DAY_S;

/** Something that discharges into the river above a section, so long before it passes there. */
export interface Discharger {
  id: string;
  travelS: number;
  /** Share that is left on arrival. */
  remaining: number;
}

/** What a section is exposed to: the dischargers above it and the basin whose rain it feels. */
export interface Exposure {
  basin: string;
  dischargers: readonly Discharger[];
}

/** Dischargers above each section, from the configured reaches; one of its own where a section lies on no known reach. */
export function exposures(config: Pick<Config, 'rivers' | 'sections'>): Map<string, Exposure> {
  const reaches = new Map(
    config.rivers.flatMap((river) =>
      river.reaches.map((reach) => [reach.id, { reach, river: river.id }] as const),
    ),
  );
  const above = new Map<string, Reach[]>();
  for (const { reach } of reaches.values()) {
    if (reach.downstream !== null)
      above.set(reach.downstream, [...(above.get(reach.downstream) ?? []), reach]);
  }
  return new Map(config.sections.map((section) => [section.id, exposureOf(section, reaches, above)]));
}

function exposureOf(
  section: Section,
  reaches: ReadonlyMap<string, { reach: Reach; river: string }>,
  above: ReadonlyMap<string, readonly Reach[]>,
): Exposure {
  const own = section.reach === undefined ? undefined : reaches.get(section.reach.id);
  if (own === undefined)
    return { basin: section.riverName ?? section.id, dischargers: [discharger(section.id, 8)] };
  const found: Discharger[] = [];
  const seen = new Set<string>();
  const queue: { reach: Reach; km: number }[] = [{ reach: own.reach, km: 0 }];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (seen.has(next.reach.id)) continue;
    seen.add(next.reach.id);
    const length = next.reach.lengthKm?.value ?? USUAL_REACH_KM;
    found.push(discharger(next.reach.id, next.km + length / 2));
    for (const reach of above.get(next.reach.id) ?? []) queue.push({ reach, km: next.km + length });
  }
  return { basin: own.river, dischargers: found };
}

function discharger(id: string, km: number): Discharger {
  const travelS = km * SECONDS_PER_KM;
  return { id, travelS, remaining: Math.exp(-DECAY_PER_S * travelS) };
}

/** River flow relative to its dry-season mean. */
export function flow(seed: number, basin: string, timeS: number): number {
  return 0.8 + 0.7 * summer(timeS) + 0.9 * runoff(seed, basin, timeS);
}

/** Load that a discharger gives off: a daily and weekly rhythm, and now and then a spill of hours to a day. */
export function dischargeOf(seed: number, id: string, timeS: number): { usual: number; spilled: number } {
  const key = hashOf(seed, `discharge:${id}`);
  const size = 0.25 + 0.5 * uniform(key, 0);
  const working = 1 + 0.25 * Math.sin((2 * Math.PI * (timeS % DAY_S)) / DAY_S + uniform(key, 1) * 6);
  const slot = Math.floor(timeS / SPILL_SLOT_S);
  const rate = 0.04 + 0.16 * uniform(key, 2) ** 3;
  if (uniform(key ^ 5, slot) >= rate) return { usual: size * working, spilled: 0 };
  const beginS = slot * SPILL_SLOT_S + uniform(key ^ 6, slot) * 0.6 * SPILL_SLOT_S;
  const lengthS = (6 + 26 * uniform(key ^ 9, slot)) * HOUR_S;
  const during = timeS >= beginS && timeS < beginS + lengthS;
  return { usual: size * working, spilled: during ? 2 + 6 * uniform(key ^ 10, slot) : 0 };
}

/**
 * What passes a section at a time: the loads above it as they were when that water passed them, decayed and diluted.
 * About 0.3 on a common day, several in a spill. The dischargers are the truth that attribution can be tested against.
 */
export function pressure(seed: number, exposure: Exposure, timeS: number): number {
  let sum = 0;
  for (const { id, travelS, remaining } of exposure.dischargers) {
    const { usual, spilled } = dischargeOf(seed, id, timeS - travelS);
    sum += (usual / Math.sqrt(exposure.dischargers.length) + spilled) * remaining;
  }
  return sum / flow(seed, exposure.basin, timeS);
}
