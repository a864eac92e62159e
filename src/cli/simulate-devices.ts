import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { MonitorError } from '../domain/errors.ts';
import {
  deviceFaults,
  noDeviceFaults,
  usualDeviceFaults,
  type DeviceFault,
  type DeviceFaultRates,
  type DevicePeriod,
} from '../simulator/device-faults.ts';
import { gatewayNumber, GATEWAY_PERIOD_S, playGateways } from '../simulator/gateways.ts';
import { LOGGER_PERIOD_S, loggerNumber, playLoggers } from '../simulator/loggers.ts';
import { CONFIG_OPTION, type CommandContext, type Io } from './command.ts';
import { simulatedBasin } from './simulated-basin.ts';

interface Options {
  loggers: number;
  to?: string;
  gateways: number;
  broker?: string;
  topic: string;
  pw: string;
  periods: number;
  pace: number;
  seed: number;
  fault: DeviceFaultRates;
  truth?: string;
  print?: boolean;
  sections?: string[];
  config?: string;
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`"${text}" is not a whole number`);
  return Number(text);
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0)) throw new InvalidArgumentError(`"${text}" is not a number of seconds`);
  return value;
}

/** `usual`, `none`, or `name=share`, each given fault over those before it. */
function faultRate(text: string, before: DeviceFaultRates): DeviceFaultRates {
  if (text === 'usual') return { ...usualDeviceFaults };
  if (text === 'none') return { ...noDeviceFaults };
  const [name = '', share = ''] = text.split('=');
  const rate = Number(share);
  if (!deviceFaults.includes(name as DeviceFault) || share === '' || !(rate >= 0 && rate <= 1))
    throw new InvalidArgumentError(
      `"${text}": expected usual, none, or name=share with a name of ${deviceFaults.join(', ')}`,
    );
  return { ...before, [name]: rate };
}

function target(text: string): { host: string; port: number } {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined) throw new MonitorError('E_USAGE', `--to "${text}": expected host:port`);
  return { host, port: Number(port) };
}

/**
 * `jiehe simulate devices`: loggers that push HJ 212 to a listener and gateways that publish to a broker, with faults at the given
 * shares and the truth about each period in a file.
 */
export function simulateDevicesCommand({ io }: CommandContext): Command {
  return new Command('devices')
    .description('simulated loggers and gateways against a listener or a broker (模拟数采仪与网关)')
    .option('--loggers <n>', 'loggers (数采仪台数)', wholeNumber, 0)
    .option('--to <host:port>', 'listener that they push to (数采仪接收地址)')
    .option('--pw <password>', 'their password (密码)', '123456')
    .option('--gateways <n>', 'gateways (网关台数)', wholeNumber, 0)
    .option('--broker <url>', 'broker that they publish to (MQTT 服务器)')
    .option('--topic <topic>', 'topic with {station} in it (主题)', 'river/{station}/minute')
    .option('--periods <n>', 'periods that each device sends, up to now (时段数)', wholeNumber, 24)
    .option('--pace <seconds>', 'real time between two periods; 0 as fast as answered (间隔)', seconds, 0)
    .option('--fault <name=share>', 'usual, none, or a fault and its share; repeatable (故障率)', faultRate, {
      ...noDeviceFaults,
    })
    .option('--truth <file>', 'writes what was sent and what must become of it, a line a period (真值文件)')
    .option('--seed <n>', 'seed (随机种子)', wholeNumber, 1)
    .option(
      '--sections <ids...>',
      'sections at which they stand in turn, so that they measure the simulated basin as the upstreams show it (所在断面)',
    )
    .option(...CONFIG_OPTION)
    .option('--print', 'only print the devices as a configuration file holds them (仅打印设备配置)')
    .action((options: Options) => (options.print === true ? print(io, options) : play(io, options)));
}

function print(io: Io, options: Options): void {
  for (let at = 0; at < options.loggers; at++)
    io.out(
      `- { mn: ${loggerNumber(at)}, edition: surface-water, pw: { env: SIMULATED_PW }, stampMeans: begin, factors: river }\n`,
    );
}

async function play(io: Io, options: Options): Promise<void> {
  const { loggers, gateways, to, broker, seed, periods, pace: paceS, fault: rates } = options;
  if (loggers > 0 && to === undefined) throw new MonitorError('E_USAGE', '--loggers needs --to host:port');
  if (gateways > 0 && broker === undefined) throw new MonitorError('E_USAGE', '--gateways needs --broker');
  if (loggers + gateways === 0) throw new MonitorError('E_USAGE', 'name --loggers or --gateways');
  const { systemClock: clock } = await import('../main.ts');
  const truth = options.truth === undefined ? null : createWriteStream(path.resolve(io.cwd, options.truth));
  const onTruth = (period: DevicePeriod): void => void truth?.write(`${JSON.stringify(period)}\n`);
  const stop = new AbortController();
  const end = (): void => stop.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  const { sections } = options;
  const truthAt = sections === undefined ? null : await simulatedBasin(io, { ...options, sections });
  // Devices of a fleet stand at the sections in the order of their numbers.
  const water =
    truthAt === null
      ? undefined
      : (device: string, timeS: number) => truthAt((Number(device.slice(-4)) - 1) % sections!.length, timeS);
  const common = { seed, rates, periods, paceS, onTruth, signal: stop.signal, water };
  const from = (periodS: number): number => (Math.floor(clock.nowS() / periodS) - periods) * periodS;
  try {
    const [played, published] = await Promise.all([
      to === undefined
        ? null
        : playLoggers({
            ...common,
            ...target(to),
            devices: Array.from({ length: loggers }, (_, at) => loggerNumber(at)),
            pw: options.pw,
            fromS: from(LOGGER_PERIOD_S),
            clock,
          }),
      broker === undefined
        ? null
        : playGateways({
            ...common,
            url: broker,
            topic: options.topic,
            devices: Array.from({ length: gateways }, (_, at) => gatewayNumber(at)),
            fromS: from(GATEWAY_PERIOD_S),
          }),
    ]);
    io.out(`${JSON.stringify({ ...played, ...published })}\n`);
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
    if (truth !== null) await closed(truth);
  }
}

async function closed(file: WriteStream): Promise<void> {
  file.end();
  await once(file, 'close');
}
