import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { Config } from '../../../domain/config/config.ts';
import type { ParseContext, ParseResult } from '../../../domain/ports.ts';
import { civilDate, type EpochS } from '../../../domain/time.ts';
import { bundleOf, isBundle, recordsOf, type PushedRecord } from '../bundle.ts';
import { Collector } from '../collector.ts';
import { messageOf } from '../reply.ts';
import { settingsOf } from '../settings.ts';
import type { FrameLine } from './frame-line.ts';
import { decodeFrame } from './frame.ts';
import { strictProfile, type Message, type Refusal } from './profile.ts';
import { addReadings, type FramePlace } from './readings.ts';
import { quoted, readLines, readStream, type Recorded } from './recording.ts';
import { deviceRegistry, type DeviceRegistry, type RegisteredDevice } from './registry.ts';
import { hj212Settings, limitsOf, type Device, type ListenerLimits } from './settings.ts';

const DAY_S = 86_400;
/** Refused stretches of one recorded file that are named one by one; the rest are counted in a last issue. */
const NAMED_REFUSALS = 100;

const registries = new WeakMap<Config, Map<string, { registry: DeviceRegistry; limits: ListenerLimits }>>();

function registered(into: Collector): { registry: DeviceRegistry; limits: ListenerLimits } {
  const { config, sourceId } = into.context;
  const ofConfig =
    registries.get(config) ?? new Map<string, { registry: DeviceRegistry; limits: ListenerLimits }>();
  registries.set(config, ofConfig);
  let found = ofConfig.get(sourceId);
  if (found === undefined) {
    const settings = settingsOf(into.source, hj212Settings);
    found = { registry: deviceRegistry(into.source, settings, config), limits: limitsOf(settings) };
    ofConfig.set(sourceId, found);
  }
  return found;
}

/** Readings of a journal entry: frames that a listener took, or a recorded file of frames. */
export function parseHj212(body: Uint8Array, context: ParseContext): ParseResult {
  const into = new Collector(context);
  const { registry, limits } = registered(into);
  if (isBundle(body)) readBundle(body, registry, limits, into);
  else if (body.length === 0) into.issue('REPLY_EMPTY', 'file', 'no bytes', '');
  else readRecording(body, registry, limits, into);
  return into.finish();
}

/** What is known of the frames of one entry while it is read. */
interface Reading {
  registry: DeviceRegistry;
  limits: ListenerLimits;
  into: Collector;
  tolerated: Set<string>;
  /** Frames kept unread, by the number of their sender. */
  held: Map<string, number>;
}

function readBundle(
  body: Uint8Array,
  registry: DeviceRegistry,
  limits: ListenerLimits,
  into: Collector,
): void {
  const reading = { registry, limits, into, tolerated: new Set<string>(), held: new Map<string, number>() };
  let at = 0;
  for (const record of readableRecords(body, into)) {
    at += 1;
    readFrame(record, placeOf(record, at, limits), reading);
  }
  for (const [mn, frames] of reading.held)
    into.issue('FRAME_QUARANTINED', mn, `${frames} frames kept unread until this number is let in`, mn);
}

function readFrame(record: PushedRecord<FrameLine>, place: FramePlace, reading: Reading): void {
  const { into } = reading;
  const mn = mnOf(record.body);
  const device = reading.registry.get(mn);
  const judged = decodeFrame(record.body, device?.profile ?? { ...strictProfile, badItems: 'refuse-item' });
  const { is, crc } = record.line;
  const refused = (why: string): void =>
    into.issue('DEVICE_REFUSED', `${place.path}, ${mn}`, `refused: ${why}`, place.record);
  if (!judged.ok) refuse(judged, place, into);
  else if (is === 'wrong-pw' || is === 'wrong-address') refused(`${is}; kept, not answered`);
  else if (device === undefined || (is === 'unknown-mn' && !letIn(device.device, into.context.seq))) {
    if (device === undefined) noteUnknown(judged, place, into);
    reading.held.set(mn, (reading.held.get(mn) ?? 0) + 1);
  } else if (is === 'unknown-mn' && crc === undefined && !mayEnterLate(judged, device.device.pw))
    refused('wrong-pw; kept since before it was registered');
  else if (is === 'unknown-mn' && !mayConnectFrom(device, record.line.peer))
    refused('wrong-address; kept since before it was registered');
  else {
    noteTolerance(judged, place, reading.tolerated, into);
    addReadings(judged, device, place, into);
  }
}

/** Whether a frame in quarantine at this position counts: acts let a device in from their own position on, a file always. */
function letIn({ approvedSeq = 0, withdrawnSeq = Infinity }: Device, seq = Infinity): boolean {
  return seq >= approvedSeq && seq <= withdrawnSeq;
}

function mayConnectFrom({ addresses }: RegisteredDevice, peer: string): boolean {
  const address = peer.replace(/:\d+$/, '');
  return addresses === null || addresses.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** The frames of one number that were kept unread, as an entry of their own would hold them. */
export function quarantinedFrames(body: Uint8Array, mn: string): Buffer {
  if (!isBundle(body)) return Buffer.alloc(0);
  const records: PushedRecord<FrameLine>[] = [];
  try {
    for (const record of recordsOf<FrameLine>(body))
      if (record.line.is === 'unknown-mn' && mnOf(record.body) === mn) records.push(record);
  } catch {
    // The damage was told of when the entry itself was read; what stands before it counts.
  }
  return bundleOf(records);
}

/** The records up to the first damage, which is an issue. */
function* readableRecords(body: Uint8Array, into: Collector): Generator<PushedRecord<FrameLine>> {
  try {
    yield* recordsOf<FrameLine>(body);
  } catch (cause) {
    into.issue('REPLY_NOT_READABLE', 'entry', `not as the listener writes it: ${messageOf(cause)}`, '');
  }
}

function placeOf(record: PushedRecord<FrameLine>, at: number, limits: ListenerLimits): FramePlace {
  const believed = {
    fromS: record.line.atS - limits.pastDays * DAY_S,
    toS: record.line.atS + limits.futureSeconds,
  };
  const text = Buffer.from(record.body.buffer, record.body.byteOffset, Math.min(record.body.length, 200));
  return { path: `frame ${at}`, record: quoted(text.toString('utf8')), believed };
}

function mnOf(frame: Uint8Array): string {
  const head = Buffer.from(frame.buffer, frame.byteOffset, Math.min(frame.length, 256)).toString('latin1');
  return /[;\d]MN=([^;]*)/.exec(head)?.[1] ?? '';
}

/** Frames that were kept with their password count once their station is registered, if it is the one configured by its hash. */
function mayEnterLate(message: Message, pw: object): boolean {
  if (!('sha256' in pw)) return true;
  return (
    createHash('sha256')
      .update(message.fields['PW'] ?? '')
      .digest('hex') === pw.sha256
  );
}

function noteUnknown(message: Message, place: FramePlace, into: Collector): void {
  const mn = message.fields['MN'] ?? '';
  const date = civilDate(into.context.receivedS, into.source.timeZone);
  into.station({ naturalKey: mn, name: mn, civilDate: date, path: `${place.path}, ${mn}` });
}

function noteTolerance(message: Message, place: FramePlace, told: Set<string>, into: Collector): void {
  const mn = message.fields['MN'] ?? '';
  if (!message.warnings.includes('crc-modbus') || told.has(mn)) return;
  told.add(mn);
  into.issue(
    'FRAME_TOLERATED',
    `${place.path}, ${mn}`,
    'CRC-16/MODBUS taken, as this device is allowed to send',
    place.record,
  );
}

function refuse(judged: Refusal, place: FramePlace, into: Collector): void {
  into.issue('FRAME_REFUSED', place.path, `${judged.error}: ${judged.detail}`, place.record);
}

/** A capture of a connection, or a text with a frame a line: whichever of the two holds more frames. */
function framesIn(body: Uint8Array, registry: DeviceRegistry, maxSegmentBytes: number): Recorded[] {
  const profileOf = (mn: string) =>
    registry.get(mn)?.profile ?? { ...strictProfile, badItems: 'refuse-item' as const };
  const stream = readStream(body, profileOf, maxSegmentBytes);
  const taken = (list: readonly Recorded[]): number => list.filter((one) => one.judged.ok).length;
  if (taken(stream) === stream.length) return stream;
  const lines = [...readLines(Buffer.from(body).toString('utf8'), profileOf)];
  return taken(lines) > taken(stream) ? lines : stream;
}

function readRecording(
  body: Uint8Array,
  registry: DeviceRegistry,
  limits: ListenerLimits,
  into: Collector,
): void {
  const toS: EpochS = into.shownS + limits.futureSeconds;
  const tolerated = new Set<string>();
  let refused = 0;
  for (const { judged, excerpt, at } of framesIn(body, registry, limits.segmentBytes)) {
    const place: FramePlace = { path: `frame ${at}`, record: excerpt, believed: { fromS: 0, toS } };
    if (!judged.ok) {
      refused += 1;
      if (refused <= NAMED_REFUSALS) refuse(judged, place, into);
      continue;
    }
    const device = registry.get(judged.fields['MN'] ?? '');
    if (device === undefined) noteUnknown(judged, place, into);
    else {
      noteTolerance(judged, place, tolerated, into);
      addReadings(judged, device, place, into);
    }
  }
  if (refused > NAMED_REFUSALS)
    into.issue(
      'FRAME_REFUSED',
      'file',
      `${refused} stretches are no frames, ${NAMED_REFUSALS} of them named above`,
      '',
    );
}
