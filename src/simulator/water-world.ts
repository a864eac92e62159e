import { classifyItems, classifyReading } from '../analysis/water/index.ts';
import { editionInForce } from '../domain/config/config.ts';
import type { Section } from '../domain/config/region.ts';
import { exposures, flow, pressure, type Exposure } from './basin.ts';
import { hashOf, normal, uniform } from './noise.ts';
import { DAY_S, defaultRates, HOUR_S, UPSTREAM_OFFSET_S, wallClock, type World } from './options.ts';
import { runoff, summer, sun } from './weather.ts';

const SLOT_S = 4 * HOUR_S;
/** A station that has been silent for longer shows its last row no more. */
const SLOTS_SHOWN = 18;
/** Slots kept a section: more than a month's back-fill looks at. */
const MEMO_LIMIT = 1000;

/** Measured parameters in the platform's column order, with decimals kept and decimals shown. */
export const waterColumns = [
  { parameter: 'wt', decimals: 2, shown: 1 },
  { parameter: 'ph', decimals: 2, shown: 2 },
  { parameter: 'do', decimals: 2, shown: 2 },
  { parameter: 'ec', decimals: 2, shown: 1 },
  { parameter: 'turbidity', decimals: 3, shown: 1 },
  { parameter: 'codmn', decimals: 2, shown: 2 },
  { parameter: 'nh3n', decimals: 3, shown: 3 },
  { parameter: 'tp', decimals: 3, shown: 3 },
  { parameter: 'tn', decimals: 3, shown: 2 },
  { parameter: 'chla', decimals: 4, shown: 3 },
  { parameter: 'algae', decimals: 0, shown: 0 },
] as const;

/** A section as the upstream knows it. */
export interface UpstreamSection {
  section: Section;
  province: string;
  provinceCode: string;
  basin: string;
  name: string;
  exposure: Exposure;
  key: number;
}

/** One row as shown. `values` in column order: null no value now, undefined not fitted. `class` null where none is given. */
export interface WaterRow {
  slotS: number;
  values: readonly (number | null | undefined)[];
  class: number | null;
  maintained: boolean;
}

interface Slot extends WaterRow {
  firstShownS: number;
  /** The class that is shown until `correctedS`. */
  firstClass: number | null;
  correctedS: number;
}

/** The sections of a region under a seed: what the platform shows at any time, without memory. */
export class WaterWorld {
  readonly sections: readonly UpstreamSection[];
  readonly #world: World;
  readonly #memo = new Map<UpstreamSection, Map<number, Slot>>();

  constructor(world: World) {
    this.#world = world;
    this.sections = upstreamSections(world);
  }

  /** The newest row of a section that is published by `nowS`; null when there is none. */
  row(section: UpstreamSection, nowS: number): WaterRow | null {
    const newest = Math.floor((nowS + UPSTREAM_OFFSET_S) / SLOT_S);
    for (let index = newest; index > newest - SLOTS_SHOWN; index--) {
      const slot = this.#slot(section, index * SLOT_S - UPSTREAM_OFFSET_S);
      if (slot.firstShownS > nowS) continue;
      return nowS < slot.correctedS ? { ...slot, class: slot.firstClass } : slot;
    }
    return null;
  }

  #slot(section: UpstreamSection, slotS: number): Slot {
    let slots = this.#memo.get(section);
    if (slots === undefined) this.#memo.set(section, (slots = new Map<number, Slot>()));
    let slot = slots.get(slotS);
    if (slot === undefined) {
      if (slots.size >= MEMO_LIMIT) slots.clear();
      slots.set(slotS, (slot = makeSlot(this.#world, section, slotS)));
    }
    return slot;
  }
}

/** What truly passes a section at a time, by parameter; null for a section that the upstreams do not show. */
export type BasinTruth = (section: string, timeS: number) => Readonly<Record<string, number>> | null;

/** The truth behind everything that is simulated of this region and seed: upstream pages, devices and sheets. */
export function basinTruth(config: World['config'], seed: number): BasinTruth {
  const world: World = { config, seed, rates: { ...defaultRates, renamedSections: 0 } };
  const sections = new Map(upstreamSections(world).map((one) => [one.section.id, one]));
  return (section, timeS) => {
    const of = sections.get(section);
    return of === undefined ? null : concentrations(world, of, timeS);
  };
}

function upstreamSections(world: World): UpstreamSection[] {
  const { config, seed, rates } = world;
  const found = exposures(config);
  const provinceCodes = new Map(
    config.jurisdictions.filter((one) => one.level === 'province').map((one) => [one.name.zh, one.code]),
  );
  const basins = new Map(config.rivers.map((river) => [river.id, river.basin.zh]));
  const sections = config.sections.flatMap((section): UpstreamSection[] => {
    const alias = section.aliases.findLast((one) => one.key.includes('/'));
    const exposure = found.get(section.id);
    if (alias === undefined || exposure === undefined) return [];
    const at = alias.key.indexOf('/');
    const [province, name] = [alias.key.slice(0, at), alias.key.slice(at + 1)];
    const provinceCode = provinceCodes.get(province) ?? `${section.locatedIn.slice(0, 2)}0000`;
    const basin = basins.get(exposure.basin) ?? '浙闽片河流';
    return [
      { section, province, provinceCode, basin, name, exposure, key: hashOf(seed, `section:${alias.key}`) },
    ];
  });
  const renamed = [...sections].sort((a, b) => a.key - b.key).slice(0, rates.renamedSections);
  const twins = renamed.map((one): UpstreamSection =>
    Object.assign({}, one, { name: `${one.name}(新)`, key: one.key ^ 0x55aa }),
  );
  return [...sections, ...twins];
}

function makeSlot(world: World, of: UpstreamSection, slotS: number): Slot {
  const { rates } = world;
  const step = Math.floor(slotS / SLOT_S);
  const late = uniform(of.key ^ 21, step) < rates.late;
  const delayS =
    (25 + 40 * uniform(of.key ^ 22, step)) * 60 + (late ? (5 + 8 * uniform(of.key ^ 23, step)) * HOUR_S : 0);
  const maintained =
    uniform(of.key ^ 24, Math.floor((slotS + UPSTREAM_OFFSET_S) / DAY_S)) < rates.maintenanceDay;
  const values = maintained
    ? waterColumns.map((column) => (fitted(of, column.parameter) ? null : undefined))
    : measure(world, of, slotS);
  const verdict = classOf(world, of.section, values, slotS);
  const revised = uniform(of.key ^ 25, step) < rates.revision;
  const firstShownS = Math.round(slotS + delayS);
  return {
    slotS,
    values,
    class: verdict.class,
    maintained,
    firstShownS,
    firstClass: revised ? verdict.withNitrogen : verdict.class,
    correctedS: firstShownS + Math.round((1 + 0.5 * uniform(of.key ^ 26, step)) * HOUR_S),
  };
}

const isLake = (section: Section): boolean => section.bodyType?.value === 'lake';

/** Chlorophyll and algae are measured in lakes and reservoirs only. */
function fitted(of: UpstreamSection, parameter: string): boolean {
  return isLake(of.section) || (parameter !== 'chla' && parameter !== 'algae');
}

function measure(world: World, of: UpstreamSection, timeS: number): (number | null | undefined)[] {
  const truth = concentrations(world, of, timeS);
  const step = Math.floor(timeS / SLOT_S);
  return waterColumns.map(({ parameter, decimals }, index) => {
    if (!fitted(of, parameter)) return undefined;
    if (uniform(of.key ^ (101 + index), step) < world.rates.missingCell) return null;
    const noise = 1 + 0.04 * normal(of.key ^ (201 + 8 * index), step);
    const read = truth[parameter] * (parameter === 'ph' || parameter === 'wt' ? 1 + (noise - 1) / 8 : noise);
    return Number(Math.max(read, 10 ** -decimals).toFixed(decimals));
  });
}

function concentrations(
  world: World,
  of: UpstreamSection,
  timeS: number,
): Record<(typeof waterColumns)[number]['parameter'], number> {
  const { seed } = world;
  const load = pressure(seed, of.exposure, timeS) * (0.45 + 1.5 * uniform(of.key, 1) ** 2);
  const rain = runoff(seed, of.exposure.basin, timeS);
  const [light, warm] = [sun(timeS - 2 * HOUR_S), summer(timeS - 25 * DAY_S)];
  const lake = isLake(of.section);
  const wt = 9 + 18 * warm + 1.2 * light - 0.6 * Math.min(rain, 2);
  const saturated = 14.6 - 0.39 * wt + 0.0045 * wt * wt;
  return {
    wt,
    ph: 7.25 + 0.35 * light + (lake ? 0.4 * warm : 0) - 0.06 * Math.min(load, 6),
    do: Math.max(saturated * (0.9 + 0.1 * light) - 0.35 * Math.min(load, 9), 0.8),
    ec: (70 + 90 * uniform(of.key, 2)) / flow(seed, of.exposure.basin, timeS) ** 0.3 + 9 * load,
    turbidity: 3 + 8 * uniform(of.key, 3) + (lake ? 8 : 55) * rain ** 1.4,
    codmn: 1.2 + 0.5 * load + (lake ? 0.25 : 1) * rain,
    nh3n: 0.03 + 0.14 * load + 0.03 * rain,
    tp: (lake ? 0.35 : 1) * (0.022 + 0.02 * load + 0.035 * rain),
    tn: 0.9 + 0.5 * load + 0.3 * rain,
    chla: 0.002 + 0.009 * warm * (0.4 + light),
    algae: 3e5 + 6e6 * warm * (0.4 + light),
  };
}

/** The class by the same rule as ours, and the one with total nitrogen counted, as the platform first publishes it at times. */
function classOf(
  world: World,
  section: Section,
  values: readonly (number | null | undefined)[],
  timeS: number,
): { class: number | null; withNitrogen: number | null } {
  const standard = editionInForce(world.config.waterStandards, wallClock(timeS).date);
  if (standard === null) return { class: null, withNitrogen: null };
  const byName = Object.fromEntries(
    waterColumns.map(({ parameter }, index) => [parameter, values[index] ?? null]),
  );
  const bodyType = section.bodyType?.value ?? 'river';
  const verdict = classifyReading({ values: byName, bodyType }, standard).class;
  const nitrogen = classifyItems({ tn: byName['tn'] ?? null }, 'lake', standard)[0]?.class ?? null;
  return { class: verdict, withNitrogen: verdict === null ? null : Math.max(verdict, nitrogen ?? 0) };
}
