import {
  SectionMonths,
  type MeasuredSeries,
  type SectionSource,
} from '../../../src/analysis/assessment/month-values.ts';
import { waterFactsOn, type WaterFacts } from '../../../src/analysis/assessment/water-facts.ts';
import type { AssessedSection } from '../../../src/analysis/assessment/section-assessment.ts';
import type { Config } from '../../../src/domain/config/config.ts';
import type { MeasuringMethod } from '../../../src/domain/config/water-periods.ts';
import { qualifiers } from '../../../src/domain/flags.ts';
import { standards } from '../standards.ts';

const timeZone = 'Asia/Shanghai';
const decimals: Readonly<Record<string, number>> = { ph: 4, do: 4, codmn: 6, nh3n: 6, tp: 8, tn: 8, cod: 6 };
export const parameters = Object.entries(decimals).map(([id, places]) => ({ id, decimals: places }));
const config = { ...standards, parameters, region: { timeZone } } as unknown as Config;

/** Facts that ship, on a date. */
export const factsOn = (date: string): WaterFacts | null => waterFactsOn(config, date);
export const facts = factsOn('2021-12-31')!;

/** Wall clock of the zone, which has had no summer time since 1991. */
export const at = (text: string): number => Date.parse(`${text}:00+08:00`) / 1000;

export interface Reading {
  at: string;
  value: number | null;
  flags?: number;
}

/** One series from readings in any order. */
export function series(parameter: string, readings: readonly Reading[]): MeasuredSeries {
  const sorted = readings.toSorted((a, b) => at(a.at) - at(b.at));
  return {
    parameter,
    timeS: Float64Array.from(sorted, (one) => at(one.at)),
    value: Float64Array.from(sorted, (one) => one.value ?? Number.NaN),
    flags: Uint16Array.from(sorted, (one) => one.flags ?? (one.value === null ? qualifiers.missing : 0)),
  };
}

export function source(
  method: MeasuringMethod,
  columns: readonly MeasuredSeries[],
  provider: string = method,
): SectionSource {
  const cadenceS = method === 'automatic' ? 14_400 : null;
  return { provider, method, network: null, cadenceS, series: columns };
}

/** One sample by hand a month: `values` by month `YYYY-MM`. */
export function monthly(
  parameter: string,
  values: Readonly<Record<string, number>>,
  flags = 0,
): MeasuredSeries {
  return series(
    parameter,
    Object.entries(values).map(([month, value]) => ({ at: `${month}-05T09:00`, value, flags })),
  );
}

/** Six readings a day over a whole month, all of one value. */
export function everyFourHours(month: string, value: number): Reading[] {
  const days = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate();
  return Array.from({ length: days * 6 }, (_, slot) => ({
    at: `${month}-${String(Math.floor(slot / 6) + 1).padStart(2, '0')}T${String((slot % 6) * 4).padStart(2, '0')}:00`,
    value,
  }));
}

export const months = (...sources: readonly SectionSource[]): SectionMonths =>
  new SectionMonths(sources, facts);

const provenance = { source: 'test', confidence: 'assumed' } as const;
export const section: AssessedSection = {
  id: 'up',
  name: { zh: '上', en: 'Up' },
  bodyType: { value: 'river', origin: 'official', provenance },
  targets: [
    { kind: 'function-area', class: 2, provenance },
    { kind: 'national-assessment', class: 3, provenance },
    { kind: 'hand-over', class: 4, provenance },
  ],
  hydraulics: null,
};
