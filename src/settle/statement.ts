import type { Agreement } from '../domain/config/region.ts';
import type { JournalHead } from '../domain/ports.ts';
import type { Party, StatementLine } from '../domain/settlement.ts';
import type { PreviewLine } from '../domain/preview.ts';
import type { Statement } from '../domain/statement.ts';
import { differenceOf } from './difference.ts';
import { canonicalText, hashOf } from './document.ts';
import { type FrozenInputs, frozenReadings } from './freeze.ts';
import { quoted } from '../analysis/liability/phrases.ts';
import { markingsOf } from './markings.ts';
import { previewAgreement } from './preview.ts';
import { procedureOf } from './procedure.ts';
import type { SettlementFacts } from './facts.ts';

/** What a statement needs beside facts and readings; the same on both sides. */
export type Issue = {
  period: string;
  number: number;
  computedAtS: number;
  asOfSeq: number;
  journal: JournalHead;
  /** The data folder holds invented data only. */
  synthetic: boolean;
};

/** The statement that a correction corrects, and the lines that a decision has fixed since. */
export type Corrected = {
  id: string;
  sha256: string;
  lines: readonly StatementLine[];
  decidedLines: readonly string[];
};

export interface StatementParts {
  agreement: Agreement;
  facts: SettlementFacts;
  inputs: FrozenInputs;
  issue: Issue;
  corrected: Corrected | null;
}

/** `<agreement>.<period>.<number>` */
export const statementId = (agreement: string, period: string, number: number): string =>
  `${agreement}.${period}.${number}`;

/** Each with its id: the same place of a section has the same id in every statement of the period. */
export function linesOf(lines: readonly PreviewLine[]): StatementLine[] {
  const counts = new Map<string, number>();
  return lines.map(({ place, section, from, to, amountFen, amountWan, basis, step, dependsOn }) => {
    const head = `${section}:${place}`;
    const count = (counts.get(head) ?? 0) + 1;
    counts.set(head, count);
    const id = count === 1 ? head : `${head}:${count}`;
    return { id, section, from, to, amountFen, amountWan, basis, step, dependsOn };
  });
}

function partyOf(facts: SettlementFacts, code: string): Party {
  const name = facts.jurisdictions.find((one) => one.code === code)?.name;
  return { code, name: name ?? { zh: code, en: code } };
}

const asItStands = (text: string): string => text;

/** Computes a statement from frozen parts alone: the same parts give the same document, anywhere. Throws as the preview does. */
export async function composeStatement(parts: StatementParts): Promise<Statement> {
  const { agreement, facts, inputs, issue, corrected } = parts;
  const preview = await previewAgreement({
    agreement,
    period: issue.period,
    config: facts,
    readings: frozenReadings(inputs),
    nowS: issue.computedAtS,
    asOfSeq: issue.asOfSeq,
    circumstances: inputs.circumstances ?? [],
  });
  const { asMeasured } = preview;
  const lines = linesOf(preview.lines);
  const scheme = facts.schemes.find((one) => one.id === preview.scheme);
  return {
    format: 'jiehe-statement',
    version: 1,
    id: statementId(agreement.id, issue.period, issue.number),
    number: issue.number,
    markings: markingsOf(agreement, issue.synthetic, scheme?.words === undefined ? asItStands : quoted),
    synthetic: issue.synthetic,
    agreement: agreement.id,
    agreementName: agreement.name,
    agreementSha256: hashOf(agreement),
    parties: {
      protecting: partyOf(facts, agreement.parties.protecting),
      benefiting: partyOf(facts, agreement.parties.benefiting),
    },
    scheme: {
      id: preview.scheme,
      name: preview.schemeName,
      readiness: preview.readiness,
      sha256: hashOf(scheme),
    },
    period: issue.period,
    interval: { beginS: preview.period.beginS, endS: preview.period.endS },
    status: preview.status,
    reason: preview.reason,
    lines,
    net: preview.net,
    ...(asMeasured === undefined ? {} : { asMeasured: { ...asMeasured, lines: linesOf(asMeasured.lines) } }),
    corrects:
      corrected === null
        ? null
        : { id: corrected.id, sha256: corrected.sha256, decidedLines: [...corrected.decidedLines] },
    difference: differenceOf(corrected?.lines ?? [], lines, corrected?.decidedLines),
    procedure: procedureOf(agreement),
    standard: preview.standard,
    evaluation: preview.evaluation,
    dataSource: agreement.dataSource,
    sections: preview.sections,
    remarks: preview.remarks,
    computedAtS: issue.computedAtS,
    asOfSeq: issue.asOfSeq,
    journal: issue.journal,
    configHash: facts.hash,
    factsSha256: hashOf(facts),
    inputsSha256: hashOf(inputs),
  };
}

/** The statement as text: these bytes are hashed and signed. */
export const statementText = (statement: Statement): string => canonicalText(statement);
