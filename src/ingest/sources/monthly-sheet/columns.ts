import type { Parameter } from '../../../domain/config/parameter.ts';
import { powerBetween } from '../units.ts';
import { cellAddress, type Grid, type GridFault, rowAddress } from './grid.ts';
import { itemIn, normalText, type Role, roleOf, type StatedUnit, unitOf } from './header-words.ts';

/** One column as it was understood. `power`: of ten, from the sheet's unit to the stored one; null: the cells cannot be taken. */
export interface SheetColumn {
  column: number;
  address: string;
  text: string;
  role: Role | 'item' | 'unknown';
  parameter: string | null;
  unit: string | null;
  unitStated: boolean;
  power: number | null;
}

export interface SheetLayout {
  columns: SheetColumn[];
  /** First row below the headers, from 0. */
  firstRow: number;
  /** What stands above the headers, and the sheet's name. */
  title: string;
}

const HEADER_WITHIN_ROWS = 30;
const HEADER_ROWS = 4;
/** Something over something, as units are written. */
const unitLike = /^\(?[a-zμ°]+\/[a-z0-9]+\)?$/;

export interface HeaderFacts {
  names: ReadonlyMap<string, string>;
  parameters: readonly Parameter[];
  unitRequired: readonly string[];
}

const isStation = (text: string): boolean => ['section', 'code', 'id'].includes(roleOf(text) ?? '');

/** Rows of the headers, `[first, end)`; null where no row names a station column with items in it or below. */
function headerRows(grid: Grid, facts: HeaderFacts): { first: number; end: number } | null {
  const hasItem = (row: number): boolean =>
    (grid.rows[row] ?? []).some(({ text }) => itemIn(text, facts.names).item !== null);
  for (let first = 0; first < Math.min(grid.rows.length, HEADER_WITHIN_ROWS); first++) {
    const row = grid.rows[first] ?? [];
    const station = row.findIndex(({ text }) => isStation(text));
    if (station < 0) continue;
    const head = normalText(row[station]?.text ?? '');
    let end = first + 1;
    // A row that goes on with headers has nothing of its own in the station's column, and only words of headers.
    while (end < Math.min(grid.rows.length, first + HEADER_ROWS)) {
      const next = grid.rows[end] ?? [];
      const own = normalText(next[station]?.text ?? '');
      const words = next.filter(({ text }) => text.trim() !== '');
      const heads = words.every(
        ({ text }) =>
          itemIn(text, facts.names).item !== null ||
          unitOf(text) !== null ||
          roleOf(text) !== null ||
          unitLike.test(normalText(text)),
      );
      if ((own !== '' && own !== head) || words.length === 0 || !heads) break;
      end += 1;
    }
    const rows = Array.from({ length: end - first }, (_, at) => first + at);
    if (rows.some(hasItem)) return { first, end };
  }
  return null;
}

function itemColumn(
  base: Pick<SheetColumn, 'column' | 'address' | 'text'>,
  found: { parameter: Parameter; unit: StatedUnit | null; unitText: string | null },
  facts: HeaderFacts,
  faults: GridFault[],
): SheetColumn {
  const { parameter, unit, unitText } = found;
  const column = { ...base, role: 'item' as const, parameter: parameter.id };
  if (unit === null && unitText === null && !facts.unitRequired.includes(parameter.id))
    return { ...column, unit: parameter.unit, unitStated: false, power: 0 };
  const between = unit === null ? null : powerBetween(unit.unit, parameter.unit);
  const power = between === null || unit === null ? null : between + unit.power;
  if (power === null) {
    const what = unitText === null ? 'no unit is stated' : `unit "${unitText}" is not one of it`;
    const message = `${parameter.name.zh} ${parameter.id}: ${what}, expected ${parameter.unit ?? 'none'}; its cells are refused`;
    faults.push({ code: 'UNIT_UNKNOWN', path: base.address, message });
  }
  return { ...column, unit: unitText, unitStated: unitText !== null, power };
}

function columnOf(
  texts: readonly string[],
  base: Pick<SheetColumn, 'column' | 'address' | 'text'>,
  facts: HeaderFacts,
  faults: GridFault[],
): SheetColumn {
  const plain = { ...base, parameter: null, unit: null, unitStated: false, power: null };
  let found: string | null = null;
  let unit: StatedUnit | null = null;
  let unitText: string | null = null;
  for (const text of texts) {
    const read = itemIn(text, facts.names);
    if (read.item !== null) {
      found = read.item;
      if (read.unit !== null) unit = read.unit;
      unitText = read.unit?.unit ?? read.unknownUnit ?? unitText;
      continue;
    }
    const own = unitOf(text.replace(/^[(（](.*)[)）]$/, '$1'));
    if (own !== null) [unit, unitText] = [own, own.unit];
    else if (found !== null && roleOf(text) === null) [unit, unitText] = [null, text];
  }
  const parameter = facts.parameters.find((one) => one.id === found);
  if (parameter !== undefined) return itemColumn(base, { parameter, unit, unitText }, facts, faults);
  const role = texts.map(roleOf).findLast((one) => one !== null) ?? null;
  return { ...plain, role: role ?? 'unknown' };
}

function doubledFaults(columns: readonly SheetColumn[]): GridFault[] {
  const seen = new Map<string, SheetColumn>();
  const faults: GridFault[] = [];
  for (const column of columns) {
    if (column.role === 'remark' || column.role === 'unknown') continue;
    const key = column.parameter ?? column.role;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, column);
    else {
      const message = `"${column.text}" stands here and in ${first.address}; which one counts is not known, so the sheet is refused`;
      faults.push({ code: 'HEADERS_CHANGED', path: column.address, message });
    }
  }
  return faults;
}

/** The columns of a sheet by their headers, of one to four rows, merged or not. Null where the sheet is refused, with the reason in `faults`. */
export function layoutOf(grid: Grid, facts: HeaderFacts, faults: GridFault[]): SheetLayout | null {
  const place = grid.name === '' ? 'file' : grid.name;
  if (grid.rows.every((row) => row.every(({ text }) => text.trim() === ''))) {
    faults.push({ code: 'REPLY_EMPTY', path: place, message: 'the sheet is empty' });
    return null;
  }
  const head = headerRows(grid, facts);
  if (head === null) {
    const message = `no header row with a section (断面名称) and measured items within the first ${HEADER_WITHIN_ROWS} rows`;
    faults.push({ code: 'HEADERS_CHANGED', path: place, message });
    return null;
  }
  const rows = grid.rows.slice(head.first, head.end);
  const width = Math.max(...rows.map((row) => row.length));
  const columns: SheetColumn[] = [];
  for (let column = 0; column < width; column++) {
    const texts = [
      ...new Set(rows.map((row) => row[column]?.text.trim() ?? '').filter((text) => text !== '')),
    ];
    if (texts.length === 0) continue;
    const address = cellAddress(grid.name, head.first, column);
    const found = columnOf(texts, { column, address, text: texts.join(' / ') }, facts, faults);
    columns.push(found);
    if (found.role === 'unknown') {
      const message = `column "${found.text}" is not known; it is not read`;
      faults.push({ code: 'HEADERS_CHANGED', path: address, message });
    }
  }
  const doubled = doubledFaults(columns);
  faults.push(...doubled);
  if (doubled.length > 0) return null;
  const above = grid.rows.slice(0, head.first).flatMap((row) => row.map(({ text }) => text));
  const title = [...new Set([...above, grid.name])].join(' ').trim();
  if (head.end >= grid.rows.length)
    faults.push({
      code: 'REPLY_EMPTY',
      path: rowAddress(grid.name, head.end),
      message: 'no row below the headers',
    });
  return { columns, firstRow: head.end, title };
}
