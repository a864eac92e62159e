import { Command } from 'commander';
import { framed } from '../../ingest/sources/hj212/encode.ts';
import { decodeFrame } from '../../ingest/sources/hj212/frame.ts';
import { PacketJoiner } from '../../ingest/sources/hj212/packets.ts';
import type { Message, Profile, Refusal } from '../../ingest/sources/hj212/profile.ts';
import { FrameReader } from '../../ingest/sources/hj212/reader.ts';
import type { CommandContext, Io } from '../command.ts';
import {
  editionOption,
  inputBytes,
  inputLines,
  keyOf,
  profileOf,
  wholeNumber,
  type ReadingOptions,
} from './input.ts';

interface Options extends ReadingOptions {
  lines?: boolean;
  segments?: boolean;
  hex?: boolean;
  join?: boolean;
}

interface Judged {
  judged: Message | Refusal;
  record: string;
}

const RECORD_LENGTH = 120;
/** Packets of one upload belong together however late they come in a file. */
const NO_TIMEOUT_MS = Number.MAX_SAFE_INTEGER;

/** `jiehe hj212 decode [file]`: frames in, one JSON object a frame or refused stretch out. Exit 1 when anything was refused. */
export function decodeCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('decode')
    .description('frames in, one JSON object a line out; strict unless told otherwise (解码)')
    .argument('[file]', 'bytes as they came over the line; standard input without one (文件)')
    .option('--lines', 'a frame a line: the line end stands for CR LF (每行一帧)')
    .option('--segments', 'a bare data segment a line, without ##, length and CRC (每行一个数据段)')
    .option('--hex', 'a frame a line, in hex (十六进制)')
    .option('--join', 'packets of one upload become one object (合并分包)')
    .option('--crc-modbus', 'also take CRC-16/MODBUS (兼容 MODBUS 校验)')
    .addOption(editionOption())
    .option('--gb18030', 'text in GB 18030 (国标编码)')
    .option('--keep-going', 'refuse a bad item alone, not its frame (只拒绝错误项)')
    .option('--sm4-key <hex>', 'key of the 2025 edition, 32 hex digits (国密密钥)', keyOf)
    .option('--max-segment <bytes>', 'longest data segment (数据段上限)', wholeNumber)
    .option('--json', 'the output is JSON anyway (机器可读输出)')
    .action(async (file: string | undefined, options: Options) => {
      const profile = profileOf(options);
      const joiner = new PacketJoiner(NO_TIMEOUT_MS);
      let refused = 0;
      for await (const { judged, record } of judgedIn(io, file, options, profile)) {
        if (!judged.ok) {
          refused += 1;
          io.out(`${JSON.stringify({ ...judged, record })}\n`);
        } else if (options.join === true) {
          const joined = joiner.add(judged, 0);
          if (joined !== null) io.out(`${JSON.stringify({ ok: true, ...joined })}\n`);
        } else io.out(`${JSON.stringify(judged)}\n`);
      }
      if (joiner.waiting > 0) io.err(`${joiner.waiting} uploads lack packets (缺包)\n`);
      context.exit(refused > 0 ? 1 : 0);
    });
}

async function* judgedIn(
  io: Io,
  file: string | undefined,
  options: Options,
  profile: Profile,
): AsyncGenerator<Judged> {
  if (options.lines === true || options.segments === true || options.hex === true) {
    for await (const line of inputLines(io, file)) {
      if (line !== '')
        yield { judged: decodeFrame(frameOfLine(line, options), profile), record: excerpt(line) };
    }
    return;
  }
  const reader = new FrameReader({ maxSegmentBytes: profile.maxSegmentBytes, profileOf: () => profile });
  const judgedOf = (events: ReturnType<FrameReader['push']>): Judged[] =>
    events.map((event) => ({
      judged: event.kind === 'frame' ? event.message : event.refusal,
      record: excerpt(event.bytes.toString('utf8', 0, RECORD_LENGTH)),
    }));
  for await (const chunk of inputBytes(io, file)) yield* judgedOf(reader.push(chunk));
  yield* judgedOf(reader.giveUp());
}

function frameOfLine(line: string, options: Options): Buffer {
  if (options.hex === true) return Buffer.from(line.replace(/\s+/g, ''), 'hex');
  return options.segments === true ? framed(Buffer.from(line, 'utf8')) : Buffer.from(`${line}\r\n`, 'utf8');
}

const excerpt = (text: string): string => text.slice(0, RECORD_LENGTH);
