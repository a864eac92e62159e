import type { ParseContext, ParseResult } from '../../../domain/ports.ts';
import { AirReader, type AirRow } from '../air-rows.ts';
import { Collector } from '../collector.ts';
import { csvTable, isWhole } from '../csv-table.ts';
import { isRecord, plainText, replyJson, replyText } from '../reply.ts';
import { settingsOf } from '../settings.ts';
import { isKnown, needed, variantOf, variants, type Variant } from './layout.ts';
import { zjemcSettings } from './settings.ts';

/** Reads the list of stations (JSON), or a captured table of any of its three variants (CSV). */
export function parseCounty(body: Uint8Array, context: ParseContext): ParseResult {
  const into = new Collector(context);
  const text = replyText(body, context.meta, into);
  if (text !== null) {
    if (text.startsWith('{') || text.startsWith('[')) parseList(text, into);
    else parseTable(text, into);
  }
  return into.finish();
}

function parseList(text: string, into: Collector): void {
  const reply = replyJson(text, into);
  if (reply === null) return;
  const { listAt } = settingsOf(into.source, zjemcSettings);
  const { document } = reply;
  const rows = listAt !== undefined && isRecord(document) ? document[listAt] : document;
  if (!Array.isArray(rows)) {
    const where =
      listAt === undefined ? 'the reply is no list of stations' : `no list of stations at "${listAt}"`;
    into.issue('REPLY_NOT_READABLE', 'reply', where, text.slice(0, 200));
    return;
  }
  const first: unknown = rows[0];
  if (first === undefined) {
    into.issue('REPLY_EMPTY', 'reply', 'the source lists no station', text.slice(0, 200));
    return;
  }
  const variant = isRecord(first) ? variantOf(Object.keys(first)) : null;
  if (variant === null) {
    const lacking = isRecord(first)
      ? needed(variants[0]!).filter((field) => !(field in first))
      : needed(variants[0]!);
    into.issue(
      'HEADERS_CHANGED',
      'row 1',
      `lacking: ${lacking.join(' ')}; the list is refused`,
      JSON.stringify(first) ?? '',
    );
    into.rejectedCells(rows.length * variants[0]!.columns.length);
    return;
  }
  const reader = new AirReader(into, variant.columns);
  for (const [index, row] of rows.entries()) {
    const path = `row ${index + 1}`;
    const record = JSON.stringify(row) ?? '';
    const lacking = needed(variant).filter((field) => !isRecord(row) || !(field in row));
    if (isRecord(row) && lacking.length === 0)
      reader.row(
        airRow((field) => plainText(row[field]).trim(), variant),
        path,
        record,
      );
    else reader.misshapen(path, `lacking: ${lacking.join(' ')}`, record);
  }
}

function parseTable(text: string, into: Collector): void {
  const headers = text.slice(0, text.indexOf('\n')).trim().split(',');
  const variant = variantOf(headers) ?? variants[0]!;
  const measuredPerRow = variant.columns.length;
  const table = csvTable(text, into, { needed: needed(variant), known: isKnown, measuredPerRow });
  if (table === null) return;
  const reader = new AirReader(into, variant.columns);
  for (const [index, row] of table.rows.entries()) {
    const path = `line ${index + 2}`;
    if (!isWhole(row, table, into, { path, measuredPerRow })) continue;
    reader.row(
      airRow((field) => row[table.at(field)] ?? '', variant),
      path,
      row.join(','),
    );
  }
}

function airRow(text: (field: string) => string, variant: Variant): AirRow {
  const [city, name] = [text(variant.city), text(variant.name)];
  return {
    time: text('time'),
    code: variant.code === null ? (name === '' ? '' : `${city}/${name}`) : text(variant.code),
    city,
    name,
    lon: text('longitude'),
    lat: text('latitude'),
    primary: variant.primary === null ? null : text(variant.primary),
    aqi: text('AQI'),
    cells: variant.names.map(text),
  };
}
