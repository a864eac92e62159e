import { open, type FileHandle } from 'node:fs/promises';

/** Bytes of a segment in their unsealed form, whatever the file looks like. */
export interface ByteSource {
  /** Bytes there were when the source was opened. */
  readonly size: number;
  /** Up to `length` bytes at `offset`, fewer at the end. The buffer is never written again. */
  read(offset: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

const chunkBytes = 256 * 1024;

/** A plain file, read ahead in chunks; a body larger than a chunk is read on its own. */
export class PlainFileSource implements ByteSource {
  readonly size: number;
  readonly #file: FileHandle;
  #chunk: Buffer = Buffer.alloc(0);
  #chunkOffset = 0;

  private constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.size = size;
  }

  static async open(path: string): Promise<PlainFileSource> {
    const file = await open(path, 'r');
    return new PlainFileSource(file, (await file.stat()).size);
  }

  async read(offset: number, length: number): Promise<Buffer> {
    // What a writer appended after the opening is not part of this source.
    length = Math.max(0, Math.min(length, this.size - offset));
    const within = offset - this.#chunkOffset;
    if (within >= 0 && within + length <= this.#chunk.length)
      return this.#chunk.subarray(within, within + length);
    if (length >= chunkBytes) return readFully(this.#file, offset, length);
    this.#chunk = await readFully(this.#file, offset, chunkBytes);
    this.#chunkOffset = offset;
    return this.#chunk.subarray(0, length);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** Up to `length` bytes at `offset`; a single read call may give fewer. */
export async function readFully(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { size } = await file.stat();
  const wanted = Math.max(0, Math.min(length, size - offset));
  const bytes = Buffer.allocUnsafeSlow(wanted);
  let filled = 0;
  while (filled < wanted) {
    const { bytesRead } = await file.read(bytes, filled, wanted - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
