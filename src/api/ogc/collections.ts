import type { Config } from '../../domain/config/config.ts';
import type { Seen } from '../auth/seen-by.ts';
import { riverFeatures } from '../region/geography.ts';
import { isoTimes } from '../http/iso-times.ts';
import { freshnessOf, type JudgedStation, type LatestVerdicts } from '../readings/latest-view.ts';
import { providersOf } from '../region/stations-view.ts';

export interface Feature {
  type: 'Feature';
  id: string;
  geometry: { type: string; coordinates: unknown } | null;
  properties: Record<string, unknown>;
}

/** A property that may be asked for as a parameter of the same name. */
export interface Queryable {
  name: string;
  description: string;
}

export interface CollectionKind {
  id: string;
  title: string;
  description: string;
  /** Property that holds the time of a feature; null where they have none. */
  timeProperty: string | null;
  queryables: readonly Queryable[];
  /** All features that this reader sees, in an order that stays. */
  features(seen: Seen, verdicts: LatestVerdicts): Promise<Feature[]>;
}

const point = (position: { lon: number; lat: number } | null): Feature['geometry'] =>
  position === null ? null : { type: 'Point', coordinates: [position.lon, position.lat] };

/** Of each station the provider that reported last. */
function newestByStation(judged: readonly JudgedStation[]): ReadonlyMap<string, JudgedStation> {
  const newest = new Map<string, JudgedStation>();
  for (const one of judged) {
    const best = newest.get(one.station);
    if (best === undefined || (one.endS ?? -1) > (best.endS ?? -1)) newest.set(one.station, one);
  }
  return newest;
}

function stateOf(newest: JudgedStation | undefined, seen: Seen, iso: (atS: number) => string) {
  if (newest === undefined || newest.endS === null) return { time: null, freshness: 'silent' };
  const { verdict } = newest;
  const judgedAs =
    verdict === null
      ? {}
      : verdict.kind === 'water'
        ? { class: verdict.class, decidingItems: verdict.decidingItems.join(',') }
        : { aqi: verdict.aqi, level: verdict.level, primary: verdict.primary.join(',') };
  const overLimit =
    verdict === null ? {} : { overLimit: verdict.overLimits.length, edition: verdict.edition };
  const values = Object.fromEntries(
    newest.readings.map(({ parameter, value }) => [`value_${parameter}`, value]),
  );
  const freshness = freshnessOf(newest, seen.clock.nowS(), iso).state;
  return {
    time: iso(newest.endS),
    provider: newest.provider,
    freshness,
    ...judgedAs,
    ...overLimit,
    ...values,
  };
}

const station: readonly Queryable[] = [
  { name: 'name', description: 'name in Chinese' },
  { name: 'locatedIn', description: 'code of the jurisdiction' },
  { name: 'freshness', description: 'fresh, late or silent' },
];

async function sections(seen: Seen, verdicts: LatestVerdicts): Promise<Feature[]> {
  const newest = newestByStation(await verdicts.of('water', seen));
  const iso = isoTimes(seen.config().region.timeZone);
  return seen.config().sections.map((section) => ({
    type: 'Feature',
    id: section.id,
    geometry: point(section.position),
    properties: {
      name: section.name.zh,
      nameEn: section.name.en,
      locatedIn: section.locatedIn,
      assessed: section.assessed,
      river: section.riverName,
      level: section.level,
      bodyType: section.bodyType?.value ?? null,
      border: section.border?.role ?? null,
      providers: providersOf(section).join(','),
      uncertaintyKm: section.position?.uncertaintyKm ?? null,
      ...stateOf(newest.get(section.id), seen, iso),
    },
  }));
}

async function airStations(seen: Seen, verdicts: LatestVerdicts): Promise<Feature[]> {
  const newest = newestByStation(await verdicts.of('air', seen));
  const iso = isoTimes(seen.config().region.timeZone);
  return seen.config().airStations.map((one) => ({
    type: 'Feature',
    id: one.id,
    geometry: point(one.position),
    properties: {
      name: one.name.zh,
      nameEn: one.name.en,
      locatedIn: one.locatedIn,
      zoneClass: one.zoneClass.value,
      providers: providersOf(one).join(','),
      uncertaintyKm: one.position?.uncertaintyKm ?? null,
      ...stateOf(newest.get(one.id), seen, iso),
    },
  }));
}

function flowStations(config: Config): Feature[] {
  return config.flowStations.map((one) => ({
    type: 'Feature',
    id: one.id,
    geometry: point(one.position),
    properties: {
      name: one.name.zh,
      nameEn: one.name.en,
      locatedIn: one.locatedIn,
      river: one.riverName,
      providers: providersOf(one).join(','),
      uncertaintyKm: one.position?.uncertaintyKm ?? null,
    },
  }));
}

function rivers(config: Config): Feature[] {
  return riverFeatures(config).map(({ id, geometry, properties }) => ({
    type: 'Feature',
    id,
    geometry,
    properties: {
      river: properties.river,
      reach: properties.reach,
      downstream: properties.downstream,
      schematic: properties.schematic,
    },
  }));
}

const river: Queryable = { name: 'river', description: 'name of the river' };

/** What can be drawn on a map. Verdicts and values are those that the reader may see. */
export const collections: readonly CollectionKind[] = [
  {
    id: 'sections',
    title: '水质断面 · Water-quality sections',
    description: 'Sections with the newest class and values; positions as configured, with their uncertainty',
    timeProperty: 'time',
    queryables: [
      ...station,
      river,
      { name: 'level', description: 'national, provincial, municipal or county' },
      { name: 'border', description: 'hand-over, border-river or entry-check' },
      { name: 'class', description: 'newest class, 1 to 6' },
    ],
    features: sections,
  },
  {
    id: 'air-stations',
    title: '空气站 · Air stations',
    description: 'Air stations with the newest index and values',
    timeProperty: 'time',
    queryables: [...station, { name: 'level', description: 'level of the newest index' }],
    features: airStations,
  },
  {
    id: 'flow-stations',
    title: '水文站 · Flow stations',
    description: 'Stations that measure stage or discharge',
    timeProperty: null,
    queryables: [
      { name: 'name', description: 'name in Chinese' },
      { name: 'locatedIn', description: 'code of the jurisdiction' },
      river,
    ],
    features: (seen) => Promise.resolve(flowStations(seen.config())),
  },
  {
    id: 'rivers',
    title: '河段 · River reaches',
    description: 'Reaches of the river network; schematic unless surveyed, settling no boundary',
    timeProperty: null,
    queryables: [{ name: 'river', description: 'id of the river' }],
    features: (seen) => Promise.resolve(rivers(seen.config())),
  },
];
