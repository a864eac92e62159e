import { yuanText } from '../../domain/yuan.ts';
import type { StepNode } from '../../domain/preview.ts';
import {
  type Language,
  type PhraseFacts,
  classText,
  phrasesOf,
  quoted,
} from '../../analysis/liability/phrases.ts';
import type { Text } from '../../domain/config/facts.ts';
import { noSection, type LineDifference, type Party, type StatementHead } from '../../domain/settlement.ts';
import { explain, taken } from './explain.ts';
import { type FrozenReadings, readingsTable } from './readings.ts';
import { type Row, type Table, heads, timeOf, titled } from './table.ts';
import { type Word, figureText, statusOf, unitOf, withUnit, wordOf } from './terms.ts';

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
  scheme: { id: string; name: Text; readiness: string };
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

/** A statement with the signatures so far and the hash that they sign, the facts to read its rule by, and what it rests on. */
export interface PrintedBundle {
  statement: PrintedStatement;
  sha256: string;
  facts: PhraseFacts;
  readings: FrozenReadings;
  signatures: readonly { party: string; purpose: string; signer: string; keyId: string; signedS: number }[];
}

/** Fen as yuan, two decimals, thousands apart. */
export const yuanOf = (fen: string): string => yuanText(fen).replace(/\B(?=(\d{3})+\.)/g, ',');

export const partyText = (party: Party, language: Language): string => quoted(party.name[language], language);

/** A correction may take back lines of a section that the agreement names no more: those keep its id. */
export const sectionText = ({ sections }: PrintedStatement, id: string, language: Language): string =>
  id === noSection
    ? wordOf('superior', language)
    : (sections.find((one) => one.section === id)?.name[language] ?? id);

export const parameterText = ({ facts }: PrintedBundle, id: string, language: Language): string =>
  facts.parameters.find((one) => one.id === id)?.name[language] ?? id;

/** On what a line rests, and what the rule says where it arises; a line of a superior government follows from no rule. */
export function basisText(
  { statement, facts }: PrintedBundle,
  line: StatementHead['lines'][number],
  language: Language,
): string {
  if (line.section === noSection) return wordOf('unconditional', language);
  const node = statement.sections
    .find((one) => one.section === line.section)
    ?.why.find((one) => one.step === line.step);
  const named = [
    ...(line.basis === null ? [] : [phrasesOf(facts, language).name(line.basis)]),
    ...(node === undefined ? [] : [node.rule[language]]),
  ];
  return named.length === 0 ? line.step : named.join(language === 'zh' ? '：' : ': ');
}

/** Head of a document: what it is, between whom, of when. */
export function headOf(
  { statement, sha256, facts }: PrintedBundle,
  language: Language,
  timeZone: string,
): Table {
  const of = (word: Word): string => wordOf(word, language);
  const { procedure } = statement;
  const rows: Row[] = [
    [of('agreement'), `${statement.agreementName[language]} (${statement.agreement})`],
    [of('period'), statement.period],
    [of('scheme'), `${statement.scheme.name[language]} (${statement.scheme.id})`],
    [of('readiness'), phrasesOf(facts, language).name(statement.scheme.readiness)],
    [of('protecting'), partyText(statement.parties.protecting, language)],
    [of('benefiting'), partyText(statement.parties.benefiting, language)],
    [of('status'), statusOf(statement.status, language)],
    [of('net'), netText({ statement, facts }, language)],
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

/** More than two governments settle pair by pair: there is no one net, and lines without one are not nothing. */
function netText(
  { statement, facts }: Pick<PrintedBundle, 'statement' | 'facts'>,
  language: Language,
): string {
  const { net, lines } = statement;
  if (facts.scheme?.method === true) return wordOf('paysNothing', language);
  if (net === null) return wordOf(lines.length === 0 ? 'none' : 'byPair', language);
  return `${partyText(net.from, language)} → ${partyText(net.to, language)} ${yuanOf(net.amountFen)}`;
}

/** Every table of a document after its head, in order. */
export function tablesOf(bundle: PrintedBundle, language: Language, timeZone: string): Table[] {
  const { statement } = bundle;
  const tables = [lineTable(bundle, statement.lines, 'lines', language)];
  if (statement.asMeasured !== undefined)
    tables.push(lineTable(bundle, statement.asMeasured.lines, 'measured', language));
  if (statement.corrects !== null) tables.push(differenceTable(statement, language));
  const figures = figureTable(bundle, language);
  if (figures.rows.length > 0) tables.push(figures);
  tables.push(dataTable(bundle, language));
  if (statement.sections.some((one) => one.flow !== undefined)) tables.push(flowTable(bundle, language));
  const readings = readingsTable(bundle.readings, language, timeZone);
  if (readings.rows.length > 0) tables.push(readings);
  tables.push(whyTable(bundle, language), signatureTable(bundle, language, timeZone));
  return tables;
}

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
      basisText(bundle, line, language),
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
function figureTable({ statement, facts }: PrintedBundle, language: Language): Table {
  return {
    ...titled('figures', language),
    head: heads(['section', 'status', 'figure', 'result'], language),
    shared: 2,
    rows: statement.sections.flatMap((section) => {
      const { name, status, reason } = section;
      const result = `${statusOf(status, language)}${reason === null ? '' : ` · ${reason.text[language]}`}`;
      return explain(section, facts).figures.map((one) => [
        name[language],
        result,
        withUnit(one.name, one.unit, language),
        one.value[language],
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
        classText(targetClass, language),
        periodClass.class === null ? '—' : classText(periodClass.class, language),
        statusOf(status, language),
        parameterText(bundle, mean.parameter, language),
        mean.mean ?? '—',
        unitOf(mean.unit ?? '', language),
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

function whyTable({ statement, facts }: PrintedBundle, language: Language): Table {
  return {
    ...titled('why', language),
    head: heads(['section', 'step', 'rule', 'formula', 'inputs', 'result', 'source'], language),
    shared: 1,
    rows: statement.sections.flatMap((section) =>
      taken(explain(section, facts)).map((one) => [
        section.name[language],
        withUnit(one.name, one.unit, language),
        one.rule[language],
        one.formula[language],
        one.inputs.map((input) => figureText(input, language)).join(language === 'zh' ? '；' : '; '),
        one.result?.[language] ?? '—',
        one.source[language],
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
