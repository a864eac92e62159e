import { createHash } from 'node:crypto';
import type { Config } from '../../../domain/config/config.ts';
import type { ParseContext, ParseResult } from '../../../domain/ports.ts';
import { civilDate, type EpochS } from '../../../domain/time.ts';
import { Collector } from '../collector.ts';
import { messageOf } from '../reply.ts';
import { settingsOf } from '../settings.ts';
import { isBundle, recordsOf, type FrameRecord } from './bundle.ts';
import { decodeFrame } from './frame.ts';
import { strictProfile, type Message, type Refusal } from './profile.ts';
import { addReadings, type FramePlace } from './readings.ts';
import { quoted, readLines, readStream, type Recorded } from './recording.ts';
import { deviceRegistry, type DeviceRegistry } from './registry.ts';
import { hj212Settings, limitsOf, type ListenerLimits } from './settings.ts';

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

function readBundle(
  body: Uint8Array,
  registry: DeviceRegistry,
  limits: ListenerLimits,
  into: Collector,
): void {
  let at = 0;
  const tolerated = new Set<string>();
  for (const record of readableRecords(body, into)) {
    at += 1;
    const place = placeOf(record, at, limits);
    const mn = mnOf(record.frame);
    const device = registry.get(mn);
    const judged = decodeFrame(
      record.frame,
      device?.profile ?? { ...strictProfile, badItems: 'refuse-item' },
    );
    if (!judged.ok) refuse(judged, place, into);
    else if (record.is === 'wrong-pw' || record.is === 'wrong-address')
      into.issue(
        'DEVICE_REFUSED',
        `${place.path}, ${mn}`,
        `refused: ${record.is}; kept, not answered`,
        place.record,
      );
    else if (device === undefined) noteUnknown(judged, place, into);
    else if (record.is === 'unknown-mn' && !mayEnterLate(judged, device.device.pw))
      into.issue(
        'DEVICE_REFUSED',
        `${place.path}, ${mn}`,
        'refused: wrong-pw; kept since before it was registered',
        place.record,
      );
    else {
      noteTolerance(judged, place, tolerated, into);
      addReadings(judged, device, place, into);
    }
  }
}

/** The records up to the first damage, which is an issue. */
function* readableRecords(body: Uint8Array, into: Collector): Generator<FrameRecord> {
  try {
    yield* recordsOf(body);
  } catch (cause) {
    into.issue('REPLY_NOT_READABLE', 'entry', `not as the listener writes it: ${messageOf(cause)}`, '');
  }
}

function placeOf(record: FrameRecord, at: number, limits: ListenerLimits): FramePlace {
  const believed = { fromS: record.atS - limits.pastDays * DAY_S, toS: record.atS + limits.futureSeconds };
  const text = Buffer.from(record.frame.buffer, record.frame.byteOffset, Math.min(record.frame.length, 200));
  return { path: `frame ${at}`, record: quoted(text.toString('utf8')), believed };
}

function mnOf(frame: Uint8Array): string {
  const head = Buffer.from(frame.buffer, frame.byteOffset, Math.min(frame.length, 256)).toString('latin1');
  return /[;\d]MN=([^;]*)/.exec(head)?.[1] ?? '';
}

/** Frames of a station that was unknown count once it is registered; a password known by its hash is checked then. */
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
