import { hashOf, normal, uniform } from './noise.ts';

/** What the made-up basin does that an attribution does not know. All off: steady loads, plug flow, no decay, exact readings. */
export interface TruthSwitches {
  dispersion: boolean;
  decay: boolean;
  noise: boolean;
  unmeasuredTributaries: boolean;
  /** Half a day of many times the load, every ten days or so: what a spill or the first rain of a flood brings. Absent: none. */
  surges?: boolean;
}

export const everything: TruthSwitches = {
  dispersion: true,
  decay: true,
  noise: true,
  unmeasuredTributaries: true,
};

/** What somebody measured at a section: a concentration in g/m³ every four hours, a mean discharge in m³/s every day. */
export interface TruthSection {
  id: string;
  sampleGM3: number[];
  dayM3s: number[];
}

/** One seeded basin: two rivers enter, one leaves; `truth` are the shares of the exit load by where it came from. */
export interface TruthBasin {
  days: number;
  entering: (TruthSection & { km: number })[];
  exit: TruthSection;
  /** Stated to whoever attributes: usual speed, and the decay that a survey found. */
  velocityMS: number;
  decayPerDay: number;
  /** Relative errors that the stated figures have. */
  stated: { velocity: number; decayPerDay: number; flow: number; concentration: number; unmeasured: number };
  truth: { entering: number[]; local: number };
  exitTonnes: number;
}

const hoursPerDay = 24;
const stepHours = 4;
const errors = { velocity: 0.2, decayPerDay: 0.06, flow: 0.05, concentration: 0.05, unmeasured: 0.03 };

interface Source {
  /** Grams a second, by hour, and water in m³/s, by hour. */
  grams: Float64Array;
  water: Float64Array;
  km: number;
}

/** A basin by its seed, over so many days. Deterministic; loads, distances, speeds and rates differ from seed to seed. */
export function truthBasin(seed: number, switches: TruthSwitches = everything, days = 60): TruthBasin {
  const key = hashOf(seed, 'basin-truth');
  const draw = (at: number): number => uniform(key, at);
  const warmDays = 20;
  const hours = (days + warmDays) * hoursPerDay;
  const source = (at: number, size: number, km: number): Source =>
    sourceOf({
      key: hashOf(seed, `source:${at}`),
      hours,
      size,
      km,
      steady: !switches.noise,
      surges: switches.surges === true,
    });
  const entering = [
    source(1, 1 + 3 * draw(1), 15 + 35 * draw(2)),
    source(2, 0.5 + 2 * draw(3), 10 + 30 * draw(4)),
  ];
  const local = source(3, 0.5 + 3 * draw(5), 2 + 8 * draw(6));
  // Small streams that cross the border without a section: what they bring comes from above.
  const hidden = switches.unmeasuredTributaries ? [source(4, 0.15 * draw(7), 5 + 30 * draw(8))] : [];
  const velocityMS = 0.3 + 0.5 * draw(9);
  const decayPerDay = 0.1 + 0.15 * draw(10);
  const off = (at: number, error: number): number => (switches.noise ? error * normal(key ^ 77, at) : 0);
  const river = {
    velocityMS: velocityMS * Math.exp(off(1, errors.velocity)),
    decayPerDay: switches.decay ? Math.max(0.01, decayPerDay + off(2, errors.decayPerDay)) : 0,
    dispersionM2S: switches.dispersion ? 10 + 60 * draw(11) : 0,
  };
  const arrived = [...entering, local, ...hidden].map((one) => transported(one, river));
  const from = warmDays * hoursPerDay;
  const window = arrived.map((grams) => total(grams, from));
  const whole = total(window, 0);
  const exitGrams = sum(arrived);
  const exitWater = sum([...entering, local, ...hidden].map((one) => one.water));
  const measured = (id: string, grams: Float64Array, water: Float64Array, at: number): TruthSection =>
    measuredOf(id, { grams, water, from, key: hashOf(seed, `meter:${at}`), noise: switches.noise });
  return {
    days,
    entering: entering.map((one, at) => ({
      ...measured(`above-${at + 1}`, one.grams, one.water, at),
      km: one.km,
    })),
    exit: measured('exit', exitGrams, exitWater, 9),
    velocityMS,
    decayPerDay: switches.decay ? decayPerDay : 0,
    stated: switches.noise
      ? errors
      : { velocity: 0, decayPerDay: 0, flow: 0, concentration: 0, unmeasured: 0 },
    truth: {
      entering: [window[0]! / whole, window[1]! / whole],
      local: window[2]! / whole,
    },
    exitTonnes: (whole * 3600) / 1e6,
  };
}

/** Hours of a surge, slots in which one is drawn, and how many times the load it is. */
const surge = { hours: 12, slotHours: 120, share: 0.5, times: 6 };

function sourceOf(of: {
  key: number;
  hours: number;
  size: number;
  km: number;
  steady: boolean;
  surges: boolean;
}): Source {
  const surging = (hour: number): boolean => {
    const slot = Math.floor(hour / surge.slotHours);
    const begin = Math.floor(uniform(of.key ^ 11, slot) * (surge.slotHours - surge.hours));
    const into = (hour % surge.slotHours) - begin;
    return of.surges && uniform(of.key ^ 13, slot) < surge.share && into >= 0 && into < surge.hours;
  };
  const grams = new Float64Array(of.hours);
  const water = new Float64Array(of.hours);
  for (let hour = 0; hour < of.hours; hour++) {
    const day = Math.floor(hour / hoursPerDay);
    const flood = of.steady ? 1 : 1 + 2 * uniform(of.key ^ 3, Math.floor(day / 5)) ** 4;
    const rhythm = of.steady ? 1 : 1 + 0.2 * Math.sin((2 * Math.PI * (hour % hoursPerDay)) / hoursPerDay);
    const spread = of.steady ? 1 : Math.exp(0.25 * normal(of.key ^ 5, day));
    water[hour] = (Math.round(8 * of.size * 64) / 64) * flood;
    const usual = (Math.round(10 * of.size * 64) / 64) * rhythm * spread * flood ** 0.8;
    grams[hour] = surging(hour) ? surge.times * usual : usual;
  }
  return { grams, water, km: of.km };
}

/**
 * What arrives at the exit: each hour's load spread by the first-passage times of advection and dispersion (inverse Gaussian), and
 * decayed by the time it took. Without dispersion every hour arrives as one, delayed by whole hours.
 */
function transported(
  source: Source,
  river: { velocityMS: number; decayPerDay: number; dispersionM2S: number },
): Float64Array {
  const arrivals = new Float64Array(source.grams.length);
  const kernel = kernelOf(source.km * 1000, river);
  source.grams.forEach((grams, hour) => {
    kernel.forEach((weight, lag) => {
      // Before the record the source is taken as it was in its first hour.
      if (hour + lag < arrivals.length) arrivals[hour + lag]! += grams * weight;
      if (hour === 0) for (let early = 0; early < lag; early++) arrivals[early]! += grams * weight;
    });
  });
  return arrivals;
}

function kernelOf(
  metres: number,
  river: { velocityMS: number; decayPerDay: number; dispersionM2S: number },
): number[] {
  const { velocityMS: u, dispersionM2S: d, decayPerDay } = river;
  const mean = metres / u / 3600;
  const left = (hours: number): number => Math.exp((-decayPerDay * hours) / hoursPerDay);
  if (d === 0) {
    const lag = Math.round(mean);
    return Array.from({ length: lag + 1 }, (_, at) => (at === lag ? left(mean) : 0));
  }
  const weights = Array.from({ length: Math.ceil(4 * mean) + 12 }, (_, at) => {
    const seconds = (at + 0.5) * 3600;
    const apart = metres - u * seconds;
    return (metres / Math.sqrt(4 * Math.PI * d * seconds ** 3)) * Math.exp(-(apart ** 2) / (4 * d * seconds));
  });
  const whole = total(Float64Array.from(weights), 0);
  return weights.map((weight, at) => (weight / whole) * left(at + 0.5));
}

function measuredOf(
  id: string,
  of: { grams: Float64Array; water: Float64Array; from: number; key: number; noise: boolean },
): TruthSection {
  const sampleGM3: number[] = [];
  const dayM3s: number[] = [];
  const bias = (at: number, error: number): number => (of.noise ? Math.exp(error * normal(of.key, at)) : 1);
  const [flowBias, concentrationBias] = [bias(1, errors.flow), bias(2, errors.concentration)];
  for (let hour = of.from; hour < of.grams.length; hour += stepHours) {
    const noise = of.noise ? Math.exp(0.05 * normal(of.key ^ 9, hour)) : 1;
    sampleGM3.push((of.grams[hour]! / of.water[hour]!) * concentrationBias * noise);
  }
  for (let hour = of.from; hour < of.water.length; hour += hoursPerDay) {
    const mean = total(of.water.slice(hour, hour + hoursPerDay), 0) / hoursPerDay;
    dayM3s.push(mean * flowBias);
  }
  return { id, sampleGM3, dayM3s };
}

function sum(series: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(series[0]?.length ?? 0);
  for (const one of series) one.forEach((value, at) => (whole[at]! += value));
  return whole;
}

function total(values: ArrayLike<number>, from: number): number {
  let whole = 0;
  for (let at = from; at < values.length; at++) whole += values[at]!;
  return whole;
}
