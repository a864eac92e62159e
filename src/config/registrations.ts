import type { Config } from '../domain/config/config.ts';
import type { Alias } from '../domain/config/facts.ts';
import type { Registration } from '../domain/reading-acts.ts';

/** The configuration with the aliases that were registered by acts; its hash stays that of the files. */
export function withRegistrations(config: Config, registrations: readonly Registration[]): Config {
  if (registrations.length === 0) return config;
  const aliases = new Map<string, Alias[]>();
  for (const { station, provider, naturalKey: key, from, to } of registrations) {
    const known = aliases.get(station) ?? [];
    aliases.set(station, [...known, { provider, key, from, ...(to === null ? {} : { to }) }]);
  }
  const extended = <T extends { id: string; aliases: Alias[] }>(stations: readonly T[]): T[] =>
    stations.map((station) => {
      const more = aliases.get(station.id);
      return more === undefined ? station : { ...station, aliases: [...station.aliases, ...more] };
    });
  return {
    ...config,
    sections: extended(config.sections),
    airStations: extended(config.airStations),
    flowStations: extended(config.flowStations),
  };
}
