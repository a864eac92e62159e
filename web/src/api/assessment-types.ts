import type { Text } from './types.ts';

/** Figures of a section over a period; values by item, at the decimals of evaluation. */
export interface Figures {
  class: number | null;
  className: Text | null;
  decidingItems: string[];
  values: Record<string, string | null>;
  targets: AssessedTarget[];
  status: string;
  reason: string | null;
}
export interface AssessedTarget {
  kind: string;
  targetClass: number;
  met: boolean | null;
  over: { item: string; limit: string; multiple: string | null; text: Text }[];
}
export interface TookEffect {
  id: string;
  name: Text;
  state: string;
  effect: string;
  decidedBy: string | null;
  documentNumber: string | null;
  took: string;
  why: string | null;
  items: string[];
  readings: number;
}
/** As measured, and beside it what special circumstances or a loss of data leave; `counts` says which counts. */
export interface Assessment extends Omit<Figures, 'values'> {
  id: string;
  period: { kind: string; id: string };
  items: { parameter: string; value: string | null }[];
  coverage: { text: Text };
  standing: string;
  counts: 'measured' | 'decided' | 'guarded';
  decided: Figures | null;
  guarded: Figures | null;
  held: string[];
  circumstances: TookEffect[];
  dataLoss: { text: Text } | null;
}
interface Change {
  text: Text | null;
  verdict: Text | null;
}
export interface SectionReport {
  month: Assessment;
  lastMonth: Assessment;
  sameMonthLastYear: Assessment;
  cumulative: Assessment;
  cumulativeLastYear: Assessment;
  changes: { onMonth: Change; onYear: Change; cumulativeOnYear: Change };
  earlyWarning: { name: Text | null } | null;
}
