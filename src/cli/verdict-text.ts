import type { AirExplanation } from '../api/verdicts/air-explanation.ts';
import type { AirVerdictShape } from '../api/verdicts/air-shapes.ts';
import type { AssessmentShape } from '../api/verdicts/assessment-shapes.ts';
import type { Rule } from '../api/verdicts/rules.ts';
import type { DifferenceShape } from '../api/verdicts/verdict-difference.ts';
import type { Explanation } from '../api/verdicts/verdict-explanation.ts';

const lines = (rows: readonly string[]): string => `${rows.join('\n')}\n`;
const orDash = (value: string | number | null): string => (value === null ? '—' : String(value));

const ruleText = ({ id, says, clause, source, confidence }: Rule): string =>
  `${id}${clause === null ? '' : `, ${clause}`}: ${says} [${confidence}] ${source}`;

type Readings = Explanation['items'][number]['readings'];

function readingRows({ total, shown, all }: Readings): string[] {
  if (total === 0) return [];
  const rows = shown.map(({ time, value, flags, counted, seq }) => {
    const marks = [flags.validity, flags.stage, ...flags.qualifiers].join(' ');
    return `      ${time}  ${orDash(value)}  ${marks}${counted ? '' : '  未计入 not counted'}  #${orDash(seq)}`;
  });
  return [...rows, `    ${shown.length}/${total} 个读数 readings${all === null ? '' : `  ${all}`}`];
}

/** A verdict for the eye: what it says, on what, and its id. */
export function verdictText(found: AssessmentShape | AirVerdictShape): string {
  if ('station' in found) {
    const { hour, day, span } = found;
    const index = hour ?? day;
    const rows = [found.id, `  ${found.station} ${found.period.id} (${found.provider})`];
    if (index !== null)
      rows.push(`  AQI ${orDash(index.aqi)}${index.reason === null ? '' : `  ${index.reason}`}`);
    if (day !== null)
      rows.push(`  达标 attains: ${orDash(day.attains === null ? null : String(day.attains))}`);
    if (span !== null)
      rows.push(
        `  达标 attains: ${orDash(span.attains === null ? null : String(span.attains))}  综合指数 composite ${orDash(span.composite?.composite ?? null)}`,
      );
    for (const { parameter, of, value, valid } of found.values)
      rows.push(`  ${parameter} (${of})  ${orDash(value)}  ${valid} 有效 valid`);
    return lines(rows);
  }
  const name = found.className === null ? '' : ` ${found.className.zh} / ${found.className.en}`;
  const rows = [
    found.id,
    `  ${found.section} ${found.period.id}  ${orDash(found.class)}${name}${found.reason === null ? '' : `  ${found.reason}`}`,
    `  定类项目 deciding items: ${found.decidingItems.join(', ') || '—'}`,
    `  ${found.coverage.text.zh} / ${found.coverage.text.en}`,
  ];
  for (const { kind, targetClass, met, reason, over } of found.targets) {
    rows.push(
      `  ${kind} ${targetClass}: ${met === null ? (reason ?? '—') : met ? '达标 met' : '未达标 missed'}`,
    );
    rows.push(
      ...over.map(({ item, limit, multiple, text }) => {
        const times = multiple === null ? '' : `  ×${multiple}`;
        return `    ${item}: ${text.zh} / ${text.en}  ${limit}${times}`;
      }),
    );
  }
  for (const [which, figures] of [
    ['按认定 as decided', found.decided],
    ['按缺失数据规则 guarded', found.guarded],
  ] as const)
    if (figures !== null)
      rows.push(`  ${which}: ${orDash(figures.class)} ${figures.decidingItems.join(', ')}`);
  for (const { name: what, value, label, confidence } of found.defaults)
    rows.push(`  ${label.zh} / ${label.en}: ${what} = ${value} [${confidence}]`);
  return lines(rows);
}

/** The tree of a section's verdict. */
export function waterWhyText(found: Explanation): string {
  const rows = [
    found.id,
    `${found.section} ${found.period}  ${orDash(found.class)}${found.reason === null ? '' : `  ${found.reason}`}  配置 configuration ${found.configHash.slice(0, 12)}, 日志 journal #${found.asOfSeq}`,
    ...found.rules.map((rule) => `  ${ruleText(rule)}`),
  ];
  for (const item of found.items) {
    const { counts, source } = item;
    rows.push(
      `  ${item.decides ? '*' : ' '} ${item.parameter}  ${orDash(item.value)} (${orDash(item.unrounded)})  class ${orDash(item.class)}  limits ${item.limits.join(' ') || '—'}`,
      `    ${orDash(source.provider)} ${orDash(source.method)}  ${counts.valid}/${orDash(counts.expected)} 有效 valid, ${counts.validDays}/${counts.days} 天 days`,
      ...item.rules.map((rule) => `    ${ruleText(rule)}`),
      ...item.months.map(({ month, mean, reason }) => `    ${month}  ${mean ?? reason ?? '—'}`),
      ...readingRows(item.readings),
    );
  }
  if (found.missing.length > 0) rows.push(`  无数据 without a value: ${found.missing.join(', ')}`);
  for (const { id, took, journal } of found.circumstances)
    rows.push(`  特殊情形 circumstance ${id}: ${took}  ${journal.join(' ')}`);
  for (const { figure, counts, class: grade, decidingItems } of found.figures)
    rows.push(`  ${counts ? '*' : ' '} ${figure}: ${orDash(grade)} ${decidingItems.join(', ')}`);
  return lines(rows);
}

/** The tree of an air station's verdict. */
export function airWhyText(found: AirExplanation): string {
  const rows = [verdictText(found.verdict).trimEnd(), ...found.rules.map((rule) => `  ${ruleText(rule)}`)];
  for (const item of found.items) {
    rows.push(`  ${item.decides ? '*' : ' '} ${item.parameter} (${item.of})  ${orDash(item.value)}`);
    if (item.index !== null)
      rows.push(
        `    IAQI ${orDash(item.index.iaqi)}  ${item.index.breakpoints.map(orDash).join(' ')} [${orDash(item.index.confidence)}]`,
      );
    for (const { averaging, limit, standard, clause, confidence } of item.limits)
      rows.push(
        `    ${averaging} ≤ ${orDash(limit)}  ${standard}${clause === null ? '' : `, ${clause}`} [${orDash(confidence)}]`,
      );
    rows.push(...item.rules.map((rule) => `    ${ruleText(rule)}`), ...readingRows(item.readings));
  }
  return lines(rows);
}

/** Two states of knowledge and why they differ. */
export function differenceText(found: DifferenceShape): string {
  const rows = [
    `${found.station} ${found.period}`,
    `  #${found.before.asOfSeq}  ${found.before.outcome.zh} / ${found.before.outcome.en}`,
    `  #${found.after.asOfSeq}  ${found.after.outcome.zh} / ${found.after.outcome.en}`,
    `  ${found.text.zh}`,
    `  ${found.text.en}`,
  ];
  for (const { parameter, before, after } of found.items)
    rows.push(`  ${parameter}: ${orDash(before)} → ${orDash(after)}`);
  for (const one of found.readings.shown)
    rows.push(
      `    ${one.time} ${one.provider} ${one.parameter} ${one.change}: ${orDash(one.before)} → ${orDash(one.after)}  #${orDash(one.seq)}`,
    );
  for (const { id, before, after, journal } of found.circumstances)
    rows.push(`  ${id}: ${orDash(before)} → ${orDash(after)}  ${journal.join(' ')}`);
  return lines(rows);
}
