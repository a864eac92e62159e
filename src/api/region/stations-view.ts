import { Type, type Static } from 'typebox';
import type { Config } from '../../domain/config/config.ts';
import { Position, type Alias } from '../../domain/config/facts.ts';
import { Section, type AirStation, type FlowStation } from '../../domain/config/region.ts';
import { waterName } from '../../domain/config/waters.ts';
import { NullableText, NullableTextPair, TextPair } from '../http/schemas.ts';

export const stationKinds = ['water', 'air', 'flow'] as const;
export type StationKind = (typeof stationKinds)[number];

const NullablePosition = Type.Unsafe<Static<typeof Position> | null>({ anyOf: [Position, { type: 'null' }] });

/** What stations of every kind have in common; a water station is a section. */
export const StationView = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  name: TextPair,
  locatedIn: NullableText,
  position: NullablePosition,
  providers: Type.Array(Type.String()),
});
export type StationView = Static<typeof StationView>;

/** A section as configured: identity, targets, border and position, each with source and confidence. */
export const SectionView = Type.Object({ ...Section.properties, river: NullableTextPair });

/** A section with the name of its water in both languages. */
export const sectionView = (section: Section, { waters = [] }: Pick<Config, 'waters'>) => ({
  ...section,
  river: section.riverName === null ? null : waterName(waters, section.riverName),
});

interface Registered {
  kind: StationKind;
  station: Section | AirStation | FlowStation;
}

const registries = new WeakMap<Config, ReadonlyMap<string, Registered>>();

/** Every registered station by id; made once for a configuration. */
export function registry(config: Config): ReadonlyMap<string, Registered> {
  const made = registries.get(config);
  if (made !== undefined) return made;
  const all = new Map<string, Registered>();
  for (const station of config.sections) all.set(station.id, { kind: 'water', station });
  for (const station of config.airStations) all.set(station.id, { kind: 'air', station });
  for (const station of config.flowStations) all.set(station.id, { kind: 'flow', station });
  registries.set(config, all);
  return all;
}

/** Providers that report a station, in the order of its aliases: the first one is asked when a request names none. */
export function providersOf(station: { aliases: readonly Alias[] }): string[] {
  return [...new Set(station.aliases.map((alias) => alias.provider))];
}

export function stationView({ kind, station }: Registered): StationView {
  const { id, name, locatedIn, position } = station;
  return { id, kind, name, locatedIn, position, providers: providersOf(station) };
}

/** GeoJSON feature of a located thing; geometry null where no position is known. */
export function pointFeature(properties: { id: string; position: Static<typeof Position> | null }) {
  const { id, position } = properties;
  const geometry = position === null ? null : { type: 'Point', coordinates: [position.lon, position.lat] };
  return { type: 'Feature' as const, id, geometry, properties: { ...properties } as Record<string, unknown> };
}
