import { Command } from 'commander';
import { yuanText } from '../../domain/yuan.ts';
import { balancesOf } from '../../settle/books.ts';
import {
  CONFIG_OPTION,
  DATA_OPTION,
  JSON_OPTION,
  ACTOR_OPTION,
  type CommandContext,
  type StoreOptions,
} from '../command.ts';
import { AGREEMENT_OPTION, atDesk, fenAsText, markingLines } from './desk-work.ts';

interface Options extends StoreOptions {
  agreement: string;
  json?: boolean;
}

/** `jiehe settle ledger`: entries and balances of an agreement. */
export function ledgerCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('ledger')
    .description('entries and balances of an agreement (账簿)')
    .requiredOption(...AGREEMENT_OPTION)
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((options: Options) =>
      atDesk(context, options, async (desk) => {
        const { id } = desk.agreement(options.agreement);
        const markings = desk.markings(id);
        const entries = await desk.store.ledger(id);
        const balances = balancesOf(entries);
        if (options.json === true) {
          io.out(`${JSON.stringify({ agreement: id, markings, entries, balances }, fenAsText)}\n`);
          return 0;
        }
        io.out(markingLines(markings));
        for (const entry of entries) {
          io.out(`${new Date(entry.atS * 1000).toISOString()}  ${entry.kind}  ${entry.id}\n`);
          for (const one of entry.postings)
            io.out(`    ${one.party} / ${one.account}  ${yuanText(one.amountFen)} 元  ${one.line ?? ''}\n`);
        }
        for (const one of balances)
          io.out(`${one.party} ← ${one.counterparty}  ${one.account}  ${yuanText(one.amountFen)} 元\n`);
        return 0;
      }),
    );
}

/** `jiehe settle pay`: books money that moved. */
export function payCommand(context: CommandContext): Command {
  return new Command('pay')
    .description('book a payment that was made (登记付款)')
    .requiredOption(...AGREEMENT_OPTION)
    .requiredOption('--from <party>', 'who paid (付款方)')
    .requiredOption('--to <party>', 'who received (收款方)')
    .requiredOption('--fen <amount>', 'whole fen (金额，分)')
    .requiredOption('--reference <number>', 'number of the transfer document (凭证号)')
    .option(...ACTOR_OPTION)
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .action(
      (options: Options & { from: string; to: string; fen: string; reference: string; actor: string }) =>
        atDesk(context, options, async (desk) => {
          const { agreement, from, to, fen: amountFen, reference, actor } = options;
          await desk.pay({ agreement, from, to, amountFen, reference }, actor);
          context.io.out(`${reference}: ${from} → ${to}  ${yuanText(amountFen)} 元\n`);
          return 0;
        }),
    );
}
