import { Command } from 'commander';
import { MonitorError } from '../../domain/errors.ts';
import { type Preview, previewAgreement } from '../../settle/preview.ts';
import { CONFIG_OPTION, DATA_OPTION, JSON_OPTION, type CommandContext } from '../command.ts';

interface Options {
  agreement: string;
  period: string;
  data?: string;
  config?: string;
  json?: boolean;
}

/** Why there is no line: nothing is due, or there is no result. The two must never read alike. */
function emptyText(preview: Preview): string {
  if (preview.status === 'assessed-zero') return '试算结果为零，无应付金额 / comes to zero, nothing due';
  if (preview.status === 'on-hold') return '有争议，暂不计算 / held because of a dispute';
  if (preview.status === 'not-assessed') return '按办法不考核 / left out by the rule';
  return '无法试算，不等于零 / cannot be computed, which is not zero';
}

function previewText(preview: Preview): string {
  const rows = [
    `${preview.agreementName.zh} / ${preview.agreementName.en}`,
    `${preview.period.id}  ${preview.marking.zh} / ${preview.marking.en}`,
    `${preview.schemeName.zh} / ${preview.schemeName.en} (${preview.scheme}, ${preview.readiness})`,
  ];
  for (const section of preview.sections) {
    rows.push(
      `${section.name.zh} / ${section.name.en}: ${section.status}${section.reason === null ? '' : ` · ${section.reason.text.zh} / ${section.reason.text.en}`}`,
    );
    for (const mean of section.means) {
      const unit = mean.unit ?? '';
      rows.push(
        `  ${mean.parameter}  ${mean.mean ?? '—'} ${unit}  ${mean.valid}/${mean.expected} (${mean.coverage}, ≥ ${mean.minimumCoverage})`,
      );
    }
  }
  for (const line of preview.lines) {
    rows.push(
      `${line.section}: ${line.from.name.zh} → ${line.to.name.zh}  ${line.amountWan} 万元${line.basis === null ? '' : ` (${line.basis})`}`,
    );
  }
  if (preview.lines.length === 0) rows.push(`${preview.status}: ${emptyText(preview)}`);
  rows.push(...preview.remarks.map((remark) => `* ${remark.zh} / ${remark.en}`));
  return `${rows.join('\n')}\n`;
}

/** `jiehe settle preview`: what an agreement would come to; exit 1 when it cannot be assessed. */
export function previewCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('preview')
    .description('trial computation of one agreement and period (试算)')
    .requiredOption('--agreement <id>', 'agreement or scenario (协议)')
    .requiredOption('--period <YYYY-MM>', 'period (期间)')
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
        const result = await previewAgreement({
          agreement,
          period: options.period,
          config,
          readings: system.readings,
          nowS: system.clock.nowS(),
        });
        io.out(options.json === true ? `${JSON.stringify(result)}\n` : previewText(result));
        return result.status === 'not-assessable' || result.status === 'on-hold' ? 1 : 0;
      }),
    );
}
