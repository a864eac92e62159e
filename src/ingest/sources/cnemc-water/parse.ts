import { parse as parseCsv } from 'csv-parse/sync';
import { packFlags } from '../../../domain/flags.ts';
import type { ParseContext, ParseResult } from '../../../domain/ports.ts';
import { Collector, codeTable, numberOf } from '../collector.ts';
import { isRecord, messageOf, replyJson, replyText } from '../reply.ts';
import { cellOf, originalOf, saysAbsent, saysMissing } from './cell.ts';
import { columnsOf, measuredPerRow, type Column } from './layout.ts';
import { stampOf, type Stamp } from './stamp.ts';

/** Columns that the recorder of the captures put before the platform's own. */
export const captureColumns: readonly string[] = ['first_captured', 'last_captured', 'captures'];

/** Reads a reply, or a list of replies, of `getRealDatas`, or the captured table as CSV, of any known generation. */
export function parseWater(body: Uint8Array, context: ParseContext): ParseResult {
  const into = new Collector(context);
  const text = replyText(body, context.meta, into);
  if (text !== null) {
    if (text.startsWith('{') || text.startsWith('[')) parseJson(text, into);
    else parseCaptured(text, into);
  }
  return into.finish();
}

function parseJson(text: string, into: Collector): void {
  const reply = replyJson(text, into);
  if (reply === null) return;
  const pages: readonly unknown[] = Array.isArray(reply.document) ? reply.document : [reply.document];
  for (const [index, page] of pages.entries()) {
    parsePage(isRecord(page) ? page : {}, pages.length > 1 ? `page ${index + 1} ` : '', into);
  }
}

function parsePage(page: Record<string, unknown>, prefix: string, into: Collector): void {
  const tbody = page['tbody'];
  if (Array.isArray(tbody) && tbody.length > 0) {
    const thead = page['thead'];
    readTable(Array.isArray(thead) ? thead : [], tbody, (row) => `${prefix}row ${row + 1}`, into);
  } else if (Number(page['result']) === 0 || Array.isArray(tbody)) {
    into.issue(
      'REPLY_EMPTY',
      `${prefix}reply`,
      'the source says that it has no rows',
      JSON.stringify(page).slice(0, 200),
    );
  } else {
    const quoted = (JSON.stringify(page) ?? '').slice(0, 200);
    into.issue('REPLY_NOT_READABLE', `${prefix}tbody`, 'no list of rows, expected tbody: [[…], …]', quoted);
  }
}

function parseCaptured(text: string, into: Collector): void {
  let rows: string[][];
  try {
    rows = parseCsv(text, { relax_column_count: true, skip_empty_lines: true });
  } catch (cause) {
    into.issue('REPLY_NOT_READABLE', 'reply', `not CSV: ${messageOf(cause)}`, text.slice(0, 200));
    return;
  }
  const header = rows[0] ?? [];
  const skip = captureColumns.every((name, index) => header[index] === name) ? captureColumns.length : 0;
  const body = rows.slice(1).map((row) => row.slice(skip));
  readTable(header.slice(skip), body, (row) => `line ${row + 2}`, into);
}

function readTable(
  headers: readonly unknown[],
  rows: readonly unknown[],
  pathOf: (row: number) => string,
  into: Collector,
): void {
  const first = rows[0];
  const layout = columnsOf(headers, Array.isArray(first) ? first.length : 0);
  if ('fault' in layout) {
    into.issue('HEADERS_CHANGED', 'headers', `${layout.fault}; the page is refused`, headers.join(','));
    into.rejectedCells(rows.length * measuredPerRow);
    return;
  }
  const reader = new TableReader(layout.columns, into);
  for (const [index, row] of rows.entries()) reader.row(row, pathOf(index));
}

/** Reads rows of one table whose columns are known. */
class TableReader {
  readonly #columns: readonly Column[];
  readonly #into: Collector;
  readonly #at: Map<Column['role'], number>;
  readonly #classes: ReadonlyMap<string, number>;
  readonly #states: ReadonlyMap<string, number>;
  readonly #stamps = new Map<string, Stamp | null>();
  readonly #seen = new Set<string>();

  constructor(columns: readonly Column[], into: Collector) {
    this.#columns = columns;
    this.#into = into;
    this.#at = new Map(columns.map((column, index) => [column.role, index]));
    this.#classes = codeTable(into.context.config, 'pub_class');
    this.#states = codeTable(into.context.config, 'pub_state');
  }

  row(raw: unknown, path: string): void {
    const into = this.#into;
    if (!Array.isArray(raw) || raw.length !== this.#columns.length) {
      const width = Array.isArray(raw) ? `${raw.length} cells` : typeof raw;
      into.issue(
        'ROW_SHAPE',
        path,
        `${width}, expected ${this.#columns.length} cells`,
        JSON.stringify(raw) ?? '',
      );
      into.rejectedCells(measuredPerRow);
      return;
    }
    const record = raw.join(',');
    const text = (role: Column['role']): string => cellOf(raw[this.#at.get(role) ?? -1]).shown;
    const [province, section, time] = [text('province'), text('section'), text('time')];
    if (province === '' || section === '') {
      into.issue('ROW_SHAPE', path, 'no name of province or section', record);
      this.#withoutTime(raw);
      return;
    }
    const stamp = this.#stampOf(time);
    if (stamp === null) {
      const code = saysMissing(time) ? 'TIME_MISSING' : 'TIME_NOT_READABLE';
      into.issue(
        code,
        `${path} time`,
        `time "${time}", expected MM-DD HH:MM; no value of the row is taken`,
        record,
      );
      this.#withoutTime(raw);
      return;
    }
    const naturalKey = `${province}/${section}`;
    const rowKey = `${naturalKey}\n${stamp.timeS}`;
    if (this.#seen.has(rowKey)) {
      into.issue(
        'DUPLICATE_ROW',
        path,
        `a second row of ${naturalKey} at ${time}; the first is taken`,
        record,
      );
      into.rejectedCells(measuredPerRow);
      return;
    }
    this.#seen.add(rowKey);
    const station = into.station({ naturalKey, name: section, civilDate: stamp.civilDate, path });
    this.#verdicts(station, stamp, {
      path,
      record,
      class: text('class'),
      state: this.#at.has('state') ? text('state') : null,
    });
    for (const [index, column] of this.#columns.entries()) {
      if (column.role === 'measured')
        this.#cell(raw[index], { station, stamp, parameter: column.parameter, path });
    }
  }

  #stampOf(time: string): Stamp | null {
    const known = this.#stamps.get(time);
    if (known !== undefined) return known;
    const stamp = stampOf(time, this.#into.shownS, this.#into.source.timeZone);
    this.#stamps.set(time, stamp);
    return stamp;
  }

  /** Counts a row's cells by what they hold; none can be stored without a time. */
  #withoutTime(raw: readonly unknown[]): void {
    for (const [index, column] of this.#columns.entries()) {
      if (column.role !== 'measured') continue;
      const { shown } = cellOf(raw[index]);
      if (saysAbsent(shown)) this.#into.absentCells(1);
      else if (saysMissing(shown)) this.#into.missingCells(1);
      else this.#into.rejectedCells(1);
    }
  }

  #verdicts(
    station: string,
    stamp: Stamp,
    of: { path: string; record: string; class: string; state: string | null },
  ): void {
    const into = this.#into;
    // The platform writes -1, as well as nothing, where it judges no class.
    const none = saysMissing(of.class) || of.class === '-1' || of.class === '0';
    const value = none ? null : (this.#classes.get(of.class) ?? undefined);
    if (value === undefined)
      into.issue(
        'CLASS_UNKNOWN',
        `${of.path} class`,
        `"${of.class}" is not a water-quality class`,
        of.record,
      );
    else into.published(into.series(station, 'pub_class', 'instant'), stamp.timeS, value);
    if (of.state === null) return;
    const state = saysMissing(of.state) ? null : this.#states.get(of.state);
    if (state === undefined)
      into.issue('CODE_UNKNOWN', `${of.path} state`, `"${of.state}" is not a known station state`, of.record);
    else into.published(into.series(station, 'pub_state', 'instant'), stamp.timeS, state);
  }

  #cell(raw: unknown, of: { station: string; stamp: Stamp; parameter: string; path: string }): void {
    const into = this.#into;
    const { shown, title } = cellOf(raw);
    if (saysAbsent(shown)) {
      into.absentCells(1);
      return;
    }
    const series = into.series(of.station, of.parameter, 'instant');
    if (saysMissing(shown)) {
      // A title on an empty cell is the reason for it, such as a failed control check of that day.
      if (title === '') into.missing(series, 'instant', of.stamp.timeS);
      else
        into.missing(series, 'instant', of.stamp.timeS, packFlags({ validity: 'invalid' }), {
          originalText: title,
        });
      return;
    }
    const original = originalOf(title);
    const value = numberOf(original ?? shown);
    if (value === null) {
      into.issue(
        'VALUE_NOT_A_NUMBER',
        `${of.path} ${of.parameter}`,
        `"${original ?? shown}" is not a number`,
        String(raw),
      );
      into.rejectedCells(1);
      return;
    }
    const rounded = original !== null && numberOf(shown) !== value;
    into.measured(series, 'instant', of.stamp.timeS, value, rounded ? { originalText: shown } : undefined);
  }
}
