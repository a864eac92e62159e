import { Command } from 'commander';
import type { System } from '../main.ts';
import { withStores, type CommandContext, type ExitCode, type StoreOptions } from './command.ts';

interface Options extends StoreOptions {
  dryRun?: boolean;
  json?: boolean;
}

/** `jiehe retention run|list|verify|restore`: old readings into the Parquet archive by policy, and back. */
export function retentionCommand(context: CommandContext): Command {
  const { io } = context;
  const tell = (options: Options, value: unknown, lines: readonly string[]): void =>
    options.json === true
      ? io.out(`${JSON.stringify(value)}\n`)
      : io.out(lines.map((line) => `${line}\n`).join(''));
  const on = (options: Options, work: (system: System) => Promise<ExitCode>): Promise<void> =>
    context.withSystem(options, work);

  const run = withStores(new Command('run'))
    .description('move what the policies say into the archive (按策略归档)')
    .option('--dry-run', 'only say what would move (只列出)')
    .action((options: Options) =>
      on(options, async (system) => {
        const { runRetention } = await import('../system/retention.ts');
        const aged = await runRetention(system, {
          dryRun: options.dryRun === true,
          onMonth: ({ policy, month }) => {
            if (io.interactive) io.err(`${policy} ${month}\n`);
          },
        });
        const would = options.dryRun === true ? 'would move' : 'moved';
        const lines = aged.map(
          (one) =>
            `${one.policy} ${one.provider} ${one.averaging} ${one.month}: ${would} ${one.readings} readings, ${one.past} past versions${one.archive === null ? '' : ` into ${one.archive}`}`,
        );
        tell(options, aged, lines.length === 0 ? ['nothing to move'] : lines);
        return 0;
      }),
    );
  const list = withStores(new Command('list'))
    .description('what lies in the archive (列出归档)')
    .action((options: Options) =>
      on(options, async (system) => {
        const { listedArchives } = await import('../system/retention.ts');
        const found = await listedArchives(system);
        const lines = found.map(
          ({ mark, file, inUse }) =>
            `${mark.id}: ${mark.readings} readings, ${mark.past} past versions, ${inUse ? 'in use' : 'not in use'}, ${file}`,
        );
        tell(options, found, lines.length === 0 ? ['nothing is archived'] : lines);
        return 0;
      }),
    );
  const verify = withStores(new Command('verify'))
    .description('read every archive in use and compare its SHA-256 (校验归档)')
    .action((options: Options) =>
      on(options, async (system) => {
        const { archiveFaults } = await import('../system/retention.ts');
        const result = await archiveFaults(system);
        tell(options, result, [
          ...result.faults.map((fault) => `FAULT ${fault}`),
          `${result.checked} archives: ${result.faults.length === 0 ? 'as they were written' : 'BROKEN'}`,
        ]);
        return result.faults.length === 0 ? 0 : 1;
      }),
    );
  const command = new Command('retention').description('the archive of old readings (读数归档)');
  for (const one of [run, list, verify, withStores(restoreCommand(context, tell))]) command.addCommand(one);
  return command;
}

function restoreCommand(
  context: CommandContext,
  tell: (options: Options, value: unknown, lines: readonly string[]) => void,
): Command {
  return new Command('restore')
    .description('take the readings of an archive back into the store (取回)')
    .argument('<id>', 'as `list` names it (归档编号)')
    .action((id: string, options: Options) =>
      context.withSystem(options, async (system) => {
        const { archiveOf } = await import('../system/retention.ts');
        const mark = await system.projector.paused(() => archiveOf(system).restore(id));
        tell(options, mark, [
          `${mark.readings} readings and ${mark.past} past versions are in the store again`,
        ]);
        return 0;
      }),
    );
}
