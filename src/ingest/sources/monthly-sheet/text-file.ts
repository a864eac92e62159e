import { parse as parseCsv } from 'csv-parse/sync';
import { GRID_LIMITS, type Grids, noGrids } from './grid.ts';

const fatally = (label: string, bytes: Uint8Array): string | null => {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
};

/** Text and its encoding: a byte-order mark decides, then UTF-8 if it is flawless, then GB 18030; null for neither. */
export function decodedText(bytes: Uint8Array): { text: string; encoding: string } | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) {
    const text = fatally('utf-16le', bytes);
    return text === null ? null : { text, encoding: 'UTF-16' };
  }
  const utf8 = fatally('utf-8', bytes);
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  if (utf8 !== null) return { text: utf8, encoding: marked ? 'UTF-8 (BOM)' : 'UTF-8' };
  const text = marked ? null : fatally('gb18030', bytes);
  return text === null ? null : { text, encoding: 'GB 18030' };
}

const separators = [',', '\t', ';', '，'] as const;

/** The separator that the widest of the first lines has most of. */
function separatorOf(text: string): string {
  const head = text.split('\n', 20).join('\n');
  const counts = separators.map((separator) => head.split(separator).length);
  return separators[counts.indexOf(Math.max(...counts))] ?? ',';
}

/** The rows of a CSV or tab-separated file as a grid without name. Never throws for a bad file. */
export function textGrids(bytes: Uint8Array): Grids {
  const decoded = decodedText(bytes);
  if (decoded === null || decoded.text.includes('\u0000')) {
    const message = 'neither a workbook nor text in UTF-8, GB 18030 or UTF-16';
    return noGrids({ code: 'REPLY_NOT_READABLE', path: 'file', message });
  }
  const { text, encoding } = decoded;
  if (text.trim() === '') return noGrids({ code: 'REPLY_EMPTY', path: 'file', message: 'the file is empty' });
  if (/^\s*<(!doctype|html|\?xml)/i.test(text))
    return noGrids({
      code: 'REPLY_IS_HTML',
      path: 'file',
      message: 'a page or XML where a table was expected',
    });
  try {
    const rows: string[][] = parseCsv(text, {
      bom: true,
      delimiter: separatorOf(text),
      relax_column_count: true,
      skip_empty_lines: false,
      to: GRID_LIMITS.rows + 1,
    });
    if (rows.length > GRID_LIMITS.rows || rows.some((row) => row.length > GRID_LIMITS.columns)) {
      const message = `more than ${GRID_LIMITS.rows} rows or ${GRID_LIMITS.columns} columns`;
      return noGrids({ code: 'FILE_TOO_LARGE', path: 'file', message });
    }
    const grid = { name: '', rows: rows.map((row) => row.map((cell) => ({ text: cell }))) };
    return { format: 'csv', encoding, grids: [grid], faults: [] };
  } catch (cause) {
    const { message, lines } = cause as Error & { lines?: number };
    const cut = /Quote Not Closed/.test(message);
    const path = lines === undefined ? 'file' : `line ${lines}`;
    return noGrids({
      code: cut ? 'REPLY_TRUNCATED' : 'REPLY_NOT_READABLE',
      path,
      message: `not CSV: ${message}`,
    });
  }
}
