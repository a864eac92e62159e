import type { Config } from '../domain/config/config.ts';
import type { SourceConfig } from '../domain/config/source.ts';
import type { StoredApproval } from '../domain/device-acts.ts';
import { withRegistrations } from './registrations.ts';

interface FileDevice {
  mn?: unknown;
}

const devicesOf = (source: SourceConfig): FileDevice[] => {
  const { devices } = source.settings;
  return Array.isArray(devices) ? (devices as FileDevice[]) : [];
};

/** The configuration with the devices that acts have let in, and the stations they belong to; its hash stays that of the files. */
export function withApprovals(config: Config, approvals: readonly StoredApproval[]): Config {
  const added = approvals.filter(({ source, device }) => {
    const found = config.sources.find((candidate) => candidate.id === source);
    // A file that names the device by now says more than the act did.
    return found !== undefined && !devicesOf(found).some(({ mn }) => mn === device);
  });
  if (added.length === 0) return config;
  const providerOf = (id: string): string => config.sources.find((source) => source.id === id)!.provider;
  const named = added.map(({ source, device, station, from, to }) => ({
    provider: providerOf(source),
    naturalKey: device,
    station,
    from,
    to,
  }));
  const sources = config.sources.map((source) => {
    const own = added.filter((approval) => approval.source === source.id);
    if (own.length === 0) return source;
    const devices = own.map(({ settings, seq: approvedSeq, withdrawnSeq }) => ({
      ...settings,
      approvedSeq,
      ...(withdrawnSeq === null ? {} : { withdrawnSeq }),
    }));
    return { ...source, settings: { ...source.settings, devices: [...devicesOf(source), ...devices] } };
  });
  return { ...withRegistrations(config, named), sources };
}
