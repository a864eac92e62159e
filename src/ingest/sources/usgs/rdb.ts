import { civilDate } from '../../../domain/time.ts';
import { numberOf, type Collector } from '../collector.ts';
import { offsetOf } from '../us-zones.ts';
import type { UsgsValues } from './parse.ts';

/** `<time series or descriptor>_<parameter>[_<statistic>]`; its qualifiers stand in the column `…_cd`. */
const VALUE_COLUMN = /^\d+_(\d{5})(?:_(\d{5}))?$/;
const WIDTHS = /^\d+[sdn]$/;

/** Tables of the older services: `#` comments, a header line, a line of widths, tab-separated rows. A list of sites has no values. */
export function parseRdb(text: string, into: Collector, values: UsgsValues): void {
  const lines = text.split(/\r?\n/);
  const start = lines.findIndex((line) => line !== '' && !line.startsWith('#'));
  const headers = start < 0 ? [] : lines[start]!.split('\t').map((header) => header.trim());
  const twice = headers.filter((header, at) => headers.indexOf(header) !== at);
  const has = (...names: string[]): boolean => names.every((name) => headers.includes(name));
  if (start < 0) into.issue('REPLY_EMPTY', 'reply', 'comments and no table', text.slice(0, 200));
  else if (
    twice.length > 0 ||
    !(has('agency_cd', 'site_no', 'datetime') || has('agency_cd', 'site_no', 'station_nm'))
  ) {
    const why =
      twice.length > 0 ? `doubled: ${twice.join(' ')}` : 'neither a table of values nor a list of sites';
    into.issue('HEADERS_CHANGED', `line ${start + 1}`, `${why}; the table is refused`, headers.join(' '));
    into.rejectedCells(
      rowsOf(lines, start).length * headers.filter((header) => VALUE_COLUMN.test(header)).length,
    );
  } else if (has('datetime')) readValues(lines, start, headers, into, values);
  else readSites(lines, start, headers, into);
}

function rowsOf(lines: readonly string[], start: number): { cells: string[]; path: string }[] {
  return lines.slice(start + 1).flatMap((line, at) => {
    const cells = line.split('\t').map((cell) => cell.trim());
    if (line === '' || line.startsWith('#') || cells.every((cell) => WIDTHS.test(cell))) return [];
    return [{ cells, path: `line ${start + at + 2}` }];
  });
}

function readValues(
  lines: readonly string[],
  start: number,
  headers: readonly string[],
  into: Collector,
  values: UsgsValues,
): void {
  const columns = headers.flatMap((header, at) => {
    const found = VALUE_COLUMN.exec(header);
    return found === null ? [] : [{ at, header, code: found[1]!, statistic: found[2] ?? null }];
  });
  const [agency, site, time, zone] = ['agency_cd', 'site_no', 'datetime', 'tz_cd'].map((name) =>
    headers.indexOf(name),
  );
  for (const { cells, path } of rowsOf(lines, start)) {
    const record = cells.join(' ');
    if (cells.length !== headers.length) {
      into.issue('ROW_SHAPE', path, `${cells.length} cells, expected ${headers.length}`, record);
      into.rejectedCells(columns.length);
      continue;
    }
    const offset = zone === -1 || zone === undefined ? '' : offsetOf(cells[zone] ?? '');
    if (offset === null) {
      into.issue('TIME_NOT_READABLE', `${path} tz_cd`, `zone "${cells[zone!]}" is not known`, record);
      into.rejectedCells(columns.length);
      continue;
    }
    const stamp = (cells[time!] ?? '').replace(' ', 'T');
    const station = stationOf(into, `${cells[agency!]}-${cells[site!]}`, path);
    for (const { at, header, code, statistic } of columns) {
      const marks = cells[headers.indexOf(`${header}_cd`)] ?? '';
      values.take({
        station,
        code,
        statistic,
        unit: null,
        time: stamp === '' ? '' : `${stamp}${offset}`,
        value: cells[at] ?? null,
        qualifiers: marks.split(/[\s:]+/).filter((mark) => mark !== ''),
        path: `${path} ${header}`,
        record,
      });
    }
  }
}

/** Only names and positions: what a later table calls by number is then known by name. */
function readSites(
  lines: readonly string[],
  start: number,
  headers: readonly string[],
  into: Collector,
): void {
  const [agency, site, name, lat, lon] = [
    'agency_cd',
    'site_no',
    'station_nm',
    'dec_lat_va',
    'dec_long_va',
  ].map((header) => headers.indexOf(header));
  for (const { cells, path } of rowsOf(lines, start)) {
    if (cells.length !== headers.length) {
      into.issue('ROW_SHAPE', path, `${cells.length} cells, expected ${headers.length}`, cells.join(' '));
      continue;
    }
    const position = { lon: numberOf(cells[lon!] ?? ''), lat: numberOf(cells[lat!] ?? '') };
    stationOf(into, `${cells[agency!]}-${cells[site!]}`, path, { name: cells[name!] ?? '', ...position });
  }
}

function stationOf(
  into: Collector,
  naturalKey: string,
  path: string,
  of: { name: string; lon: number | null; lat: number | null } = { name: '', lon: null, lat: null },
): string {
  return into.station({
    naturalKey,
    name: of.name === '' ? naturalKey : of.name,
    civilDate: civilDate(into.shownS, into.source.timeZone),
    path,
    ...(of.lon === null || of.lat === null ? {} : { lon: of.lon, lat: of.lat }),
  });
}
