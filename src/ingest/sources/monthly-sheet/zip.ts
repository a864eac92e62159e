import { crc32, inflateRawSync } from 'node:zlib';

/** What an archive may come to once it is inflated; a year of 300 sections and 24 items is about 4 MiB. */
export interface ArchiveLimits {
  entries: number;
  inflatedBytes: number;
}

export interface ArchiveFile {
  name: string;
  bytes: Uint8Array;
}

/** Why an archive is not read. `too-large` is told from the directory alone where that admits it. */
export type ArchiveFault = { fault: 'truncated' | 'too-large' | 'damaged' | 'unsupported'; message: string };

const END_SIGNATURE = 0x06054b50;
const DIRECTORY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const COMMENT_BYTES = 0xffff;
const DIRECTORY_BYTES = 46;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
const WIDE = 0xffffffff;

interface DirectoryEntry {
  name: string;
  method: number;
  crc: number;
  packedBytes: number;
  inflatedBytes: number;
  offset: number;
}

const fault = (kind: ArchiveFault['fault'], message: string): ArchiveFault => ({ fault: kind, message });

function endRecordAt(view: DataView): number {
  const lowest = Math.max(0, view.byteLength - END_BYTES - COMMENT_BYTES);
  for (let at = view.byteLength - END_BYTES; at >= lowest; at--)
    if (view.getUint32(at, true) === END_SIGNATURE) return at;
  return -1;
}

function directoryOf(bytes: Uint8Array, limits: ArchiveLimits): DirectoryEntry[] | ArchiveFault {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.byteLength < END_BYTES ? -1 : endRecordAt(view);
  if (end < 0) return fault('truncated', 'the archive has no end: the file was cut off');
  const count = view.getUint16(end + 10, true);
  if (count > limits.entries) return fault('too-large', `${count} parts, at most ${limits.entries}`);
  const entries: DirectoryEntry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let number = 0; number < count; number++) {
    if (at + DIRECTORY_BYTES > bytes.byteLength || view.getUint32(at, true) !== DIRECTORY_SIGNATURE)
      return fault('damaged', `entry ${number + 1} of the archive's directory cannot be read`);
    const nameBytes = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(
      bytes.subarray(at + DIRECTORY_BYTES, at + DIRECTORY_BYTES + nameBytes),
    );
    const entry = {
      name,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packedBytes: view.getUint32(at + 20, true),
      inflatedBytes: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    };
    if ((view.getUint16(at + 8, true) & 1) !== 0) return fault('unsupported', `${name} is encrypted`);
    if (entry.packedBytes === WIDE || entry.inflatedBytes === WIDE || entry.offset === WIDE)
      return fault('too-large', `${name} claims 4 GiB or more`);
    entries.push(entry);
    at += DIRECTORY_BYTES + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

function inflated(bytes: Uint8Array, entry: DirectoryEntry): Uint8Array | ArchiveFault {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { offset, name } = entry;
  if (offset + LOCAL_BYTES > bytes.byteLength || view.getUint32(offset, true) !== LOCAL_SIGNATURE)
    return fault('damaged', `${name} is not where the archive's directory says`);
  const begin = offset + LOCAL_BYTES + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  const packed = bytes.subarray(begin, begin + entry.packedBytes);
  if (packed.byteLength < entry.packedBytes) return fault('truncated', `${name} ends in the middle`);
  if (entry.method !== STORED && entry.method !== DEFLATED)
    return fault('unsupported', `${name} is packed by method ${entry.method}`);
  let content: Uint8Array;
  try {
    // One byte more than claimed is already a lie, and all that is ever held of it.
    const maxOutputLength = Math.max(1, entry.inflatedBytes);
    content = entry.method === STORED ? packed : inflateRawSync(packed, { maxOutputLength });
  } catch (cause) {
    const lied = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    if (lied)
      return fault('too-large', `${name} inflates to more than the ${entry.inflatedBytes} bytes it claims`);
    return fault('damaged', `${name} cannot be inflated`);
  }
  if (content.byteLength !== entry.inflatedBytes || crc32(content) !== entry.crc)
    return fault('damaged', `${name} does not match its checksum`);
  return content;
}

/**
 * The wanted files of a ZIP archive. Sizes are added up from its directory before anything is inflated, and each file is inflated
 * into no more than it claims, so that memory stays below `limits` whatever the archive says.
 */
export function archiveFiles(
  bytes: Uint8Array,
  wanted: (name: string) => boolean,
  limits: ArchiveLimits,
): ArchiveFile[] | ArchiveFault {
  const directory = directoryOf(bytes, limits);
  if (!Array.isArray(directory)) return directory;
  const claimed = directory.reduce((sum, entry) => sum + entry.inflatedBytes, 0);
  if (claimed > limits.inflatedBytes)
    return fault('too-large', `inflates to ${claimed} bytes, at most ${limits.inflatedBytes} are read`);
  const files: ArchiveFile[] = [];
  for (const entry of directory) {
    if (!wanted(entry.name)) continue;
    const content = inflated(bytes, entry);
    if (!(content instanceof Uint8Array)) return content;
    files.push({ name: entry.name, bytes: content });
  }
  return files;
}

/** The files as an archive without compression: a reader behind it meets only sizes that were checked. */
export function storedArchive(files: readonly ArchiveFile[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const nameBytes = new TextEncoder().encode(name);
    const fields = (buffer: DataView, at: number): void => {
      buffer.setUint16(at, 20, true);
      buffer.setUint16(at + 2, 0x0800, true);
      buffer.setUint32(at + 10, crc32(bytes), true);
      buffer.setUint32(at + 14, bytes.byteLength, true);
      buffer.setUint32(at + 18, bytes.byteLength, true);
      buffer.setUint16(at + 22, nameBytes.byteLength, true);
    };
    const local = new DataView(new ArrayBuffer(LOCAL_BYTES));
    local.setUint32(0, LOCAL_SIGNATURE, true);
    fields(local, 4);
    const listed = new DataView(new ArrayBuffer(DIRECTORY_BYTES));
    listed.setUint32(0, DIRECTORY_SIGNATURE, true);
    listed.setUint16(4, 20, true);
    fields(listed, 6);
    listed.setUint32(42, offset, true);
    parts.push(new Uint8Array(local.buffer), nameBytes, bytes);
    directory.push(new Uint8Array(listed.buffer), nameBytes);
    offset += LOCAL_BYTES + nameBytes.byteLength + bytes.byteLength;
  }
  const end = new DataView(new ArrayBuffer(END_BYTES));
  end.setUint32(0, END_SIGNATURE, true);
  end.setUint16(8, files.length, true);
  end.setUint16(10, files.length, true);
  end.setUint32(
    12,
    directory.reduce((sum, part) => sum + part.byteLength, 0),
    true,
  );
  end.setUint32(16, offset, true);
  return Buffer.concat([...parts, ...directory, new Uint8Array(end.buffer)]);
}
