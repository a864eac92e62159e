import { Command } from 'commander';
import { yuanText } from '../../domain/yuan.ts';
import { compareSchemes, periodsBetween } from '../../settle/compare.ts';
import {
  CONFIG_OPTION,
  DATA_OPTION,
  JSON_OPTION,
  type CommandContext,
  type StoreOptions,
} from '../command.ts';
import { AGREEMENT_OPTION, atDesk, FROM_OPTION, TO_OPTION } from './desk-work.ts';

interface Options extends StoreOptions {
  agreement: string;
  from: string;
  to?: string;
  scheme?: string[];
  json?: boolean;
}

/** `jiehe settle compare`: what if another scheme had been agreed, over stored periods. */
export function compareCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('compare')
    .description('any schemes over any stored periods, side by side; a trial (办法比选试算)')
    .requiredOption(...AGREEMENT_OPTION)
    .requiredOption(...FROM_OPTION)
    .option(...TO_OPTION)
    .option('--scheme <id...>', 'schemes; all that are computed by such periods when absent (办法)')
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((options: Options) =>
      atDesk(context, options, async (desk, system) => {
        const agreement = desk.agreement(options.agreement);
        const config = system.config();
        const schemes = options.scheme ?? config.schemes.map((one) => one.id);
        const cells = await compareSchemes({
          agreement,
          schemes,
          config,
          readings: system.readings,
          periods: periodsBetween(options.from, options.to ?? options.from),
          nowS: system.clock.nowS(),
        });
        const shown =
          options.scheme === undefined ? cells.filter((cell) => cell.status !== 'not-applicable') : cells;
        if (options.json === true) io.out(`${JSON.stringify({ agreement: agreement.id, cells: shown })}\n`);
        else {
          io.out(
            '试算·不作结算依据 / trial, no basis for settlement; + 保护地区应收 (the protecting side receives)\n',
          );
          for (const cell of shown) {
            const money = cell.netFen === null ? '—' : `${yuanText(cell.netFen)} 元`;
            io.out(`${cell.scheme}  ${cell.period}  ${cell.status}  ${money}  ${cell.reason ?? ''}\n`);
          }
        }
        return 0;
      }),
    );
}
