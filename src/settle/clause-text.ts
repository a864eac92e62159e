import type { Text } from '../domain/config/facts.ts';
import type { Agreement } from '../domain/config/region.ts';
import type { SchemeFigure } from '../domain/config/scheme.ts';
import { plainText } from '../domain/plain-text.ts';
import { averagings } from '../domain/time.ts';
import { type Terms, schemeOf } from './clauses.ts';
import { wholeMonths } from './period-means.ts';

type Given = NonNullable<Agreement['given']>;

/** A figure of a scheme with its unit. */
const figureText = ({ value, unit }: SchemeFigure): string =>
  `${plainText(value)}${unit === null ? '' : ` ${unit}`}`;

/** Leaves of one value that are another in the second, as `before → after`; of an edge of a band with its name. */
function changes(before: unknown, after: unknown): string[] {
  if (typeof before === 'string' && typeof after === 'string')
    return before === after ? [] : [`${before} → ${after}`];
  if (before === null || after === null || typeof before !== 'object' || typeof after !== 'object') return [];
  const [left, right] = [Object.entries(before), Object.entries(after)];
  return left.flatMap(([name, entry], at) => {
    const [other = name, value] = right[at] ?? [];
    return other === name ? changes(entry, value) : [`${name} ${String(entry)} → ${other} ${String(value)}`];
  });
}

const orderOf = ({ dataSource }: Agreement): string =>
  [dataSource, ...(dataSource.otherwise ?? [])].map(({ provider }) => provider).join(' > ');

/** Figures that the agreement states, of which the others say something else. */
function givenText(before: Given, after: Given, terms: Terms): string {
  const told = after
    .filter((one) => !before.includes(one))
    .map(({ input, section, value, unit }) => {
      const was = before.find(
        (one) => one.input === input && (one.section === undefined || one.section === section),
      );
      const name = terms.config.sections.find((one) => one.id === section)?.name.zh ?? '';
      const of = unit === null ? '' : ` ${unit}`;
      return `${name}${name === '' ? '' : ' '}${input} (${plainText(was?.value)}) → (${plainText(value)})${of}`;
    });
  return told.join('; ');
}

function exemptText(value: string, { agreement, exempt, config }: Terms): Text {
  const monthly = [agreement.dataSource, ...(agreement.dataSource.otherwise ?? [])].some(
    ({ averaging }) => averaging === averagings.P1M.id,
  );
  const whole = wholeMonths(exempt, config.region.timeZone);
  const split =
    monthly &&
    !exempt.every((one) => whole.some((other) => other.beginS === one.beginS && other.endS === one.endS));
  const note = split
    ? {
        zh: '；月值不能按日拆分，只有整月在内的才不计',
        en: '; a monthly value cannot be split: only whole months inside are left out',
      }
    : { zh: '', en: '' };
  return {
    zh: `${value} 的读数既不计入也不要求${note.zh}`,
    en: `readings of ${value} neither count nor are expected${note.en}`,
  };
}

/** What a clause makes another, in words: what stands in the agreement or its scheme, and what was tried. */
export function clauseText(clause: string, before: Terms, after: Terms): Text {
  const at = clause.indexOf('=');
  const [kind, value] = [clause.slice(0, at), clause.slice(at + 1)];
  const both = (zh: string, en: string, what: string): Text => ({
    zh: `${zh}：${what}`,
    en: `${en}: ${what}`,
  });
  switch (kind) {
    case 'exempt':
      return exemptText(value, after);
    case 'circumstances':
      return { zh: '已认定的特殊情形不计', en: 'decided special circumstances do not count' };
    case 'precedence':
      return both(
        '数据来源顺序',
        'order of sources',
        `${orderOf(before.agreement)} → ${orderOf(after.agreement)}`,
      );
    case 'coverage': {
      const [was, is] = [before, after].map(({ agreement }) => agreement.minimumCoverage.share);
      return both('最低覆盖率', 'least coverage', `${was} → ${is}`);
    }
    case 'comparison': {
      const of = (terms: Terms) => schemeOf(terms).steps.find((one) => one.step === value);
      return both(
        `步骤 ${value} 的比较`,
        `comparison of step ${value}`,
        changes(of(before), of(after)).join('; '),
      );
    }
    case 'figure': {
      const of = (terms: Terms) =>
        schemeOf(terms).figures.find(({ figure }) => figure === value.slice(0, value.indexOf(':')))!;
      return both(
        '办法数值',
        'figure of the scheme',
        `${value.slice(0, value.indexOf(':'))} ${figureText(of(before))} → ${figureText(of(after))}`,
      );
    }
    default: {
      const told = givenText(before.agreement.given ?? [], after.agreement.given ?? [], before);
      return kind === 'baseline'
        ? both('基准改为所列年份均值', 'baseline as means of the named years', told)
        : both('协议约定的数值', 'figure that the agreement states', told);
    }
  }
}
