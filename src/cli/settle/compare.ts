import { Command } from 'commander';
import { yuanText } from '../../domain/yuan.ts';
import type { PhraseFacts } from '../../analysis/liability/phrases.ts';
import { type ComparedCell, compareSchemes, periodsBetween } from '../../settle/compare.ts';
import type { SettlementFacts } from '../../settle/facts.ts';
import { phraseFactsOf } from '../../settle/statement-phrases.ts';
import {
  CONFIG_OPTION,
  DATA_OPTION,
  JSON_OPTION,
  type CommandContext,
  type StoreOptions,
} from '../command.ts';
import { AGREEMENT_OPTION, atDesk, FROM_OPTION, TO_OPTION, trialHead } from './desk-work.ts';
import { keyText, statusText, textOf, valueText } from './preview-text.ts';

interface Options extends StoreOptions {
  agreement: string;
  from: string;
  to?: string;
  scheme?: string[];
  json?: boolean;
}

/** What a scheme comes to in a period: money, or the figures of one that pays none, or why there is no result. */
function cellRow(cell: ComparedCell, facts: PhraseFacts): string {
  const { period, status, reason, netFen, figures } = cell;
  const head = `    ${period}  ${statusText(status)}`;
  if (netFen === null) return `${head}${reason === null ? '' : `  ${textOf(reason)}`}\n`;
  const told = figures.map(
    ({ section, figure, value }) =>
      `${textOf(section)}  ${keyText(figure, facts)} = ${valueText(value, facts)}`,
  );
  const what =
    facts.scheme?.method === true
      ? told.join('; ')
      : `${BigInt(netFen) > 0n ? '+' : ''}${yuanText(netFen)} 元`;
  return `${head}  ${what}\n`;
}

function schemeRows(cells: readonly ComparedCell[], config: SettlementFacts): string {
  return [...Map.groupBy(cells, ({ scheme }) => scheme)]
    .flatMap(([id, own]) => {
      const facts = phraseFactsOf(config, id);
      const { name, readiness } = facts.scheme!;
      const stated = own[0]?.statedBy ?? null;
      return [
        `${id}  ${textOf(name)} (${keyText(readiness, facts)})\n`,
        ...(stated === null ? [] : [`    数值取自 (figures stated by) ${stated}\n`]),
        ...own.map((cell) => cellRow(cell, facts)),
      ];
    })
    .join('');
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
        const { trialsOf } = await import('../../serving/settlement.ts');
        const agreement = desk.agreement(options.agreement);
        const from = trialsOf(system, agreement);
        const schemes = options.scheme ?? from.config.schemes.map((one) => one.id);
        const periods = periodsBetween(options.from, options.to ?? options.from);
        const cells = await compareSchemes({ ...from, schemes, periods });
        const shown =
          options.scheme === undefined ? cells.filter((cell) => cell.status !== 'not-applicable') : cells;
        if (options.json === true) io.out(`${JSON.stringify({ agreement: agreement.id, cells: shown })}\n`);
        else io.out(`${trialHead(agreement)}${schemeRows(shown, from.config)}`);
        return 0;
      }),
    );
}
