import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { constants, crc32, zstdCompress, zstdDecompress } from 'node:zlib';
import { brokenAt, type JournalBroken } from './broken.ts';
import { readFully, type ByteSource, type PlainFileSource } from './byte-source.ts';
import { syncFolder } from './durable-file.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

const sealedMagic = Buffer.from('JIEHEZST', 'latin1');
const endMagic = Buffer.from('JEND', 'latin1');
const sealedVersion = 1;
const blockBytes = 1024 * 1024;
const tableRowBytes = 32;
const trailerBytes = 80;
const noFrame = 0xffff_ffff;

interface Block {
  fileOffset: number;
  compressedBytes: number;
  sum: number;
  /** First frame that begins in this block: its offset within the block and its seq; null when none begins here. */
  firstFrame: { within: number; seq: number } | null;
}

export interface SealedContent {
  firstSeq: number;
  lastSeq: number;
  lastHash: string;
  /** Sparse index: where frames begin, one a block at most. */
  marks: { seq: number; offset: number }[];
}

/**
 * Writes the sealed form of a full segment: independent zstd blocks of 1 MiB of the plain bytes, a table of blocks, a trailer.
 * It appears under its name only when it is complete and on disk.
 */
export async function seal(
  source: PlainFileSource,
  target: string,
  content: {
    firstSeq: number;
    lastSeq: number;
    lastHash: string;
    frameOffsets: readonly { seq: number; offset: number }[];
  },
): Promise<void> {
  const temporary = `${target}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.write(Buffer.concat([sealedMagic]), 0, sealedMagic.length, 0);
    const blocks = await writeBlocks(source, file, content.frameOffsets);
    const table = encodeTable(blocks, { ...content, plainBytes: source.size });
    const last = blocks.at(-1);
    await file.write(
      table,
      0,
      table.length,
      last === undefined ? sealedMagic.length : last.fileOffset + last.compressedBytes,
    );
    await file.sync();
  } catch (cause) {
    await file.close();
    await rm(temporary, { force: true });
    throw cause;
  }
  await file.close();
  await rename(temporary, target);
  await syncFolder(path.dirname(target));
}

async function writeBlocks(
  source: PlainFileSource,
  file: FileHandle,
  frameOffsets: readonly { seq: number; offset: number }[],
): Promise<Block[]> {
  const blocks: Block[] = [];
  let fileOffset = sealedMagic.length;
  let frameAt = 0;
  for (let offset = 0; offset < source.size; offset += blockBytes) {
    const plain = await source.read(offset, Math.min(blockBytes, source.size - offset));
    const packed = await compress(plain, { params: { [constants.ZSTD_c_compressionLevel]: 6 } });
    await file.write(packed, 0, packed.length, fileOffset);
    while ((frameOffsets[frameAt]?.offset ?? Infinity) < offset) frameAt += 1;
    const first = frameOffsets[frameAt];
    const begins = first !== undefined && first.offset < offset + blockBytes;
    blocks.push({
      fileOffset,
      compressedBytes: packed.length,
      sum: crc32(packed),
      firstFrame: begins ? { within: first.offset - offset, seq: first.seq } : null,
    });
    fileOffset += packed.length;
  }
  return blocks;
}

function encodeTable(
  blocks: readonly Block[],
  content: { firstSeq: number; lastSeq: number; lastHash: string; plainBytes: number },
): Buffer {
  const bytes = Buffer.alloc(blocks.length * tableRowBytes + trailerBytes);
  let at = 0;
  for (const block of blocks) {
    bytes.writeBigUInt64LE(BigInt(block.fileOffset), at);
    bytes.writeUInt32LE(block.compressedBytes, at + 8);
    bytes.writeUInt32LE(block.sum, at + 12);
    bytes.writeUInt32LE(block.firstFrame?.within ?? noFrame, at + 16);
    bytes.writeBigUInt64LE(BigInt(block.firstFrame?.seq ?? 0), at + 24);
    at += tableRowBytes;
  }
  endMagic.copy(bytes, at);
  bytes.writeUInt32LE(sealedVersion, at + 4);
  bytes.writeUInt32LE(blocks.length, at + 8);
  bytes.writeUInt32LE(blockBytes, at + 12);
  bytes.writeBigUInt64LE(BigInt(content.plainBytes), at + 16);
  bytes.writeBigUInt64LE(BigInt(content.firstSeq), at + 24);
  bytes.writeBigUInt64LE(BigInt(content.lastSeq), at + 32);
  bytes.write(content.lastHash, at + 40, 'hex');
  bytes.writeUInt32LE(crc32(bytes.subarray(0, at + 76)), at + 76);
  return bytes;
}

/** A sealed segment, read as if it were plain; one block is in memory at a time. Throws E_JOURNAL_BROKEN. */
export class SealedFileSource implements ByteSource {
  readonly size: number;
  readonly content: SealedContent;
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #blocks: readonly Block[];
  readonly #blockBytes: number;
  #cached: { index: number; plain: Buffer } | null = null;

  private constructor(opened: {
    path: string;
    file: FileHandle;
    size: number;
    content: SealedContent;
    blocks: readonly Block[];
    blockBytes: number;
  }) {
    this.#path = opened.path;
    this.#file = opened.file;
    this.size = opened.size;
    this.content = opened.content;
    this.#blocks = opened.blocks;
    this.#blockBytes = opened.blockBytes;
  }

  static async open(path: string): Promise<SealedFileSource> {
    const file = await open(path, 'r');
    try {
      return new SealedFileSource({ path, file, ...(await readTable(path, file)) });
    } catch (cause) {
      await file.close();
      throw cause;
    }
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const end = Math.min(offset + length, this.size);
    if (offset >= end) return Buffer.alloc(0);
    const first = Math.floor(offset / this.#blockBytes);
    const start = offset - first * this.#blockBytes;
    if (end <= (first + 1) * this.#blockBytes) {
      return (await this.#block(first)).subarray(start, start + (end - offset));
    }
    const joined = Buffer.allocUnsafeSlow(end - offset);
    for (let at = offset; at < end;) {
      const index = Math.floor(at / this.#blockBytes);
      const plain = await this.#block(index);
      const within = at - index * this.#blockBytes;
      at += plain.copy(joined, at - offset, within, Math.min(plain.length, within + end - at));
    }
    return joined;
  }

  async #block(index: number): Promise<Buffer> {
    if (this.#cached?.index === index) return this.#cached.plain;
    const block = this.#blocks[index];
    if (block === undefined)
      throw broken(this.#path, 0, 'block is missing', `block ${index}`, `${this.#blocks.length} blocks`);
    const packed = await readFully(this.#file, block.fileOffset, block.compressedBytes);
    const sum = crc32(packed);
    if (sum !== block.sum) {
      throw broken(
        this.#path,
        block.fileOffset,
        'compressed block differs from its checksum',
        String(block.sum),
        String(sum),
      );
    }
    const plain = await decompress(packed);
    const expected = Math.min(this.#blockBytes, this.size - index * this.#blockBytes);
    if (plain.length !== expected) {
      throw broken(
        this.#path,
        block.fileOffset,
        'block has another length',
        String(expected),
        String(plain.length),
      );
    }
    this.#cached = { index, plain };
    return plain;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

type Table = { size: number; content: SealedContent; blocks: Block[]; blockBytes: number };

async function readTable(path: string, file: FileHandle): Promise<Table> {
  const { size } = await file.stat();
  const magic = await readFully(file, 0, sealedMagic.length);
  if (!magic.equals(sealedMagic))
    throw broken(path, 0, 'not a sealed segment', 'JIEHEZST', magic.toString('hex'));
  const trailer = await readFully(file, Math.max(0, size - trailerBytes), trailerBytes);
  if (trailer.length < trailerBytes || !trailer.subarray(0, 4).equals(endMagic)) {
    throw broken(
      path,
      size - trailerBytes,
      'sealed segment has no trailer',
      'JEND',
      trailer.toString('hex', 0, 4),
    );
  }
  const tableBytes = trailer.readUInt32LE(8) * tableRowBytes;
  const tableOffset = size - trailerBytes - tableBytes;
  const whole =
    tableOffset < 0 ? Buffer.alloc(0) : await readFully(file, tableOffset, tableBytes + trailerBytes);
  const sum = crc32(whole.subarray(0, -4));
  if (whole.length === 0 || trailer.readUInt32LE(76) !== sum) {
    throw broken(
      path,
      Math.max(0, tableOffset),
      'block table differs from its checksum',
      String(trailer.readUInt32LE(76)),
      String(sum),
    );
  }
  if (trailer.readUInt32LE(4) !== sealedVersion) {
    throw broken(
      path,
      size - trailerBytes,
      'unknown version',
      String(sealedVersion),
      String(trailer.readUInt32LE(4)),
    );
  }
  const plainBlockBytes = trailer.readUInt32LE(12);
  const blocks = decodeRows(whole.subarray(0, tableBytes));
  const marks = blocks.flatMap((block, index) =>
    block.firstFrame === null
      ? []
      : [{ seq: block.firstFrame.seq, offset: index * plainBlockBytes + block.firstFrame.within }],
  );
  const content: SealedContent = {
    firstSeq: Number(trailer.readBigUInt64LE(24)),
    lastSeq: Number(trailer.readBigUInt64LE(32)),
    lastHash: trailer.toString('hex', 40, 72),
    marks,
  };
  return { size: Number(trailer.readBigUInt64LE(16)), content, blocks, blockBytes: plainBlockBytes };
}

function decodeRows(rows: Buffer): Block[] {
  return Array.from({ length: rows.length / tableRowBytes }, (_, index) => {
    const at = index * tableRowBytes;
    const within = rows.readUInt32LE(at + 16);
    return {
      fileOffset: Number(rows.readBigUInt64LE(at)),
      compressedBytes: rows.readUInt32LE(at + 8),
      sum: rows.readUInt32LE(at + 12),
      firstFrame: within === noFrame ? null : { within, seq: Number(rows.readBigUInt64LE(at + 24)) },
    };
  });
}

function broken(
  file: string,
  offset: number,
  reason: string,
  expected: string,
  found: string,
): JournalBroken {
  return brokenAt({ file, offset, seq: null }, { reason, expected, found });
}
