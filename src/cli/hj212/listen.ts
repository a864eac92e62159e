import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { Command } from 'commander';
import { startRequestDesk } from '../../serving/device-requests.ts';
import { readEnvironment } from '../../config/index.ts';
import { FrameReader } from '../../ingest/sources/hj212/reader.ts';
import { listeningSources, startListener } from '../../serving/listeners.ts';
import { openSystem } from '../../main.ts';
import { MonitorError } from '../../domain/errors.ts';
import { CONFIG_OPTION, DATA_OPTION, type CommandContext, type Io } from '../command.ts';
import { untilStopped } from '../signals.ts';
import { profileOf, wholeNumber } from './input.ts';

interface Options {
  source?: string;
  host?: string;
  port?: number;
  watch?: boolean;
  crcModbus?: boolean;
  data?: string;
  config?: string;
}

/**
 * `jiehe hj212 listen`: the listener of one source without the rest of the system; frames are journaled and answered.
 * `--watch` opens no store: it prints what arrives and answers nothing, since an answer makes a logger forget.
 */
export function listenCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('listen')
    .description('take what loggers push, into the journal; serve does this by itself (接收)')
    .option('--source <id>', 'source to listen for; the only one with the adapter hj212 without (数据源编号)')
    .option('--host <address>', 'another address than the configured one (监听地址)')
    .option('--port <n>', 'another port than the configured one; 0 takes a free one (端口)', wholeNumber)
    .option('--watch', 'only print what arrives: nothing is kept, nothing is answered (只看不存不应答)')
    .option('--crc-modbus', 'with --watch: also take CRC-16/MODBUS (兼容 MODBUS 校验)')
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .action((options: Options) => (options.watch === true ? watch(io, options) : listen(io, options)));
}

async function listen(io: Io, options: Options): Promise<void> {
  const dataDir =
    options.data === undefined ? readEnvironment(process.env).dataDir : path.resolve(io.cwd, options.data);
  const system = await openSystem({
    dataDir,
    configDir: options.config === undefined ? undefined : path.resolve(io.cwd, options.config),
    synthetic: null,
  });
  try {
    const source = sourceAsked(listeningSources(system.config()), options.source);
    const { host, port } = options;
    const listener = await startListener(system, source, { host, port });
    const desk = startRequestDesk(system, new Map([[source.id, listener]]));
    io.out(`HJ 212 (${source.id}) on ${listener.host}:${listener.port}\n`);
    await untilStopped();
    await listener.close();
    await desk.close();
    io.out(`${JSON.stringify(listener.stats())}\n`);
  } finally {
    await system.close();
  }
}

function sourceAsked<T extends { id: string }>(sources: readonly T[], id: string | undefined): T {
  const found = id === undefined ? sources : sources.filter((source) => source.id === id);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const known = sources.map((source) => source.id).join(', ');
  throw new MonitorError(
    'E_USAGE',
    `name one source with --source (known: ${known === '' ? 'none' : known})`,
  );
}

async function watch(io: Io, options: Options): Promise<void> {
  const profile = { ...profileOf(options), badItems: 'refuse-item' as const };
  const server = createServer((socket) => {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    const reader = new FrameReader({ maxSegmentBytes: profile.maxSegmentBytes, profileOf: () => profile });
    const print = (events: ReturnType<FrameReader['push']>): void => {
      for (const event of events)
        io.out(`${JSON.stringify({ peer, ...(event.kind === 'frame' ? event.message : event.refusal) })}\n`);
    };
    socket.on('data', (chunk) => print(reader.push(chunk)));
    socket.on('end', () => print(reader.giveUp()));
    socket.on('error', (error) => io.err(`${peer}: ${error.message}\n`));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo;
  io.err(`watching on ${address.address}:${address.port}; nothing is kept or answered (只看不存)\n`);
  await untilStopped();
  server.close();
}
