import path from 'node:path';
import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { CONFIG_OPTION, DATA_OPTION, JSON_OPTION, type CommandContext } from './command.ts';

interface Options {
  data?: string;
  config?: string;
  json?: boolean;
}

/** `jiehe backup DIR`: journal, configuration and the rest of the state; again into the same folder, only what is new. */
export function backupCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('backup')
    .description('copy journal, configuration and state into a folder (备份)')
    .argument('<dir>', 'folder of the backup (备份目录)')
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((dir: string, options: Options) =>
      context.withSystem(options, async (system) => {
        const { backup } = await import('../system/backup.ts');
        const result = await backup(
          system,
          path.resolve(io.cwd, dir),
          packageJson.version,
          (step, done, total) => {
            if (io.interactive) io.err(`\r${step}: ${done} of ${total} `);
          },
        );
        if (io.interactive) io.err('\n');
        if (options.json === true) io.out(`${JSON.stringify(result)}\n`);
        else
          io.out(
            `${result.entries} journal entries (${result.added} new), ${result.stateRows} rows of state\n`,
          );
        return 0;
      }),
    );
}
