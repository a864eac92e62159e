import type { EpochS } from './time.ts';

export const noticeKinds = [
  'payment-due',
  'payment-late',
  'payment-reminded',
  'objection-closes',
  'review-due',
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** Something of a settlement that the finance desk of a party is told once. `id` names what it is about, not when it was told. */
export interface Notice {
  id: string;
  kind: NoticeKind;
  agreement: string;
  /** Whose desk is told; code of a jurisdiction, or the name of a government that is none of the region. */
  party: string;
  /** Entry of the books or statement. */
  subject: string;
  /** Of a payment: who pays whom, whole fen. */
  from: string | null;
  to: string | null;
  amountFen: string | null;
  /** When the term ends, or ended. */
  endsS: EpochS;
}
