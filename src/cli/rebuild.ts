import { Command } from 'commander';
import { CONFIG_OPTION, DATA_OPTION, JSON_OPTION, type CommandContext } from './command.ts';

interface Options {
  data?: string;
  config?: string;
  json?: boolean;
}

/** `jiehe rebuild`: the reading store again from the journal, into a fresh store, then an atomic switch. */
export function rebuildCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('rebuild')
    .description('build the reading store again from the journal, then switch to it (由日志重建读数库)')
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((options: Options) =>
      context.withSystem(options, async (system) => {
        const result = await system.rebuild((done, total) => {
          if (io.interactive) io.err(`\rrebuild: ${done} of ${total} entries `);
        });
        if (io.interactive) io.err('\n');
        if (options.json === true) io.out(`${JSON.stringify(result)}\n`);
        else
          io.out(
            `rebuilt from ${result.entries} journal entries: ${result.readings} readings, ${result.past} past versions\n`,
          );
        return 0;
      }),
    );
}
