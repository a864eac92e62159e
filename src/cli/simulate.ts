import { Command, InvalidArgumentError } from 'commander';
import { untilStopped } from './signals.ts';
import { CONFIG_OPTION, type CommandContext } from './command.ts';
import { simulateDevicesCommand } from './simulate-devices.ts';
import { simulateRiverCommand } from './simulate-river.ts';
import { simulateSheetCommand } from './simulate-sheet.ts';
import { simulatedConfig } from './simulated-basin.ts';

interface Options {
  config?: string;
  port: number;
  seed: number;
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`"${text}" is not a whole number`);
  return Number(text);
}

/** `jiehe simulate upstreams`: the look-alikes of the upstreams alone, on a loopback port, until stopped. */
function upstreamsCommand({ io }: CommandContext): Command {
  return new Command('upstreams')
    .description('run the seeded upstream simulator alone (运行上游模拟器)')
    .option('--port <n>', 'loopback port; 0 takes a free one (端口)', wholeNumber, 0)
    .option('--seed <n>', 'seed (随机种子)', wholeNumber, 1)
    .option(...CONFIG_OPTION)
    .action(async (options: Options) => {
      const { systemClock } = await import('../main.ts');
      const { startSimulator } = await import('../simulator/index.ts');
      const config = await simulatedConfig(io, options);
      const simulator = await startSimulator({
        config,
        seed: options.seed,
        clock: systemClock,
        port: options.port,
      });
      io.out(`simulated upstreams (模拟上游) on 127.0.0.1:${simulator.port}\n`);
      for (const [source, urls] of Object.entries(simulator.urls))
        io.out(`  ${source}: ${urls.url}  archive ${urls.archiveUrl}\n`);
      await untilStopped();
      await simulator.close();
    });
}

/** `jiehe simulate`: its upstreams, or what is named. Options are each command's own: one of the same name here would take theirs. */
export function simulateCommand(context: CommandContext): Command {
  return new Command('simulate')
    .description('seeded upstreams, devices, sheets and rivers; upstreams where none is named (模拟器)')
    .addCommand(upstreamsCommand(context), { isDefault: true })
    .addCommand(simulateDevicesCommand(context))
    .addCommand(simulateSheetCommand(context))
    .addCommand(simulateRiverCommand(context));
}
