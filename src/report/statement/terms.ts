import { type Language, measured } from '../../analysis/liability/phrases.ts';
import type { Text } from '../../domain/config/facts.ts';
import type { ExplainedValue } from '../../domain/explained.ts';

const words = {
  title: ['生态保护补偿结算单', 'Ecological protection compensation statement'],
  correction: ['更正单，仅计差额；更正', 'A correction, of the difference only; corrects'],
  agreement: ['协议', 'Agreement'],
  period: ['结算期', 'Period'],
  scheme: ['补偿办法', 'Scheme'],
  readiness: ['办法核实程度', 'How sure the scheme is'],
  protecting: ['生态保护地区', 'Protecting side'],
  benefiting: ['生态受益地区', 'Benefiting side'],
  lines: ['补偿明细', 'Lines'],
  difference: ['本单入账', 'What this statement posts'],
  measured: ['按实测（不计特殊情形）', 'As measured, without special circumstances'],
  section: ['断面', 'Section'],
  from: ['支付方', 'From'],
  to: ['接受方', 'To'],
  yuan: ['金额（元）', 'Amount (yuan)'],
  basis: ['依据', 'Basis'],
  dependsOn: ['所依据的项目', 'Rests on'],
  net: ['两方净额', 'Net of the two parties'],
  none: ['无应付金额', 'nothing due'],
  paysNothing: ['本办法不计金额', 'the rule pays nothing'],
  byPair: [
    '多方结算，按对列示，见补偿明细',
    'between more than two governments, pair by pair: see the lines',
  ],
  data: ['断面数据', 'Data of the sections'],
  target: ['目标类别', 'Target class'],
  class: ['本期类别', 'Class of the period'],
  status: ['结果', 'Result'],
  item: ['项目', 'Item'],
  value: ['采用值', 'Value'],
  unit: ['单位', 'Unit'],
  valid: ['有效/应有', 'Valid / expected'],
  coverage: ['覆盖率', 'Coverage'],
  check: ['校核值', 'Check value'],
  volume: ['水量（m³）', 'Water (m³)'],
  load: ['通量（t）', 'Load (t)'],
  interval: ['90%区间', '90 % interval'],
  usual: ['常年流量下（t）', 'Under usual flow (t)'],
  highFlow: ['高流量日有水质', 'High-flow days sampled'],
  topFive: ['前五日水量占比', 'Share of the top five days'],
  figures: ['计算结果', 'Figures'],
  figure: ['指标', 'Figure'],
  unconditional: ['协议约定的上级资金，不与水质挂钩', 'stated in the agreement; no reading changes it'],
  superior: ['上级资金', 'Funds of a superior government'],
  why: ['计算过程', 'How it was computed'],
  step: ['步骤', 'Step'],
  rule: ['规则', 'Rule'],
  formula: ['算式', 'Formula'],
  readings: ['所用读数', 'Readings used'],
  averaging: ['时段', 'Interval'],
  provider: ['数据来源', 'Source of the data'],
  readingCount: ['读数个数', 'Readings'],
  values: ['数值（最小–最大）', 'Values (least – greatest)'],
  span: ['起止', 'From – to'],
  entries: ['日志条目', 'Journal entries'],
  inputs: ['输入', 'Inputs'],
  result: ['值', 'Value'],
  source: ['出处', 'Source'],
  remarks: ['说明', 'Remarks'],
  signatures: ['确认', 'Confirmation'],
  party: ['一方', 'Party'],
  purpose: ['事项', 'Of what'],
  signer: ['签署人', 'Signer'],
  signed: ['签署时间', 'Signed'],
  seal: ['盖章', 'Seal'],
  dataPurpose: ['数据确认', 'Data'],
  fundsPurpose: ['资金确认', 'Funds'],
  issued: ['计算时间', 'Computed'],
  due: ['生效后付款期限（天）', 'Days until due, once in force'],
  objection: ['异议期限（天）', 'Days to object'],
  review: ['审核签署期限（天）', 'Days to review and sign'],
  hash: ['签署的散列值（SHA-256）', 'Hash that is signed (SHA-256)'],
  inputsHash: ['输入数据散列值', 'Hash of the inputs'],
  journal: ['数据截至日志条目', 'Known up to journal entry'],
  verify: [
    '本单可由任一方离线复算：jiehe settle verify。盖章原件为法律行为，本页仅供阅读。',
    'Either side can compute this again offline: jiehe settle verify. The sealed original is the legal act; this page is for reading.',
  ],
} as const satisfies Record<string, readonly [string, string]>;
export type Word = keyof typeof words;

const statusWords: Readonly<Record<string, readonly [string, string]>> = {
  assessed: ['已核算', 'assessed'],
  'assessed-zero': ['核算为零', 'comes to zero'],
  'not-assessable': ['无法核算', 'cannot be assessed'],
  'not-assessed': ['按办法不考核', 'left out by the rule'],
  'on-hold': ['暂缓', 'on hold'],
  'not-applicable': ['不适用', 'not applicable'],
};

export const wordOf = (word: Word, language: Language): string => words[word][language === 'zh' ? 0 : 1];

const averagings: Readonly<Record<string, readonly [string, string]>> = {
  instant: ['瞬时', 'instant'],
  PT1H: ['小时均值', 'hour mean'],
  PT4H: ['4小时均值', '4 h mean'],
  P1D: ['日均值', 'day mean'],
  P1M: ['月值', 'monthly value'],
};

export const statusOf = (status: string, language: Language): string =>
  statusWords[status]?.[language === 'zh' ? 0 : 1] ?? status;

export const averagingOf = (averaging: string, language: Language): string =>
  averagings[averaging]?.[language === 'zh' ? 0 : 1] ?? averaging;

const units: Readonly<Record<string, string>> = { 无量纲: 'no unit', '个/L': 'per litre' };

/** A unit as a parameter has it. */
export const unitOf = (unit: string, language: Language): string =>
  language === 'zh' ? unit : (units[unit] ?? unit);

/** A name with its unit, where it has one. */
export const withUnit = (name: Text, unit: Text | null, language: Language): string =>
  measured(name[language], unit?.[language] ?? '', language);

/** What a figure came to. */
export const figureText = ({ name, unit, value }: ExplainedValue, language: Language): string =>
  `${withUnit(name, unit, language)} = ${value[language]}`;
