import type { Config } from './config/config.ts';
import type { Issue } from './errors.ts';
import type { Page } from './paging.ts';
import type { CellCounts, EntryMeta, ParseContext } from './ports.ts';
import type { ReadingActKind } from './reading-acts.ts';
import type { FollowUpActKind, SettlementActKind } from './settlement.ts';
import type { EpochS } from './time.ts';

export type UploadActKind = 'receive-upload' | 'accept-upload' | 'refuse-upload';
/** Acts on what was measured and on what follows from it. */
export type RecordedActKind = SettlementActKind | FollowUpActKind | ReadingActKind | UploadActKind;

/** What became of one cell of a file. */
export type CellMark = 'value' | 'below' | 'above' | 'absent' | 'missing' | 'rejected';

export interface PreviewCell {
  /** As a spreadsheet program shows it: `Sheet!C12`. */
  address: string;
  text: string;
  parameter: string;
  /** In the stored unit; null without a value. Of a value below detection: the limit. */
  value: number | null;
  mark: CellMark;
}

export interface PreviewRow {
  /** Names the row when it is accepted: `Sheet!12`. */
  row: string;
  section: string;
  /** Registered station, null where no registry knows it. */
  station: string | null;
  /** Month `YYYY-MM` or date that the values belong to; null where none is stated. */
  time: string | null;
  /** `refused`: nothing of it can be accepted. `with-issues`: what is good of it can. */
  status: 'good' | 'with-issues' | 'refused';
  reviewed: boolean;
  cells: PreviewCell[];
  issues: Issue[];
}

export interface PreviewColumn {
  address: string;
  text: string;
  role: string;
  parameter: string | null;
  unit: string | null;
  /** False: the sheet names no unit, and the usual one is taken. */
  unitStated: boolean;
}

/** What was understood of a file, before anyone accepts it. */
export interface SheetPreview {
  kind: string;
  format: string;
  encoding: string | null;
  sheets: { name: string; title: string; columns: PreviewColumn[] }[];
  rows: PreviewRow[];
  /** Of the file as a whole; those of a row stand with it. */
  issues: Issue[];
  cells: CellCounts;
}

export type TemplateFormat = 'xlsx' | 'csv';
export type TemplateLanguage = 'zh' | 'en';

/** What a source offers where people hand in files. */
export interface HandIn {
  /** Pure, of bytes that `prepare` gave. `context.meta.month` states the month of rows that name none. */
  preview(body: Uint8Array, context: ParseContext): SheetPreview;
  template(
    of: { sourceId: string; config: Config },
    form: { format: TemplateFormat; language: TemplateLanguage },
  ): Promise<Uint8Array>;
  /** Where the schedule looks for files, and whether it accepts flawless ones itself; null for nowhere. */
  dropFolder(of: { sourceId: string; config: Config }): { folder: string; acceptClean: boolean } | null;
}

/** Rows of a file that somebody accepts. */
export type AcceptedRows = 'all' | readonly string[];

export interface Upload {
  id: string;
  /** Journal entry with the bytes. */
  entry: number;
  source: string;
  sha256: string;
  name: string;
  /** Month stated by whoever handed it in, `YYYY-MM`. */
  month: string | null;
  bytes: number;
  actor: string;
  atS: EpochS;
}

export interface UploadDecision {
  seq: number;
  decision: 'accepted' | 'refused';
  rows: AcceptedRows;
  reason: string | null;
  actor: string;
  atS: EpochS;
}

export interface DecidedUpload extends Upload {
  decisions: UploadDecision[];
}

/** What acts have said about files that were handed in. */
export interface UploadStore {
  upload(id: string): Promise<DecidedUpload | null>;
  /** Newest first. */
  uploads(
    query: { source?: string; sha256?: string } & Page<Pick<Upload, 'entry'>>,
  ): Promise<DecidedUpload[]>;
}

/** Mark in the metadata of a journaled file that waits to be accepted: by itself it becomes no reading. */
export const HELD = 'held';

/** Metadata under which accepted rows of a held file are parsed. */
export function acceptedMeta(meta: EntryMeta, rows: AcceptedRows): EntryMeta {
  const { [HELD]: _held, ...rest } = meta;
  return rows === 'all' ? rest : { ...rest, rows: rows.join('\n') };
}

/** The rows that an entry's metadata selects; null for all. */
export function selectedRows(meta: EntryMeta): ReadonlySet<string> | null {
  const rows = meta['rows'];
  return typeof rows === 'string' ? new Set(rows.split('\n')) : null;
}
