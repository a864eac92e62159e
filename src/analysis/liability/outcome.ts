import type { Primitive } from '../../domain/config/scheme.ts';
import type { Provenance, Text } from '../../domain/config/facts.ts';
import type { Plain } from './value.ts';

/** `not-assessable`: something is missing. `not-assessed`: the rule leaves the case out. `on-hold`: a dispute decides it. */
export type OutcomeStatus = 'assessed' | 'assessed-zero' | 'not-assessable' | 'not-assessed' | 'on-hold';

/** Why there is no result, or none to pay; `code` is stable, the text is for people. */
export interface Reason {
  code: string;
  text: Text;
}

/** A payer or payee. `role` null: a party that the case itself names. `open`: the case did not say which government it is. */
export interface TransferParty {
  role: string | null;
  name: Text;
  open: boolean;
}

/** One line of payment, rounded once. `amountWan` has the scheme's decimals. */
export interface Transfer {
  from: TransferParty;
  to: TransferParty;
  amountWan: string;
  amountFen: string;
  basis: string | null;
  step: string;
  /** Where in the rule it arises: the same in every period, whichever side pays. */
  place: string;
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

/** The result of one scheme on one case. Figures are exact decimal text. */
export interface Outcome {
  scheme: string;
  status: OutcomeStatus;
  reason: Reason | null;
  transfers: Transfer[];
  figures: Record<string, Plain>;
  why: StepNode[];
  /** Figures of the rule that the case replaced by its own, and whatever else a reader must know. */
  remarks: Text[];
}
