import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';

export type RecordedRow = Record<string, string>;

/** Rows of a recorded CSV by heading, gzip or plain. */
export function recordedRows(file: string): RecordedRow[] {
  const bytes = readFileSync(file);
  return parse(file.endsWith('.gz') ? gunzipSync(bytes) : bytes, {
    columns: true,
    bom: true,
    relax_column_count: true,
  });
}

/** NaN for anything that is not a plain number. */
export function numberCell(text: string | undefined): number {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
}
