import path from 'node:path';
import { Command } from 'commander';
import { MonitorError } from '../domain/errors.ts';
import { parseInstant } from '../domain/time.ts';
import type { System } from '../main.ts';
import {
  CONFIG_OPTION,
  DATA_OPTION,
  JSON_OPTION,
  type CommandContext,
  type ExitCode,
  type Io,
} from './command.ts';

interface Options {
  state?: boolean;
  out?: string;
  source?: string;
  from?: string;
  to?: string;
  data?: string;
  config?: string;
  json?: boolean;
}

/** `jiehe rebuild`: the reading store again from the journal, into a fresh store, then an atomic switch; or the state. */
export function rebuildCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('rebuild')
    .description('build the reading store again from the journal, then switch to it (由日志重建读数库)')
    .option('--state', 'what follows from acts instead: from empty, compared, put right (由日志重建状态库)')
    .option('--out <file>', 'an extract into a DuckDB file of its own; nothing is switched (抽取到单独文件)')
    .option('--source <id>', 'entries of this source only (仅某数据源)')
    .option('--from <time>', 'entries received from this time on (接收时间起)')
    .option('--to <time>', 'entries received before this time (接收时间止)')
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((options: Options) => {
      return context.withSystem(options, (system) =>
        options.state === true ? rebuildState(system, options, io) : rebuildReadings(system, options, io),
      );
    });
}

async function rebuildReadings(system: System, options: Options, io: Io): Promise<ExitCode> {
  const began = performance.now();
  const progress = (done: number, total: number): void => {
    if (io.interactive) io.err(`\rrebuild: ${done} of ${total} entries `);
  };
  const zone = system.config().region.timeZone;
  const selection = {
    ...(options.source === undefined ? {} : { source: options.source }),
    ...(options.from === undefined ? {} : { fromS: parseInstant(options.from, zone) }),
    ...(options.to === undefined ? {} : { toS: parseInstant(options.to, zone) }),
  };
  requireSource(system, options.source);
  const narrowed = Object.keys(selection).length > 0;
  const result =
    options.out === undefined
      ? await system.rebuild(progress, narrowed ? selection : null)
      : await system.extract({ file: path.resolve(io.cwd, options.out), ...selection }, progress);
  if (io.interactive) io.err(`\n${((performance.now() - began) / 1000).toFixed(1)} s\n`);
  if (options.json === true) io.out(`${JSON.stringify(result)}\n`);
  else
    io.out(
      `rebuilt from ${result.entries} journal entries: ${result.readings} readings, ${result.past} past versions\n`,
    );
  return 0;
}

function requireSource(system: System, id: string | undefined): void {
  const known = system.config().sources.map((source) => source.id);
  if (id === undefined || known.includes(id)) return;
  throw new MonitorError('E_USAGE', `no source "${id}" (known: ${known.join(', ')})`);
}

async function rebuildState(system: System, options: Options, io: Io): Promise<ExitCode> {
  const result = await system.state.rebuild();
  const differing = result.tables.filter((table) => !table.equal).map((table) => table.name);
  if (options.json === true) io.out(`${JSON.stringify({ ...result, differing })}\n`);
  else {
    io.out(`${result.acts} acts applied to an empty state: `);
    io.out(differing.length === 0 ? 'equal\n' : `put right: ${differing.join(', ')}\n`);
  }
  return differing.length === 0 ? 0 : 1;
}
