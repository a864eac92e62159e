import { Command } from 'commander';
import { examine, type Finding } from '../system/doctor.ts';
import { CONFIG_OPTION, DATA_OPTION, JSON_OPTION, type CommandContext } from './command.ts';

interface Options {
  data?: string;
  config?: string;
  json?: boolean;
}

const MARK: Record<Finding['status'], string> = { ok: 'ok  ', warning: 'warn', fault: 'FAIL' };

/** `jiehe doctor`: configuration, journal, stores, clocks, sources, gaps; exit 1 when something is at fault. */
export function doctorCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('doctor')
    .description('check configuration, journal, stores, clocks, sources and gaps (自检)')
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((options: Options) =>
      context.withSystem(options, async (system) => {
        const findings = await examine(system);
        for (const finding of findings) {
          if (options.json === true) io.out(`${JSON.stringify(finding)}\n`);
          else io.out(`${MARK[finding.status]}  ${finding.subject}: ${finding.message}\n`);
        }
        return findings.some((finding) => finding.status === 'fault') ? 1 : 0;
      }),
    );
}
