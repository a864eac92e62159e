import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { EntryKind, EntryMeta } from '../../domain/ports.ts';
import type { EpochS } from '../../domain/time.ts';
import type { ByteSource } from './byte-source.ts';

/** Byte layout of a segment; `docs/journal.md` describes it for other readers. All integers are little-endian. */
export const formatVersion = 1;
export const segmentHeaderBytes = 60;
export const framePrefixBytes = 60;
export const maxHeaderBytes = 64 * 1024;
export const maxBodyBytes = 256 * 1024 * 1024;
export const zeroHash = '0'.repeat(64);

const segmentMagic = Buffer.from('JIEHEJNL', 'latin1');
const frameMagic = Buffer.from('JREC', 'latin1');

/** What the chain hashes of an entry; `hash` is the SHA-256 of its canonical JSON. */
export interface EntryHeader {
  seq: number;
  kind: EntryKind;
  receivedS: EpochS;
  meta: EntryMeta;
  /** Bytes of the body. */
  length: number;
  sha256: string;
  previous: string;
}

export interface SegmentHeader {
  firstSeq: number;
  /** Hash of the entry before the first; 64 zeros at the beginning. */
  previous: string;
  /** Seeds the checksums of the frames, so that bytes of another segment inside a body are not taken for a frame. */
  salt: number;
}

export interface Frame {
  header: EntryHeader;
  hash: string;
  /** First entry of the group commit that wrote this frame: all before it were on disk by then. */
  commitSeq: number;
  /** Offset of the body, and of the frame that follows. */
  bodyOffset: number;
  next: number;
  /** null when it was not asked for. */
  body: Buffer | null;
}

/** Why bytes are not what the format says. `short`: the file ends before the frame does. */
export interface FrameFault {
  reason: string;
  expected: string;
  found: string;
  short: boolean;
}

export type FrameStep = { frame: Frame } | { end: true } | { fault: FrameFault };

export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(segmentHeaderBytes);
  segmentMagic.copy(bytes, 0);
  bytes.writeUInt32LE(formatVersion, 8);
  bytes.writeBigUInt64LE(BigInt(header.firstSeq), 12);
  bytes.write(header.previous, 20, 'hex');
  bytes.writeUInt32LE(header.salt, 52);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 56)), 56);
  return bytes;
}

export function decodeSegmentHeader(bytes: Buffer): { header: SegmentHeader } | { fault: FrameFault } {
  if (bytes.length < segmentHeaderBytes) {
    return faultOf('segment header is cut', `${segmentHeaderBytes} bytes`, `${bytes.length} bytes`, true);
  }
  if (!bytes.subarray(0, 8).equals(segmentMagic)) {
    return faultOf(
      'not a journal segment',
      segmentMagic.toString('latin1'),
      bytes.subarray(0, 8).toString('hex'),
    );
  }
  const version = bytes.readUInt32LE(8);
  const sum = crc32(bytes.subarray(0, 56));
  if (bytes.readUInt32LE(56) !== sum) {
    return faultOf('segment header differs from its checksum', String(bytes.readUInt32LE(56)), String(sum));
  }
  if (version !== formatVersion)
    return faultOf('unknown format version', String(formatVersion), String(version));
  return {
    header: {
      firstSeq: Number(bytes.readBigUInt64LE(12)),
      previous: bytes.toString('hex', 20, 52),
      salt: bytes.readUInt32LE(52),
    },
  };
}

/** The bytes before the body: prefix and header. The caller writes the body after them. */
export function encodeFrameHead(
  header: EntryHeader,
  commitSeq: number,
  salt: number,
): { head: Buffer; hash: string } {
  const json = Buffer.from(canonicalJson(header), 'utf8');
  const digest = createHash('sha256').update(json).digest();
  const head = Buffer.alloc(framePrefixBytes + json.length);
  frameMagic.copy(head, 0);
  head.writeUInt32LE(json.length, 4);
  head.writeBigUInt64LE(BigInt(header.length), 8);
  head.writeBigUInt64LE(BigInt(commitSeq), 16);
  digest.copy(head, 24);
  head.writeUInt32LE(crc32(head.subarray(0, 56), salt), 56);
  json.copy(head, framePrefixBytes);
  return { head, hash: digest.toString('hex') };
}

/** Reads and checks the frame at `offset`: its own checksums and hashes, not its place in the chain. */
export async function readFrame(
  source: ByteSource,
  offset: number,
  options: { salt: number; withBody: boolean },
): Promise<FrameStep> {
  const prefix = await source.read(offset, framePrefixBytes);
  if (prefix.length === 0) return { end: true };
  const lengths = decodePrefix(prefix, options.salt);
  if ('fault' in lengths) return lengths;
  const headerOffset = offset + framePrefixBytes;
  const json = await source.read(headerOffset, lengths.headerBytes);
  if (json.length < lengths.headerBytes) {
    return faultOf('entry header is cut', `${lengths.headerBytes} bytes`, `${json.length} bytes`, true);
  }
  const hash = sha256Hex(json);
  if (hash !== lengths.hash) return faultOf('entry header differs from its hash', lengths.hash, hash);
  const header: EntryHeader = JSON.parse(json.toString('utf8'));
  if (header.length !== lengths.bodyBytes) {
    return faultOf('body length differs from the header', String(header.length), String(lengths.bodyBytes));
  }
  const bodyOffset = headerOffset + lengths.headerBytes;
  const next = bodyOffset + lengths.bodyBytes;
  if (next > source.size) {
    return faultOf(
      'body is cut',
      `${lengths.bodyBytes} bytes`,
      `${Math.max(0, source.size - bodyOffset)} bytes`,
      true,
    );
  }
  const frame: Frame = { header, hash, commitSeq: lengths.commitSeq, bodyOffset, next, body: null };
  if (!options.withBody) return { frame };
  const body = await source.read(bodyOffset, lengths.bodyBytes);
  if (body.length < lengths.bodyBytes)
    return faultOf('body is cut', `${lengths.bodyBytes} bytes`, `${body.length} bytes`, true);
  const sha256 = sha256Hex(body);
  if (sha256 !== header.sha256) return faultOf('body differs from its hash', header.sha256, sha256);
  return { frame: { ...frame, body } };
}

type Prefix = { headerBytes: number; bodyBytes: number; commitSeq: number; hash: string };

function decodePrefix(prefix: Buffer, salt: number): Prefix | { fault: FrameFault } {
  if (prefix.length < framePrefixBytes) {
    return faultOf('entry is cut', `${framePrefixBytes} bytes`, `${prefix.length} bytes`, true);
  }
  if (!prefix.subarray(0, 4).equals(frameMagic)) {
    return faultOf('no entry begins here', frameMagic.toString('latin1'), prefix.toString('hex', 0, 4));
  }
  const sum = crc32(prefix.subarray(0, 56), salt);
  if (prefix.readUInt32LE(56) !== sum) {
    return faultOf('entry lengths differ from their checksum', String(prefix.readUInt32LE(56)), String(sum));
  }
  return {
    headerBytes: prefix.readUInt32LE(4),
    bodyBytes: Number(prefix.readBigUInt64LE(8)),
    commitSeq: Number(prefix.readBigUInt64LE(16)),
    hash: prefix.toString('hex', 24, 56),
  };
}

function faultOf(reason: string, expected: string, found: string, short = false): { fault: FrameFault } {
  return { fault: { reason, expected, found, short } };
}

/** Offset of the next possible frame at or after `from`; null when the magic does not occur. */
export function findFrameMagic(bytes: Buffer, from: number): number | null {
  const at = bytes.indexOf(frameMagic, from);
  return at < 0 ? null : at;
}

/** Group commit of a frame whose prefix is whole at `at`; null where none is. */
export function commitSeqAt(bytes: Buffer, at: number, salt: number): number | null {
  const prefix = decodePrefix(bytes.subarray(at, at + framePrefixBytes), salt);
  return 'fault' in prefix ? null : prefix.commitSeq;
}
