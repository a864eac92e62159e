import type { ParseContext, ParseResult } from '../../../domain/ports.ts';
import { AirReader } from '../air-rows.ts';
import { airColumns } from '../cnemc-air/layout.ts';
import { Collector } from '../collector.ts';
import { csvTable, type CsvTable } from '../csv-table.ts';
import { replyText } from '../reply.ts';
import { settingsOf } from '../settings.ts';
import { quotsoftSettings } from './settings.ts';

const keys = ['date', 'hour', 'type'];
const STATION = /^\d{4}[A-Z]$/;
/** `PM2.5_24h` is the column `pm2_5_24h` of the feed. */
const columnOf = (type: string): string => type.toLowerCase().replace('.', '_');
const types = new Set(['aqi', ...airColumns.map((column) => column.archive)]);

/** Reads a day: long over the type, wide over the stations. */
export function parseWide(body: Uint8Array, context: ParseContext): ParseResult {
  const into = new Collector(context);
  const text = replyText(body, context.meta, into);
  if (text !== null) {
    const measuredPerRow = Math.max(0, text.slice(0, text.indexOf('\n')).split(',').length - keys.length);
    const known = (header: string): boolean => keys.includes(header) || STATION.test(header);
    const table = csvTable(text, into, { needed: keys, known, measuredPerRow });
    if (table !== null) readHours(table, into);
  }
  return into.finish();
}

/** Rows of one hour, by column of the feed. */
type Hour = Map<string, { row: readonly string[]; path: string }>;

function readHours(table: CsvTable, into: Collector): void {
  const taken = settingsOf(into.source, quotsoftSettings).stations;
  const stations = table.headers.filter(
    (header) => STATION.test(header) && (taken === undefined || taken.includes(header)),
  );
  const hours = gather(table, into, stations.length);
  const reader = new AirReader(into, airColumns);
  for (const [time, hour] of hours) {
    const path = [...hour.values()][0]?.path ?? '';
    for (const code of stations) {
      const at = table.at(code);
      // A type that has no row in this hour is not there for any station.
      const cells = airColumns.map((column) => {
        const found = hour.get(column.archive);
        return found === undefined ? '/' : (found.row[at] ?? '');
      });
      const aqi = hour.get('aqi')?.row[at] ?? '';
      const row = { time, code, city: '', name: '', lon: '', lat: '', primary: null, aqi, cells };
      reader.row(row, `${path} ${code}`, `${time} ${code} ${cells.join(',')}`);
    }
  }
}

function gather(table: CsvTable, into: Collector, stations: number): Map<string, Hour> {
  const [date, hourAt, type] = [table.at('date'), table.at('hour'), table.at('type')];
  const hours = new Map<string, Hour>();
  for (const [index, row] of table.rows.entries()) {
    const path = `line ${index + 2}`;
    const refuse = (
      code: 'ROW_SHAPE' | 'TIME_NOT_READABLE' | 'CODE_UNKNOWN' | 'DUPLICATE_ROW',
      message: string,
    ): void => {
      into.issue(code, path, message, row.slice(0, 6).join(','));
      into.rejectedCells(stations);
    };
    const day = /^(\d{4})(\d{2})(\d{2})$/.exec(row[date] ?? '');
    const hour = /^\d{1,2}$/.test(row[hourAt] ?? '') ? Number(row[hourAt]) : 24;
    const column = columnOf(row[type] ?? '');
    if (row.length !== table.headers.length)
      refuse('ROW_SHAPE', `${row.length} cells, expected ${table.headers.length}`);
    else if (day === null || hour > 23)
      refuse('TIME_NOT_READABLE', `"${row[date]}" and "${row[hourAt]}", expected YYYYMMDD and 0 to 23`);
    else if (!types.has(column)) refuse('CODE_UNKNOWN', `type "${row[type]}" is not known`);
    else {
      const time = `${day[1]}-${day[2]}-${day[3]}T${String(hour).padStart(2, '0')}00`;
      const of = hours.get(time) ?? new Map();
      hours.set(time, of);
      if (of.has(column))
        refuse('DUPLICATE_ROW', `a second row of ${row[type]} at that hour; the first is taken`);
      else of.set(column, { row, path });
    }
  }
  return hours;
}
