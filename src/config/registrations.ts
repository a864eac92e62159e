import type { Config } from '../domain/config/config.ts';
import type { Alias, Position, Provenance } from '../domain/config/facts.ts';
import type { Registration } from '../domain/reading-acts.ts';

const provenance: Provenance = { source: 'registered by an act', confidence: 'confirmed' };

/** The configuration with the names and the newest position that acts registered; its hash stays that of the files. */
export function withRegistrations(config: Config, registrations: readonly Registration[]): Config {
  if (registrations.length === 0) return config;
  const aliases = new Map<string, Alias[]>();
  const moved = new Map<string, { from: string; position: Position }>();
  for (const { station, provider, naturalKey: key, from, to, grounds } of registrations) {
    const position = grounds?.position ?? null;
    if (position !== null && from >= (moved.get(station)?.from ?? ''))
      moved.set(station, { from, position: { ...position, provenance } });
    const known = aliases.get(station) ?? [];
    aliases.set(station, [...known, { provider, key, from, ...(to === null ? {} : { to }) }]);
  }
  const extended = <T extends { id: string; aliases: Alias[]; position: Position | null }>(
    stations: readonly T[],
  ): T[] =>
    stations.map((station) => {
      const more = aliases.get(station.id);
      if (more === undefined) return station;
      const position = moved.get(station.id)?.position ?? station.position;
      return { ...station, aliases: [...station.aliases, ...more], position };
    });
  return {
    ...config,
    sections: extended(config.sections),
    airStations: extended(config.airStations),
    flowStations: extended(config.flowStations),
  };
}
