import type { ParseContext } from '../../../domain/ports.ts';
import type { PreviewCell, PreviewRow, SheetPreview } from '../../../domain/uploads.ts';
import { acceptedMeta } from '../../../domain/uploads.ts';
import { parseSheet } from './parse.ts';
import { refuseDoubled, understand, type UnderstoodCell, type UnderstoodRow } from './understand.ts';

function previewCell({ address, text, parameter, reading }: UnderstoodCell): PreviewCell {
  const value = 'value' in reading ? reading.value : null;
  return { address, text, parameter, value, mark: reading.kind };
}

function previewRow(row: UnderstoodRow): PreviewRow {
  const { name, station, time, reviewed, issues } = row;
  return {
    row: row.row,
    section: name,
    station,
    time,
    reviewed,
    status: row.refused ? 'refused' : issues.length > 0 ? 'with-issues' : 'good',
    cells: row.cells.map(previewCell),
    issues,
  };
}

/** What was understood of a file: columns, rows, marked cells, and what is wrong with each. */
export function previewSheet(body: Uint8Array, context: ParseContext): SheetPreview {
  const { settings, format, encoding, sheets, rows, issues } = understand(body, context);
  refuseDoubled(rows, context.sourceId);
  const accepted = parseSheet(body, { ...context, meta: acceptedMeta(context.meta, 'all') });
  const seen = new Set(
    [...issues, ...rows.flatMap((row) => row.issues)].map(({ path, code }) => `${code} ${path}`),
  );
  // Found only when the readings are made: values out of range, halves that disagree, sections that no registry knows.
  const later = accepted.issues.filter(({ code, path }) => !seen.has(`${code} ${path}`));
  return {
    kind: settings.kind,
    format,
    encoding,
    sheets: sheets.map(({ grid, layout }) => ({
      name: grid.name,
      title: layout.title,
      columns: layout.columns.map(({ address, text, role, parameter, unit, unitStated }) => ({
        address,
        text,
        role,
        parameter,
        unit,
        unitStated,
      })),
    })),
    rows: rows.map(previewRow),
    issues: [...issues, ...later],
    cells: accepted.cells,
  };
}
