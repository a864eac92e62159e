import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { parse } from 'csv-parse/sync';

/** A heading without case, width, punctuation and a unit in brackets: `PM₂.₅ (μg/m³)` and `pm2_5` are one. */
export function headingKey(heading: string): string {
  return heading
    .normalize('NFKC')
    .replace(/[([](?:mg|ug|µg|μg|g)\s*\/\s*(?:l|m3)[)\]]|[([](?:无量纲|℃|°c|个\/l)[)\]]/gi, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}+]/gu, '');
}

/** A row that could not be judged; `reason` starts with the name of the fault and tells line and column. */
export interface RejectedRow {
  line: number;
  station: string | null;
  time: string | null;
  status: 'rejected';
  reason: string;
}

/** What is wrong with one cell, row or heading; carried to the row that it spoils. */
export class RowFault extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'RowFault';
    this.code = code;
  }
}

export interface TableRow {
  line: number;
  cells: readonly string[];
}

/**
 * Rows of a text in UTF-8 separated by comma, tab or semicolon (the heading tells which), the heading first. A row is a line:
 * a quote that is never closed spoils its own line, not the ones after it. A line that cannot be cut comes as a fault.
 */
export async function* tableRows(input: Readable): AsyncGenerator<TableRow | RejectedRow> {
  let line = 0;
  let delimiter: string | null = null;
  for await (const raw of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++;
    const text = line === 1 ? raw.replace(/^\uFEFF/, '') : raw;
    if (text.trim() === '') continue;
    delimiter ??= [',', '\t', ';'].find((mark) => text.includes(mark)) ?? ',';
    const cells = text.includes('"') ? quotedCells(text, delimiter) : text.split(delimiter);
    if (typeof cells === 'string') yield rejected(line, [], 'ROW_SHAPE', `line ${line}: ${cells}`);
    else yield { line, cells: cells.map((cell) => cell.trim()) };
  }
}

/** Cells of one line with quotes, or what is wrong with it. */
function quotedCells(text: string, delimiter: string): readonly string[] | string {
  try {
    const [record] = parse(text, { delimiter, trim: true });
    return record ?? 'the row is empty';
  } catch (error) {
    return error instanceof Error ? error.message.replace(/ at line \d+/, '') : String(error);
  }
}

export function rejected(
  line: number,
  named: readonly (string | null)[],
  code: string,
  message: string,
): RejectedRow {
  return {
    line,
    station: named[0] ?? null,
    time: named[1] ?? null,
    status: 'rejected',
    reason: `${code}: ${message}`,
  };
}

/** Where the known columns stand. Throws {@link RowFault} for a heading that occurs twice. */
export function columnsOf(header: TableRow, known: ReadonlyMap<string, string>): Map<string, number> {
  const at = new Map<string, number>();
  for (const [index, heading] of header.cells.entries()) {
    const column = known.get(headingKey(heading));
    if (column === undefined) continue;
    const first = at.get(column);
    if (first !== undefined && header.cells[first] === heading) {
      throw new RowFault(
        'HEADERS_CHANGED',
        `line ${header.line}, column "${heading}": the heading occurs twice`,
      );
    }
    if (first === undefined || heading === column) at.set(column, index);
  }
  return at;
}
