import { Command } from 'commander';
import type { PhraseFacts } from '../../analysis/liability/phrases.ts';
import { yuanText } from '../../domain/yuan.ts';
import { periodsBetween } from '../../settle/compare.ts';
import { type PricedClause, type PricedPeriod, priceClauses } from '../../settle/price.ts';
import { phraseFactsOf } from '../../settle/statement-phrases.ts';
import {
  CONFIG_OPTION,
  DATA_OPTION,
  JSON_OPTION,
  type CommandContext,
  type StoreOptions,
} from '../command.ts';
import { AGREEMENT_OPTION, atDesk, FROM_OPTION, TO_OPTION, trialHead } from './desk-work.ts';
import { keyText, valueText } from './preview-text.ts';

interface Options extends StoreOptions {
  agreement: string;
  from: string;
  to?: string;
  clause: string[];
  json?: boolean;
}

const clauseHelp =
  'clauses, each varied alone: exempt=DAY..DAY[,…], circumstances=none, precedence=PROVIDER, coverage=SHARE, ' +
  'baseline=INPUT:YEAR..YEAR, given=INPUT[.KEY]:VALUE, comparison=STEP (≤ for <), figure=NAME:VALUE (逐条变动的条款)';

const signed = (fen: string): string => `${BigInt(fen) > 0n ? '+' : ''}${yuanText(fen)}`;

/** One period in which the clause matters, or has no result either way. */
function periodRow(priced: PricedPeriod, facts: PhraseFacts): string[] {
  const { period, asAgreed, varied, differenceFen, changedFigures } = priced;
  const figures = changedFigures.map(
    ({ section, figure, asAgreed: was, varied: is }) =>
      `    ${period}  ${section.zh} / ${section.en}  ${keyText(figure, facts)}: ${valueText(was, facts)} → ${valueText(is, facts)}\n`,
  );
  if (differenceFen === null || differenceFen === '0') return figures;
  return [
    `    ${period}  ${signed(asAgreed.netFen ?? '0')} → ${signed(varied.netFen ?? '0')}  (${signed(differenceFen)}) 元\n`,
  ];
}

/** Periods without a result one way or both ways, each with why; with one result, what it is. */
function openRows({ periods, gained, lost, open, totalFen }: PricedClause): string[] {
  const row = (id: string, said: string, without: 'asAgreed' | 'varied'): string => {
    const one = periods.find(({ period }) => period === id)!;
    const { reason } = one[without];
    const fen = one[without === 'varied' ? 'asAgreed' : 'varied'].netFen;
    const amount = fen === null || (totalFen === null && BigInt(fen) === 0n) ? '' : ` ${signed(fen)} 元`;
    return `    ${id}  ${said}${amount}${reason === null ? '' : `: ${reason.zh} / ${reason.en}`}\n`;
  };
  return [
    ...gained.map((id) => row(id, '变动后可核算，按协议不可 (gains a result)', 'asAgreed')),
    ...lost.map((id) => row(id, '变动后不再可核算 (loses its result)', 'varied')),
    ...open.map((id) => row(id, '两者均无结果 (no result either way)', 'asAgreed')),
  ];
}

function totalRow(one: PricedClause): string {
  const {
    comparedPeriods,
    periods,
    totalFen,
    asAgreedFen,
    variedFen,
    favours,
    changedPeriods,
    changedYears,
  } = one;
  const years = changedYears.length === 0 ? '' : ` (${changedYears.join(', ')})`;
  const changed = `${changedPeriods}/${comparedPeriods} 期有变动 (periods changed)${years}`;
  if (comparedPeriods === 0)
    return `    ${periods.length} 期均无法比较，不等于零 (no period has a result both ways, which is not zero)\n`;
  if (totalFen === null) return `    本办法不计金额 (the rule pays nothing); ${changed}\n`;
  const whom = favours === null ? '—' : `${favours.name.zh} / ${favours.name.en}`;
  return (
    `    按协议 (as agreed) ${signed(asAgreedFen ?? '0')} 元 → 变动后 (varied) ${signed(variedFen ?? '0')} 元, ` +
    `差额 (difference) ${signed(totalFen)} 元, 有利于 (favours) ${whom}; ${changed}\n`
  );
}

const clauseRows = (one: PricedClause, facts: PhraseFacts): string =>
  [
    `${one.clause}\n    ${one.text.zh} / ${one.text.en}\n`,
    totalRow(one),
    ...one.periods.flatMap((period) => periodRow(period, facts)),
    ...openRows(one),
  ].join('');

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
        const { trialsOf } = await import('../../serving/settlement.ts');
        const agreement = desk.agreement(options.agreement);
        const from = trialsOf(system, agreement);
        const facts = phraseFactsOf(from.config, agreement.scheme);
        const clauses = await priceClauses({
          ...from,
          clauses: options.clause,
          periods: periodsBetween(options.from, options.to ?? options.from),
        });
        if (options.json === true) io.out(`${JSON.stringify({ agreement: agreement.id, clauses })}\n`);
        else io.out(`${trialHead(agreement)}\n${clauses.map((one) => clauseRows(one, facts)).join('\n')}`);
        return 0;
      }),
    );
}
