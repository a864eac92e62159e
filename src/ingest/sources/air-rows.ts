import { civilDate, instantOfCivil, type AveragingId, type EpochS } from '../../domain/time.ts';
import { codeTable, numberOf, type Collector } from './collector.ts';

const HOUR_S = 3600;
const DAY_S = 86_400;

/** A measured column: what it is called and the series it belongs to; null: not taken. */
export interface AirColumn {
  archive: string;
  series: { parameter: string; averaging: AveragingId } | null;
}

/** One station and hour, as text. */
export interface AirRow {
  time: string;
  code: string;
  city: string;
  name: string;
  lon: string;
  lat: string;
  /** null: the source never names any. */
  primary: string | null;
  aqi: string;
  /** In the order of the columns. */
  cells: string[];
}

/** The source says "no value now". */
export function saysMissing(text: string): boolean {
  return text === '' || text === 'NA' || text === '—' || text === '-' || text === '--' || text === '_';
}

/** The parameter is not fitted at that station. */
export const saysAbsent = (text: string): boolean => text === '/';

interface Label {
  /** End of the hour that the label names. */
  endS: EpochS;
  civilDate: string;
}

/** Reads rows of either form. The label is the END of the hour: an hour's key is one hour before it, a sliding mean's is the label. */
export class AirReader {
  readonly #into: Collector;
  readonly #columns: readonly AirColumn[];
  readonly #primaries: ReadonlyMap<string, number>;
  readonly #labels = new Map<string, Label | string>();
  readonly #seen = new Set<string>();

  constructor(into: Collector, columns: readonly AirColumn[]) {
    this.#into = into;
    this.#columns = columns;
    this.#primaries = codeTable(into.context.config, 'pub_primary');
  }

  misshapen(path: string, message: string, record: string): void {
    this.#into.issue('ROW_SHAPE', path, message, record);
    this.#into.rejectedCells(this.#columns.length);
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
      into.rejectedCells(this.#columns.length);
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
    for (const [index, column] of this.#columns.entries())
      this.#cell(station, row.cells[index]!, { column, label, path, record });
  }

  #labelOf(text: string): Label | string {
    let label = this.#labels.get(text);
    if (label === undefined) this.#labels.set(text, (label = this.#readLabel(text)));
    return label;
  }

  #readLabel(text: string): Label | 'unreadable' | 'future' {
    const zone = this.#into.source.timeZone;
    const labelS = labelInstant(text, zone);
    if (labelS === null || labelS % HOUR_S !== 0) return 'unreadable';
    const endS = this.#into.source.stampMeans === 'begin' ? labelS + HOUR_S : labelS;
    if (endS > this.#into.shownS + DAY_S) return 'future';
    return { endS, civilDate: civilDate(endS - HOUR_S, zone) };
  }

  #withoutTime(row: AirRow): void {
    for (const [index, column] of this.#columns.entries()) {
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
    if (row.primary === null) return;
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
    of: { column: AirColumn; label: Label; path: string; record: string },
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
const WALL = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}):?(\d{2})(?::\d{2})?)?$/;

/**
 * `/Date(ms)/` is true UTC; `2026-02-26T2000`, `2026-05-01 13:00:00` and `2026-05-01` (its midnight) are wall-clock time of the
 * source's zone. Null when none of them.
 */
function labelInstant(text: string, timeZone: string): EpochS | null {
  const ticks = TICKS.exec(text);
  if (ticks !== null) return Number(ticks[1]) / 1000;
  const wall = WALL.exec(text);
  if (wall === null) return null;
  try {
    return instantOfCivil(`${wall[1]}T${wall[2] ?? '00'}:${wall[3] ?? '00'}`, timeZone);
  } catch {
    return null;
  }
}
