import { drift, hashOf, uniform } from './noise.ts';
import { DAY_S, HOUR_S, UPSTREAM_OFFSET_S } from './options.ts';

const TWO_PI = 2 * Math.PI;
const YEAR_S = 365.2425 * DAY_S;
/** Storms are drawn in slots of this length, one at most in each. */
const STORM_SLOT_S = 36 * HOUR_S;
/** A storm's wash-off is forgotten after this many slots. */
const STORM_MEMORY = 4;

/** 0 in mid-January, 1 in mid-July. */
export function summer(timeS: number): number {
  return 0.5 - 0.5 * Math.cos(TWO_PI * ((timeS - 15 * DAY_S) / YEAR_S));
}

/** Local hour of the day with its fraction. */
export function hourOfDay(timeS: number): number {
  return (((timeS + UPSTREAM_OFFSET_S) % DAY_S) / HOUR_S + 24) % 24;
}

/** Height of the sun as a share of noon in midsummer, 0 at night. */
export function sun(timeS: number): number {
  const hour = hourOfDay(timeS);
  const height = Math.sin((Math.PI * (hour - 6)) / 12);
  return height <= 0 ? 0 : height * (0.45 + 0.55 * summer(timeS));
}

/**
 * What recent rain does to a river of `basin`, 0 for long dry weather and about 1 to 3 after a storm: rises within hours,
 * fades within two days. More storms in the plum rains and typhoon months.
 */
export function runoff(seed: number, basin: string, timeS: number): number {
  const key = hashOf(seed, `rain:${basin}`);
  const slot = Math.floor(timeS / STORM_SLOT_S);
  let sum = 0;
  for (let back = 0; back <= STORM_MEMORY; back++) {
    const at = slot - back;
    const chance = 0.1 + 0.25 * summer(at * STORM_SLOT_S);
    if (uniform(key, at) >= chance) continue;
    const beginS = at * STORM_SLOT_S + uniform(key ^ 7, at) * STORM_SLOT_S;
    const hours = (timeS - beginS) / HOUR_S;
    if (hours <= 0) continue;
    const strength = 0.6 + 2.6 * uniform(key ^ 11, at) ** 2;
    sum += strength * (1 - Math.exp(-hours / 3)) * Math.exp(-hours / 22);
  }
  return sum;
}

/** Still air over a place, 0 well mixed to about 1 stagnant; weather systems cross in three to five days. */
export function stagnation(seed: number, place: string, timeS: number): number {
  const front = drift(hashOf(seed, 'front'), timeS, 3.5 * DAY_S);
  const local = drift(hashOf(seed, `air:${place}`), timeS, DAY_S);
  return 1 / (1 + Math.exp(-(0.9 * front + 0.5 * local)));
}
