import { Command } from 'commander';
import { isoWithOffset, parseInstant } from '../domain/time.ts';
import { backfillInSteps } from '../ingest/backfill.ts';
import type { System } from '../main.ts';
import {
  CONFIG_OPTION,
  DATA_OPTION,
  JSON_OPTION,
  type CommandContext,
  type ExitCode,
  type Io,
} from './command.ts';
import { refuseMixing } from './ingest.ts';
import { printReport } from './run-report.ts';

interface Options {
  from?: string;
  to?: string;
  list?: boolean;
  data?: string;
  config?: string;
  json?: boolean;
}

/** `jiehe backfill <source> --from T [--to T]`: history of a window, step by step; the same command goes on where one was cut off. */
export function backfillCommand(context: CommandContext): Command {
  return new Command('backfill')
    .description('fetch a window of history, resumable (按时段补采，可续)')
    .argument('<source>', 'source id (数据源编号)')
    .option('--from <time>', 'begin, ISO 8601; without offset in the region’s time (起)')
    .option('--to <time>', 'end, exclusive; default now, or that of the one resumed (止)')
    .option('--list', 'past and unfinished back-fills instead (列出)')
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((source: string, options: Options, command: Command) =>
      context.withSystem(options, async (system) => {
        if (options.list === true) return list(system, source, context.io, options.json === true);
        if (options.from === undefined)
          return command.error("error: required option '--from <time>' not specified");
        refuseMixing(system, {});
        return run(system, source, { ...options, from: options.from }, context.io);
      }),
    );
}

async function run(
  system: System,
  source: string,
  options: Options & { from: string },
  io: Io,
): Promise<ExitCode> {
  const zone = system.config().region.timeZone;
  const entry = system.config().sources.find((candidate) => candidate.id === source);
  const adapter = system.adapters.get(entry?.adapter ?? '');
  const toS = options.to === undefined ? null : parseInstant(options.to, zone);
  const asked = { source, adapter, fromS: parseInstant(options.from, zone), toS };
  const deps = { pipeline: system.pipeline, backfills: system.state.backfills, clock: system.clock };
  const { report, backfill, resumedFromS } = await backfillInSteps(deps, asked, (doneS, of, soFar) => {
    const share = Math.round(((doneS - of.fromS) / Math.max(1, of.toS - of.fromS)) * 100);
    io.err(`${source}: ${share} % done, up to ${isoWithOffset(doneS, zone)}, ${soFar.cells.read} cells\n`);
  });
  printReport(report, io, options.json === true);
  if (resumedFromS !== null && options.json !== true)
    io.out(`  resumed from ${isoWithOffset(resumedFromS, zone)} (续采)\n`);
  if (report.status !== 'failed') return 0;
  io.err(
    `stopped at ${isoWithOffset(backfill.doneS, zone)}; the same command goes on from there (重复命令即可续采)\n`,
  );
  return 1;
}

async function list(system: System, source: string, io: Io, json: boolean): Promise<ExitCode> {
  const zone = system.config().region.timeZone;
  for (const one of await system.state.backfills.recent({ source, limit: 50 })) {
    const [from, to, done] = [one.fromS, one.toS, one.doneS].map((atS) => isoWithOffset(atS, zone));
    const state = one.finishedS === null ? `unfinished, done up to ${done}` : 'finished';
    if (json) io.out(`${JSON.stringify(one)}\n`);
    else
      io.out(`${one.source} ${from} .. ${to}: ${state}${one.message === null ? '' : ` (${one.message})`}\n`);
  }
  return 0;
}
