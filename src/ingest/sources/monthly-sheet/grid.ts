import type { IssueCode } from '../../../domain/errors.ts';

/** One cell as text. `formula` where the file computes it: `text` is then the result that was saved with it, empty without one. */
export interface GridCell {
  text: string;
  formula?: string;
  /** It is one of the cells that a merged range covers. */
  merged?: boolean;
}

/** A sheet as rows of cells, without its empty tail; `name` is empty for a text file. */
export interface Grid {
  name: string;
  rows: GridCell[][];
}

export interface GridFault {
  code: IssueCode;
  path: string;
  message: string;
}

/** What a file holds, whatever its format: the form in which it is parsed. */
export interface Grids {
  format: 'csv' | 'xlsx' | 'none';
  /** Character encoding of a text file; null for a workbook. */
  encoding: string | null;
  grids: Grid[];
  faults: GridFault[];
}

/** More than this is not a monthly sheet. */
export const GRID_LIMITS = { rows: 20_000, columns: 200 } as const;

const LETTERS = 26;
const FIRST_LETTER = 65;

/** `A`, `B` … `AA` of a column counted from 0. */
export function columnLetters(column: number): string {
  let letters = '';
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / LETTERS))
    letters = String.fromCharCode(FIRST_LETTER + ((rest - 1) % LETTERS)) + letters;
  return letters;
}

/** `Sheet!C12`, as a spreadsheet program shows it; rows and columns count from 0 here. */
export function cellAddress(sheet: string, row: number, column: number): string {
  return `${sheet === '' ? '' : `${sheet}!`}${columnLetters(column)}${row + 1}`;
}

/** `Sheet!12`: how a row is named when it is accepted. */
export const rowAddress = (sheet: string, row: number): string =>
  `${sheet === '' ? '' : `${sheet}!`}${row + 1}`;

export const noGrids = (fault: GridFault): Grids => ({
  format: 'none',
  encoding: null,
  grids: [],
  faults: [fault],
});

const MARK = '{"jieheGrids":1,';

/** The form in which grids pass from `prepare` to `parse`. */
export function gridBytes(grids: Grids): Uint8Array {
  return new TextEncoder().encode(`${MARK}${JSON.stringify(grids).slice(1)}`);
}

/** The grids that {@link gridBytes} wrote; null for the bytes of a file. */
export function gridsIn(bytes: Uint8Array): Grids | null {
  const head = new TextDecoder().decode(bytes.subarray(0, MARK.length));
  return head === MARK ? (JSON.parse(new TextDecoder().decode(bytes)) as Grids) : null;
}
