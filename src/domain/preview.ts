import type { Circumstance } from './circumstance.ts';
import type { Provenance, Text } from './config/facts.ts';
import type { FlowTerms } from './config/flow-terms.ts';
import type { Agreement, OrderedSource } from './config/region.ts';
import type { Primitive } from './config/scheme.ts';
import type { LoadCoverageShown, LoadLeftOut, LoadReason } from './load-coverage.ts';
import type { Party } from './settlement.ts';
import type { EpochS } from './time.ts';

/** Values as JSON: numbers as exact decimal text, what is missing as null. */
export type Plain = string | boolean | null | Plain[] | { [key: string]: Plain };

/** `not-assessable`: something is missing. `not-assessed`: the rule leaves the case out. `on-hold`: a dispute decides it. */
export type OutcomeStatus = 'assessed' | 'assessed-zero' | 'not-assessable' | 'not-assessed' | 'on-hold';

/** Why there is no result, or none to pay; `code` is stable, the text is for people. */
export interface Reason {
  code: string;
  text: Text;
}

/** What one step of the rule did: the answer to "why?". `result` null: skipped, or something was missing. */
export interface StepNode {
  step: string;
  primitive: Primitive;
  rule: Text;
  provenance: Provenance;
  /** The expressions as written in the scheme. */
  expressions: string[];
  /** Every value the step read; null where it was missing. */
  inputs: Record<string, Plain>;
  result: Plain;
  skipped: boolean;
  missing: string[];
}

/** Mean of one parameter over the period, and what it rests on. `mean` null: fewer valid readings than agreed. */
export interface PeriodMean {
  parameter: string;
  unit: string | null;
  mean: string | null;
  /** Unrounded, to 12 decimals, for the reader. */
  unrounded: string | null;
  decimals: number;
  expected: number;
  observed: number;
  valid: number;
  /** valid / expected, to 4 decimals, cut. */
  coverage: string;
  minimumCoverage: string;
  enough: boolean;
  /** Lowest review stage of the valid readings, 0 raw to 7 final; null without any. */
  leastStage: number | null;
  method: 'arithmetic' | 'hydrogen-ion';
  /** Decided circumstances that took effect on it, and how many readings each left out or replaced; absent where none did. */
  circumstances?: { id: string; readings: number }[];
  /** Decided out of the whole period: neither expected nor missing. */
  excluded?: true;
  /** Which of the agreement's sources it is from; absent where the agreement names only one. */
  from?: Pick<OrderedSource, 'provider' | 'averaging'> & { kind: OrderedSource['kind'] | null };
  /** Beside a delivered value; absent where the agreement asks for none. */
  check?: CheckValue;
}

/** A value computed here from readings (校核值), and why it differs. Never paid on. `difference`: the mean less it. */
export interface CheckValue {
  provider: string;
  averaging: string;
  mean: string | null;
  difference: string | null;
  expected: number;
  valid: number;
  explanation: Text;
}

/** One parameter's load past a section in a settlement. Decimals are text; `tonnes` null: refused, and `reasons` says why. */
export type SettledLoad = {
  parameter: string;
  method: string;
  tonnes: string | null;
  indicativeTonnes: string | null;
  interval90Tonnes: [string, string] | null;
  /** Under usual flow; null without a record of earlier years. */
  flowNormalised: { tonnes: string; basis: string; fromS: EpochS; toS: EpochS } | null;
  coverage: LoadCoverageShown;
  /** Absent where neither the agreement nor the rules of loads bound what is left out. */
  leftOut?: LoadLeftOut;
  reasons: LoadReason[];
};

/** Water past a section in a settlement, and the loads with it. `volumeM3` null: refused; the figure stays beside it. */
export type SectionFlow = {
  station: string | null;
  provider: string | null;
  transfer: { method: string; factor: string; relativeStandardError: string; confidence: string } | null;
  zeroDischarge: string;
  rules: string;
  minimum: FlowTerms['minimum'];
  /** Valid readings of flow, and their lowest review stage; null without any. */
  readings: number;
  leastStage: number | null;
  volumeM3: string | null;
  indicativeVolumeM3: string | null;
  meanFlowM3s: string | null;
  reasons: LoadReason[];
  loads: SettledLoad[];
  warnings: Text[];
};

/** A circumstance that the agreement does not admit: in what it differs, and the clause that says so. */
export type NotAdmitted = Pick<Circumstance, 'id' | 'kind' | 'effect' | 'decidedBy' | 'documentNumber'> & {
  acts: number[];
  by: ('kind' | 'effect' | 'decided-by')[];
  clause: Text;
  source: string;
  text: Text;
};

/** What circumstances did to one section of a settlement; the figures as measured stand beside it. */
export type SectionCircumstances = {
  applied: (Pick<Circumstance, 'id' | 'kind' | 'effect' | 'decidedBy' | 'documentNumber'> & {
    acts: number[];
    /** Readings left out or replaced, by parameter; empty where the data used cannot be split by its interval. */
    readings: Record<string, number>;
    text: Text;
  })[];
  /** No effect, and why. */
  ignored: { id: string; reason: string }[];
  /** While one of these is on hold the section has no result. */
  held: string[];
  /** Kept out by the agreement's own clause; absent where none is. */
  notAdmitted?: NotAdmitted[];
};

/** One line of a preview, in whole fen. */
export type PreviewLine = {
  section: string;
  from: Party;
  to: Party;
  amountWan: string;
  amountFen: string;
  basis: string | null;
  step: string;
  /** Where in the rule it arises: the same in every period, whichever side pays. */
  place: string;
  /** Parameters of the section without which this line would be another or none. */
  dependsOn: string[];
};

export type PreviewClass = {
  class: number | null;
  decidingItems: string[];
  items: string[];
  reason: string | null;
};

/** One section: what it was judged on, the case as the scheme read it, and every step. */
export type PreviewSection = {
  section: string;
  name: Text;
  targetClass: number;
  status: OutcomeStatus;
  reason: Reason | null;
  means: PeriodMean[];
  periodClass: PreviewClass;
  document: Record<string, unknown>;
  figures: Record<string, Plain>;
  why: StepNode[];
  remarks: Text[];
  /** Special circumstances that reach into the period, and the figures without them; absent where there is none. */
  circumstances?: SectionCircumstances & { asMeasured: MeasuredSection };
  /** Water and loads past the section; absent where the scheme asks for none or the agreement states no terms of flow. */
  flow?: SectionFlow;
};

/** A section without its special circumstances. */
export type MeasuredSection = Pick<
  PreviewSection,
  'status' | 'reason' | 'means' | 'periodClass' | 'figures'
> & { lines: PreviewLine[] };

/** A trial computation: never a statement, never paid on. */
export type Preview = {
  marking: Text;
  agreement: string;
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
  dataSource: Agreement['dataSource'];
  status: OutcomeStatus;
  reason: Reason | null;
  lines: PreviewLine[];
  /** Net of all lines, from the one who pays; null when nothing is due or a section has no result. */
  net: { from: Party; to: Party; amountFen: string } | null;
  /** What it would come to without special circumstances; absent where none reaches into the period. */
  asMeasured?: Pick<Preview, 'status' | 'reason' | 'lines' | 'net'>;
  sections: PreviewSection[];
  remarks: Text[];
};
