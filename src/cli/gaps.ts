import { Command, Option } from 'commander';
import { MonitorError } from '../domain/errors.ts';
import type { Gap, GapState } from '../domain/gaps.ts';
import { everyRow } from '../domain/paging.ts';
import { isoWithOffset } from '../domain/time.ts';
import { findGaps } from '../ingest/gaps.ts';
import { repair } from '../serving/repairs.ts';
import { CONFIG_OPTION, DATA_OPTION, JSON_OPTION, type CommandContext } from './command.ts';
import { refuseMixing } from './ingest.ts';

interface Options {
  state: GapState;
  repair?: boolean;
  data?: string;
  config?: string;
  json?: boolean;
}

/** `jiehe gaps <source> [--repair]`: where readings are missing, and one turn of asking the upstream for them. */
export function gapsCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('gaps')
    .description('readings that are missing between stored ones (缺测时段)')
    .argument('<source>', 'source id (数据源编号)')
    .addOption(
      new Option('--state <state>', 'which ones (状态)')
        .choices(['open', 'filled', 'unfillable'])
        .default('open'),
    )
    .option('--repair', 'ask the upstream for those that are due (补采)')
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((id: string, options: Options) =>
      context.withSystem(options, async (system) => {
        const source = system.config().sources.find((candidate) => candidate.id === id);
        if (source === undefined) throw new MonitorError('E_NOT_FOUND', `no source "${id}" is configured`);
        const { gaps } = system.state;
        if (options.repair === true) {
          refuseMixing(system, {});
          const outcome = await repair(system, id);
          io.err(`${id}: ${outcome?.asked ?? 0} windows asked for, ${outcome?.open ?? 0} gaps open\n`);
        } else
          await findGaps(
            { readings: system.readings, gaps, config: system.config, clock: system.clock },
            source,
          );
        const zone = system.config().region.timeZone;
        for await (const gap of everyRow<Gap>((page) =>
          gaps.list({ source: id, state: options.state, ...page }),
        )) {
          const [from, to] = [gap.fromS, gap.toS].map((atS) => isoWithOffset(atS, zone));
          const why = gap.reason === null ? '' : `: ${gap.reason}`;
          if (options.json === true) io.out(`${JSON.stringify(gap)}\n`);
          else
            io.out(
              `${gap.station} ${gap.parameter} ${gap.averaging} ${from} .. ${to} ${gap.state}, ${gap.attempts} attempts${why}\n`,
            );
        }
        return 0;
      }),
    );
}
