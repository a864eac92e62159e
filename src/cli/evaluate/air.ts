import { historyOf, judgeAqi, type AirValues, type AqiVerdict } from '../../analysis/air/aqi.ts';
import { aqiEditionOfDay, aqiEditionOfHour } from '../../analysis/air/edition.ts';
import type { AqiStandard } from '../../domain/config/standard.ts';
import { Decimal } from '../../domain/decimal.ts';
import { measuredCell, NOT_IN_PLAN, timeLabel } from './cell.ts';
import { headingKey, RowFault, type TableRow } from './table.ts';

export interface AirOptions {
  /** Given edition, or null for the one in force on the date of the row. */
  edition: AqiStandard | null;
  averaging: '1h' | '24h';
  /** What a row's time says of its hour. */
  stamp: 'begin' | 'end';
  timeZone: string;
  /** Part of the detection limit that a result below it stands for. */
  belowDetectionShare: Decimal;
}

/** Headings of an air table, by key. */
export function airHeadings(
  editions: readonly AqiStandard[],
  averaging: AirOptions['averaging'],
): Map<string, string> {
  const headings = new Map<string, string>();
  const add = (column: string, names: readonly string[]) => {
    for (const name of [column, ...names])
      if (!headings.has(headingKey(name))) headings.set(headingKey(name), column);
  };
  add('station', ['stationcode', 'stationid', '站点', '站点编码', '站点名称', '监测点编码', '城市']);
  add('time', ['timepoint', '时间', '监测时间', '日期', 'date', 'datetime', 'timestamp']);
  for (const edition of editions) {
    const indicators = [...edition.hourly.indicators, ...edition.daily.indicators];
    for (const { column, aliases, instead } of indicators) {
      add(column, aliases ?? []);
      if (instead !== undefined) add(instead.column, []);
    }
    for (const { parameter, aliases } of edition.parameters) add(parameter, aliases);
    if (averaging !== '24h') continue;
    for (const { parameter, aliases } of edition.parameters) {
      add(
        parameter,
        [parameter, ...aliases].map((name) => `${name}_24h`),
      );
    }
  }
  return headings;
}

/** One row of the contract `evaluate air`. Throws {@link RowFault} for a cell that cannot be read. */
export function evaluateAirRow(
  row: TableRow,
  columns: ReadonlyMap<string, number>,
  editions: readonly AqiStandard[],
  options: AirOptions,
  explain: boolean,
): Record<string, unknown> {
  const text = (column: string) => row.cells[columns.get(column) ?? -1] ?? '';
  const values: Record<string, Decimal | null> = {};
  for (const [column] of columns) {
    if (column === 'station' || column === 'time') continue;
    const cell = { text: text(column), line: row.line, column };
    values[column] = measuredCell(cell, options.belowDetectionShare, false)?.value ?? null;
  }
  const edition = options.edition ?? editionOfRow(text('time'), row.line, editions, options);
  const unplanned = new Set([...columns.keys()].filter((column) => text(column) === NOT_IN_PLAN));
  const report = options.averaging === '1h' ? 'hourly' : 'daily';
  const notInPlan = edition[report].indicators
    .filter((indicator) => unplanned.has(indicator.column))
    .map((indicator) => indicator.parameter);
  const verdict = judgeAqi(edition, values, { report, notInPlan, historyClean: historyOf(edition) });
  return {
    aqi: verdict.aqi,
    level: verdict.level,
    primary: verdict.primary,
    iaqi: verdict.iaqi,
    edition: verdict.edition,
    status: verdict.status,
    reason: verdict.reason,
    ...(verdict.aqi === null && verdict.atLeast !== null ? { atLeast: verdict.atLeast } : {}),
    ...(verdict.levelName === null ? {} : { levelName: verdict.levelName.zh }),
    ...(verdict.concerns.length === 0 ? {} : { concerns: verdict.concerns }),
    ...(explain ? { explain: explainAir(verdict, values, edition) } : {}),
  };
}

function editionOfRow(
  text: string,
  line: number,
  editions: readonly AqiStandard[],
  options: AirOptions,
): AqiStandard {
  const label = timeLabel({ text, line, column: 'time' }, options.timeZone);
  const { stamp, timeZone } = options;
  let edition: AqiStandard | null;
  if (options.averaging === '24h' || label.instantS === null) edition = aqiEditionOfDay(editions, label.date);
  else {
    const beginS = stamp === 'begin' ? label.instantS : label.instantS - 3600;
    edition = aqiEditionOfHour(editions, { beginS, endS: beginS + 3600 }, timeZone);
  }
  if (edition === null) {
    const first = editions[0]?.inForce.from ?? '';
    throw new RowFault(
      'TIME_OUT_OF_RANGE',
      `line ${line}, column "time": no edition in force on ${text} (the first is of ${first}; name one with --edition)`,
    );
  }
  return edition;
}

function explainAir(verdict: AqiVerdict, values: AirValues, edition: AqiStandard): Record<string, unknown> {
  const { indicators, provenance } = edition[verdict.report];
  return {
    rule: edition.clause,
    standard: edition.id,
    inForce: { from: edition.inForce.from, to: edition.inForce.to },
    report: verdict.report,
    reportSource: provenance,
    standing: 'single-unreviewed',
    indicators: indicators.map(({ column, parameter, averaging, otherwise }) => {
      const breakpoints = edition.breakpoints.find(
        (entry) => entry.parameter === parameter && entry.averaging === averaging,
      );
      const value =
        values[column] ?? (otherwise === undefined || column in values ? null : values[otherwise]) ?? null;
      return {
        column,
        value: value === null ? null : new Decimal(value).toFixed(),
        iaqi: verdict.iaqi[column] ?? null,
        reason: verdict.noIndex[column] ?? null,
        breakpoints: breakpoints?.values ?? null,
        source: breakpoints?.provenance.source ?? null,
        confidence: breakpoints?.provenance.confidence ?? null,
      };
    }),
    index: edition.index,
    missingRule: edition.missing,
  };
}
