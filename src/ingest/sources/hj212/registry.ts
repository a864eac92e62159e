import { BlockList, isIP } from 'node:net';
import type { Config } from '../../../domain/config/config.ts';
import type { SourceConfig } from '../../../domain/config/source.ts';
import { MonitorError } from '../../../domain/errors.ts';
import { strictProfile, type Profile } from './profile.ts';
import { limitsOf, type Device, type Factor, type Hj212Settings } from './settings.ts';
import { powerBetween } from '../units.ts';

/** A factor with the power of ten that turns what the device sends into the parameter's own unit. */
export interface ReadyFactor extends Factor {
  power: number;
}

export interface RegisteredDevice {
  device: Device;
  /** By code in lower case: codes differ in case between loggers. */
  factors: ReadonlyMap<string, ReadyFactor>;
  ignored: ReadonlySet<string>;
  /** As the journal holds its frames: plain, whatever came over the wire. */
  profile: Profile;
  /** Null: any address. */
  addresses: BlockList | null;
}

export type DeviceRegistry = ReadonlyMap<string, RegisteredDevice>;

/**
 * The devices of a source, ready for use. Throws E_CONFIG that names every fault, none of which is a secret. A device that an act let
 * in and that the files no longer carry (its factor set is gone) is left out, and is unknown again.
 */
export function deviceRegistry(
  source: SourceConfig,
  settings: Hj212Settings,
  config: Pick<Config, 'parameters'>,
): DeviceRegistry {
  const faults: string[] = [];
  const registry = new Map<string, RegisteredDevice>();
  const maxSegmentBytes = limitsOf(settings).segmentBytes;
  for (const device of settings.devices) {
    const told = faults.length;
    const set = settings.factorSets[device.factors];
    if (registry.has(device.mn)) faults.push(`MN ${device.mn} stands twice`);
    if (set === undefined) faults.push(`device ${device.mn}: no factor set "${device.factors}"`);
    if (device.edition === '2025-sm4' && device.sm4Env === undefined)
      faults.push(`device ${device.mn}: edition 2025-sm4 needs sm4Env, the variable that holds its key`);
    if (device.sm4NextEnv !== undefined && device.sm4Env === undefined)
      faults.push(`device ${device.mn}: sm4NextEnv without sm4Env`);
    const ready: RegisteredDevice = {
      device,
      factors: readyFactors(device, set ?? [], config, faults),
      ignored: new Set((device.ignore ?? []).map((code) => code.toLowerCase())),
      profile: {
        ...strictProfile,
        edition: device.edition,
        maxSegmentBytes,
        crc: device.crc ?? 'standard',
        encoding: device.encoding ?? 'utf-8',
        badItems: 'refuse-item',
        heartbeatAnswer: device.heartbeatAnswer ?? '9014',
      },
      addresses: networks(device, faults),
    };
    const kept = device.approvedSeq === undefined || faults.length === told;
    if (kept) registry.set(device.mn, ready);
    else faults.length = told;
  }
  if (faults.length > 0)
    throw new MonitorError('E_CONFIG', `source "${source.id}": ${[...new Set(faults)].join('; ')}`, {
      details: { source: source.id, faults },
    });
  return registry;
}

function readyFactors(
  device: Device,
  set: readonly Factor[],
  config: Pick<Config, 'parameters'>,
  faults: string[],
): Map<string, ReadyFactor> {
  const ready = new Map<string, ReadyFactor>();
  for (const factor of set) {
    const parameter = config.parameters.find((candidate) => candidate.id === factor.parameter);
    const at = `factor set ${device.factors}, code ${factor.code}`;
    if (parameter === undefined) {
      faults.push(`${at}: no parameter "${factor.parameter}"`);
      continue;
    }
    const power = powerBetween(factor.unit, parameter.unit);
    if (power === null) {
      faults.push(`${at}: ${factor.unit} cannot become ${String(parameter.unit)} of ${factor.parameter}`);
      continue;
    }
    const key = factor.code.toLowerCase();
    if (ready.has(key)) faults.push(`${at}: stands twice`);
    ready.set(key, { ...factor, power });
  }
  return ready;
}

function networks(device: Device, faults: string[]): BlockList | null {
  if (device.addresses === undefined) return null;
  const list = new BlockList();
  for (const network of device.addresses) {
    const [address = '', prefix] = network.split('/');
    const version = isIP(address);
    const bits = prefix === undefined ? (version === 4 ? 32 : 128) : Number(prefix);
    if (version === 0 || !Number.isInteger(bits) || bits < 0 || bits > (version === 4 ? 32 : 128)) {
      faults.push(`device ${device.mn}: "${network}" is no network (expected such as 10.20.0.0/16)`);
      continue;
    }
    list.addSubnet(address, bits, version === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}
