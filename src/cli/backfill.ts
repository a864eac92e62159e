import { Command } from 'commander';
import { parseInstant } from '../domain/time.ts';
import { CONFIG_OPTION, DATA_OPTION, JSON_OPTION, type CommandContext } from './command.ts';
import { printReport, refuseMixing } from './ingest.ts';

interface Options {
  from: string;
  to?: string;
  data?: string;
  config?: string;
  json?: boolean;
}

/** `jiehe backfill <source> --from T [--to T]`: history of a window from the source's archive. */
export function backfillCommand(context: CommandContext): Command {
  return new Command('backfill')
    .description("fetch a window of history from a source's archive (按时段补采)")
    .argument('<source>', 'source id (数据源编号)')
    .requiredOption('--from <time>', 'begin, ISO 8601; without offset in the region’s time (起)')
    .option('--to <time>', 'end, exclusive; default now (止)')
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((source: string, options: Options) =>
      context.withSystem(options, async (system) => {
        refuseMixing(system, {});
        const zone = system.config().region.timeZone;
        const toS = options.to === undefined ? system.clock.nowS() : parseInstant(options.to, zone);
        const window = { fromS: parseInstant(options.from, zone), toS };
        const report = await system.pipeline.backfill(source, window, { trigger: 'backfill' });
        printReport(report, context.io, options.json === true);
        return report.status === 'failed' ? 1 : 0;
      }),
    );
}
