import type { Readable } from 'node:stream';
import { parse, type CsvError } from 'csv-parse';

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

/** Rows of a comma- or tab-separated text in UTF-8, the heading first; a row that cannot be cut comes as a fault. */
export async function* tableRows(input: Readable): AsyncGenerator<TableRow | RejectedRow> {
  const skipped: RejectedRow[] = [];
  const parser = input.pipe(
    parse({
      bom: true,
      delimiter: [',', '\t'],
      trim: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
      max_record_size: 1_000_000,
      on_skip: (error: CsvError | undefined) => {
        const line = typeof error?.lines === 'number' ? error.lines : 0;
        skipped.push(
          rejected(line, [], 'ROW_SHAPE', `line ${line}: ${error?.message ?? 'row cannot be read'}`),
        );
        return undefined;
      },
    }),
  );
  input.on('error', (error) => parser.destroy(error));
  const rows: AsyncIterable<{ record: string[]; info: { lines: number } }> = parser;
  for await (const { record, info } of rows) {
    yield* skipped.splice(0);
    yield { line: info.lines, cells: record };
  }
  yield* skipped;
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
