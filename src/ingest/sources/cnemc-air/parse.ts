import { parse as parseCsv } from 'csv-parse/sync';
import type { ParseContext, ParseResult } from '../../../domain/ports.ts';
import { AirReader, type AirRow } from '../air-rows.ts';
import { Collector } from '../collector.ts';
import { isRecord, messageOf, plainText, replyJson, replyText } from '../reply.ts';
import { airColumns, archiveHeaders, liveFields } from './layout.ts';

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
  const reader = new AirReader(into, airColumns);
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
  const reader = new AirReader(into, airColumns);
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
