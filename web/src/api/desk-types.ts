import type { Text } from '../../../src/domain/config/facts.ts';

/** Answers about files that people hand in, and about what waits for a bureau. */
export interface UploadDecision {
  seq: number;
  decision: 'accepted' | 'refused';
  rows: 'all' | string[];
  reason: string | null;
  actor: string;
  at: string;
}
export interface Upload {
  id: string;
  entry: number;
  source: string;
  sha256: string;
  name: string;
  month: string | null;
  bytes: number;
  actor: string;
  at: string;
  decisions: UploadDecision[];
}
export interface SheetIssue {
  code: string;
  path: string;
  message: string;
}
export interface PreviewRow {
  row: string;
  section: string;
  station: string | null;
  time: string | null;
  status: string;
  reviewed: boolean;
  cells: { address: string; text: string; parameter: string; value: number | null; mark: string }[];
  issues: SheetIssue[];
}
export interface SheetPreview {
  kind: string;
  format: string;
  encoding: string | null;
  rows: PreviewRow[];
  issues: SheetIssue[];
}
export interface ShownUpload {
  upload: Upload;
  preview: SheetPreview;
}

export interface DueReview {
  station: string;
  provider: string;
  network: string;
  networkName: Text;
  level: string;
  levelName: Text;
  day: string;
  readings: number;
  due: string;
  overdue: boolean;
}
export interface Silence {
  station: string;
  source: string;
  provider: string;
  parameter: string | null;
  averaging: string | null;
  state: string;
  lastEnd: string | null;
  due: string | null;
  patienceFrom: string;
}
export interface HeldDevice {
  source: string;
  device: string;
  entries: number;
  first: string;
  last: string;
  lastSeq: number | null;
}
export interface Circumstance {
  id: string;
  kind: string;
  name: Text;
  section: string;
  items: string[];
  from: string;
  to: string;
  applicant: string;
  state: string;
  effect: string;
}
