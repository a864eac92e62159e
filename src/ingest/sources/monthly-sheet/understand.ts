import type { Issue } from '../../../domain/errors.ts';
import type { ParseContext } from '../../../domain/ports.ts';
import { civilDate } from '../../../domain/time.ts';
import { codeTable, sourceOf } from '../collector.ts';
import { settingsOf } from '../settings.ts';
import { classTexts, type CellReading, readCell, readClass } from './cell-value.ts';
import { layoutOf, type SheetColumn, type SheetLayout } from './columns.ts';
import { gridsOf } from './file-form.ts';
import { cellAddress, type Grid, type GridFault, rowAddress } from './grid.ts';
import { itemNames, normalText, type Role } from './header-words.ts';
import { dateOf, monthBegin, monthInTitle, monthOf, sampledAt } from './row-time.ts';
import { type SheetSettings, sheetSettings } from './settings.ts';
import { findSection } from './stations.ts';

/** Half of a joint sample, or the part that both keep sealed. */
export type SampleKind = 'protecting' | 'benefiting' | 'spare';

export interface UnderstoodCell {
  address: string;
  text: string;
  parameter: string;
  reading: CellReading;
}

/** One row as it was read, good or not. */
export interface UnderstoodRow {
  row: string;
  sheet: string;
  name: string;
  naturalKey: string;
  station: string | null;
  timeS: number | null;
  /** Month or date as it was understood. */
  time: string | null;
  reviewed: boolean;
  sample: SampleKind | null;
  /** Published class; undefined where the sheet has no such column. */
  class: number | null | undefined;
  cells: UnderstoodCell[];
  refused: boolean;
  issues: Issue[];
}

export interface Understood {
  settings: SheetSettings;
  format: string;
  encoding: string | null;
  sheets: { grid: Grid; layout: SheetLayout }[];
  rows: UnderstoodRow[];
  issues: Issue[];
}

const reviewedWords = new Set([
  '已审核',
  '审核通过',
  '通过',
  '已审',
  '是',
  '终审',
  '已确认',
  'reviewed',
  'approved',
  'yes',
  'y',
]);
const unreviewedWords = new Set(['', '/', '未审核', '待审核', '未审', '否', 'raw', 'no', 'n', 'unreviewed']);
const sampleWords: readonly (readonly [RegExp, SampleKind])[] = [
  [/备|留样|spare|reserve/, 'spare'],
  [/甲|上游|保护|protecting|^a/, 'protecting'],
  [/乙|下游|受益|benefiting|^b/, 'benefiting'],
];

class RowReader {
  readonly #context: ParseContext;
  readonly #settings: SheetSettings;
  readonly #layout: SheetLayout;
  readonly #grid: Grid;
  readonly #providers: readonly string[];
  readonly #classes: ReadonlyMap<string, number>;
  readonly #titleMonth: string | null;
  readonly #at: ReadonlyMap<Role, number>;
  readonly #items: readonly SheetColumn[];

  constructor(of: {
    context: ParseContext;
    settings: SheetSettings;
    layout: SheetLayout;
    grid: Grid;
    classes: ReadonlyMap<string, number>;
  }) {
    this.#context = of.context;
    this.#settings = of.settings;
    this.#layout = of.layout;
    this.#grid = of.grid;
    this.#classes = of.classes;
    const { provider } = sourceOf(of.context.config, of.context.sourceId);
    this.#providers = [provider, ...(of.settings.aliasesOf ?? [])];
    this.#titleMonth = monthInTitle(of.layout.title);
    const roles = of.layout.columns.filter(({ role }) => role !== 'item' && role !== 'unknown');
    this.#at = new Map(roles.map(({ role, column }) => [role as Role, column]));
    this.#items = of.layout.columns.filter(({ role }) => role === 'item');
  }

  /** Rows below the headers that hold anything; a footer without section and values is passed over. */
  rows(): UnderstoodRow[] {
    const read: UnderstoodRow[] = [];
    for (let at = this.#layout.firstRow; at < this.#grid.rows.length; at++) {
      const row = this.#grid.rows[at] ?? [];
      const holds = (column: number): boolean => (row[column]?.text.trim() ?? '') !== '';
      const named = (['section', 'code', 'id'] as const).some((role) => holds(this.#at.get(role) ?? -1));
      if (named && this.#items.some(({ column }) => holds(column))) read.push(this.#row(at));
      else if (this.#items.some(({ column }) => holds(column))) read.push(this.#row(at));
    }
    return read;
  }

  #text(at: number, role: Role): string {
    return this.#grid.rows[at]?.[this.#at.get(role) ?? -1]?.text.trim() ?? '';
  }

  #row(at: number): UnderstoodRow {
    const text = (role: Role): string => this.#text(at, role);
    const [name, code, id, province] = [text('section'), text('code'), text('id'), text('province')];
    const key = name === '' ? code || id : `${province === '' ? '' : `${province}/`}${name}`;
    const row: UnderstoodRow = {
      row: rowAddress(this.#grid.name, at),
      sheet: this.#grid.name,
      name: name || code || id,
      naturalKey: key,
      station: null,
      timeS: null,
      time: null,
      reviewed: this.#settings.kind === 'joint',
      sample: null,
      class: undefined,
      cells: [],
      refused: false,
      issues: [],
    };
    if (key === '') this.#refuse(row, at, 'ROW_SHAPE', 'section', 'no section is named');
    this.#time(row, at);
    if (key !== '') this.#station(row, at, { id, code, province, name });
    this.#review(row, at);
    this.#cells(row, at);
    return row;
  }

  #note(row: UnderstoodRow, code: Issue['code'], path: string, message: string, record: string): void {
    row.issues.push({ code, path, message, source: { id: this.#context.sourceId, record } });
  }

  #refuse(row: UnderstoodRow, at: number, code: Issue['code'], role: Role, message: string): void {
    const column = this.#at.get(role);
    const path = column === undefined ? row.row : cellAddress(this.#grid.name, at, column);
    this.#note(row, code, path, `${message}; the row is refused`, row.naturalKey);
    row.refused = true;
  }

  #time(row: UnderstoodRow, at: number): void {
    const { receivedS, config } = this.#context;
    const zone = config.region.timeZone;
    const stated = typeof this.#context.meta['month'] === 'string' ? this.#context.meta['month'] : null;
    if (this.#settings.kind === 'delivered') return this.#month(row, at, stated);
    const text = this.#text(at, 'date');
    const date = dateOf(text);
    if (date === null) {
      const code = text === '' ? 'TIME_MISSING' : 'TIME_NOT_READABLE';
      return this.#refuse(
        row,
        at,
        code,
        'date',
        `sampling date "${text}", expected YYYY-MM-DD with or without a time`,
      );
    }
    row.time = date.endsWith('T00:00') ? date.slice(0, 10) : date;
    const found = sampledAt(date, receivedS, zone);
    if (typeof found === 'string') return this.#refuse(row, at, 'TIME_OUT_OF_RANGE', 'date', found);
    if (stated !== null && !date.startsWith(stated))
      return this.#refuse(row, at, 'MONTH_DISAGREES', 'date', `sampled on ${row.time}, stated is ${stated}`);
    row.timeS = found;
  }

  #month(row: UnderstoodRow, at: number, stated: string | null): void {
    const own = this.#text(at, 'month');
    const year = this.#at.has('year') ? this.#text(at, 'year') : (this.#titleMonth ?? stated);
    const fromRow = own === '' ? null : monthOf(own, year);
    if (own !== '' && fromRow === null)
      return this.#refuse(row, at, 'TIME_NOT_READABLE', 'month', `month "${own}", expected YYYY-MM`);
    const month = fromRow ?? this.#titleMonth ?? stated;
    if (month === null) {
      const message = 'no month is stated, in the row, in the title, or with the file (--month)';
      return this.#refuse(row, at, 'TIME_MISSING', 'month', message);
    }
    row.time = month;
    if (stated !== null && stated !== month)
      return this.#refuse(
        row,
        at,
        'MONTH_DISAGREES',
        'month',
        `the sheet says ${month}, stated is ${stated}`,
      );
    const found = monthBegin(month, this.#context.receivedS, this.#context.config.region.timeZone);
    if (typeof found === 'string') return this.#refuse(row, at, 'TIME_OUT_OF_RANGE', 'month', found);
    row.timeS = found;
  }

  #station(row: UnderstoodRow, at: number, named: Parameters<typeof findSection>[0]): void {
    const { config, receivedS } = this.#context;
    const found = findSection(named, {
      config,
      providers: this.#providers,
      civilDate: civilDate(row.timeS ?? receivedS, config.region.timeZone),
    });
    if (found === null) return;
    if ('station' in found) row.station = found.station;
    else this.#refuse(row, at, 'STATION_CHANGED', 'section', found.fault);
  }

  #review(row: UnderstoodRow, at: number): void {
    if (this.#settings.kind === 'joint') {
      const sample = normalText(this.#text(at, 'sample'));
      row.sample = sampleWords.find(([pattern]) => pattern.test(sample))?.[1] ?? null;
      if (row.sample === null)
        this.#refuse(
          row,
          at,
          'CODE_UNKNOWN',
          'sample',
          `sample "${sample}", expected 甲方分样, 乙方分样 or 备用样`,
        );
      for (const role of ['signature-protecting', 'signature-benefiting'] as const) {
        if (this.#text(at, role) !== '') continue;
        row.reviewed = false;
        const side =
          role === 'signature-protecting' ? '保护方 (protecting side)' : '受益方 (benefiting side)';
        const message = `not signed by the ${side}; its results stay unconfirmed`;
        this.#note(row, 'SIGNATURE_MISSING', row.row, message, row.naturalKey);
      }
    } else {
      const review = normalText(this.#text(at, 'review'));
      row.reviewed = reviewedWords.has(review);
      if (!row.reviewed && !unreviewedWords.has(review)) {
        const path = cellAddress(this.#grid.name, at, this.#at.get('review') ?? 0);
        this.#note(
          row,
          'CODE_UNKNOWN',
          path,
          `review "${review}" is not known; taken as not reviewed`,
          review,
        );
      }
    }
    const text = this.#text(at, 'class');
    if (!this.#at.has('class') || this.#settings.kind !== 'delivered') return;
    row.class = readClass(text, this.#classes) ?? null;
    if (readClass(text, this.#classes) === undefined) {
      const path = cellAddress(this.#grid.name, at, this.#at.get('class') ?? 0);
      this.#note(row, 'CLASS_UNKNOWN', path, `"${text}" is not a water-quality class`, text);
    }
  }

  #cells(row: UnderstoodRow, at: number): void {
    for (const { column, parameter, power } of this.#items) {
      const cell = this.#grid.rows[at]?.[column] ?? { text: '' };
      const address = cellAddress(this.#grid.name, at, column);
      let reading: CellReading;
      if (cell.merged === true && cell.text.trim() !== '')
        reading = {
          kind: 'rejected',
          message: 'one value merged over several cells; whose it is is not known',
        };
      else if (cell.formula !== undefined && cell.text === '')
        reading = {
          kind: 'rejected',
          message: 'a formula without a saved result; save the file with its values',
        };
      else if (power === null) reading = readCell(cell.text, 0);
      else reading = readCell(cell.text, power);
      if (power === null && reading.kind !== 'absent' && reading.kind !== 'missing')
        reading = { kind: 'rejected', message: 'its unit is not known' };
      else if (reading.kind === 'rejected')
        this.#note(row, 'VALUE_NOT_A_NUMBER', address, `"${cell.text}": ${reading.message}`, row.naturalKey);
      row.cells.push({ address, text: cell.text, parameter: parameter ?? '', reading });
    }
  }
}

const issueOf =
  (sourceId: string) =>
  ({ code, path, message }: GridFault): Issue => ({
    code,
    path,
    message,
    source: { id: sourceId, record: '' },
  });

const cellsText = ({ cells }: UnderstoodRow): string => cells.map(({ text }) => text.trim()).join('\t');

/**
 * Of rows of one section, time and sample the first is taken where all say the same, and none where they do not. Rows that are
 * refused already take part in nothing.
 */
export function refuseDoubled(rows: readonly UnderstoodRow[], sourceId: string): void {
  const groups = new Map<string, UnderstoodRow[]>();
  for (const row of rows) {
    if (row.refused) continue;
    const key = [row.station ?? row.naturalKey, row.timeS, row.sample].join('\n');
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  for (const group of groups.values()) {
    const [first, ...others] = group;
    if (first === undefined || others.length === 0) continue;
    const same = others.every((row) => cellsText(row) === cellsText(first));
    for (const row of same ? others : group) {
      const rest = group.filter((one) => one !== row).map((one) => one.row);
      const message = same
        ? `says the same as row ${first.row}, which is taken`
        : `contradicts row ${rest.join(', ')} of the same section and time; accept one of them by itself`;
      row.refused = true;
      row.issues.push({
        code: 'DUPLICATE_ROW',
        path: row.row,
        message,
        source: { id: sourceId, record: row.naturalKey },
      });
    }
  }
}

/** Everything that a file says, sheet by sheet and row by row, before it is decided what is taken. */
export function understand(body: Uint8Array, context: ParseContext): Understood {
  const { config, sourceId } = context;
  const settings = settingsOf(sourceOf(config, sourceId), sheetSettings);
  const { format, encoding, grids, faults } = gridsOf(body);
  const names = itemNames(config.parameters);
  const facts = { names, parameters: config.parameters, unitRequired: settings.unitRequired ?? [] };
  const classes = classTexts(codeTable(config, 'pub_class'));
  const result: Understood = { settings, format, encoding, sheets: [], rows: [], issues: [] };
  const found: GridFault[] = [...faults];
  for (const grid of grids) {
    // A sheet with notes beside one with a table is no fault; the only sheet without one is.
    const ofSheet: GridFault[] = [];
    const layout = layoutOf(grid, facts, ofSheet);
    if (layout === null && grids.length > 1 && ofSheet.every(({ path }) => path === grid.name)) continue;
    found.push(...ofSheet);
    if (layout === null) continue;
    result.sheets.push({ grid, layout });
    result.rows.push(...new RowReader({ context, settings, layout, grid, classes }).rows());
  }
  if (format === 'xlsx' && result.sheets.length === 0 && found.length === 0)
    found.push({ code: 'REPLY_EMPTY', path: 'file', message: 'no visible sheet holds a table' });
  result.issues = found.map(issueOf(sourceId));
  return result;
}
