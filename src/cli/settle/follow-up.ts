import { Command } from 'commander';
import type { Text } from '../../domain/config/facts.ts';
import { yuanText } from '../../domain/yuan.ts';
import type { FollowUp } from '../../settle/follow-up.ts';
import {
  CONFIG_OPTION,
  DATA_OPTION,
  JSON_OPTION,
  ACTOR_OPTION,
  onSystem,
  type CommandContext,
  type ExitCode,
  type StoreOptions,
} from '../command.ts';
import { AGREEMENT_OPTION, fenAsText, markingLines } from './desk-work.ts';

interface Options extends StoreOptions {
  agreement: string;
  actor: string;
  json?: boolean;
}

function withFollowUp(
  context: CommandContext,
  options: Options,
  work: (followUp: FollowUp, markings: readonly Text[]) => Promise<ExitCode>,
): Promise<void> {
  return onSystem(context, options, async (system) => {
    const { deskOf, followUpOf } = await import('../../serving/settlement.ts');
    return work(followUpOf(system), deskOf(system).markings(options.agreement));
  });
}

const base = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .requiredOption(...AGREEMENT_OPTION)
    .option(...ACTOR_OPTION)
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION);

/** `jiehe settle arrears`: who owes whom what is due, how late; reminders and interest where asked. */
export function arrearsCommand(context: CommandContext): Command {
  const { io } = context;
  return base('arrears', 'what is due and how late, oldest first (应收应付与逾期)')
    .option('--remind', 'record a reminder to everyone who is late (付款提醒)')
    .option('--book-interest', 'book the interest accrued, where the agreement asks for any (计收逾期利息)')
    .action((options: Options & { remind?: boolean; bookInterest?: boolean }) =>
      withFollowUp(context, options, async (followUp, markings) => {
        const { agreement, actor } = options;
        const before = await followUp.arrears(agreement);
        if (options.bookInterest === true)
          for (const { from, to, interestFen } of before)
            if ((interestFen ?? 0n) > 0n) await followUp.bookInterest({ agreement, from, to, actor });
        const reminders = options.remind === true ? await followUp.remind(agreement, actor) : [];
        const arrears = options.bookInterest === true ? await followUp.arrears(agreement) : before;
        if (options.json === true) {
          io.out(`${JSON.stringify({ agreement, markings, arrears, reminders }, fenAsText)}\n`);
          return 0;
        }
        io.out(markingLines(markings));
        for (const one of arrears) {
          const interest =
            one.interestFen === null ? '' : `  利息 (interest) ${yuanText(one.interestFen)} 元`;
          io.out(`${one.from} → ${one.to}  应付 (due) ${yuanText(one.openFen)} 元`);
          io.out(`  逾期 (late) ${yuanText(one.lateFen)} 元, ${one.daysLate} d${interest}\n`);
          for (const item of one.items)
            io.out(`    ${item.entry}  ${yuanText(item.openFen)} 元  ${item.daysLate} d\n`);
        }
        for (const one of reminders)
          io.out(`付款提醒 (reminded): ${one.from} → ${one.to}  ${yuanText(one.amountFen)} 元\n`);
        return 0;
      }),
    );
}

/** `jiehe settle deduct`: books what the superior government took from the payer's budget. */
export function deductCommand(context: CommandContext): Command {
  return base('deduct', 'book a deduction by the superior government (上级财政扣缴)')
    .requiredOption('--from <party>', 'from whom (被扣缴方)')
    .requiredOption('--to <party>', 'for whom (收款方)')
    .requiredOption('--fen <amount>', 'whole fen (金额，分)')
    .requiredOption('--reference <number>', "number of the superior's document (文号)")
    .action((options: Options & { from: string; to: string; fen: string; reference: string }) =>
      withFollowUp(context, options, async (followUp) => {
        const { agreement, from, to, fen: amountFen, reference, actor } = options;
        await followUp.deduct({ agreement, from, to, amountFen, reference, actor });
        context.io.out(`${reference}: ${from} → ${to}  ${yuanText(amountFen)} 元\n`);
        return 0;
      }),
    );
}

/** `jiehe settle fund`: the cooperation fund; with a year a contribution, with a use a payment out of it. */
export function fundCommand(context: CommandContext): Command {
  const { io } = context;
  const balance = base('balance', 'what is in the fund, owed to it and used (余额)').action(
    (options: Options) =>
      withFollowUp(context, options, async (followUp, markings) => {
        const fund = await followUp.fund(options.agreement);
        if (options.json === true) io.out(`${JSON.stringify({ markings, ...fund }, fenAsText)}\n`);
        else {
          io.out(markingLines(markings));
          io.out(`余额 (balance) ${yuanText(fund.balanceFen)} 元\n`);
          for (const [party, fen] of Object.entries(fund.owedFen))
            io.out(`  应缴 (owed) ${party}  ${yuanText(fen)} 元\n`);
          for (const [use, fen] of Object.entries(fund.usedFen))
            io.out(`  支出 (used) ${use}  ${yuanText(fen)} 元\n`);
        }
        return 0;
      }),
  );
  const contribute = base('contribute', "book a member's contribution for a year (应缴出资)")
    .requiredOption('--party <code>', 'member (成员)')
    .requiredOption('--year <year>', 'year (年度)')
    .requiredOption('--revenue-fen <amount>', 'fiscal revenue, whole fen (财政收入，分)')
    .requiredOption('--source <text>', 'where the revenue is published (依据)')
    .action((options: Options & { party: string; year: string; revenueFen: string; source: string }) =>
      withFollowUp(context, options, async (followUp) => {
        const { agreement, party, year, revenueFen, source, actor } = options;
        const fen = await followUp.contribute({ agreement, party, year, revenueFen, source, actor });
        io.out(`${party} ${year}: ${yuanText(fen)} 元\n`);
        return 0;
      }),
    );
  const use = base('use', 'spend from the fund on a declared use (支出)')
    .requiredOption('--use <id>', 'declared use (用途)')
    .requiredOption('--to <party>', 'who receives (收款方)')
    .requiredOption('--fen <amount>', 'whole fen (金额，分)')
    .requiredOption('--reference <number>', 'number of the transfer document (凭证号)')
    .action((options: Options & { use: string; to: string; fen: string; reference: string }) =>
      withFollowUp(context, options, async (followUp) => {
        const { agreement, use: what, to, fen: amountFen, reference, actor } = options;
        await followUp.spend({ agreement, use: what, to, amountFen, reference, actor });
        io.out(`${reference}: ${what} → ${to}  ${yuanText(amountFen)} 元\n`);
        return 0;
      }),
    );
  const fund = new Command('fund').description('the cooperation fund (合作基金)');
  for (const command of [balance, contribute, use]) fund.addCommand(command);
  return fund;
}
