import { parse as parseCsv } from 'csv-parse/sync';
import type { Collector } from './collector.ts';
import { messageOf } from './reply.ts';

export interface CsvTable {
  headers: readonly string[];
  rows: readonly (readonly string[])[];
  /** Place of a column; -1 where the table has none of that name. */
  at(header: string): number;
}

/**
 * A table with one header line, cells trimmed. Null, with its cells counted as rejected, where it is no CSV (REPLY_NOT_READABLE),
 * or lacks a needed header, doubles one, or has one that is not known (HEADERS_CHANGED); `known` absent: any other may stand there.
 */
export function csvTable(
  text: string,
  into: Collector,
  expected: {
    needed: readonly string[];
    known?: (header: string) => boolean;
    measuredPerRow: number;
    delimiter?: string;
  },
): CsvTable | null {
  let lines: string[][];
  try {
    lines = parseCsv(text, {
      relax_column_count: true,
      skip_empty_lines: true,
      bom: true,
      trim: true,
      delimiter: expected.delimiter ?? ',',
    });
  } catch (cause) {
    into.issue('REPLY_NOT_READABLE', 'reply', `not a table: ${messageOf(cause)}`, text.slice(0, 200));
    return null;
  }
  const [headers = [], ...rows] = lines;
  const lacking = expected.needed.filter((header) => !headers.includes(header));
  const wrong = headers.filter(
    (header, at) => headers.indexOf(header) !== at || expected.known?.(header) === false,
  );
  if (lacking.length + wrong.length > 0) {
    const message = `unknown or doubled: ${wrong.join(' ') || 'none'}; lacking: ${lacking.join(' ') || 'none'}; the table is refused`;
    into.issue('HEADERS_CHANGED', 'line 1', message, headers.join(','));
    into.rejectedCells(rows.length * expected.measuredPerRow);
    return null;
  }
  const places = new Map(headers.map((header, at) => [header, at]));
  return { headers, rows, at: (header) => places.get(header) ?? -1 };
}

/** Cells of a row whose width differs from the header's are refused as a whole (ROW_SHAPE). */
export function isWhole(
  row: readonly string[],
  table: CsvTable,
  into: Collector,
  of: { path: string; measuredPerRow: number },
): boolean {
  if (row.length === table.headers.length) return true;
  into.issue('ROW_SHAPE', of.path, `${row.length} cells, expected ${table.headers.length}`, row.join(','));
  into.rejectedCells(of.measuredPerRow);
  return false;
}
