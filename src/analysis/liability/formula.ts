import type { SchemeStep } from '../../domain/config/scheme.ts';
import { Exact } from './exact.ts';
import type { Node } from './expression.ts';
import { expressionOf } from './steps.ts';

/** How a formula names things, in one language. */
export interface FormulaWords {
  language: 'zh' | 'en';
  /** A figure, input or step. */
  nameOf(key: string): string;
  /** A text in the rule, or a key of a table. */
  textOf(text: string): string;
  partyOf(role: string): string;
}

type Pair = readonly [zh: string, en: string];

const functions: Record<string, Pair> = {
  sum: ['合计', 'sum of'],
  sumEach: ['每行合计', 'sum of each row of'],
  mean: ['平均', 'mean of'],
  greatest: ['最大', 'greatest of'],
  least: ['最小', 'least of'],
  count: ['个数', 'number of'],
  min: ['取小', 'the smaller of'],
  max: ['取大', 'the larger of'],
  ceil: ['向上取整', 'rounded up'],
  floor: ['向下取整', 'rounded down'],
  abs: ['绝对值', 'absolute value of'],
  sign: ['正负号', 'sign of'],
  exp: ['自然指数', 'exponential of'],
  pow: ['乘方', 'power of'],
  round: ['四舍五入', 'rounded half up'],
  roundHalfEven: ['四舍六入五成双', 'rounded half to even'],
  fixed: ['保留小数', 'to decimals'],
  split: ['按比例拆分', 'split by'],
  portion: ['占合计之比', 'part of the sum'],
  pick: ['取对应项', 'matching entries of'],
  column: ['取列', 'column of'],
  labels: ['各行名称', 'names of the rows of'],
  table: ['列表', 'table of'],
  join: ['合并', 'joined'],
  keys: ['各项名称', 'names in'],
  keysWhere: ['成立的项', 'names where'],
  given: ['已给出', 'given'],
  complete: ['齐全', 'complete'],
  default: ['缺省取', 'or else'],
  if: ['若', 'if'],
  has: ['包含', 'contains'],
  number: ['计为1或0', 'as 1 or 0'],
  roman: ['类别', 'class'],
  detected: ['按检出限换算', 'below detection converted'],
  without: ['剔除', 'left out'],
};

const signs: Record<string, Pair> = {
  '*': ['×', '×'],
  '/': ['÷', '÷'],
  '+': ['＋', '+'],
  '-': ['－', '−'],
  '<': ['＜', '<'],
  '<=': ['≤', '≤'],
  '>': ['＞', '>'],
  '>=': ['≥', '≥'],
  '==': ['＝', '='],
  '!=': ['≠', '≠'],
  and: ['且', 'and'],
  or: ['或', 'or'],
};

const strength: Record<string, number> = { or: 1, and: 2, '*': 6, '/': 6, '+': 5, '-': 5 };
const strengthOf = (node: Node): number =>
  node.type !== 'operator' || node.operands.length === 1 ? 8 : (strength[node.sign] ?? 4);

/** Functions whose name in words says nothing that the operand does not: they only shape a table. */
const silent = new Set(['table', 'roman']);

function phrase(node: Node, words: FormulaWords): string {
  const at = words.language === 'zh' ? 0 : 1;
  const within = (operand: Node, least: number): string =>
    strengthOf(operand) < least ? `(${phrase(operand, words)})` : phrase(operand, words);
  const list = (operands: readonly Node[]): string =>
    operands.map((one) => phrase(one, words)).join(at === 0 ? '；' : '; ');
  switch (node.type) {
    case 'literal':
      if (node.value instanceof Exact) return node.value.toString();
      if (typeof node.value === 'boolean') return (node.value ? ['是', 'yes'] : ['否', 'no'])[at]!;
      return `“${words.textOf(typeof node.value === 'string' ? node.value : '')}”`;
    case 'name':
      return `[${words.nameOf(node.name)}]`;
    case 'field':
      return `${phrase(node.of, words)}·${words.textOf(node.key)}`;
    case 'list':
      return `(${list(node.items)})`;
    case 'operator': {
      const [first, second] = node.operands;
      if (second === undefined)
        return node.sign === 'not'
          ? `${['非', 'not '][at]!}${within(first!, 8)}`
          : `${signs['-']![at]}${within(first!, 7)}`;
      const own = strengthOf(node);
      return `${within(first!, own)} ${signs[node.sign]?.[at] ?? node.sign} ${within(second, own + 1)}`;
    }
    default:
      if (silent.has(node.name) && node.operands.length === 1) return phrase(node.operands[0]!, words);
      return `${functions[node.name]?.[at] ?? node.name}(${list(node.operands)})`;
  }
}

/** An expression of a rule in words: names in square brackets, functions by name. Throws E_CONFIG where it does not parse. */
export const formulaText = (expression: string, words: FormulaWords): string =>
  phrase(expressionOf(expression), words);

type Band = Extract<SchemeStep, { bands: unknown }>['bands'][number];

function edges({ above, atLeast, below, upTo }: Band): string {
  const found = [
    ...(above === undefined ? [] : [`> ${above}`]),
    ...(atLeast === undefined ? [] : [`≥ ${atLeast}`]),
    ...(below === undefined ? [] : [`< ${below}`]),
    ...(upTo === undefined ? [] : [`≤ ${upTo}`]),
  ];
  return found.join(', ');
}

/** What a step computes, branch by branch, one text each. */
function branches(step: SchemeStep, words: FormulaWords): string[] {
  const zh = words.language === 'zh';
  const said = (expression: string): string => formulaText(expression, words);
  const when = (condition: string | undefined, then: string): string => {
    if (condition === undefined) return then;
    return zh ? `当 ${said(condition)} 时：${then}` : `where ${said(condition)}: ${then}`;
  };
  const otherwise = zh ? '其他：' : 'otherwise: ';
  if ('value' in step) return [said(step.value)];
  if ('bands' in step)
    return [
      said(step.on),
      ...step.bands.map((band) => `${edges(band) || (zh ? '其他' : 'otherwise')}: ${said(band.amount)}`),
    ];
  if ('brackets' in step)
    return [
      said(step.on),
      ...step.brackets.map(
        ({ upTo, rate }) => `${upTo === null ? (zh ? '以上部分' : 'the rest') : `≤ ${upTo}`}: × ${rate}`,
      ),
    ];
  if ('cases' in step)
    return step.cases.map((one) =>
      one.when === undefined && step.cases.length > 1
        ? `${otherwise}${said(one.value)}`
        : when(one.when, said(one.value)),
    );
  if ('gate' in step) return [said(step.gate.if)];
  if ('pay' in step)
    return step.pay.map((line) =>
      when(line.when, `${words.partyOf(line.from)} → ${words.partyOf(line.to)}: ${said(line.amount)}`),
    );
  if ('net' in step) return [said(step.net)];
  if ('classify' in step) return [said(step.classify.values)];
  return [`${said(step.pool.allocated)} ${zh ? '－' : '−'} ${said(step.pool.contributed)}`];
}

/** A step of a rule in words, with its bands and cases. */
export function stepFormula(step: SchemeStep, words: FormulaWords): string {
  const text = branches(step, words).join(words.language === 'zh' ? '；' : '; ');
  if (step.when === undefined) return text;
  const condition = formulaText(step.when, words);
  return words.language === 'zh' ? `当 ${condition} 时：${text}` : `where ${condition}: ${text}`;
}
