import { createConnection, type Socket } from 'node:net';
import { Command } from 'commander';
import { MonitorError } from '../../domain/errors.ts';
import { framed } from '../../ingest/sources/hj212/encode.ts';
import { decodeFrame } from '../../ingest/sources/hj212/frame.ts';
import { FrameReader } from '../../ingest/sources/hj212/reader.ts';
import type { Message } from '../../ingest/sources/hj212/profile.ts';
import type { CommandContext, Io } from '../command.ts';
import { inputBytes, inputLines, keyOf, profileOf, wholeNumber, type ReadingOptions } from './input.ts';

interface Options extends ReadingOptions {
  host: string;
  port: number;
  timeout: number;
  attempts: number;
  lines?: boolean;
  segments?: boolean;
}

/** What became of one frame; `answer` is the command of the answer, null where none came or none was due. */
interface Sent {
  qn: string | null;
  mn: string;
  command: string;
  answerDue: boolean;
  answer: string | null;
  attempts: number;
  ms: number;
}

/** `jiehe hj212 send [file] --port N`: plays a logger. Exit 1 when an answer that was due did not come. */
export function sendCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('send')
    .description('play a logger: send frames one by one and wait for each answer that is due (发送)')
    .argument('[file]', 'frames; standard input without one (文件)')
    .requiredOption('--port <n>', 'port of the receiver (端口)', wholeNumber)
    .option('--host <address>', 'address of the receiver (地址)', '127.0.0.1')
    .option('--lines', 'a frame a line: the line end stands for CR LF (每行一帧)')
    .option('--segments', 'a bare data segment a line (每行一个数据段)')
    .option('--timeout <seconds>', 'wait for an answer (超时秒数)', wholeNumber, 10)
    .option('--attempts <n>', 'times a frame is sent (次数)', wholeNumber, 3)
    .option('--crc-modbus', 'also send frames with CRC-16/MODBUS (兼容 MODBUS 校验)')
    .option('--sm4-key <hex>', 'key to read encrypted frames with (国密密钥)', keyOf)
    .action(async (file: string | undefined, options: Options) => {
      const logger = await connected(options);
      let unanswered = 0;
      try {
        for await (const frame of framesOf(io, file, options)) {
          const sent = await logger.send(frame);
          if (sent.answerDue && sent.answer === null) unanswered += 1;
          io.out(`${JSON.stringify(sent)}\n`);
        }
      } finally {
        await logger.close();
      }
      context.exit(unanswered > 0 ? 1 : 0);
    });
}

async function* framesOf(io: Io, file: string | undefined, options: Options): AsyncGenerator<Buffer> {
  if (options.lines === true || options.segments === true) {
    for await (const line of inputLines(io, file)) {
      if (line === '') continue;
      yield options.segments === true ? framed(Buffer.from(line)) : Buffer.from(`${line}\r\n`);
    }
    return;
  }
  const profile = profileOf(options);
  const reader = new FrameReader({ maxSegmentBytes: profile.maxSegmentBytes, profileOf: () => profile });
  for await (const chunk of inputBytes(io, file)) {
    for (const event of reader.push(chunk)) {
      if (event.kind === 'frame') yield event.bytes;
      else io.err(`not sent: ${event.refusal.error}: ${event.refusal.detail}\n`);
    }
  }
}

interface Logger {
  send(frame: Buffer): Promise<Sent>;
  close(): Promise<void>;
}

async function connected(options: Options): Promise<Logger> {
  const socket = createConnection({ host: options.host, port: options.port, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', (cause) =>
      reject(
        new MonitorError(
          'E_UPSTREAM',
          `no receiver at ${options.host} port ${options.port}: ${cause.message}`,
          { cause },
        ),
      ),
    );
  });
  const answers = answersOn(socket);
  const profile = { ...profileOf(options), badItems: 'refuse-item' as const };
  return {
    async send(frame) {
      const judged = decodeFrame(frame, profile);
      const about = judged.ok ? describe(judged) : { qn: null, mn: '', command: '', answerDue: false };
      const startMs = performance.now();
      let answer: string | null = null;
      let attempts = 0;
      do {
        attempts += 1;
        socket.write(frame);
        if (about.answerDue) answer = await answers.next(about.qn, options.timeout * 1000);
      } while (about.answerDue && answer === null && attempts < options.attempts && !socket.destroyed);
      return { ...about, answer, attempts, ms: Math.round((performance.now() - startMs) * 10) / 10 };
    },
    close: () => new Promise((resolve) => socket.end(() => resolve())),
  };
}

function describe(message: Message): Pick<Sent, 'qn' | 'mn' | 'command' | 'answerDue'> {
  const { QN, MN = '', CN = '' } = message.fields;
  return { qn: QN ?? null, mn: MN, command: CN, answerDue: message.flag?.needAck === true };
}

/** Answers as they come; the 2005 edition carries the QN in the data area, others in the head. */
function answersOn(socket: Socket): { next(qn: string | null, timeoutMs: number): Promise<string | null> } {
  const profile = { ...profileOf({}), badItems: 'refuse-item' as const };
  const reader = new FrameReader({ maxSegmentBytes: profile.maxSegmentBytes, profileOf: () => profile });
  let waiting: ((message: Message | null) => void) | null = null;
  socket.on('data', (chunk) => {
    for (const event of reader.push(chunk)) if (event.kind === 'frame') waiting?.(event.message);
  });
  socket.on('close', () => waiting?.(null));
  socket.on('error', () => waiting?.(null));
  return {
    next: (qn, timeoutMs) =>
      new Promise((resolve) => {
        if (socket.destroyed) return resolve(null);
        const end = (answer: string | null): void => {
          clearTimeout(timer);
          waiting = null;
          resolve(answer);
        };
        const timer = setTimeout(() => end(null), timeoutMs);
        waiting = (message) => {
          if (message === null) return end(null);
          const answered = message.params['QN'] ?? message.fields['QN'] ?? null;
          if (qn === null || answered === qn) end(message.fields['CN'] ?? null);
        };
      }),
  };
}
