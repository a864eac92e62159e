import path from 'node:path';
import { Command } from 'commander';
import { JSON_OPTION, type CommandContext } from './command.ts';

interface Options {
  json?: boolean;
}

/** `jiehe config check [DIR]`: all faults at once, each with file, line and column. Opens no store. */
export function configCommand(context: CommandContext): Command {
  const { io } = context;
  const check = new Command('check')
    .description('check the configuration; all faults at once, with file:line:column (检查配置)')
    .argument('[dir]', 'configuration folder (配置目录)')
    .option(...JSON_OPTION)
    .action(async (dir: string | undefined, options: Options) => {
      const { checkConfig, printFault, readEnvironment } = await import('../config/index.ts');
      const { configOptions, DEFAULT_CONFIG_DIR } = await import('../main.ts');
      const { config, faults, notes } = await checkConfig(
        path.resolve(io.cwd, dir ?? DEFAULT_CONFIG_DIR),
        configOptions(readEnvironment(process.env)),
      );
      if (options.json === true)
        io.out(`${JSON.stringify({ ok: config !== null, hash: config?.hash ?? null, faults, notes })}\n`);
      else if (config === null) io.out(`${faults.map(printFault).join('\n')}\n${faults.length} faults\n`);
      else {
        const { region, sections, airStations, agreements, schemes } = config;
        io.out(
          `configuration is sound (配置无误): region ${region.id}, ${sections.length} sections, ${airStations.length} air stations, ` +
            `${agreements.length} agreements, ${schemes.length} schemes\nhash ${config.hash}\n`,
        );
        for (const note of notes) io.out(`note (提示): ${printFault(note)}\n`);
      }
      context.exit(config === null ? 2 : 0);
    });
  return new Command('config').description('configuration (配置)').addCommand(check);
}
