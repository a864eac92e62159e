import { Command } from 'commander';
import {
  CONFIG_OPTION,
  DATA_OPTION,
  JSON_OPTION,
  LIMIT_OPTION,
  limitOf,
  onSystem,
  type CommandContext,
  type StoreOptions,
} from '../command.ts';
import { AGREEMENT_OPTION } from './desk-work.ts';

interface Options extends StoreOptions {
  agreement: string;
  party?: string;
  limit: string;
  json?: boolean;
}

/** `jiehe settle notices`: what the finance desks were told, newest first, and whether it arrived. */
export function noticesCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('notices')
    .description('what the finance desks of the parties were told (已发通知)')
    .requiredOption(...AGREEMENT_OPTION)
    .option('--party <code>', 'of one party, or joint-office (接收方)')
    .option(...LIMIT_OPTION, '100')
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((options: Options) =>
      onSystem(context, options, async (system) => {
        const { followUpService } = await import('../../serving/settlement.ts');
        const of = { party: options.party ?? null, limit: limitOf(options.limit) };
        for (const notice of await followUpService(system).notices(options.agreement, of)) {
          if (options.json === true) {
            io.out(`${JSON.stringify(notice)}\n`);
            continue;
          }
          const { atS, kind, party, summary, messages } = notice;
          io.out(`${new Date(atS * 1000).toISOString()}  ${kind}  ${party}\n`);
          if (summary !== null) io.out(`    ${summary.zh}\n    ${summary.en}\n`);
          for (const { contact, channel, state } of messages)
            io.out(`    ${contact}  ${channel}  ${state}\n`);
        }
        return 0;
      }),
    );
}
