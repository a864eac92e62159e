import { Command } from 'commander';
import { MonitorError } from '../../domain/errors.ts';
import type { Preview, PreviewLine, SectionFlow } from '../../domain/preview.ts';
import { plainText } from '../../domain/plain-text.ts';
import { CONFIG_OPTION, DATA_OPTION, JSON_OPTION, type CommandContext } from '../command.ts';
import { AGREEMENT_OPTION, PERIOD_OPTION } from './desk-work.ts';

interface Options {
  agreement: string;
  period: string;
  data?: string;
  config?: string;
  json?: boolean;
}

/** Why there is no line: nothing is due, or there is no result. The two must never read alike. */
function emptyText(preview: Preview): string {
  if (preview.status === 'assessed')
    return '本办法不计金额，结果见上 / the rule pays nothing, its figures stand above';
  if (preview.status === 'assessed-zero') return '试算结果为零，无应付金额 / comes to zero, nothing due';
  if (preview.status === 'on-hold')
    return '有争议或特殊情形待定，暂不计算 / held because of a dispute or a special circumstance';
  if (preview.status === 'not-assessed') return '按办法不考核 / left out by the rule';
  return '无法试算，不等于零 / cannot be computed, which is not zero';
}

const lineText = (line: PreviewLine, { sections }: Preview): string =>
  `${sections.find((one) => one.section === line.section)?.name.zh ?? line.section}: ${line.from.name.zh} → ${line.to.name.zh}  ${line.amountWan} 万元${line.basis === null ? '' : ` (${line.basis})`}`;

/** Both figures, always: what it would come to without special circumstances. */
function measuredText(preview: Preview): string[] {
  const { asMeasured, sections } = preview;
  if (asMeasured === undefined) return [];
  const rows = ['按实测（不计特殊情形） / as measured, without special circumstances:'];
  rows.push(...asMeasured.lines.map((line) => `  ${lineText(line, preview)}`));
  if (asMeasured.lines.length === 0) rows.push(`  ${asMeasured.status}`);
  for (const { section, circumstances } of sections) {
    for (const { id, reason } of circumstances?.ignored ?? [])
      rows.push(`  ${section} ${id}: 不产生影响 / no effect (${reason})`);
    for (const { id, by } of circumstances?.notAdmitted ?? [])
      rows.push(`  ${section} ${id}: 协议不认可 / not admitted by the agreement (${by.join(', ')})`);
    for (const id of circumstances?.held ?? []) rows.push(`  ${section} ${id}: 暂缓 / on hold`);
  }
  return rows;
}

/** Water and loads past a section, on what days they rest, and what they would be under usual flow. */
function flowRows(flow: SectionFlow | undefined): string[] {
  if (flow === undefined) return [];
  const transfer = flow.transfer === null ? '—' : `${flow.transfer.method} × ${flow.transfer.factor}`;
  const rows = [`  水量 (volume) ${flow.volumeM3 ?? '—'} m³  ${flow.station ?? '—'} (${transfer})`];
  for (const { parameter, tonnes, method, interval90Tonnes, flowNormalised, coverage } of flow.loads) {
    const interval = interval90Tonnes === null ? '' : ` [${interval90Tonnes.join(', ')}]`;
    const usual = flowNormalised === null ? '' : `  常年流量下 (under usual flow) ${flowNormalised.tonnes} t`;
    const missed = coverage.highFlowUnsampled;
    const unsampled = missed.length === 0 ? '' : ` 缺水质 (no concentration): ${missed.join(', ')}`;
    rows.push(
      `  ${parameter} 通量 (load) ${tonnes ?? '—'} t${interval}  ${method}${usual}`,
      `    流量日 (flow days) ${coverage.flowShare}  水质日 (sampled days) ${coverage.sampledShare}` +
        `  高流量日 (high-flow days) ${coverage.highFlowSampled}/${coverage.highFlowDays}${unsampled}` +
        `  前五日水量占比 (top five days) ${coverage.topFiveVolumeShare ?? '—'}`,
    );
  }
  return [...rows, ...flow.warnings.map((one) => `  ! ${one.zh} / ${one.en}`)];
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
    rows.push(...flowRows(section.flow));
    const figures = Object.entries(section.figures).map(([name, value]) => `${name} = ${plainText(value)}`);
    if (figures.length > 0) rows.push(`  → ${figures.join('; ')}`);
  }
  rows.push(...preview.lines.map((line) => lineText(line, preview)));
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
        io.out(options.json === true ? `${JSON.stringify(result)}\n` : previewText(result));
        return result.status === 'not-assessable' || result.status === 'on-hold' ? 1 : 0;
      }),
    );
}
