import { Command } from 'commander';
import { rejudgingOf } from '../serving/judging.ts';
import { CONFIG_OPTION, DATA_OPTION, JSON_OPTION, type CommandContext } from './command.ts';

interface Options {
  all?: boolean;
  data?: string;
  config?: string;
  json?: boolean;
}

/** `jiehe rejudge`: brings the table of the newest verdicts and events up to date, or builds it again. */
export function rejudgeCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('rejudge')
    .description('judge again the verdicts that changes touch (重新评价受变更影响的结论)')
    .option('--all', 'empty the table and judge everything again (清空后全部重新评价)')
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((options: Options) =>
      context.withSystem(options, async (system) => {
        const report = await rejudgingOf(system).run({ all: options.all === true });
        if (options.json === true) io.out(`${JSON.stringify(report)}\n`);
        else
          io.out(
            `as of journal entry ${report.asOfSeq}: ${report.touched} verdicts of ${report.stations} stations judged again, ` +
              `${report.changed} became others (重新评价${report.touched}项，${report.changed}项有变)\n`,
          );
        return 0;
      }),
    );
}
