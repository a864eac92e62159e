import { yuanText } from '../../domain/yuan.ts';
import type { Text } from '../../domain/config/facts.ts';
import { noSection, type LineDifference, type Party, type StatementHead } from '../../domain/settlement.ts';
import type { StepNode } from '../../domain/preview.ts';
import { plainText } from '../../domain/plain-text.ts';

export type Language = 'zh' | 'en';

interface Mean {
  parameter: string;
  unit: string | null;
  mean: string | null;
  valid: number;
  expected: number;
  coverage: string;
  check?: { mean: string | null; explanation: Text };
}

interface Flow {
  station: string | null;
  volumeM3: string | null;
  loads: {
    parameter: string;
    tonnes: string | null;
    interval90Tonnes: [string, string] | null;
    flowNormalised: { tonnes: string } | null;
    coverage: { highFlowSampled: number; highFlowDays: number; topFiveVolumeShare: string | null };
  }[];
}

/** What a document needs of a statement; every issued statement has it. */
export type PrintedStatement = StatementHead & {
  markings: Text[];
  agreementName: Text;
  scheme: { id: string; name: Text };
  status: string;
  net: { from: Party; to: Party; amountFen: string } | null;
  asMeasured?: { lines: StatementHead['lines'] };
  sections: {
    section: string;
    name: Text;
    targetClass: number;
    status: string;
    reason: { text: Text } | null;
    periodClass: { class: number | null };
    figures: Record<string, unknown>;
    means: Mean[];
    flow?: Flow;
    why: StepNode[];
  }[];
  remarks: Text[];
  computedAtS: number;
  asOfSeq: number;
  configHash: string;
  inputsSha256: string;
};

/** A statement with the signatures so far and the hash that they sign; `parameters` for the names of what was measured. */
export interface PrintedBundle {
  statement: PrintedStatement;
  sha256: string;
  parameters: readonly { id: string; name: Text }[];
  signatures: readonly { party: string; purpose: string; signer: string; keyId: string; signedS: number }[];
}

const words = {
  title: ['生态保护补偿结算单', 'Ecological protection compensation statement'],
  correction: ['更正单，仅计差额；更正', 'A correction, of the difference only; corrects'],
  agreement: ['协议', 'Agreement'],
  period: ['结算期', 'Period'],
  scheme: ['补偿办法', 'Scheme'],
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
  superior: ['上级资金', 'Funds of a superior government'],
  why: ['计算过程', 'How it was computed'],
  step: ['步骤', 'Step'],
  rule: ['规则', 'Rule'],
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
};

export const wordOf = (word: Word, language: Language): string => words[word][language === 'zh' ? 0 : 1];

/** Fen as yuan, two decimals, thousands apart. */
export const yuanOf = (fen: string): string => yuanText(fen).replace(/\B(?=(\d{3})+\.)/g, ',');

/** An instant of the region as text, to the minute. */
export const timeOf = (atS: number, timeZone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(atS * 1000);

type Row = readonly string[];
/** A heading, the heads of its columns, and rows of as many cells. */
export interface Table {
  title: string;
  /** As a sheet of a workbook. */
  sheet: string;
  head: Row;
  rows: Row[];
  /** So many leading cells say the same in neighbouring rows. */
  shared?: number;
}

const partyText = (party: Party, language: Language): string => party.name[language];
const statusText = (status: string, language: Language): string =>
  statusWords[status]?.[language === 'zh' ? 0 : 1] ?? status;

/** A correction may take back lines of a section that the agreement names no more: those keep its id. */
const sectionText = ({ sections }: PrintedStatement, id: string, language: Language): string =>
  id === noSection
    ? wordOf('superior', language)
    : (sections.find((one) => one.section === id)?.name[language] ?? id);

const parameterText = ({ parameters }: PrintedBundle, id: string, language: Language): string =>
  parameters.find((one) => one.id === id)?.name[language] ?? id;

/** What the rule says where a line arises; a line of a superior government follows from no rule. */
function basisText(
  { sections }: PrintedStatement,
  line: StatementHead['lines'][number],
  language: Language,
): string {
  const node = sections
    .find((one) => one.section === line.section)
    ?.why.find((one) => one.step === line.step);
  return node?.rule[language] ?? line.basis ?? line.step;
}

/** Head of a document: what it is, between whom, of when. */
export function headOf({ statement, sha256 }: PrintedBundle, language: Language, timeZone: string): Table {
  const of = (word: Word): string => wordOf(word, language);
  const { procedure } = statement;
  const rows: Row[] = [
    [of('agreement'), `${statement.agreementName[language]} (${statement.agreement})`],
    [of('period'), statement.period],
    [of('scheme'), `${statement.scheme.name[language]} (${statement.scheme.id})`],
    [of('protecting'), partyText(statement.parties.protecting, language)],
    [of('benefiting'), partyText(statement.parties.benefiting, language)],
    [of('net'), netText(statement.net, language)],
    [of('due'), String(procedure.dueDays)],
    [of('objection'), String(procedure.objectionDays)],
    ...(procedure.reviewDays === undefined ? [] : [[of('review'), String(procedure.reviewDays)]]),
    [of('issued'), timeOf(statement.computedAtS, timeZone)],
    [of('journal'), String(statement.asOfSeq)],
    [of('hash'), sha256],
    [of('inputsHash'), statement.inputsSha256],
  ];
  if (statement.corrects !== null) rows.unshift([of('correction'), statement.corrects.id]);
  return { title: `${of('title')} ${statement.id}`, sheet: of('title').slice(0, 31), head: [], rows };
}

function netText(net: PrintedStatement['net'], language: Language): string {
  if (net === null) return wordOf('none', language);
  return `${partyText(net.from, language)} → ${partyText(net.to, language)} ${yuanOf(net.amountFen)}`;
}

/** Every table of a document after its head, in order. */
export function tablesOf(bundle: PrintedBundle, language: Language, timeZone: string): Table[] {
  const { statement } = bundle;
  const tables = [lineTable(bundle, statement.lines, 'lines', language)];
  if (statement.asMeasured !== undefined)
    tables.push(lineTable(bundle, statement.asMeasured.lines, 'measured', language));
  if (statement.corrects !== null) tables.push(differenceTable(statement, language));
  const figures = figureTable(statement, language);
  if (figures.rows.length > 0) tables.push(figures);
  tables.push(dataTable(bundle, language));
  if (statement.sections.some((one) => one.flow !== undefined)) tables.push(flowTable(bundle, language));
  tables.push(whyTable(statement, language), signatureTable(bundle, language, timeZone));
  return tables;
}

const heads = (of: readonly Word[], language: Language): Row => of.map((word) => wordOf(word, language));
const titled = (word: Word, language: Language): Pick<Table, 'title' | 'sheet'> => {
  const title = wordOf(word, language);
  return { title, sheet: title.slice(0, 31) };
};

function lineTable(
  bundle: PrintedBundle,
  lines: StatementHead['lines'],
  word: 'lines' | 'measured',
  language: Language,
): Table {
  const { statement } = bundle;
  return {
    ...titled(word, language),
    head: heads(['section', 'from', 'to', 'yuan', 'basis', 'dependsOn'], language),
    rows: lines.map((line) => [
      sectionText(statement, line.section, language),
      partyText(line.from, language),
      partyText(line.to, language),
      yuanOf(line.amountFen),
      basisText(statement, line, language),
      line.dependsOn.map((one) => parameterText(bundle, one, language)).join(', '),
    ]),
  };
}

function differenceTable(statement: PrintedStatement, language: Language): Table {
  const difference: readonly LineDifference[] = statement.difference;
  return {
    ...titled('difference', language),
    head: heads(['section', 'from', 'to', 'yuan'], language),
    rows: difference.map((one) => [
      sectionText(statement, one.section, language),
      partyText(one.from, language),
      partyText(one.to, language),
      yuanOf(one.amountFen),
    ]),
  };
}

/** What the rule came to at each section beside money: an index, a class, a grade. */
function figureTable({ sections }: PrintedStatement, language: Language): Table {
  return {
    ...titled('figures', language),
    head: heads(['section', 'status', 'figure', 'result'], language),
    shared: 2,
    rows: sections.flatMap(({ name, status, reason, figures, why }) => {
      const result = `${statusText(status, language)}${reason === null ? '' : ` · ${reason.text[language]}`}`;
      // A figure has no name in words; the step that it is named after has its rule in both languages.
      const ruleOf = (figure: string): string => why.find((one) => one.step === figure)?.rule[language] ?? '';
      return Object.entries(figures).map(([figure, value]) => [
        name[language],
        result,
        `${figure} ${ruleOf(figure)}`.trim(),
        plainText(value),
      ]);
    }),
  };
}

function dataTable(bundle: PrintedBundle, language: Language): Table {
  const { statement } = bundle;
  return {
    ...titled('data', language),
    head: heads(
      ['section', 'target', 'class', 'status', 'item', 'value', 'unit', 'valid', 'coverage', 'check'],
      language,
    ),
    shared: 4,
    rows: statement.sections.flatMap(({ name, targetClass, periodClass, status, means }) =>
      means.map((mean) => [
        name[language],
        String(targetClass),
        plainText(periodClass.class?.toString()),
        statusText(status, language),
        parameterText(bundle, mean.parameter, language),
        mean.mean ?? '—',
        mean.unit ?? '',
        `${mean.valid}/${mean.expected}`,
        mean.coverage,
        mean.check === undefined ? '' : `${mean.check.mean ?? '—'} · ${mean.check.explanation[language]}`,
      ]),
    ),
  };
}

function flowTable(bundle: PrintedBundle, language: Language): Table {
  const { statement } = bundle;
  return {
    ...titled('load', language),
    shared: 2,
    head: heads(['section', 'volume', 'item', 'load', 'interval', 'usual', 'highFlow', 'topFive'], language),
    rows: statement.sections.flatMap(({ name, flow }) =>
      (flow?.loads ?? []).map(({ parameter, tonnes, interval90Tonnes, flowNormalised, coverage }) => [
        name[language],
        flow?.volumeM3 ?? '—',
        parameterText(bundle, parameter, language),
        tonnes ?? '—',
        interval90Tonnes?.join(' – ') ?? '—',
        flowNormalised?.tonnes ?? '—',
        `${coverage.highFlowSampled}/${coverage.highFlowDays}`,
        coverage.topFiveVolumeShare ?? '—',
      ]),
    ),
  };
}

function whyTable(statement: PrintedStatement, language: Language): Table {
  return {
    ...titled('why', language),
    head: heads(['section', 'step', 'rule', 'inputs', 'result', 'source'], language),
    shared: 1,
    rows: statement.sections.flatMap(({ name, why }) =>
      why
        .filter((one) => !one.skipped)
        .map((one) => [
          name[language],
          one.step,
          `${one.rule[language]} ${one.expressions.join('; ')}`,
          Object.entries(one.inputs)
            .map(([key, value]) => `${key} = ${plainText(value)}`)
            .join('; '),
          plainText(one.result),
          one.provenance.source,
        ]),
    ),
  };
}

function signatureTable(
  { statement, signatures }: PrintedBundle,
  language: Language,
  timeZone: string,
): Table {
  const { protecting, benefiting } = statement.parties;
  return {
    ...titled('signatures', language),
    head: heads(['party', 'purpose', 'signer', 'signed', 'seal'], language),
    rows: [protecting, benefiting].flatMap((party) =>
      statement.procedure.signatures.map((purpose) => {
        const found = signatures.find((one) => one.party === party.code && one.purpose === purpose);
        return [
          partyText(party, language),
          wordOf(purpose === 'data' ? 'dataPurpose' : 'fundsPurpose', language),
          found === undefined ? '' : `${found.signer} (${found.keyId.slice(0, 16)})`,
          found === undefined ? '' : timeOf(found.signedS, timeZone),
          '',
        ];
      }),
    ),
  };
}
