import { writeXlsx } from 'hucre/xlsx';
import type { Language } from '../../analysis/liability/phrases.ts';
import { headOf, type PrintedBundle, tablesOf } from './content.ts';
import { wordOf } from './terms.ts';

const amount = /^-?\d{1,3}(,\d{3})*\.\d{2}$/;

/** The same tables as the page, one sheet each; amounts are numbers in yuan, so that they can be added up. */
export function statementWorkbook(
  bundle: PrintedBundle,
  language: Language,
  timeZone: string,
): Promise<Uint8Array> {
  const head = headOf(bundle, language, timeZone);
  const { markings, remarks } = bundle.statement;
  const said = [...markings, ...remarks].map((one) => [wordOf('remarks', language), one[language]]);
  const yuan = wordOf('yuan', language);
  const sheets = tablesOf(bundle, language, timeZone).map((table) => {
    const column = table.head.indexOf(yuan);
    const rows = table.rows.map((row) =>
      row.map((cell, at) => (at === column && amount.test(cell) ? Number(cell.replaceAll(',', '')) : cell)),
    );
    return { name: table.sheet, rows: [[...table.head], ...rows] };
  });
  return writeXlsx({
    sheets: [{ name: head.sheet, rows: [[head.title], ...head.rows, ...said] }, ...sheets].map(
      ({ name, rows }) => ({
        name: name.replace(/[:\\/?*[\]]/g, ' '),
        rows: rows.map((row) => [...row]),
        columns: (rows[1] ?? rows[0] ?? []).map(() => ({ width: 24 })),
        freezePane: { rows: 1 },
      }),
    ),
  });
}
