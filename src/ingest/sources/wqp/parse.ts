import { qualifiers } from '../../../domain/flags.ts';
import type { ParseContext, ParseResult } from '../../../domain/ports.ts';
import { Collector, numberOf } from '../collector.ts';
import { csvTable, isWhole } from '../csv-table.ts';
import { instantOrNull, MappedCells } from '../mapped-cells.ts';
import { replyText } from '../reply.ts';
import { settingsOf } from '../settings.ts';
import { offsetOf } from '../us-zones.ts';
import { marksOf } from './qualifiers.ts';
import { wqpSettings } from './settings.ts';

const needed = [
  'MonitoringLocationIdentifier',
  'ActivityTypeCode',
  'ActivityMediaName',
  'ActivityStartDate',
  'ActivityStartTime/Time',
  'ActivityStartTime/TimeZoneCode',
  'ResultDetectionConditionText',
  'CharacteristicName',
  'ResultSampleFractionText',
  'ResultMeasureValue',
  'ResultMeasure/MeasureUnitCode',
  'MeasureQualifierCode',
  'ResultStatusIdentifier',
  'ResultValueTypeName',
  'DetectionQuantitationLimitMeasure/MeasureValue',
  'DetectionQuantitationLimitMeasure/MeasureUnitCode',
] as const;
type Field = (typeof needed)[number];

const stationFields = [
  'MonitoringLocationIdentifier',
  'MonitoringLocationName',
  'LatitudeMeasure',
  'LongitudeMeasure',
];

/** Reads results, one a row, or a list of stations (names and positions only). */
export function parseResults(body: Uint8Array, context: ParseContext): ParseResult {
  const into = new Collector(context);
  const text = replyText(body, context.meta, into);
  if (text === null) return into.finish();
  const headers = text.slice(0, text.indexOf('\n')).trim().split(',');
  if (!headers.includes('ResultMeasureValue') && stationFields.every((field) => headers.includes(field)))
    readStations(text, into);
  else readResults(text, into);
  return into.finish();
}

function readStations(text: string, into: Collector): void {
  const table = csvTable(text, into, { needed: stationFields, measuredPerRow: 0 });
  for (const [index, row] of (table?.rows ?? []).entries()) {
    const path = `line ${index + 2}`;
    if (!isWhole(row, table!, into, { path, measuredPerRow: 0 })) continue;
    const [key = '', name = '', lat, lon] = stationFields.map((field) => row[table!.at(field)] ?? '');
    const [latitude, longitude] = [numberOf(lat ?? ''), numberOf(lon ?? '')];
    const position = latitude === null || longitude === null ? {} : { lat: latitude, lon: longitude };
    into.station({ naturalKey: key, name, civilDate: dayOf(into), path, ...position });
  }
}

const dayOf = (into: Collector): string => new Date(into.shownS * 1000).toISOString().slice(0, 10);

function readResults(text: string, into: Collector): void {
  const table = csvTable(text, into, { needed, measuredPerRow: 1 });
  if (table === null) return;
  const cells = new MappedCells(into, settingsOf(into.source, wqpSettings));
  for (const [index, row] of table.rows.entries()) {
    const path = `line ${index + 2}`;
    if (!isWhole(row, table, into, { path, measuredPerRow: 1 })) continue;
    readResult(
      (field) => row[table.at(field)] ?? '',
      { path, record: row.filter((cell) => cell !== '').join(',') },
      into,
      cells,
    );
  }
}

function readResult(
  text: (field: Field) => string,
  of: { path: string; record: string },
  into: Collector,
  cells: MappedCells,
): void {
  // Blanks and replicates of the laboratory, and sediment or tissue, say nothing about the water of the river.
  if (text('ActivityMediaName') !== 'Water' || text('ActivityTypeCode').startsWith('Quality Control'))
    return cells.absent();
  const key = text('MonitoringLocationIdentifier');
  const day = text('ActivityStartDate');
  if (key === '') return cells.refuse('ROW_SHAPE', of, 'no monitoring location');
  const timeS = sampledAt(text, into.source.timeZone);
  if (timeS === null) {
    const message = `date "${day}", time "${text('ActivityStartTime/Time')}" ${text('ActivityStartTime/TimeZoneCode')}, expected YYYY-MM-DD, HH:MM:SS and a known zone`;
    return cells.refuse(day === '' ? 'TIME_MISSING' : 'TIME_NOT_READABLE', of, message);
  }
  const station = into.station({ naturalKey: key, name: key, civilDate: day, path: of.path });
  const marks = marksOf({
    status: text('ResultStatusIdentifier'),
    detection: text('ResultDetectionConditionText'),
    valueType: text('ResultValueTypeName'),
    qualifiers: text('MeasureQualifierCode')
      .split(/[;,\s]+/)
      .filter((one) => one !== ''),
  });
  if (marks.unknown.length > 0)
    cells.once(
      'CODE_UNKNOWN',
      of,
      `"${marks.unknown.join('", "')}" is not a known status, condition or qualifier; the value is kept as suspect`,
    );
  const measured = valueOf(text, marks.below);
  const name = text('CharacteristicName');
  const fraction = text('ResultSampleFractionText');
  cells.take({
    codes: fraction === '' ? [name] : [`${name}|${fraction}`, name],
    unit: measured.unit,
    station,
    averaging: 'instant',
    timeS,
    text: measured.value === '' ? null : measured.value,
    flags: marks.flags | (measured.below && measured.value === '' ? qualifiers.belowDetection : 0),
    below: measured.below && measured.value !== '',
    ...of,
  });
}

/** The measured value, or the limit where nothing was found; the unit goes with whichever of the two it is. */
function valueOf(
  text: (field: Field) => string,
  below: boolean,
): { value: string; unit: string | null; below: boolean } {
  const value = text('ResultMeasureValue');
  const unit = text('ResultMeasure/MeasureUnitCode');
  const limit = text('DetectionQuantitationLimitMeasure/MeasureValue');
  if (value.startsWith('<')) return { value: value.slice(1).trim(), unit, below: true };
  if (value !== '') return { value, unit, below };
  const limitUnit = text('DetectionQuantitationLimitMeasure/MeasureUnitCode');
  return { value: below ? limit : '', unit: limit === '' || !below ? null : limitUnit, below };
}

/** The moment of sampling. A date without a time stands for the begin of that day in the source's zone. */
function sampledAt(text: (field: Field) => string, timeZone: string): number | null {
  const [day, time, zone] = [
    text('ActivityStartDate'),
    text('ActivityStartTime/Time'),
    text('ActivityStartTime/TimeZoneCode'),
  ];
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return null;
  if (time === '') return instantOrNull(day, timeZone);
  const offset = zone === '' ? '' : offsetOf(zone);
  return offset === null ? null : instantOrNull(`${day}T${time}${offset}`, timeZone);
}
