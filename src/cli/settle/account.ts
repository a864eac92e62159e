import { Command } from 'commander';
import { yuanText } from '../../domain/yuan.ts';
import { beginOfDay } from '../../domain/time.ts';
import { accountStatement } from '../../settle/account.ts';
import {
  CONFIG_OPTION,
  DATA_OPTION,
  JSON_OPTION,
  type CommandContext,
  type StoreOptions,
} from '../command.ts';
import { AGREEMENT_OPTION, atDesk, fenAsText, markingLines } from './desk-work.ts';

interface Options extends StoreOptions {
  agreement: string;
  party: string;
  from: string;
  to: string;
  json?: boolean;
}

/** `jiehe settle account`: a party's statement of account: opening balance, every entry, closing balance. */
export function accountCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('account')
    .description('statement of account of a party: opening, entries, closing (对账单)')
    .requiredOption(...AGREEMENT_OPTION)
    .requiredOption('--party <code>', 'whose account; "fund" for the cooperation fund (户名)')
    .requiredOption('--from <day>', 'first day, YYYY-MM-DD (起)')
    .requiredOption('--to <day>', 'day after the last, YYYY-MM-DD (止，不含)')
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((options: Options) =>
      atDesk(context, options, async (desk, system) => {
        const { id } = desk.agreement(options.agreement);
        const markings = desk.markings(id);
        const zone = system.config().region.timeZone;
        const [fromS, toS] = [beginOfDay(options.from, zone), beginOfDay(options.to, zone)];
        const account = accountStatement(await desk.store.ledger(id), { party: options.party, fromS, toS });
        if (options.json === true) {
          io.out(`${JSON.stringify({ agreement: id, markings, ...account }, fenAsText)}\n`);
          return 0;
        }
        io.out(markingLines(markings));
        io.out(`${id}  ${options.party}  ${options.from} – ${options.to}; + 应收 (to receive)\n`);
        for (const { counterparty, opening } of account.counterparties)
          io.out(`期初 (opening)  ${counterparty}  ${yuanText(opening.due)} 元\n`);
        for (const entry of account.entries) {
          const { kind, id: name, counterparty, change, dueFen, reference } = entry;
          const at = new Date(entry.atS * 1000).toISOString();
          io.out(`${at}  ${kind}  ${counterparty}  ${yuanText(change.due)} 元  → ${yuanText(dueFen)} 元`);
          io.out(`  ${reference ?? name}\n`);
        }
        for (const { counterparty, closing } of account.counterparties)
          io.out(
            `期末 (closing)  ${counterparty}  ${yuanText(closing.due)} 元, 暂挂 (held) ${yuanText(closing.held)} 元\n`,
          );
        return 0;
      }),
    );
}
