import type { Text } from './config/facts.ts';
import type { Agreement } from './config/region.ts';
import type { JournalHead } from './journal.ts';
import type { Preview } from './preview.ts';
import type { StatementHead, StatementLine } from './settlement.ts';

/** The document that parties sign. Everything in it follows from facts, inputs, the statement corrected and `issue`. */
export type Statement = StatementHead & {
  format: 'jiehe-statement';
  version: 1;
  /** What a reader must know first; empty for a statement on reviewed data under a signed agreement. */
  markings: Text[];
  agreementName: Text;
  agreementSha256: string;
  scheme: { id: string; name: Text; readiness: string; sha256: string };
  interval: { beginS: number; endS: number };
  status: Preview['status'];
  reason: Preview['reason'];
  net: Preview['net'];
  /** What it would have come to without special circumstances; absent where none reached into the period. */
  asMeasured?: Pick<Preview, 'status' | 'reason' | 'net'> & { lines: StatementLine[] };
  standard: string;
  evaluation: string | null;
  dataSource: Agreement['dataSource'];
  sections: Preview['sections'];
  remarks: Text[];
  synthetic: boolean;
  computedAtS: number;
  asOfSeq: number;
  /** Head of the journal when the inputs were frozen. */
  journal: JournalHead;
  configHash: string;
  factsSha256: string;
  inputsSha256: string;
};
