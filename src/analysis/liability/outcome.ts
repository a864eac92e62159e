import type { Text } from '../../domain/config/facts.ts';
import type { OutcomeStatus, Plain, Reason, StepNode } from '../../domain/preview.ts';

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
