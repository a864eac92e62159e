import type { Config } from '../../../domain/config/config.ts';
import type { ParseContext, ParseResult } from '../../../domain/ports.ts';
import { isBundle, recordsOf, type PushedRecord } from '../bundle.ts';
import { Collector } from '../collector.ts';
import { messageOf } from '../reply.ts';
import { settingsOf } from '../settings.ts';
import { readyMappings, type ReadyMapping } from './mappings.ts';
import type { MessageLine } from './message-line.ts';
import { addMessage, type MessagePlace } from './readings.ts';
import { limitsOf, mqttSettings, type MqttLimits } from './settings.ts';

const EXCERPT = 200;
const decoders = {
  'utf-8': new TextDecoder('utf-8', { fatal: true }),
  gb18030: new TextDecoder('gb18030', { fatal: true }),
};

interface Ready {
  mappings: readonly ReadyMapping[];
  limits: MqttLimits;
}

const readies = new WeakMap<Config, Map<string, Ready>>();

function readyOf(into: Collector): Ready {
  const { config, sourceId } = into.context;
  const ofConfig = readies.get(config) ?? new Map<string, Ready>();
  readies.set(config, ofConfig);
  let found = ofConfig.get(sourceId);
  if (found === undefined) {
    const settings = settingsOf(into.source, mqttSettings);
    found = { mappings: readyMappings(into.source, settings, config), limits: limitsOf(settings) };
    ofConfig.set(sourceId, found);
  }
  return found;
}

/** Readings of a journal entry: messages that the subscriber took, or a recording of `mosquitto_sub -v`, one message a line. */
export function parseMqtt(body: Uint8Array, context: ParseContext): ParseResult {
  const into = new Collector(context);
  const ready = readyOf(into);
  if (body.length === 0) into.issue('REPLY_EMPTY', 'file', 'no bytes', '');
  const unmapped = new Map<string, number>();
  let number = 0;
  for (const message of isBundle(body) ? bundled(body, into) : recorded(body, into)) {
    number += 1;
    read(message, number, ready, { into, unmapped });
  }
  for (const [topic, count] of unmapped)
    into.issue('CODE_UNKNOWN', topic, `${count} messages of a topic that no mapping takes`, topic);
  return into.finish();
}

/** The messages up to the first damage, which is an issue. */
function* bundled(body: Uint8Array, into: Collector): Generator<PushedRecord<MessageLine>> {
  try {
    for (const record of recordsOf<MessageLine>(body)) {
      const topic: unknown = record.line.topic;
      if (typeof topic !== 'string') throw new Error('a line about a message names no topic');
      yield record;
    }
  } catch (cause) {
    into.issue('REPLY_NOT_READABLE', 'entry', `not as the subscriber writes it: ${messageOf(cause)}`, '');
  }
}

function* recorded(body: Uint8Array, into: Collector): Generator<PushedRecord<MessageLine>> {
  const text = Buffer.from(body).toString('utf8');
  for (const line of text.split('\n')) {
    const blank = line.indexOf(' ');
    if (line.trim() === '') continue;
    const topic = blank < 0 ? line : line.slice(0, blank);
    const payload = Buffer.from(blank < 0 ? '' : line.slice(blank + 1), 'utf8');
    yield { line: { atS: into.shownS, topic, qos: 0 }, body: payload };
  }
}

function read(
  { line, body }: PushedRecord<MessageLine>,
  number: number,
  { mappings, limits }: Ready,
  { into, unmapped }: { into: Collector; unmapped: Map<string, number> },
): void {
  const path = `message ${number}, ${line.topic}`;
  const record = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, EXCERPT)).toString('utf8');
  for (const mapping of mappings) {
    const names = mapping.pattern.match(line.topic);
    if (names === null) continue;
    const place: MessagePlace = { line, names, path, record, limits };
    const document = jsonOf(body, mapping, place, into);
    if (document !== null) addMessage(document.json, mapping, place, into);
    return;
  }
  unmapped.set(line.topic, (unmapped.get(line.topic) ?? 0) + 1);
}

function jsonOf(
  body: Uint8Array,
  mapping: ReadyMapping,
  { line, path, record, limits }: MessagePlace,
  into: Collector,
): { json: unknown } | null {
  if (line.cut !== undefined) {
    const message = `${line.cut} bytes, at most ${limits.messageBytes}; only its beginning is kept`;
    into.issue('MESSAGE_REFUSED', path, message, record);
    return null;
  }
  if (body.length === 0) {
    into.issue('REPLY_EMPTY', path, 'a message without a payload', '');
    return null;
  }
  const encoding = mapping.encoding ?? 'utf-8';
  let text: string;
  try {
    text = decoders[encoding].decode(body);
  } catch {
    into.issue('REPLY_NOT_READABLE', path, `the payload is not ${encoding}`, record);
    return null;
  }
  try {
    return { json: JSON.parse(text) as unknown };
  } catch (cause) {
    const message = messageOf(cause);
    const breaksOffAt = Number(/position (\d+)/.exec(message)?.[1] ?? 0);
    const cut = /end of JSON|Unterminated/.test(message) || breaksOffAt >= text.length;
    into.issue(cut ? 'REPLY_TRUNCATED' : 'REPLY_NOT_READABLE', path, message, record);
    return null;
  }
}
