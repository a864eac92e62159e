import { type Cell, type CellValue, readXlsx, type Sheet, writeXlsx } from 'hucre/xlsx';
import {
  cellAddress,
  type Grid,
  type GridCell,
  type GridFault,
  GRID_LIMITS,
  type Grids,
  noGrids,
} from './grid.ts';
import { archiveFiles, type ArchiveFault, storedArchive } from './zip.ts';

/** The only file that knows the workbook library. */

const LIMITS = { entries: 2000, inflatedBytes: 48 * 1024 * 1024 } as const;

/** Parts that hold cells; pictures, macros and links to elsewhere are never opened. */
const cellParts =
  /^(\[Content_Types\]\.xml|_rels\/\.rels|xl\/(workbook|styles|sharedStrings)\.xml|xl\/_rels\/workbook\.xml\.rels|xl\/worksheets\/[^/]+\.xml)$/;

const codeOf = {
  truncated: 'REPLY_TRUNCATED',
  'too-large': 'FILE_TOO_LARGE',
  damaged: 'REPLY_NOT_READABLE',
  unsupported: 'REPLY_NOT_READABLE',
} as const satisfies Record<ArchiveFault['fault'], GridFault['code']>;

function valueText(value: CellValue | undefined): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) {
    const iso = value.toISOString();
    return iso.endsWith('T00:00:00.000Z') ? iso.slice(0, 10) : iso.slice(0, 16);
  }
  return String(value);
}

function gridCell(value: CellValue | undefined, cell: Cell | undefined): GridCell {
  if (cell?.formula === undefined) return { text: valueText(value) };
  return { text: valueText(cell.formulaResult ?? value), formula: cell.formula };
}

function spreadMerges(sheet: Sheet, rows: GridCell[][]): void {
  for (const { startRow, startCol, endRow, endCol } of sheet.merges ?? []) {
    const first = rows[startRow]?.[startCol];
    if (first === undefined) continue;
    const lastRow = Math.min(endRow, rows.length - 1);
    for (let row = startRow; row <= lastRow; row++)
      for (let column = startCol; column <= Math.min(endCol, GRID_LIMITS.columns); column++)
        rows[row]![column] = { ...first, merged: true };
  }
}

function gridOf(sheet: Sheet, faults: GridFault[]): Grid {
  const over =
    sheet.rows.length > GRID_LIMITS.rows || sheet.rows.some((row) => row.length > GRID_LIMITS.columns);
  if (over) {
    const message = `more than ${GRID_LIMITS.rows} rows or ${GRID_LIMITS.columns} columns; the sheet is not read`;
    faults.push({ code: 'FILE_TOO_LARGE', path: sheet.name, message });
    return { name: sheet.name, rows: [] };
  }
  const rows = sheet.rows.map((row, at) =>
    Array.from(row, (value, column) => gridCell(value, sheet.cells?.get(`${at},${column}`))),
  );
  spreadMerges(sheet, rows);
  for (const row of rows) for (let column = 0; column < row.length; column++) row[column] ??= { text: '' };
  for (const [at, row] of rows.entries())
    for (const [column, cell] of row.entries())
      if (cell.formula !== undefined) {
        const taken =
          cell.text === '' ? 'it has no saved result' : `its saved result "${cell.text}" is taken`;
        const path = cellAddress(sheet.name, at, column);
        faults.push({
          code: 'FORMULA_CELL',
          path,
          message: `a formula (=${cell.formula.slice(0, 80)}); ${taken}`,
        });
      }
  return { name: sheet.name, rows };
}

/** The visible sheets of an XLSX workbook as text. Never throws for a bad file: what is wrong is a fault. */
export async function workbookGrids(bytes: Uint8Array): Promise<Grids> {
  const files = archiveFiles(bytes, (name) => cellParts.test(name), LIMITS);
  if (!Array.isArray(files))
    return noGrids({ code: codeOf[files.fault], path: 'file', message: files.message });
  if (!files.some(({ name }) => name === 'xl/workbook.xml')) {
    const message = 'a ZIP archive that is no XLSX workbook (no xl/workbook.xml)';
    return noGrids({ code: 'REPLY_NOT_READABLE', path: 'file', message });
  }
  try {
    const { sheets } = await readXlsx(storedArchive(files), { maxRows: GRID_LIMITS.rows + 1 });
    const faults: GridFault[] = [];
    const grids: Grid[] = [];
    for (const sheet of sheets) {
      if (sheet.hidden !== true && sheet.veryHidden !== true) grids.push(gridOf(sheet, faults));
      else faults.push({ code: 'SHEET_HIDDEN', path: sheet.name, message: 'a hidden sheet is not read' });
    }
    return { format: 'xlsx', encoding: null, grids, faults };
  } catch (cause) {
    const message = `not a readable workbook: ${cause instanceof Error ? cause.message : String(cause)}`;
    return noGrids({ code: 'REPLY_NOT_READABLE', path: 'file', message });
  }
}

export interface SheetToWrite {
  name: string;
  rows: (string | number | null)[][];
  widths: number[];
}

/** A workbook with a bold, frozen first row on each sheet. */
export function writeWorkbook(sheets: readonly SheetToWrite[]): Promise<Uint8Array> {
  return writeXlsx({
    sheets: sheets.map(({ name, rows, widths }) => ({
      name,
      rows,
      columns: widths.map((width) => ({ width })),
      freezePane: { rows: 1 },
      cells: new Map(
        (rows[0] ?? []).map((value, column) => [
          `0,${column}`,
          { value, style: { font: { bold: true }, alignment: { wrapText: true } } },
        ]),
      ),
    })),
  });
}
