import { Command } from 'commander';
import { CONFIG_OPTION, DATA_OPTION, JSON_OPTION, type CommandContext } from './command.ts';

interface Options {
  data?: string;
  config?: string;
  json?: boolean;
}

/** `jiehe journal verify`: every byte, every hash, the whole chain, and the head against the anchored one. */
export function journalCommand(context: CommandContext): Command {
  const { io } = context;
  const verify = new Command('verify')
    .description('check every byte and the whole chain against the anchored head (校验日志)')
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((options: Options) =>
      context.withSystem(options, async (system) => {
        const result = await system.verifyJournal();
        if (options.json === true) io.out(`${JSON.stringify(result)}\n`);
        else {
          for (const fault of result.faults) io.out(`FAULT ${fault}\n`);
          io.out(
            `${result.entries} entries, head ${result.head.hash}: ${result.faults.length === 0 ? 'unbroken' : 'BROKEN'}\n`,
          );
        }
        return result.faults.length === 0 ? 0 : 1;
      }),
    );
  return new Command('journal').description('the append-only journal (原始日志)').addCommand(verify);
}
