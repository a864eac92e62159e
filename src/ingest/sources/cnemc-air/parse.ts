import { parse as parseCsv } from 'csv-parse/sync';
import type { ParseContext, ParseResult } from '../../../domain/ports.ts';
import { civilDate, instantOfCivil, type EpochS } from '../../../domain/time.ts';
import { Collector, codeTable, numberOf } from '../collector.ts';
import { isRecord, messageOf, plainText, replyJson, replyText } from '../reply.ts';
import { airColumns, archiveHeaders, liveFields, saysAbsent, saysMissing, type AirRow } from './layout.ts';

const HOUR_S = 3600;
const DAY_S = 86_400;

/** Reads the live JSON of a city, or an archived table as CSV. */
export function parseAir(body: Uint8Array, context: ParseContext): ParseResult {
  const into = new Collector(context);
  const text = replyText(body, context.meta, into);
  if (text !== null) {
    if (text.startsWith('[') || text.startsWith('{')) parseLive(text, into);
    else parseArchive(text, into);
  }
  return into.finish();
}

const textOf = (value: unknown): string => plainText(value).trim();

function parseLive(text: string, into: Collector): void {
  const reply = replyJson(text, into);
  if (reply === null) return;
  if (!Array.isArray(reply.document)) {
    into.issue('REPLY_NOT_READABLE', 'reply', 'not a list of stations', text.slice(0, 200));
    return;
  }
  const stations: readonly unknown[] = reply.document;
  if (stations.length === 0)
    into.issue('REPLY_EMPTY', 'reply', 'the source lists no station', text.slice(0, 200));
  const reader = new AirReader(into);
  const lacking = lackingFields(stations[0]);
  if (stations.length > 0 && lacking.length > 0) {
    into.issue(
      'HEADERS_CHANGED',
      'row 1',
      `lacking: ${lacking.join(' ')}; the reply is refused`,
      JSON.stringify(stations[0]) ?? '',
    );
    into.rejectedCells(stations.length * airColumns.length);
    return;
  }
  for (const [index, station] of stations.entries()) {
    const path = `row ${index + 1}`;
    const quoted = JSON.stringify(station) ?? '';
    const missing = lackingFields(station);
    if (isRecord(station) && missing.length === 0) reader.row(liveRow(station), path, quoted);
    else reader.misshapen(path, `lacking: ${missing.join(' ')}`, quoted);
  }
}

function lackingFields(station: unknown): string[] {
  if (!isRecord(station)) return [...liveFields];
  return liveFields.filter((field) => !(field in station));
}

function liveRow(station: Record<string, unknown>): AirRow {
  return {
    time: textOf(station['TimePoint']),
    code: textOf(station['StationCode']),
    city: textOf(station['Area']),
    name: textOf(station['PositionName']),
    lon: textOf(station['Longitude']),
    lat: textOf(station['Latitude']),
    primary: textOf(station['PrimaryPollutant']),
    aqi: textOf(station['AQI']),
    cells: airColumns.map((column) => textOf(station[column.live])),
  };
}

function parseArchive(text: string, into: Collector): void {
  let rows: string[][];
  try {
    rows = parseCsv(text, { relax_column_count: true, skip_empty_lines: true });
  } catch (cause) {
    into.issue('REPLY_NOT_READABLE', 'reply', `not CSV: ${messageOf(cause)}`, text.slice(0, 200));
    return;
  }
  const headers = (rows[0] ?? []).map((header) => header.trim().toLowerCase());
  const unknown = headers.filter(
    (header, at) => !archiveHeaders.includes(header) || headers.indexOf(header) !== at,
  );
  const lacking = archiveHeaders.filter((header) => !headers.includes(header));
  if (unknown.length + lacking.length > 0) {
    const message = `unknown or doubled: ${unknown.join(' ') || 'none'}; lacking: ${lacking.join(' ') || 'none'}; the file is refused`;
    into.issue('HEADERS_CHANGED', 'line 1', message, headers.join(','));
    into.rejectedCells((rows.length - 1) * airColumns.length);
    return;
  }
  const at = new Map(headers.map((header, index) => [header, index]));
  const columns = airColumns.map((column) => at.get(column.archive)!);
  const reader = new AirReader(into);
  for (let index = 1; index < rows.length; index++) {
    const row = rows[index]!;
    const path = `line ${index + 1}`;
    if (row.length !== headers.length) {
      reader.misshapen(path, `${row.length} cells, expected ${headers.length}`, row.join(','));
      continue;
    }
    const field = (name: (typeof archiveHeaders)[number]): string => row[at.get(name)!]!.trim();
    const place = {
      city: field('area'),
      name: field('positionname'),
      lon: field('longitude'),
      lat: field('latitude'),
    };
    const cells = columns.map((column) => row[column]!.trim());
    const verdict = { primary: field('primarypollutant'), aqi: field('aqi') };
    reader.row(
      { time: field('timepoint'), code: field('stationcode'), ...place, ...verdict, cells },
      path,
      row.join(','),
    );
  }
}

interface Label {
  /** End of the hour that the label names. */
  endS: EpochS;
  civilDate: string;
}

/** Reads rows of either form. The label is the END of the hour: an hour's key is one hour before it, a sliding mean's is the label. */
class AirReader {
  readonly #into: Collector;
  readonly #primaries: ReadonlyMap<string, number>;
  readonly #labels = new Map<string, Label | string>();
  readonly #seen = new Set<string>();

  constructor(into: Collector) {
    this.#into = into;
    this.#primaries = codeTable(into.context.config, 'pub_primary');
  }

  misshapen(path: string, message: string, record: string): void {
    this.#into.issue('ROW_SHAPE', path, message, record);
    this.#into.rejectedCells(airColumns.length);
  }

  row(row: AirRow, path: string, record: string): void {
    const into = this.#into;
    if (row.code === '') {
      into.issue('ROW_SHAPE', path, 'no station code', record);
      this.#withoutTime(row);
      return;
    }
    const label = this.#labelOf(row.time);
    if (typeof label === 'string') {
      const code = saysMissing(row.time) || row.time === 'NULL' ? 'TIME_MISSING' : 'TIME_NOT_READABLE';
      const late = label === 'future';
      const message = late
        ? `time "${row.time}" lies more than a day ahead`
        : `time "${row.time}", expected a full hour`;
      into.issue(
        late ? 'TIME_OUT_OF_RANGE' : code,
        `${path} time`,
        `${message}; no value of the row is taken`,
        record,
      );
      this.#withoutTime(row);
      return;
    }
    const key = `${row.code}\n${label.endS}`;
    if (this.#seen.has(key)) {
      into.issue(
        'DUPLICATE_ROW',
        path,
        `a second row of ${row.code} at ${row.time}; the first is taken`,
        record,
      );
      into.rejectedCells(airColumns.length);
      return;
    }
    this.#seen.add(key);
    const [lon, lat] = [numberOf(row.lon), numberOf(row.lat)];
    const position = lon === null || lat === null ? {} : { lon, lat };
    const name = [row.city, row.name].filter((part) => part !== '').join(' ') || row.code;
    const station = into.station({
      naturalKey: row.code,
      name,
      civilDate: label.civilDate,
      path,
      ...position,
    });
    this.#verdicts(station, row, { label, path, record });
    for (const [index, column] of airColumns.entries())
      this.#cell(station, row.cells[index]!, { column, label, path, record });
  }

  #labelOf(text: string): Label | string {
    let label = this.#labels.get(text);
    if (label === undefined) this.#labels.set(text, (label = this.#readLabel(text)));
    return label;
  }

  #readLabel(text: string): Label | 'unreadable' | 'future' {
    const zone = this.#into.source.timeZone;
    const endS = labelEndS(text, zone);
    if (endS === null || endS % HOUR_S !== 0) return 'unreadable';
    if (endS > this.#into.shownS + DAY_S) return 'future';
    return { endS, civilDate: civilDate(endS - HOUR_S, zone) };
  }

  #withoutTime(row: AirRow): void {
    for (const [index, column] of airColumns.entries()) {
      const text = row.cells[index]!;
      if (column.series === null || saysAbsent(text)) this.#into.absentCells(1);
      else if (saysMissing(text)) this.#into.missingCells(1);
      else this.#into.rejectedCells(1);
    }
  }

  #verdicts(station: string, row: AirRow, of: { label: Label; path: string; record: string }): void {
    const into = this.#into;
    const beginS = of.label.endS - HOUR_S;
    const aqi = saysMissing(row.aqi) ? null : numberOf(row.aqi);
    if (aqi === null && !saysMissing(row.aqi))
      into.issue('VALUE_NOT_A_NUMBER', `${of.path} aqi`, `"${row.aqi}" is not a number`, of.record);
    else into.published(into.series(station, 'pub_aqi', 'PT1H'), beginS, aqi);
    const names = saysMissing(row.primary) ? [] : row.primary.split(/[,，、]/).map((name) => name.trim());
    const unknown = names.filter((name) => !this.#primaries.has(name));
    if (unknown.length > 0) {
      into.issue(
        'CODE_UNKNOWN',
        `${of.path} primary pollutant`,
        `"${unknown.join(',')}" is not a known pollutant`,
        of.record,
      );
      return;
    }
    // Nothing named beside an index means that there is no primary pollutant; beside none, that nothing is said.
    const bits = names.reduce((sum, name) => sum | this.#primaries.get(name)!, 0);
    into.published(
      into.series(station, 'pub_primary', 'PT1H'),
      beginS,
      names.length === 0 && aqi === null ? null : bits,
    );
  }

  #cell(
    station: string,
    text: string,
    of: { column: (typeof airColumns)[number]; label: Label; path: string; record: string },
  ): void {
    const into = this.#into;
    const { column, label } = of;
    if (column.series === null || saysAbsent(text)) {
      into.absentCells(1);
      return;
    }
    const { parameter, averaging } = column.series;
    const keyS = averaging === 'PT1H' ? label.endS - HOUR_S : label.endS;
    if (saysMissing(text)) {
      into.missing(into.series(station, parameter, averaging), averaging, keyS);
      return;
    }
    const value = numberOf(text);
    if (value === null) {
      into.issue(
        'VALUE_NOT_A_NUMBER',
        `${of.path} ${column.archive}`,
        `"${text}" is not a number`,
        of.record,
      );
      into.rejectedCells(1);
      return;
    }
    into.measured(into.series(station, parameter, averaging), averaging, keyS, value);
  }
}

const TICKS = /^\/Date\((-?\d+)\)\/$/;
const ARCHIVED = /^(\d{4}-\d{2}-\d{2})T(\d{2}):?(\d{2})(?::\d{2})?$/;

/** `/Date(ms)/` is true UTC; `2026-02-26T2000` is wall-clock time of the source's zone. Null when neither. */
function labelEndS(text: string, timeZone: string): EpochS | null {
  const ticks = TICKS.exec(text);
  if (ticks !== null) return Number(ticks[1]) / 1000;
  const wall = ARCHIVED.exec(text);
  if (wall === null) return null;
  try {
    return instantOfCivil(`${wall[1]}T${wall[2]}:${wall[3]}`, timeZone);
  } catch {
    return null;
  }
}
