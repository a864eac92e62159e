import type { Config } from '../domain/config/config.ts';
import type { Clock } from '../domain/ports.ts';

/** How often something goes wrong; shares of the cells, slots or replies concerned. */
export interface FaultRates {
  /** A cell without a value. */
  missingCell: number;
  /** A section's day under maintenance. */
  maintenanceDay: number;
  /** A slot whose class is first published too bad (nitrogen counted) and corrected later. */
  revision: number;
  /** A slot or hour shown hours late. */
  late: number;
  /** A reply that is truncated, an HTML page, or a 500. */
  brokenReply: number;
  /** Sections that appear a second time under a new name, which nobody has registered. */
  renamedSections: number;
}

export const defaultRates: FaultRates = {
  missingCell: 0.004,
  maintenanceDay: 0.01,
  revision: 0.04,
  late: 0.02,
  brokenReply: 0.002,
  renamedSections: 1,
};

export interface SimulatorOptions {
  config: Config;
  seed: number;
  clock: Clock;
  /** 0: any free one. Always on 127.0.0.1. */
  port: number;
  rates?: Partial<FaultRates>;
}

/** What the worlds need; all that is random follows from `seed`. */
export interface World {
  config: Config;
  seed: number;
  rates: FaultRates;
}

/** The upstreams that are impersonated keep Beijing time. */
export const UPSTREAM_ZONE = 'Asia/Shanghai';
export const UPSTREAM_OFFSET_S = 8 * 3600;
export const HOUR_S = 3600;
export const DAY_S = 86_400;

const pad = (value: number, length = 2): string => String(value).padStart(length, '0');

/** Beijing wall clock, which has had no summer time since 1991. */
export function wallClock(timeS: number): {
  date: string;
  monthDay: string;
  hour: number;
  minute: number;
  second: number;
} {
  const at = new Date((timeS + UPSTREAM_OFFSET_S) * 1000);
  const monthDay = `${pad(at.getUTCMonth() + 1)}-${pad(at.getUTCDate())}`;
  return {
    date: `${pad(at.getUTCFullYear(), 4)}-${monthDay}`,
    monthDay,
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second: at.getUTCSeconds(),
  };
}

export const twoDigits = (value: number): string => pad(value);
