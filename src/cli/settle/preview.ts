import { Command } from 'commander';
import { MonitorError } from '../../domain/errors.ts';
import { phraseFactsOf } from '../../settle/statement-phrases.ts';
import { CONFIG_OPTION, DATA_OPTION, JSON_OPTION, type CommandContext } from '../command.ts';
import { AGREEMENT_OPTION, PERIOD_OPTION } from './desk-work.ts';
import { previewText } from './preview-text.ts';

interface Options {
  agreement: string;
  period: string;
  data?: string;
  config?: string;
  json?: boolean;
}

/** `jiehe settle preview`: what an agreement would come to; exit 1 when it cannot be assessed. */
export function previewCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('preview')
    .description('trial computation of one agreement and period (试算)')
    .requiredOption(...AGREEMENT_OPTION)
    .requiredOption(...PERIOD_OPTION)
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((options: Options) =>
      context.withSystem(options, async (system) => {
        const config = system.config();
        const agreement = config.agreements.find((one) => one.id === options.agreement);
        if (agreement === undefined) {
          const known = config.agreements.map((one) => one.id).join(', ');
          throw new MonitorError('E_USAGE', `no agreement "${options.agreement}" (known: ${known})`);
        }
        const { previewOf } = await import('../../serving/settlement.ts');
        const result = await previewOf(system)({ agreement, period: options.period, config });
        io.out(
          options.json === true
            ? `${JSON.stringify(result)}\n`
            : previewText(result, phraseFactsOf(config, result.scheme)),
        );
        return result.status === 'not-assessable' || result.status === 'on-hold' ? 1 : 0;
      }),
    );
}
