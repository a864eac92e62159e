import { Command } from 'commander';
import { MonitorError } from '../../domain/errors.ts';
import { encodeFrame, framed, type Outgoing } from '../../ingest/sources/hj212/encode.ts';
import { decodeFrame } from '../../ingest/sources/hj212/frame.ts';
import type { CommandContext } from '../command.ts';
import { inputLines, keyOf, profileOf } from './input.ts';

interface Options {
  hex?: boolean;
  segments?: boolean;
  sm4Key?: Uint8Array;
}

type Texts = Record<string, string>;

/** `jiehe hj212 encode [file]`: the objects of `decode` in, frames out. Each frame is read back before it is printed. */
export function encodeCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('encode')
    .description('one JSON object a line in (as decode prints it), frames out (编码)')
    .argument('[file]', 'NDJSON with fields, params, factors or dataArea; standard input without one (文件)')
    .option('--segments', 'lines are data segments as they are: add length, CRC and CR LF (每行一个数据段)')
    .option('--hex', 'print each frame as a line of hex (十六进制)')
    .option('--sm4-key <hex>', 'encrypt as the 2025 edition does; needs --hex (国密密钥)', keyOf)
    .action(async (file: string | undefined, options: Options) => {
      if (options.sm4Key !== undefined && options.hex !== true)
        throw new MonitorError('E_USAGE', 'an encrypted frame is not text: add --hex');
      let number = 0;
      for await (const line of inputLines(io, file)) {
        number += 1;
        if (line.trim() === '') continue;
        const frame = frameOfLine(line, number, options);
        const judged = decodeFrame(frame, profileOf(options));
        if (!judged.ok)
          throw new MonitorError('E_BAD_REQUEST', `line ${number}: ${judged.error}: ${judged.detail}`);
        io.out(options.hex === true ? `${frame.toString('hex')}\n` : frame.toString('utf8'));
      }
      context.exit(0);
    });
}

function frameOfLine(line: string, number: number, options: Options): Buffer {
  if (options.segments === true) return framed(Buffer.from(line, 'utf8'));
  let document: unknown;
  try {
    document = JSON.parse(line);
  } catch (cause) {
    throw new MonitorError('E_BAD_REQUEST', `line ${number}: not JSON (expected what decode prints)`, {
      cause,
    });
  }
  const { sm4Key } = options;
  return encodeFrame(outgoingOf(document, number), sm4Key === undefined ? {} : { sm4Key });
}

/** Throws E_BAD_REQUEST that names the line and what is missing. */
export function outgoingOf(document: unknown, line: number): Outgoing {
  const { fields, params, factors, dataArea } = (document ?? {}) as {
    fields?: Texts;
    params?: Texts;
    factors?: Record<string, Texts>;
    dataArea?: string;
  };
  const { QN, ST, CN, PW, MN, Flag, PNUM, PNO, RF } = fields ?? {};
  if (ST === undefined || CN === undefined || MN === undefined)
    throw new MonitorError('E_BAD_REQUEST', `line ${line}: fields must hold ST, CN and MN`);
  const numbers = { Flag, PNUM, PNO };
  const present = Object.entries(numbers).filter(([, value]) => value !== undefined);
  return {
    ...(QN === undefined ? {} : { QN }),
    ST,
    CN,
    PW: PW ?? '',
    MN,
    ...Object.fromEntries(present.map(([name, value]) => [name, Number(value)])),
    ...(RF === '1' ? { RF } : {}),
    dataArea: dataArea ?? dataAreaOf(params ?? {}, factors ?? {}),
  };
}

function dataAreaOf(params: Texts, factors: Record<string, Texts>): string {
  const plain = Object.entries(params).map(([name, value]) => `${name}=${value}`);
  const grouped = Object.entries(factors).map(([code, values]) =>
    Object.entries(values)
      .map(([suffix, value]) => `${code}-${suffix}=${value}`)
      .join(','),
  );
  return [...plain, ...grouped].join(';');
}
