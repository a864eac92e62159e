import { hash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { MonitorError } from '../../../domain/errors.ts';
import type { Disposition } from './frame-line.ts';
import type { Profile } from './profile.ts';
import type { DeviceRegistry, RegisteredDevice } from './registry.ts';
import type { Device } from './settings.ts';
import { sm4Key } from './sm4.ts';

/** A device with what only this process knows: the hash of its password and its key. */
export interface AdmittedDevice {
  registered: RegisteredDevice;
  /** Null: any password. */
  pwSha256: Buffer | null;
  /** How its frames are read on the wire; differs from the registered profile in the key. */
  wire: Profile;
}

/**
 * Fetches every secret that the registry names. Throws E_CONFIG that lists the variables that are not set; never shows a value.
 * A device that an act let in and whose variables are not set here is left out (`onLeftOut`), so that it stops nothing.
 */
export function admittedDevices(
  registry: DeviceRegistry,
  secret: (name: string) => string | undefined,
  onLeftOut: (mn: string, unset: readonly string[]) => void = () => undefined,
): Map<string, AdmittedDevice> {
  const faults = new Set<string>();
  let unset: string[] = [];
  const need = (name: string): string => {
    const value = secret(name);
    if (value === undefined || value === '') unset.push(name);
    return value ?? '';
  };
  const devices = new Map<string, AdmittedDevice>();
  for (const [mn, registered] of registry) {
    const { device, profile } = registered;
    if (device.withdrawnSeq !== undefined) continue;
    unset = [];
    const pwSha256 = passwordHash(device, need);
    const sm4 = keysOf(device, need);
    if (unset.length === 0) devices.set(mn, { registered, pwSha256, wire: { ...profile, sm4 } });
    else if (device.approvedSeq === undefined) for (const name of unset) faults.add(name);
    else onLeftOut(mn, unset);
  }
  if (faults.size > 0)
    throw new MonitorError('E_CONFIG', `environment variables not set: ${[...faults].join(', ')}`, {
      details: { unset: [...faults] },
    });
  return devices;
}

function keysOf(device: Device, need: (name: string) => string): Profile['sm4'] {
  const { sm4Env, sm4NextEnv } = device;
  const keyHex = sm4Env === undefined ? '' : need(sm4Env);
  if (sm4Env === undefined || keyHex === '') return null;
  const nextHex = sm4NextEnv === undefined ? '' : need(sm4NextEnv);
  const next = sm4NextEnv === undefined || nextHex === '' ? {} : { next: sm4Key(nextHex, sm4NextEnv) };
  return { key: sm4Key(keyHex, sm4Env), when: 'always', ...next };
}

function passwordHash(device: Device, need: (name: string) => string): Buffer | null {
  if ('any' in device.pw) return null;
  if ('sha256' in device.pw) return Buffer.from(device.pw.sha256, 'hex');
  return hash('sha256', need(device.pw.env), 'buffer');
}

/** Whether a frame of this device may enter; compares the password in constant time. */
export function judgeSender(
  device: AdmittedDevice | undefined,
  sent: { pw: string; address: string },
): Disposition {
  if (device === undefined) return 'unknown-mn';
  const { addresses } = device.registered;
  if (addresses !== null) {
    const family = isIP(sent.address) === 6 ? 'ipv6' : 'ipv4';
    if (!addresses.check(sent.address, family)) return 'wrong-address';
  }
  if (device.pwSha256 === null) return 'accepted';
  return timingSafeEqual(hash('sha256', sent.pw, 'buffer'), device.pwSha256) ? 'accepted' : 'wrong-pw';
}

/** An IPv4 address that arrives mapped into IPv6, as IPv4. */
export function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.)/, '');
}
