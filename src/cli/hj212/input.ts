import { createReadStream } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { InvalidArgumentError, Option } from 'commander';
import { MonitorError } from '../../domain/errors.ts';
import { editions, strictProfile, type Edition, type Profile } from '../../ingest/sources/hj212/profile.ts';
import type { Io } from '../command.ts';

/** How a tool reads frames; without options the standard to the letter. */
export interface ReadingOptions {
  edition?: Edition;
  crcModbus?: boolean;
  gb18030?: boolean;
  keepGoing?: boolean;
  sm4Key?: Uint8Array;
  maxSegment?: number;
}

export function profileOf(options: ReadingOptions): Profile {
  return {
    ...strictProfile,
    edition: options.edition ?? strictProfile.edition,
    crc: options.crcModbus === true ? 'or-modbus' : 'standard',
    encoding: options.gb18030 === true ? 'gb18030' : 'utf-8',
    badItems: options.keepGoing === true ? 'refuse-item' : 'refuse-frame',
    maxSegmentBytes: options.maxSegment ?? strictProfile.maxSegmentBytes,
    sm4: options.sm4Key === undefined ? null : { key: options.sm4Key, when: 'if-not-text' },
  };
}

export const editionOption = (): Option =>
  new Option('--edition <edition>', 'edition the device follows (标准版本)').choices([...editions]);

export function keyOf(text: string): Uint8Array {
  if (!/^[0-9a-fA-F]{32}$/.test(text)) throw new InvalidArgumentError('expected 32 hex digits');
  return Buffer.from(text, 'hex');
}

export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`"${text}" is not a whole number`);
  return Number(text);
}

/** Bytes of a file, or of standard input for none or `-`. Throws E_USAGE for a file that cannot be read. */
export async function* inputBytes(io: Io, file: string | undefined): AsyncGenerator<Buffer> {
  const stream: Readable =
    file === undefined || file === '-' ? process.stdin : createReadStream(path.resolve(io.cwd, file));
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (cause) {
    throw new MonitorError(
      'E_USAGE',
      `cannot read ${file ?? 'standard input'}: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** Lines without their ends. */
export async function* inputLines(io: Io, file: string | undefined): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  for await (const chunk of inputBytes(io, file)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield line.replace(/\r+$/, '');
  }
  rest += decoder.decode();
  if (rest !== '') yield rest.replace(/\r+$/, '');
}
