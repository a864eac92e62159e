import type { EpochS } from '../domain/time.ts';
import { hashOf, normal, uniform } from './noise.ts';
import { DAY_S, HOUR_S } from './options.ts';
import { everything, truthBasin } from './river-truth.ts';
import { captureHeader, captureStamp, shownTime } from './water-upstream.ts';

/** What the water of a made-up basin carries, in multiples of its concentration. */
export const carried = { codmn: 2, nh3n: 0.2, tp: 0.05 } as const;
export type Carried = keyof typeof carried;

/** Where a basin is made up: a section as the national water platform names it, and its gauge as the hydrological service does. */
export interface RiverPlace {
  province: string;
  section: string;
  river: string;
  gauge: string;
  /** Discharge at the section over that at the gauge, as stated, and the relative standard error of that. */
  transfer: number;
  transferError: number;
}

export interface RiverFiles {
  /** Captured tables in the form of the sources `cnemc-water` and `hydro-mwr`. */
  water: string;
  flow: string;
  /** What truly passed the section, tonnes. */
  tonnes: Record<Carried, number>;
}

const flowHeader = 'first_captured,last_captured,tm,poiAddv,poiBsnm,rvnm,stcd,stnm,webStlc,ql,zl,wrz';

/** What of a made-up river is unlike the usual one, in which nothing goes wrong. */
export interface RiverTraits {
  /** What its water carries instead of the usual. */
  multiples?: Readonly<Partial<Record<Carried, number>>>;
  /** Half days of many times the load, which truly pass. */
  surges?: boolean;
  /** Share of readings at which an instrument shows many times what is there, once and alone. */
  glitches?: number;
}

/** A seeded basin over whole days as its section and its gauge would be published, a day at a time, and what is true of it. */
export function riverFiles(
  place: RiverPlace,
  of: { seed: number; beginS: EpochS; days: number } & RiverTraits,
): RiverFiles {
  const { surges = false, glitches = 0 } = of;
  const multiples = { ...carried, ...of.multiples };
  const { exit, exitTonnes } = truthBasin(of.seed, { ...everything, surges }, of.days);
  const glitch = (factor: Carried, at: number): number => {
    const key = hashOf(of.seed, `glitch:${factor}`);
    return uniform(key, at) < glitches ? 5 + 5 * uniform(key ^ 1, at) : 1;
  };
  const shown = (day: number): string => captureStamp(of.beginS + (day + 1) * DAY_S + 2 * HOUR_S);
  const water = exit.sampleGM3.map((gM3, at) => {
    const timeS = of.beginS + at * 4 * HOUR_S;
    const day = shown(Math.floor((at * 4) / 24));
    const value = (factor: Carried): string => (gM3 * multiples[factor] * glitch(factor, at)).toFixed(4);
    // What stands still is taken for a fault of the instrument.
    const fro = at % 2;
    const usual = ['17.5', `7.3${fro}`, `8.6${fro}`, `70.${fro}`, `5.${fro}`];
    // Ammonia is part of total nitrogen.
    const nitrogen = (gM3 * multiples.nh3n + 1 + fro / 100).toFixed(2);
    const rest = [nitrogen, '*', '*', '正常'];
    const head = [day, day, '1', place.province, place.river, place.section, shownTime(timeS), '-'];
    return [...head, ...usual, value('codmn'), value('nh3n'), value('tp'), ...rest].join(',');
  });
  const transfer = place.transfer * Math.exp(place.transferError * normal(hashOf(of.seed, 'transfer'), 0));
  const flow = exit.dayM3s.map((m3s, day) => {
    const at = shown(day);
    const discharge = (m3s / transfer).toFixed(3);
    const noon = captureStamp(of.beginS + day * DAY_S + 12 * HOUR_S);
    return [at, at, noon, place.province, '', place.river, place.gauge, '', '', discharge, '20', '0'].join(
      ',',
    );
  });
  const tonnes = Object.fromEntries(
    Object.entries(multiples).map(([factor, multiple]) => [factor, exitTonnes * multiple]),
  ) as RiverFiles['tonnes'];
  return {
    water: `${[captureHeader, ...water].join('\n')}\n`,
    flow: `${[flowHeader, ...flow].join('\n')}\n`,
    tonnes,
  };
}
