import { existsSync } from 'node:fs';
import path from 'node:path';
import { Command, Option } from 'commander';
import type { Language } from '../../analysis/liability/phrases.ts';
import type { Scheme } from '../../domain/config/scheme.ts';
import { yuanOf } from '../../report/statement/content.ts';
import { taken } from '../../report/statement/explain.ts';
import { timeOf } from '../../report/statement/table.ts';
import { type Word, figureText, withUnit, wordOf } from '../../report/statement/terms.ts';
import type { Why, WhySection, WhySeries } from '../../report/statement/why.ts';
import { bundleText } from '../../settle/bundle.ts';
import {
  CONFIG_OPTION,
  DATA_OPTION,
  JSON_OPTION,
  type CommandContext,
  type ExitCode,
  type StoreOptions,
} from '../command.ts';
import { verifiedBundle } from './bundle-file.ts';
import { atDesk } from './desk-work.ts';

interface Options extends StoreOptions {
  section?: string;
  readings?: boolean;
  language: Language;
  json?: boolean;
}

/** How an explanation is written: in one language, times of the region, and the hashes of the entries where they were asked for. */
interface Style {
  language: Language;
  timeZone: string;
  hashes: ReadonlyMap<number, string>;
}

const labelled = (word: Word, said: string, { language }: Style): string =>
  language === 'zh' ? `${wordOf(word, language)}：${said}` : `${wordOf(word, language)}: ${said}`;

const joined = (texts: readonly string[], { language }: Style): string =>
  texts.join(language === 'zh' ? '；' : '; ');

function seriesRows(series: WhySeries, style: Style): string[] {
  const { language, timeZone, hashes } = style;
  const { entries, fromS, toS, count } = series;
  const span =
    fromS === toS ? timeOf(fromS, timeZone) : `${timeOf(fromS, timeZone)} – ${timeOf(toS, timeZone)}`;
  const held =
    entries.count === 1 ? String(entries.first) : `${entries.first} – ${entries.last} (${entries.count})`;
  const what = [series.name, series.averaging, series.provider].map((text) => text[language]).join('  ');
  return [
    `    ${what}  ${labelled('readingCount', String(count), style)}  ${span}  ${labelled('entries', held, style)}`,
    ...(series.readings ?? []).map(
      ({ timeS, value, seq }) =>
        `      ${timeOf(timeS, timeZone)}  ${value ?? '—'}  ${labelled('entries', String(seq), style)}  ${hashes.get(seq) ?? ''}`,
    ),
  ];
}

function lineRows(line: WhySection['lines'][number], style: Style): string[] {
  const { language } = style;
  const rests = line.dependsOn.map((text) => text[language]);
  return [
    `  ${line.from[language]} → ${line.to[language]}  ${yuanOf(line.amountFen)} ${language === 'zh' ? '元' : 'yuan'}`,
    `    ${labelled('basis', line.basis[language], style)}`,
    ...(rests.length === 0 ? [] : [`    ${labelled('dependsOn', joined(rests, style), style)}`]),
  ];
}

function stepRows(section: WhySection, style: Style): string[] {
  const { language } = style;
  return taken(section).flatMap((step, at) => [
    `  ${at + 1}. ${withUnit(step.name, step.unit, style.language)} = ${step.result?.[language] ?? '—'}`,
    `    ${labelled('rule', step.rule[language], style)}`,
    `    ${labelled('formula', step.formula[language], style)}`,
    `    ${labelled(
      'inputs',
      joined(
        step.inputs.map((input) => figureText(input, style.language)),
        style,
      ),
      style,
    )}`,
    `    ${labelled('source', step.source[language], style)}`,
  ]);
}

function sectionRows(section: WhySection, style: Style): string[] {
  const { language } = style;
  const reason = section.reason === null ? '' : ` · ${section.reason[language]}`;
  const titled = (word: Word, rows: readonly string[]): string[] =>
    rows.length === 0 ? [] : [`  [${wordOf(word, language)}]`, ...rows];
  const means = section.means.map(({ name, mean, unit, valid, expected }) => {
    const counted = labelled('valid', `${valid}/${expected}`, style);
    return `    ${name[language]}  ${mean ?? '—'} ${unit?.[language] ?? ''}  ${counted}`;
  });
  return [
    '',
    `${section.name[language]}  ${section.status[language]}${reason}`,
    ...titled(
      'lines',
      section.lines.flatMap((line) => lineRows(line, style)),
    ),
    ...titled(
      'figures',
      section.figures.map((figure) => `    ${figureText(figure, style.language)}`),
    ),
    ...titled('why', stepRows(section, style)),
    ...titled('data', means),
    ...titled(
      'readings',
      section.series.flatMap((one) => seriesRows(one, style)),
    ),
  ];
}

function whyText(why: Why, language: Language, timeZone: string): string {
  const hashes = new Map((why.entries ?? []).map(({ seq, sha256 }) => [seq, sha256]));
  const style = { language, timeZone, hashes };
  const { scheme } = why;
  const rows = [
    `${wordOf('title', language)}  ${why.statement}`,
    labelled('hash', why.sha256, style),
    ...why.markings.map((marking) => marking[language]),
    labelled('scheme', `${scheme.name[language]} (${scheme.id}; ${scheme.readiness[language]})`, style),
    ...why.sections.flatMap((section) => sectionRows(section, style)),
    '',
    ...why.remarks.map((remark) => `* ${remark[language]}`),
  ];
  return `${rows.join('\n')}\n`;
}

/** `jiehe settle why`: every line of a statement down to the readings, each step with its formula, source and clause. */
export function whyCommand(context: CommandContext): Command {
  const { io } = context;
  const tell = async (text: string, known: readonly Scheme[], options: Options): Promise<ExitCode> => {
    const { explanationOf } = await import('../../serving/statement-document.ts');
    const { why, timeZone } = explanationOf(text, options, known);
    io.out(options.json === true ? `${JSON.stringify(why)}\n` : whyText(why, options.language, timeZone));
    return 0;
  };
  return new Command('why')
    .description('why a statement says what it says, down to the readings and the clause (结算依据)')
    .argument('<statement>', 'bundle file, which opens no store, or id of a statement (结算包或结算单)')
    .option('--section <id>', 'one section alone (断面)')
    .option('--readings', 'each reading with its journal entry and the hash of its bytes (逐条读数)')
    .addOption(new Option('--language <language>', 'language (语言)').choices(['zh', 'en']).default('zh'))
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action(async (statement: string, options: Options) => {
      const file = path.resolve(io.cwd, statement);
      if (!existsSync(file))
        return atDesk(context, options, async (desk, system) =>
          tell(bundleText(await desk.bundle(statement)), system.config().schemes, options),
        );
      const bundle = await verifiedBundle(file, context);
      context.exit(bundle === null ? 1 : await tell(bundle.text, bundle.known, options));
    });
}
