import type { Text } from './config/facts.ts';
import type { DeliveryState } from './notifications.ts';
import type { EpochS } from './time.ts';

export const noticeKinds = [
  'payment-due',
  'payment-late',
  'payment-reminded',
  'objection-closes',
  'review-due',
  'input-changed',
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** The joint office among those who are told; it is no party of an agreement. */
export const officeDesk = 'joint-office';

/** What became of the inputs of a statement in force since it was issued, and what that comes to. */
export type InputChange = {
  /** Sections of which a reading, a circumstance or a rule is another by now; empty: all are again as they were. */
  sections: string[];
  /** Means of the period, flow in volumes; null where there is none. */
  inputs: { section: string; parameter: string; before: string | null; now: string | null }[];
  /** What a correction would add between each two governments, whole fen; null where there is no result to settle on. */
  effect: { from: string; to: string; amountFen: string }[] | null;
  /** Why there is none. */
  refused: string | null;
};

/**
 * A statement in force of which an input is another than when it was frozen: the sections. `reason`: why nobody can say, its agreement
 * having left the configuration.
 */
export type ChangedStatement = { id: string; sections: string[]; reason: 'agreement-not-configured' | null };

/** Something of a settlement that the finance desk of a party is told once. `id` names what it is about, not when it was told. */
export interface Notice {
  id: string;
  kind: NoticeKind;
  agreement: string;
  /** Whose desk is told; code of a jurisdiction, the name of a government that is none of the region, or `officeDesk`. */
  party: string;
  /** Entry of the books or statement. */
  subject: string;
  /** Of a payment: who pays whom, whole fen. */
  from: string | null;
  to: string | null;
  amountFen: string | null;
  /** When the term ends, or ended; of a change: when it was noticed. */
  endsS: EpochS;
  /** Of `input-changed` only. */
  change: InputChange | null;
}

/** A notice that went out. */
export type ToldNotice = Pick<
  Notice,
  'id' | 'kind' | 'agreement' | 'party' | 'subject' | 'endsS' | 'change'
> & { atS: EpochS };

/** Where a list of notices goes on. */
export type NoticeKey = { atS: EpochS; id: string };

/** A notice as its party reads it: the words that went out, to which desks, and whether they arrived. */
export interface SentNotice extends ToldNotice {
  title: Text | null;
  summary: Text | null;
  messages: { contact: string; channel: string; state: DeliveryState; deliveredS: EpochS | null }[];
}
