import { type Language, type PhraseFacts, languages, phrasesOf } from '../../analysis/liability/phrases.ts';
import type { Text } from '../../domain/config/facts.ts';
import { explain } from '../../report/statement/explain.ts';
import { figureText, statusOf, unitOf, wordOf } from '../../report/statement/terms.ts';
import type { Preview, PreviewLine, PreviewSection, SectionFlow } from '../../domain/preview.ts';

/** Both languages side by side, once where they write it alike. */
const both = (said: (language: Language) => string): string => {
  const [zh, en] = languages.map(said) as [string, string];
  return zh === en ? zh : `${zh} / ${en}`;
};
export const textOf = (text: Text): string => both((language) => text[language]);
export const statusText = (status: string): string => both((language) => statusOf(status, language));
export const keyText = (key: string, facts: PhraseFacts): string =>
  both((language) => phrasesOf(facts, language).name(key));

/** Why there is no line: nothing is due, or there is no result. The two must never read alike. */
function emptyText({ status }: Preview): string {
  if (status === 'assessed')
    return '本办法不计金额，结果见上 / the rule pays nothing, its figures stand above';
  if (status === 'assessed-zero') return '试算结果为零，无应付金额 / comes to zero, nothing due';
  if (status === 'on-hold')
    return '有争议或特殊情形待定，暂不计算 / held because of a dispute or a special circumstance';
  if (status === 'not-assessed') return '按办法不考核 / left out by the rule';
  return '无法试算，不等于零 / cannot be computed, which is not zero';
}

function lineText(line: PreviewLine, { sections }: Preview, facts: PhraseFacts): string {
  const name = sections.find((one) => one.section === line.section)?.name;
  const where = both((language) => name?.[language] ?? wordOf('superior', language));
  const basis = line.basis === null || name === undefined ? '' : ` (${keyText(line.basis, facts)})`;
  return `${where}: ${textOf(line.from.name)} → ${textOf(line.to.name)}  ${line.amountWan} 万元 / 10,000 yuan${basis}`;
}

/** Both figures, always: what it would come to without special circumstances. */
function measuredText(preview: Preview, facts: PhraseFacts): string[] {
  const { asMeasured, sections } = preview;
  if (asMeasured === undefined) return [];
  const rows = ['按实测（不计特殊情形） / as measured, without special circumstances:'];
  rows.push(...asMeasured.lines.map((line) => `  ${lineText(line, preview, facts)}`));
  if (asMeasured.lines.length === 0) rows.push(`  ${statusText(asMeasured.status)}`);
  for (const { name, circumstances } of sections) {
    const where = textOf(name);
    for (const { id, reason } of circumstances?.ignored ?? [])
      rows.push(`  ${where} ${id}: 不产生影响 / no effect (${reason})`);
    for (const { id, text } of circumstances?.notAdmitted ?? [])
      rows.push(`  ${where} ${id}: ${textOf(text)}`);
    for (const id of circumstances?.held ?? []) rows.push(`  ${where} ${id}: 暂缓 / on hold`);
  }
  return rows;
}

/** Water and loads past a section, on what days they rest, and what they would be under usual flow. */
function flowRows(flow: SectionFlow | undefined, facts: PhraseFacts): string[] {
  if (flow === undefined) return [];
  const transfer = flow.transfer === null ? '—' : `${flow.transfer.method} × ${flow.transfer.factor}`;
  const rows = [`  水量 (volume) ${flow.volumeM3 ?? '—'} m³  ${flow.station ?? '—'} (${transfer})`];
  for (const { parameter, tonnes, method, interval90Tonnes, flowNormalised, coverage } of flow.loads) {
    const interval = interval90Tonnes === null ? '' : ` [${interval90Tonnes.join(', ')}]`;
    const usual = flowNormalised === null ? '' : `  常年流量下 (under usual flow) ${flowNormalised.tonnes} t`;
    const missed = coverage.highFlowUnsampled;
    const unsampled = missed.length === 0 ? '' : ` 缺水质 (no concentration): ${missed.join(', ')}`;
    rows.push(
      `  ${keyText(parameter, facts)} 通量 (load) ${tonnes ?? '—'} t${interval}  ${method}${usual}`,
      `    流量日 (flow days) ${coverage.flowShare}  水质日 (sampled days) ${coverage.sampledShare}` +
        `  高流量日 (high-flow days) ${coverage.highFlowSampled}/${coverage.highFlowDays}${unsampled}` +
        `  前五日水量占比 (top five days) ${coverage.topFiveVolumeShare ?? '—'}`,
    );
  }
  return [...rows, ...flow.warnings.map((one) => `  ! ${textOf(one)}`)];
}

export const valueText = (value: unknown, facts: PhraseFacts): string =>
  both((language) => phrasesOf(facts, language).value(value));

function sectionRows(section: PreviewSection, facts: PhraseFacts): string[] {
  const reason = section.reason === null ? '' : ` · ${textOf(section.reason.text)}`;
  return [
    `${textOf(section.name)}: ${statusText(section.status)}${reason}`,
    ...section.means.map(
      (mean) =>
        `  ${keyText(mean.parameter, facts)}  ${mean.mean ?? '—'} ${both((language) => unitOf(mean.unit ?? '', language))}  ` +
        `${mean.valid}/${mean.expected} (${mean.coverage}, ≥ ${mean.minimumCoverage})`,
    ),
    ...flowRows(section.flow, facts),
    ...explain(section, facts).figures.map(
      (figure) => `  → ${both((language) => figureText(figure, language))}`,
    ),
  ];
}

/** A preview as people read it, in both languages. */
export function previewText(preview: Preview, facts: PhraseFacts): string {
  const { lines, status } = preview;
  const rows = [
    textOf(preview.agreementName),
    `${preview.period.id}  ${textOf(preview.marking)}`,
    `${textOf(preview.schemeName)} (${preview.scheme}; ${keyText(preview.readiness, facts)})`,
    ...preview.sections.flatMap((section) => sectionRows(section, facts)),
    ...lines.map((line) => lineText(line, preview, facts)),
    ...(lines.length > 0 ? [] : [`${statusText(status)}: ${emptyText(preview)}`]),
    ...measuredText(preview, facts),
    ...preview.remarks.map((remark) => `* ${textOf(remark)}`),
  ];
  return `${rows.join('\n')}\n`;
}
