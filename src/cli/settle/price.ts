import { Command } from 'commander';
import { yuanText } from '../../domain/yuan.ts';
import { periodsBetween } from '../../settle/compare.ts';
import { priceClauses } from '../../settle/price.ts';
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
  clause: string[];
  json?: boolean;
}

const clauseHelp =
  'clauses, each varied alone: exempt=DAY..DAY[,…], precedence=PROVIDER, coverage=SHARE, baseline=INPUT:YEAR..YEAR, ' +
  'comparison=STEP (≤ for <), figure=NAME:VALUE (逐条变动的条款)';

/** `jiehe settle price`: what each contested clause is worth over stored periods. */
export function priceCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('price')
    .description(
      'what each contested clause is worth: how much, to whom, in how many periods; a trial (条款试价)',
    )
    .requiredOption(...AGREEMENT_OPTION)
    .requiredOption(...FROM_OPTION)
    .option(...TO_OPTION)
    .requiredOption('--clause <kind=value...>', clauseHelp)
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((options: Options) =>
      atDesk(context, options, async (desk, system) => {
        const agreement = desk.agreement(options.agreement);
        const clauses = await priceClauses({
          agreement,
          clauses: options.clause,
          periods: periodsBetween(options.from, options.to ?? options.from),
          readings: system.readings,
          config: system.config(),
          nowS: system.clock.nowS(),
        });
        if (options.json === true) {
          io.out(`${JSON.stringify({ agreement: agreement.id, clauses })}\n`);
          return 0;
        }
        io.out(
          '试算·不作结算依据 / trial, no basis for settlement; + 有利于保护地区 (for the protecting side)\n',
        );
        for (const one of clauses) {
          const { clause, totalFen, favours, periods, changedPeriods, changedYears, gained, lost } = one;
          const years = changedYears.length === 0 ? '' : ` (${changedYears.join(', ')})`;
          io.out(
            `${clause}  ${yuanText(totalFen)} 元 → ${favours ?? '—'}  ` +
              `${changedPeriods}/${periods.length} 期变动 (periods)${years}\n`,
          );
          for (const { period, differenceFen } of periods)
            if (differenceFen !== null && differenceFen !== '0')
              io.out(`    ${period}  ${yuanText(differenceFen)} 元\n`);
          if (gained.length > 0) io.out(`    新增可核算 (gains a result): ${gained.join(', ')}\n`);
          if (lost.length > 0) io.out(`    不再可核算 (loses its result): ${lost.join(', ')}\n`);
        }
        return 0;
      }),
    );
}
