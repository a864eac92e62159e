import { Value } from 'typebox/value';
import type { DeviceApproval, DeviceRequest } from '../domain/device-acts.ts';
import { MonitorError } from '../domain/errors.ts';
import type { Config } from '../domain/config/config.ts';
import type { SourceConfig } from '../domain/config/source.ts';
import { hasWindow, isAskable, askable, whyNotAsked, windowArea } from '../ingest/sources/hj212/asking.ts';
import { LONGEST_S } from '../ingest/sources/hj212/gaps.ts';
import { hj212 } from '../ingest/sources/hj212/index.ts';
import { deviceRegistry } from '../ingest/sources/hj212/registry.ts';
import { Device, hj212Settings } from '../ingest/sources/hj212/settings.ts';
import { settingsOf } from '../ingest/sources/settings.ts';
import type { System } from '../main.ts';

/** Who acts, when, and under which id the act is done once. */
export interface By {
  actor: string;
  atS: number;
  id: string;
}

type Acting = Pick<System, 'config' | 'state' | 'refreshConfig'>;

function sourceOf(config: Config, id: string): SourceConfig {
  const source = config.sources.find((candidate) => candidate.id === id && candidate.adapter === hj212.id);
  if (source !== undefined) return source;
  const known = config.sources.filter(({ adapter }) => adapter === hj212.id).map((one) => one.id);
  throw new MonitorError('E_NOT_FOUND', `no source "${id}" takes loggers (known: ${known.join(', ')})`);
}

function bad(faults: readonly string[]): never {
  throw new MonitorError('E_BAD_REQUEST', faults.join('; '), { details: { faults } });
}

/** Throws E_BAD_REQUEST that names every fault of the entry, as the check of a file would. */
function checkEntry(config: Config, source: SourceConfig, { device, settings }: DeviceApproval): void {
  if (!Value.Check(Device, settings))
    bad([...Value.Errors(Device, settings)].map((error) => `settings${error.instancePath} ${error.message}`));
  const entry: Device = settings;
  if (entry.mn !== device) bad([`settings/mn "${entry.mn}" is not the device "${device}"`]);
  if (entry.approvedSeq !== undefined || entry.withdrawnSeq !== undefined)
    bad(['settings/approvedSeq and settings/withdrawnSeq are positions of acts; leave them out']);
  const own = settingsOf(source, hj212Settings);
  if (own.devices.some(({ mn }) => mn === device))
    throw new MonitorError('E_CONFLICT', `${device} is a device of "${source.id}" already`);
  try {
    deviceRegistry(source, { ...own, devices: [entry] }, config);
  } catch (cause) {
    if (!(cause instanceof MonitorError)) throw cause;
    bad([cause.message]);
  }
}

/**
 * Lets a device in: what it sends from now on is taken, and what was kept of it in quarantine is read. Resolves with the journal position.
 * Throws E_NOT_FOUND, E_BAD_REQUEST (`details.faults`) and E_CONFLICT.
 */
export async function approveDevice(system: Acting, approval: DeviceApproval, by: By): Promise<number> {
  const act = { ...by, kind: 'approve-device', version: 1, payload: { ...approval } } as const;
  const done = await system.state.acts.done(act);
  if (done !== null) return done;
  const config = system.config();
  const source = sourceOf(config, approval.source);
  const { sections, airStations, flowStations } = config;
  if (![...sections, ...airStations, ...flowStations].some(({ id }) => id === approval.station))
    bad([`station "${approval.station}" is not known`]);
  checkEntry(config, source, approval);
  const seq = await system.state.acts.perform(act);
  await system.refreshConfig();
  return seq;
}

/** Shuts a device out again that an act let in; what was read of it stays. Resolves with the journal position. */
export async function withdrawDevice(
  system: Acting,
  withdrawal: { source: string; device: string; reason: string },
  by: By,
): Promise<number> {
  const seq = await system.state.acts.perform({
    ...by,
    kind: 'withdraw-device',
    version: 1,
    payload: { ...withdrawal },
  });
  await system.refreshConfig();
  return seq;
}

/**
 * Wants something of a logger; whichever process it is connected to asks it. Resolves with the journal position. Throws E_NOT_FOUND for a
 * device that may not send, E_BAD_REQUEST for a command that is never asked and for a window that the command cannot have.
 */
export async function requestOfDevice(system: Acting, request: DeviceRequest, by: By): Promise<number> {
  const { command, fromS, toS } = request;
  const source = sourceOf(system.config(), request.source);
  const device = settingsOf(source, hj212Settings).devices.find(({ mn }) => mn === request.device);
  if (device === undefined || device.withdrawnSeq !== undefined)
    throw new MonitorError('E_NOT_FOUND', `"${source.id}" has no device ${request.device}`);
  if (!isAskable(command)) return bad([whyNotAsked(command)]);
  if (hasWindow(command) !== (fromS !== null && toS !== null))
    bad([`command ${command} (${askable[command]}) takes ${hasWindow(command) ? 'a' : 'no'} window`]);
  if (fromS !== null && toS !== null) {
    if (toS - fromS > LONGEST_S) bad([`a window of at most ${LONGEST_S / 86_400} days`]);
    windowArea(command, { fromS, toS }, device);
  }
  if (command === '1014' && device.sm4NextEnv === undefined)
    bad([`device ${request.device} names no next key (sm4NextEnv)`]);
  return system.state.acts.perform({
    ...by,
    kind: 'request-device-data',
    version: 1,
    payload: { ...request },
  });
}
