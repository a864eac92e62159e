import type { ParseContext, ParseResult } from '../../../domain/ports.ts';
import { civilDate, type EpochS } from '../../../domain/time.ts';
import { Collector, numberOf } from '../collector.ts';
import { instantOrNull } from '../mapped-cells.ts';
import { csvTable, isWhole } from '../csv-table.ts';
import { isRecord, plainText, replyJson, replyText } from '../reply.ts';

const DAY_S = 86_400;
/** A list of newest readings does not show one that is older; such a stamp is a clock that is off. */
const OLDEST_S = 366 * DAY_S;

/** Measured fields and the parameters they are; a row has those of one list. */
const lists = {
  greatRiver: { ql: 'discharge', zl: 'stage' },
  greatRsvr: { rz: 'stage', inq: 'inflow', wl: 'storage' },
} as const satisfies Record<string, Record<string, string>>;

const keys = ['tm', 'stcd', 'stnm'];
const known = new Set([
  'first_captured',
  'last_captured',
  'dateTime',
  'poiAddv',
  'poiBsnm',
  'rvnm',
  'webStlc',
  'wrz',
  'damel',
  ...keys,
  ...Object.values(lists).flatMap((list) => Object.keys(list)),
]);

type List = readonly (readonly [field: string, parameter: string])[];

const listOf = (fields: readonly string[]): List | null => {
  const found = Object.values(lists).find((list) =>
    Object.keys(list).every((field) => fields.includes(field)),
  );
  return found === undefined ? null : Object.entries(found);
};

/** Reads a list of the service (JSON), or a captured table of one (CSV). */
export function parseHydro(body: Uint8Array, context: ParseContext): ParseResult {
  const into = new Collector(context);
  const text = replyText(body, context.meta, into);
  if (text !== null) {
    if (text.startsWith('{') || text.startsWith('[')) parseList(text, into);
    else parseCaptured(text, into);
  }
  return into.finish();
}

function parseList(text: string, into: Collector): void {
  const reply = replyJson(text, into);
  if (reply === null) return;
  const result = isRecord(reply.document) ? reply.document['result'] : null;
  const rows = isRecord(result) ? result['data'] : null;
  if (!Array.isArray(rows)) {
    into.issue('REPLY_NOT_READABLE', 'reply', 'no list at result.data', text.slice(0, 200));
    return;
  }
  const first: unknown = rows[0];
  if (first === undefined)
    into.issue('REPLY_EMPTY', 'reply', 'the list holds no station', text.slice(0, 200));
  const list = isRecord(first) ? listOf(Object.keys(first)) : null;
  if (first !== undefined && list === null) {
    const expected = Object.values(lists).map((one) => Object.keys(one).join(' '));
    into.issue(
      'HEADERS_CHANGED',
      'row 1',
      `expected ${expected.join(', or ')}; the list is refused`,
      JSON.stringify(first) ?? '',
    );
    into.rejectedCells(rows.length * 2);
    return;
  }
  const reader = new HydroRows(into, list ?? []);
  for (const [index, row] of rows.entries()) {
    const path = `row ${index + 1}`;
    const record = JSON.stringify(row) ?? '';
    const lacking = [...keys, ...(list ?? []).map(([field]) => field)].filter(
      (field) => !isRecord(row) || !(field in row),
    );
    if (isRecord(row) && lacking.length === 0)
      reader.row((field) => plainText(row[field]).trim(), path, record);
    else reader.misshapen(path, `lacking: ${lacking.join(' ')}`, record);
  }
}

function parseCaptured(text: string, into: Collector): void {
  const headers = text.slice(0, text.indexOf('\n')).trim().split(',');
  const list = listOf(headers) ?? [];
  const needed = [...keys, ...(list.length === 0 ? ['ql', 'zl'] : list.map(([field]) => field))];
  const table = csvTable(text, into, {
    needed,
    known: (header) => known.has(header),
    measuredPerRow: Math.max(list.length, 2),
  });
  if (table === null) return;
  const reader = new HydroRows(into, list);
  for (const [index, row] of table.rows.entries()) {
    const path = `line ${index + 2}`;
    if (!isWhole(row, table, into, { path, measuredPerRow: list.length })) continue;
    reader.row((field) => row[table.at(field)] ?? '', path, row.join(','));
  }
}

class HydroRows {
  readonly #into: Collector;
  readonly #list: List;
  readonly #seen = new Set<string>();
  readonly #stamps = new Map<string, { timeS: EpochS; day: string } | null>();

  constructor(into: Collector, list: List) {
    this.#into = into;
    this.#list = list;
  }

  misshapen(path: string, message: string, record: string): void {
    this.#refuse('ROW_SHAPE', path, message, record);
  }

  row(text: (field: string) => string, path: string, record: string): void {
    const into = this.#into;
    const [code, stamp] = [text('stcd'), text('tm')];
    if (code === '') return this.#refuse('ROW_SHAPE', path, 'no station code', record);
    const read = this.#stampOf(stamp);
    if (read === null) {
      const fault = stamp === '' ? 'TIME_MISSING' : 'TIME_NOT_READABLE';
      return this.#refuse(fault, `${path} tm`, `time "${stamp}", expected YYYY-MM-DD HH:MM:SS`, record);
    }
    const { timeS, day } = read;
    if (timeS > into.shownS + DAY_S || timeS < into.shownS - OLDEST_S)
      return this.#refuse(
        'TIME_OUT_OF_RANGE',
        `${path} tm`,
        `time "${stamp}" is a year or more before its showing, or ahead of it`,
        record,
      );
    const key = `${code}\n${timeS}`;
    if (this.#seen.has(key))
      return this.#refuse(
        'DUPLICATE_ROW',
        path,
        `a second row of ${code} at ${stamp}; the first is taken`,
        record,
      );
    this.#seen.add(key);
    const name = [text('stnm'), text('rvnm')].filter((part) => part !== '').join(' ');
    const station = into.station({ naturalKey: code, name: name === '' ? code : name, civilDate: day, path });
    for (const [field, parameter] of this.#list)
      this.#cell(text(field), { station, parameter, timeS, path: `${path} ${field}`, record });
  }

  /** 0 means "not reported" in every measured field of this source. */
  #cell(
    text: string,
    of: { station: string; parameter: string; timeS: EpochS; path: string; record: string },
  ): void {
    const into = this.#into;
    const series = into.series(of.station, of.parameter, 'instant');
    const value = text === '' || text === '--' ? 0 : numberOf(text);
    if (value === null) {
      into.issue('VALUE_NOT_A_NUMBER', of.path, `"${text}" is not a number`, of.record);
      into.rejectedCells(1);
    } else if (value === 0) into.missing(series, 'instant', of.timeS);
    else into.measured(series, 'instant', of.timeS, value);
  }

  #stampOf(stamp: string): { timeS: EpochS; day: string } | null {
    const known = this.#stamps.get(stamp);
    if (known !== undefined) return known;
    const zone = this.#into.source.timeZone;
    const shaped = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2})?$/.test(stamp);
    const timeS = shaped ? instantOrNull(stamp.replace(' ', 'T'), zone) : null;
    const read = timeS === null ? null : { timeS, day: civilDate(timeS, zone) };
    this.#stamps.set(stamp, read);
    return read;
  }

  #refuse(code: Parameters<Collector['issue']>[0], path: string, message: string, record: string): void {
    this.#into.issue(code, path, message, record);
    this.#into.rejectedCells(this.#list.length);
  }
}
