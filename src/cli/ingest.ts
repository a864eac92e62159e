import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import { MonitorError } from '../domain/errors.ts';
import type { RunReport } from '../domain/ports.ts';
import { parseInstant } from '../domain/time.ts';
import type { System } from '../main.ts';
import {
  CONFIG_OPTION,
  DATA_OPTION,
  JSON_OPTION,
  ACTOR_OPTION,
  type CommandContext,
  type ExitCode,
  type Io,
} from './command.ts';
import { dryRun } from './ingest-dry-run.ts';
import { handIn } from './ingest-hand-in.ts';
import { printReport } from './run-report.ts';

export interface IngestOptions {
  file?: string[];
  from?: string;
  to?: string;
  dryRun?: boolean;
  preview?: boolean;
  month?: string;
  rows?: string;
  actor: string;
  data?: string;
  config?: string;
  json?: boolean;
}

/** `jiehe ingest <source> [--file F]… [--from T --to T] [--dry-run]`: one source, once. */
export function ingestCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('ingest')
    .description('run one source once, from its upstream or from recorded files (运行一个数据源)')
    .argument('<source>', 'source id (数据源编号)')
    .option('--file <file...>', 'recorded files instead of the upstream (已记录的文件)')
    .option('--from <time>', 'back-fill from this time on (补采起)')
    .option('--to <time>', 'back-fill up to this time (补采止)')
    .option('--dry-run', 'parse and report only; nothing is journaled or stored (只解析不入库)')
    .option('--preview', 'the same as --dry-run (预览)')
    .option('--month <YYYY-MM>', 'month of rows that state none, for sheets (数据月份)')
    .option('--rows <list>', 'accept only these rows of a sheet: 2,5-9 or Sheet!12 (仅接受这些行)')
    .option(...ACTOR_OPTION)
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((source: string, options: IngestOptions) =>
      context.withSystem(options, async (system) => {
        refuseMixing(system, options);
        const { uploadDeskOf, sweptDropFolder } = await import('../serving/uploads.ts');
        const desk = uploadDeskOf(system);
        if (desk.sources().includes(source)) {
          if (options.file !== undefined)
            return handIn(desk, source, await recorded(io, options), options, io);
          const swept = await sweptDropFolder(system, source);
          io.out(`${source}: ${JSON.stringify(swept)}\n`);
          return (swept?.rejected ?? 0) > 0 ? 1 : 0;
        }
        if (options.dryRun === true || options.preview === true)
          return dryRun(system, source, await recorded(io, options), io, options.json === true);
        const reports = await runAll(system, source, options, io);
        for (const report of reports) printReport(report, io, options.json === true);
        return exitOf(reports);
      }),
    );
}

/** A folder of synthetic data takes only what the built-in simulator says. Throws E_MIXED_DATA. */
export function refuseMixing(system: System, options: Pick<IngestOptions, 'file'>): void {
  if (!system.synthetic || (options.file === undefined && system.simulated)) return;
  throw new MonitorError(
    'E_MIXED_DATA',
    `the data folder ${system.dataDir} holds synthetic (模拟) data and takes no other; name another folder with --data`,
  );
}

async function recorded(io: Io, options: IngestOptions): Promise<{ name: string; bytes: Uint8Array }[]> {
  const files = options.file ?? [];
  return Promise.all(
    files.map(async (name) => {
      const file = path.resolve(io.cwd, name);
      try {
        return { name: path.basename(name), bytes: await readFile(file) };
      } catch (cause) {
        throw new MonitorError('E_USAGE', `cannot read ${file}: ${(cause as Error).message}`, { cause });
      }
    }),
  );
}

async function runAll(system: System, source: string, options: IngestOptions, io: Io): Promise<RunReport[]> {
  const onProgress = io.interactive
    ? (report: RunReport): void =>
        io.err(`\r${source}: ${report.entries} entries, ${report.cells.read} cells `)
    : undefined;
  const progress = onProgress === undefined ? {} : { onProgress };
  const reports: RunReport[] = [];
  for (const file of await recorded(io, options)) {
    reports.push(await system.pipeline.file(source, file, { trigger: 'file', ...progress }));
  }
  if (options.file === undefined && options.from !== undefined) {
    const zone = system.config().region.timeZone;
    const toS = options.to === undefined ? system.clock.nowS() : parseInstant(options.to, zone);
    const window = { fromS: parseInstant(options.from, zone), toS };
    reports.push(await system.pipeline.backfill(source, window, { trigger: 'backfill', ...progress }));
  } else if (options.file === undefined) {
    reports.push(await system.pipeline.pull(source, { trigger: 'manual', ...progress }));
  }
  if (onProgress !== undefined) io.err('\n');
  return reports;
}

function exitOf(reports: readonly RunReport[]): ExitCode {
  return reports.some((report) => report.status === 'failed' || report.cells.rejected > 0) ? 1 : 0;
}
