import type { AlertPolicy, AlertRule, Contact, OnCall } from './alerting.ts';
import type { Agreement, AirStation, FlowStation, Jurisdiction, Region, River, Section } from './region.ts';
import type { Outfall } from './basin.ts';
import type { Network } from './network.ts';
import type { ChannelConfig } from './channels.ts';
import type { Parameter } from './parameter.ts';
import type { RetentionPolicy } from './retention.ts';
import type { Scheme } from './scheme.ts';
import type { SharingRule } from './sharing.ts';
import type { SourceConfig } from './source.ts';
import type { Standards } from './standard.ts';
import type { WaterName } from './waters.ts';

/** All facts in force, checked. `hash` is the SHA-256 of the canonical form; verdicts and statements name it. */
export interface Config extends Standards {
  hash: string;
  region: Region;
  jurisdictions: Jurisdiction[];
  rivers: River[];
  /** Absent where a configuration was made before there were any. */
  waters?: WaterName[];
  sections: Section[];
  airStations: AirStation[];
  flowStations: FlowStation[];
  outfalls: Outfall[];
  agreements: Agreement[];
  networks: Network[];
  sources: SourceConfig[];
  /** Who may see what, first match first. */
  sharing: SharingRule[];
  /** Ways to reach people. */
  channels: ChannelConfig[];
  parameters: Parameter[];
  schemes: Scheme[];
  retention: RetentionPolicy[];
  alertRules: AlertRule[];
  contacts: Contact[];
  onCall: OnCall[];
  alertPolicies: AlertPolicy[];
}

/** A fault of configuration: all of them are listed together, and any one stops the start. */
export interface ConfigFault {
  file: string;
  line: number;
  column: number;
  path: string;
  value: string;
  message: string;
  expected: string;
}

/** Registered station id of what a provider calls a station on a civil date; null when no registry knows it. */
export type StationResolver = (provider: string, naturalKey: string, civilDate: string) => string | null;

/** Looks up every alias of sections, air and flow stations. Build once per configuration. */
export function stationResolver(
  config: Pick<Config, 'sections' | 'airStations' | 'flowStations'>,
): StationResolver {
  const byKey = new Map<string, { id: string; from: string; to: string }[]>();
  for (const station of [...config.sections, ...config.airStations, ...config.flowStations]) {
    for (const alias of station.aliases) {
      const key = `${alias.provider}\n${alias.key}`;
      const entries = byKey.get(key) ?? [];
      entries.push({ id: station.id, from: alias.from ?? '0000-01-01', to: alias.to ?? '9999-12-31' });
      byKey.set(key, entries);
    }
  }
  return (provider, naturalKey, civilDate) => {
    const entries = byKey.get(`${provider}\n${naturalKey}`);
    return entries?.find((entry) => entry.from <= civilDate && civilDate <= entry.to)?.id ?? null;
  };
}

/** The edition in force on a civil date; null before the first. */
export function editionInForce<T extends { inForce: { from: string; to: string | null } }>(
  editions: readonly T[],
  civilDate: string,
): T | null {
  return (
    editions.find(
      (e) => e.inForce.from <= civilDate && (e.inForce.to === null || civilDate <= e.inForce.to),
    ) ?? null
  );
}
