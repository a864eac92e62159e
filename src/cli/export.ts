import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { MonitorError } from '../domain/errors.ts';
import { averagings, parseInstant, type AveragingId } from '../domain/time.ts';
import type { System } from '../main.ts';
import {
  CONFIG_OPTION,
  DATA_OPTION,
  JSON_OPTION,
  type CommandContext,
  type StoreOptions,
} from './command.ts';

interface Options extends StoreOptions {
  out?: string;
  json?: boolean;
}

interface SeriesOptions extends Options {
  station: string;
  parameter: string;
  averaging: string;
  provider: string;
  from: string;
  to: string;
}

/** `jiehe export open-data|verify|series`. */
export function exportCommand(context: CommandContext): Command {
  const command = new Command('export').description('data for others: open data, series (导出)');
  command.addCommand(openDataCommand(context));
  command.addCommand(verifyCommand(context));
  command.addCommand(seriesCommand(context));
  return command;
}

function openDataCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('open-data')
    .description('bring the folder of open data up to date: Parquet, CSV, manifest, DCAT (开放数据)')
    .option('--out <dir>', 'another folder than the one that is served (输出目录)')
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((options: Options) =>
      context.withSystem(options, async (system) => {
        const { exportOpenData, openDataDir } = await import('../serving/open-data.ts');
        const { VERSION } = await import('../main.ts');
        const root = options.out === undefined ? openDataDir(system) : path.resolve(io.cwd, options.out);
        const { counts, changes, synthetic } = await exportOpenData(system, root, `jiehe ${VERSION}`);
        if (options.json === true) io.out(`${JSON.stringify({ root, synthetic, counts, changes })}\n`);
        else {
          for (const { kind, provider, parameter, month, rowsBefore, rowsAfter } of changes)
            io.out(`${kind} ${provider} ${parameter} ${month}: ${rowsBefore} -> ${rowsAfter} rows\n`);
          io.out(
            `${root}: ${counts.partitions} partitions, ${counts.rows} rows, ${counts.bytes} bytes; ${changes.length} changed\n`,
          );
        }
        return 0;
      }),
    );
}

function verifyCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('verify')
    .description('read every file that the manifest names and compare its SHA-256 (校验)')
    .argument('<dir>', 'folder of an export (目录)')
    .option(...JSON_OPTION)
    .action(async (directory: string, options: Options) => {
      const { verifyExport } = await import('../report/open-data/manifest.ts');
      const result = await verifyExport(path.resolve(io.cwd, directory));
      if (options.json === true) io.out(`${JSON.stringify(result)}\n`);
      else {
        for (const fault of result.faults) io.out(`FAULT ${fault}\n`);
        io.out(
          `${result.files} files, ${result.rows} rows: ${result.faults.length === 0 ? 'as they were written' : 'BROKEN'}\n`,
        );
      }
      if (result.faults.length > 0) context.exit(1);
    });
}

function seriesCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('series')
    .description('readings as CSV, page after page (读数序列)')
    .requiredOption('--station <ids>', 'comma-separated (站点)')
    .requiredOption('--parameter <ids>', 'comma-separated (项目)')
    .requiredOption('--averaging <id>', 'averaging period (平均时段)')
    .requiredOption('--provider <id>', 'who reports them (数据提供方)')
    .requiredOption('--from <time>', 'first key time (起)')
    .requiredOption('--to <time>', 'end, not included (止)')
    .option('--out <file>', 'into a file instead of stdout (输出文件)')
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .action((options: SeriesOptions) =>
      context.withSystem(options, async (system) => {
        const lines = await seriesLines(system, options);
        if (options.out === undefined) {
          for await (const text of lines) {
            io.out(text);
            await io.drained?.();
          }
        } else await pipeline(Readable.from(lines), createWriteStream(path.resolve(io.cwd, options.out)));
        return 0;
      }),
    );
}

/** A page of one series at a time is held. */
async function seriesLines(system: System, options: SeriesOptions): Promise<AsyncGenerator<string>> {
  const { csvHeader, seriesCsv } = await import('../api/readings/series-columns.ts');
  const { wholeSeries } = await import('../api/readings/whole-series.ts');
  const config = system.config();
  const { timeZone } = config.region;
  if (!Object.hasOwn(averagings, options.averaging))
    throw new MonitorError(
      'E_USAGE',
      `--averaging "${options.averaging}": expected one of ${Object.keys(averagings).join(', ')}`,
    );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked above
  const averaging = options.averaging as AveragingId;
  const [fromS, toS] = [parseInstant(options.from, timeZone), parseInstant(options.to, timeZone)];
  const stations = [...config.sections, ...config.airStations, ...config.flowStations];
  const names = new Map(stations.map(({ id, name }) => [id, name.zh]));
  const [stationIds, parameters] = [options.station.split(','), options.parameter.split(',')];
  const query = { stations: stationIds, parameters, averaging, provider: options.provider, fromS, toS };
  async function* lines(): AsyncGenerator<string> {
    yield csvHeader;
    for await (const columns of wholeSeries(system.readings, query))
      yield* seriesCsv([columns], names, { config, synthetic: system.synthetic });
  }
  return lines();
}
