import type { Meta, Text } from './types.ts';

export type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain };
export interface PreviewParty {
  code: string | null;
  name: Text;
}
export interface PreviewMean {
  parameter: string;
  unit: string | null;
  mean: string | null;
  unrounded: string | null;
  decimals: number;
  expected: number;
  observed: number;
  valid: number;
  coverage: string;
  minimumCoverage: string;
  enough: boolean;
  method: string;
}
export interface WhyStep {
  step: string;
  primitive: string;
  rule: Text;
  provenance: { source: string; confidence: string; note?: string };
  expressions: string[];
  inputs: Record<string, Plain>;
  result: Plain;
  skipped: boolean;
  missing: string[];
}
export interface PreviewSection {
  section: string;
  name: Text;
  targetClass: number;
  status: string;
  reason: { code: string; text: Text } | null;
  means: PreviewMean[];
  periodClass: { class: number | null; decidingItems: string[]; items: string[]; reason: string | null };
  figures: Record<string, Plain>;
  why: WhyStep[];
  remarks: Text[];
  /** Absent where no special circumstance reaches into the period. */
  circumstances?: PreviewCircumstances;
}
/** What special circumstances did to a section of a preview, and the figures without them. */
export interface PreviewCircumstances {
  applied: {
    id: string;
    effect: string;
    decidedBy: string | null;
    documentNumber: string | null;
    readings: Record<string, number>;
    text: Text;
  }[];
  ignored: { id: string; reason: string }[];
  held: string[];
  notAdmitted?: { id: string; decidedBy: string | null; documentNumber: string | null; text: Text }[];
  asMeasured: Pick<PreviewSection, 'status' | 'reason' | 'means' | 'periodClass'>;
}
export interface PreviewLine {
  section: string;
  from: PreviewParty;
  to: PreviewParty;
  amountWan: string;
  amountFen: string;
  basis: string | null;
  step: string;
}
export interface Preview {
  marking: Text;
  agreementName: Text;
  scenario: boolean;
  scheme: string;
  schemeName: Text;
  readiness: string;
  period: { id: string; beginS: number; endS: number; over: boolean };
  computedAtS: number;
  asOfSeq: number | null;
  configHash: string;
  standard: string;
  evaluation: string | null;
  dataSource: { provider: string; averaging: string };
  status: string;
  reason: { code: string; text: Text } | null;
  lines: PreviewLine[];
  net: { from: PreviewParty; to: PreviewParty; amountFen: string } | null;
  sections: PreviewSection[];
  remarks: Text[];
  /** Without special circumstances; absent where none reaches into the period. */
  asMeasured?: Pick<Preview, 'status' | 'reason' | 'lines' | 'net'>;
}
export interface PreviewAnswer {
  meta: Meta;
  marking: Text;
  agreement: string;
  period: string;
  scenario: boolean;
  result: Preview;
}
