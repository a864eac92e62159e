import { differencesOf } from '../../../analysis/conformance/difference.ts';
import type { CaseDifference, CaseResult, ConformanceRunner } from '../../../analysis/conformance/runner.ts';
import { answerTo } from './answer.ts';
import { crcText, hj212Crc, modbusCrc } from './crc.ts';
import { encodeFrame, framed } from './encode.ts';
import { decodeFrame, HEAD_BYTES, TAIL_BYTES } from './frame.ts';
import { PacketJoiner } from './packets.ts';
import { strictProfile, type Message, type Profile, type Refusal } from './profile.ts';
import { FrameReader } from './reader.ts';
import { isRecord } from '../reply.ts';
import { flagBits } from './segment.ts';
import { encryptSegment } from './sm4.ts';

type Fields = Record<string, unknown>;

const lists = ['crcChecks', 'flagTable', 'frames', 'encrypted', 'streams', 'exchanges'] as const;

function entriesOf(document: unknown, list: string): Fields[] {
  const entries: unknown = isRecord(document) ? document[list] : undefined;
  return Array.isArray(entries) ? entries.filter(isRecord) : [];
}

/** A fault in a vector itself: it says what could not be read. */
class VectorFault extends Error {}

function text(of: Fields, name: string): string {
  const value = of[name];
  if (typeof value !== 'string') throw new VectorFault(`${name} must be a text`);
  return value;
}

function bytesOf(of: Fields, names: { text: string; hex: string }): Buffer {
  const plain = of[names.text];
  if (typeof plain === 'string') return Buffer.from(plain, 'utf8');
  const hex = of[names.hex];
  if (typeof hex !== 'string' || !/^(?:[0-9a-fA-F]{2})*$/.test(hex))
    throw new VectorFault(`neither ${names.text} nor ${names.hex} can be read`);
  return Buffer.from(hex, 'hex');
}

const frameOf = (of: Fields): Buffer => bytesOf(of, { text: 'frame', hex: 'frameHex' });

function withKey(keyHex: string): Profile {
  return { ...strictProfile, sm4: { key: Buffer.from(keyHex, 'hex'), when: 'if-not-text' } };
}

/** What came out, in the form that vectors expect it. */
function outcome(judged: Message | Refusal): unknown {
  if (judged.ok) return judged;
  const { ok, error, field, item } = judged;
  return { ok, error, field, item };
}

/** `errorAnyOf` takes each of its labels; a label list of warnings is compared without regard to order. */
function compareFrame(expected: unknown, judged: Message | Refusal): CaseDifference[] {
  if (!isRecord(expected)) throw new VectorFault('expect must be an object');
  const { errorAnyOf, warnings, ...rest } = expected;
  const differences = differencesOf(rest, outcome(judged));
  if (judged.ok && isRecord(rest['factors']))
    differences.push(...extraKeys('factors', rest['factors'], judged.factors));
  if (judged.ok && isRecord(rest['params']))
    differences.push(...extraKeys('params', rest['params'], judged.params));
  if (Array.isArray(warnings) && judged.ok)
    differences.push(...differencesOf(warnings.map(String).sort(), judged.warnings, 0, 'warnings'));
  if (Array.isArray(errorAnyOf) && (judged.ok || !errorAnyOf.includes(judged.error)))
    differences.push({ path: 'error', expected: errorAnyOf, actual: judged.ok ? null : judged.error });
  return differences;
}

function extraKeys(path: string, expected: Fields, actual: object): CaseDifference[] {
  const keys = Object.keys(actual).filter((key) => !Object.hasOwn(expected, key));
  return keys.map((key) => ({ path: `${path}.${key}`, expected: undefined, actual: 'present' }));
}

function crcCase(check: Fields, document: unknown): CaseDifference[] {
  const from = check['fromFrame'];
  let bytes: Buffer;
  if (typeof from === 'string') {
    const frame = entriesOf(document, 'frames').find((entry) => entry['id'] === from);
    if (frame === undefined) throw new VectorFault(`no frame ${from}`);
    bytes = frameOf(frame);
    bytes = bytes.subarray(HEAD_BYTES, bytes.length - TAIL_BYTES);
  } else {
    const name = typeof check['utf8'] === 'string' ? 'utf8' : 'ascii';
    bytes = bytesOf(check, { text: name, hex: 'hex' });
  }
  const { crc, modbusForContrast } = check;
  const expected = modbusForContrast === undefined ? { crc } : { crc, modbusForContrast };
  return differencesOf(expected, {
    crc: crcText(hj212Crc(bytes)),
    modbusForContrast: crcText(modbusCrc(bytes)),
  });
}

function flagCase(row: Fields): CaseDifference[] {
  const { flag, ...expected } = row;
  return differencesOf(expected, flagBits(String(flag)));
}

/** The frame on the wire, and the same frame built from its plain form. */
function encryptedCase(vector: Fields): CaseDifference[] {
  const key = text(vector, 'keyHex');
  const wire = bytesOf(vector, { text: 'wireFrame', hex: 'wireFrameHex' });
  const plain = Buffer.from(text(vector, 'plainFrame'), 'utf8');
  const segment = plain.subarray(HEAD_BYTES, plain.length - TAIL_BYTES);
  const built = framed(encryptSegment(segment, Buffer.from(key, 'hex')), hj212Crc(segment));
  const differences = compareFrame(vector['expect'], decodeFrame(wire, withKey(key)));
  if (!built.equals(wire))
    differences.push({ path: 'wireFrameHex', expected: wire.toString('hex'), actual: built.toString('hex') });
  return differences;
}

function streamCase(vector: Fields, profile: Profile): CaseDifference[] {
  const chunks = vector['chunksHex'];
  if (!Array.isArray(chunks)) throw new VectorFault('chunksHex must be a list');
  const reader = new FrameReader({ maxSegmentBytes: profile.maxSegmentBytes, profileOf: () => profile });
  const events = chunks.flatMap((chunk) =>
    reader.push(Buffer.from(String(chunk), 'hex')).map((event) => event.kind),
  );
  const frames = events.filter((kind) => kind === 'frame').length;
  const errors = events.length - frames;
  if (!isRecord(vector['expect'])) throw new VectorFault('expect must be an object');
  const { errorsMin = 0, errorsMax = Infinity, ...expected } = vector['expect'];
  const differences = differencesOf(expected, { frames, errors, leftoverBytes: reader.pendingBytes });
  if (errors < Number(errorsMin) || errors > Number(errorsMax))
    differences.push({
      path: 'errors',
      expected: `${String(errorsMin)} to ${String(errorsMax)}`,
      actual: errors,
    });
  return differences;
}

function answerText(request: string, profile: Profile, joiner: PacketJoiner): string | null {
  const judged = decodeFrame(Buffer.from(request, 'utf8'), profile);
  if (!judged.ok) return null;
  joiner.add(judged, 0);
  return answerTo(judged, profile)?.toString('utf8') ?? null;
}

function exchangeCase(vector: Fields, profile: Profile): CaseDifference[] {
  const joiner = new PacketJoiner(10_000);
  if (Array.isArray(vector['requests'])) {
    const actual = vector['requests'].map((request) => answerText(String(request), profile, joiner));
    const differences = differencesOf(vector['responses'], actual, 0, 'responses');
    if (joiner.waiting > 0)
      differences.push({ path: 'joined', expected: 'one record', actual: `${joiner.waiting} incomplete` });
    return differences;
  }
  const actual = answerText(text(vector, 'request'), profile, joiner);
  const anyOf = vector['responseAnyOf'];
  if (!Array.isArray(anyOf)) return differencesOf(vector['response'], actual, 0, 'response');
  // One answer is chosen by configuration: each that the vector allows must be reachable.
  const choices = (['9013', '9014'] as const).map((heartbeatAnswer) =>
    answerText(text(vector, 'request'), { ...profile, heartbeatAnswer }, joiner),
  );
  const missed = anyOf.filter((allowed) => !choices.includes(String(allowed)));
  if (anyOf.includes(actual) && missed.length === 0) return [];
  return [{ path: 'response', expected: anyOf, actual: choices }];
}

/** Frames that share a CRC although their values differ: each is accepted, which is why values have limits of their own. */
function collisionCases(document: unknown): CaseResult[] {
  const collision = isRecord(document) ? document['crcCollision'] : undefined;
  const frames: unknown = isRecord(collision) ? collision['frames'] : undefined;
  if (!Array.isArray(frames)) return [];
  return frames.map((frame, at) =>
    judgedCase(`crcCollision-${at + 1}`, 'crcCollision', () =>
      compareFrame({ ok: true }, decodeFrame(Buffer.from(String(frame), 'utf8'), strictProfile)),
    ),
  );
}

function judgedCase(id: string, kind: string, work: () => CaseDifference[]): CaseResult {
  try {
    const differences = work();
    return { id, kind, passed: differences.length === 0, differences };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { id, kind, passed: false, differences: [], reason };
  }
}

function runVectors(document: unknown): CaseResult[] {
  const key = entriesOf(document, 'encrypted').map((vector) => vector['keyHex'])[0];
  const profile = typeof key === 'string' ? withKey(key) : withKey('30'.repeat(16));
  const judges: Record<(typeof lists)[number], (entry: Fields) => CaseDifference[]> = {
    crcChecks: (entry) => crcCase(entry, document),
    flagTable: flagCase,
    frames: (entry) => compareFrame(entry['expect'], decodeFrame(frameOf(entry), strictProfile)),
    encrypted: encryptedCase,
    streams: (entry) => streamCase(entry, profile),
    exchanges: (entry) => exchangeCase(entry, strictProfile),
  };
  const cases = lists.flatMap((list) =>
    entriesOf(document, list).map((entry, at) => {
      const id = typeof entry['id'] === 'string' ? entry['id'] : `${list}-${at + 1}`;
      return judgedCase(id, list, () => judges[list](entry));
    }),
  );
  return [...cases, ...roundTrips(document), ...collisionCases(document)];
}

/** Every accepted frame in the standard's own form is built again from its parts, to the byte. */
function roundTrips(document: unknown): CaseResult[] {
  return entriesOf(document, 'exchanges').flatMap((entry) => {
    const responses = [entry['response'], ...(Array.isArray(entry['responses']) ? entry['responses'] : [])];
    return responses
      .filter((response) => typeof response === 'string')
      .map((response, at) =>
        judgedCase(`${String(entry['id'])}-encode-${at + 1}`, 'encode', () => {
          const judged = decodeFrame(Buffer.from(response, 'utf8'), strictProfile);
          if (!judged.ok) return [{ path: '', expected: 'a frame', actual: judged.error }];
          const { QN, ST, CN, PW, MN } = judged.fields as Record<'QN' | 'ST' | 'CN' | 'PW' | 'MN', string>;
          const built = encodeFrame({ QN, ST, CN, PW, MN, Flag: judged.flag?.raw ?? 0, dataArea: '' });
          return differencesOf(response, built.toString('utf8'), 0, 'frame');
        }),
      );
  });
}

/** Vectors of the telemetry protocol HJ 212, through the functions that the receiver uses. */
export const hj212Runner: ConformanceRunner = {
  name: 'hj212',
  accepts: (document) =>
    lists.some((list) => list !== 'frames' && entriesOf(document, list).length > 0) || framesOnly(document),
  run: (document) => runVectors(document),
};

function framesOnly(document: unknown): boolean {
  return entriesOf(document, 'frames').some((entry) => 'frame' in entry || 'frameHex' in entry);
}
