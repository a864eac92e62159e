import { Command } from 'commander';
import { MonitorError } from '../../domain/errors.ts';
import type { Preview, PreviewLine } from '../../settle/preview.ts';
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
  if (preview.status === 'on-hold')
    return '有争议或特殊情形待定，暂不计算 / held because of a dispute or a special circumstance';
  if (preview.status === 'not-assessed') return '按办法不考核 / left out by the rule';
  return '无法试算，不等于零 / cannot be computed, which is not zero';
}

const lineText = (line: PreviewLine): string =>
  `${line.section}: ${line.from.name.zh} → ${line.to.name.zh}  ${line.amountWan} 万元${line.basis === null ? '' : ` (${line.basis})`}`;

/** Both figures, always: what it would come to without special circumstances. */
function measuredText({ asMeasured, sections }: Preview): string[] {
  if (asMeasured === undefined) return [];
  const rows = ['按实测（不计特殊情形） / as measured, without special circumstances:'];
  rows.push(...asMeasured.lines.map((line) => `  ${lineText(line)}`));
  if (asMeasured.lines.length === 0) rows.push(`  ${asMeasured.status}`);
  for (const { section, circumstances } of sections) {
    for (const { id, reason } of circumstances?.ignored ?? [])
      rows.push(`  ${section} ${id}: 不产生影响 / no effect (${reason})`);
    for (const id of circumstances?.held ?? []) rows.push(`  ${section} ${id}: 暂缓 / on hold`);
  }
  return rows;
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
  rows.push(...preview.lines.map(lineText));
  if (preview.lines.length === 0) rows.push(`${preview.status}: ${emptyText(preview)}`);
  rows.push(...measuredText(preview));
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
        const { previewOf } = await import('../../serving/settlement.ts');
        const result = await previewOf(system)({ agreement, period: options.period, config });
        io.out(options.json === true ? `${JSON.stringify(result)}\n` : previewText(result));
        return result.status === 'not-assessable' || result.status === 'on-hold' ? 1 : 0;
      }),
    );
}
