import type { IPoint } from 'influx';
import type { ReadingBatch, Side } from '../../../domain/batch.ts';
import { sideOf } from '../rows.ts';
import type { Version } from '../versions.ts';
import type { AnswerTable } from './client.ts';

/** All readings of one station, averaging, provider and time: one wide point. */
export interface WidePoint {
  rev: number;
  /** Entry that wrote this version of the point. */
  seq: number;
  /** What the point's own `published` field says; NaN for none. A rewritten point keeps it. */
  publishedS: number;
  readings: Map<string, Version>;
  /** Parameters whose fields the server holds at this point, whatever they say. */
  held: ReadonlyMap<string, Held>;
}

/** Which fields beside a value the server holds: only they can be stale, and must be written over. */
interface Held {
  flags: boolean;
  seq: boolean;
  published: boolean;
  side: boolean;
}

export interface PointKey {
  station: string;
  averaging: string;
  provider: string;
  timeS: number;
}

type Fields = Record<string, number | string>;

/** Fields merge on overwrite and cannot be taken away, so a flag beyond the 16 bits says what a stale field must not. */
const noValue = 1 << 16;
const noReading = 1 << 17;
/** A rewritten point says "not published" and "no limit" in so many words, for the same reason. */
const noPublished = -9_000_000_000_000_000;
const noLimit = -1;

/** Measurement names, kept in one place for documentation and queries. */
export const measurements = {
  reading: 'reading',
  past: 'reading_past',
  latest: 'reading_latest',
  position: 'position',
  applied: 'applied',
  binding: 'binding',
  archived: 'archived',
} as const;

/** A point never written before: only what is not usual is said beside the values. */
export function freshFields(
  batch: ReadingBatch,
  rows: readonly number[],
  sides: ReadonlyMap<number, Side> | null,
  seq: number,
): Fields {
  const fields: Fields = { seq, rev: 0 };
  const publishedS = batch.publishedS[rows[0]!]!;
  if (!Number.isNaN(publishedS)) fields['published'] = publishedS;
  for (const row of rows) {
    const { parameter } = batch.series[batch.seriesIndex[row]!]!;
    const value = batch.value[row]!;
    const flags = batch.flags[row]!;
    const empty = Number.isNaN(value);
    if (!empty) fields[parameter] = value;
    if (empty || flags !== 0) fields[`${parameter}__f`] = flags | (empty ? noValue : 0);
    if (!Object.is(batch.publishedS[row], publishedS))
      publishedField(fields, parameter, batch.publishedS[row]!);
    const side = sides?.get(row);
    if (side !== undefined) sideFields(fields, parameter, side);
  }
  return fields;
}

/** A point that stands over an older one: what is not usual, and what an older field there would say otherwise. */
export function rewrittenFields(point: WidePoint): Fields {
  const fields: Fields = { seq: point.seq, rev: point.rev };
  for (const [parameter, version] of point.readings) {
    const held = point.held.get(parameter);
    const empty = Number.isNaN(version.value);
    if (!empty) fields[parameter] = version.value;
    if (empty || version.flags !== 0 || held?.flags === true)
      fields[`${parameter}__f`] = version.flags | (empty ? noValue : 0);
    if (version.seq !== point.seq || held?.seq === true) fields[`${parameter}__s`] = version.seq;
    if (!Object.is(version.publishedS, point.publishedS) || held?.published === true)
      publishedField(fields, parameter, version.publishedS);
    if (version.side !== null || held?.side === true) sideFields(fields, parameter, version.side ?? {});
  }
  for (const parameter of point.held.keys()) {
    if (!point.readings.has(parameter)) fields[`${parameter}__f`] = noReading;
  }
  return fields;
}

/** A whole point where nothing is stored. */
export function standaloneFields(point: WidePoint): Fields {
  const [first] = point.readings.values();
  const publishedS = first?.publishedS ?? Number.NaN;
  const fields = rewrittenFields({ ...point, publishedS, held: new Map() });
  if (!Number.isNaN(publishedS)) fields['published'] = publishedS;
  return fields;
}

/** A version in the past stands over nothing. */
export function pastFields(point: WidePoint, seqEnd: number): Fields {
  return { ...standaloneFields(point), seq_end: seqEnd };
}

function publishedField(fields: Fields, parameter: string, publishedS: number): void {
  fields[`${parameter}__p`] = Number.isNaN(publishedS) ? noPublished : publishedS;
}

function sideFields(fields: Fields, parameter: string, side: Side): void {
  fields[`${parameter}__t`] = side.originalText ?? '';
  fields[`${parameter}__u`] = side.originalUnit ?? '';
  fields[`${parameter}__d`] = side.detectionLimit ?? noLimit;
}

/** Kept newest row of one reading: key time, value (null: no value), flags, entry. */
export type KeptRow = [timeS: number, value: number | null, flags: number, seq: number];

/** All kept rows of a station in one text: a field of its own for each would cost the server a cursor each, at every query. */
export function keptFields(rows: Record<string, KeptRow>): Fields {
  return { rows: JSON.stringify(rows) };
}

export function keptAt(text: unknown): Record<string, KeptRow> {
  if (typeof text !== 'string') return {};
  const rows: Record<string, KeptRow> = JSON.parse(text);
  return rows;
}

/** The client drops a timestamp of 0 and takes a number for nanoseconds unless told; a text passes as it is. */
export function linePoint(
  measurement: string,
  tags: Readonly<Record<string, string>>,
  timeS: number,
  fields: Fields,
): IPoint {
  return { measurement, tags, fields, timestamp: String(timeS) };
}

export function tagsOf(key: Omit<PointKey, 'timeS'>): Record<string, string> {
  return { station: key.station, averaging: key.averaging, provider: key.provider };
}

/** Columns of an answer by parameter; made once a table, so that rows cost no look-ups by name. */
export interface ColumnMap {
  time: number;
  seq: number;
  rev: number;
  published: number;
  seqEnd: number;
  parameters: {
    parameter: string;
    value: number;
    flags: number;
    seq: number;
    published: number;
    text: number;
    unit: number;
    limit: number;
  }[];
}

const ownColumns = new Set([
  'time',
  'seq',
  'rev',
  'published',
  'seq_end',
  'station',
  'averaging',
  'provider',
  'version',
]);

/** Whether a field is a reading's value, and not something said beside it. */
export function isValueField(name: string): boolean {
  return !ownColumns.has(name) && !name.includes('__');
}

export function columnMap(columns: readonly string[]): ColumnMap {
  const at = (name: string): number => columns.indexOf(name);
  const parameters = new Set<string>();
  for (const name of columns) {
    if (!ownColumns.has(name)) parameters.add(name.split('__')[0]!);
  }
  return {
    time: at('time'),
    seq: at('seq'),
    rev: at('rev'),
    published: at('published'),
    seqEnd: at('seq_end'),
    parameters: [...parameters].map((parameter) => ({
      parameter,
      value: at(parameter),
      flags: at(`${parameter}__f`),
      seq: at(`${parameter}__s`),
      published: at(`${parameter}__p`),
      text: at(`${parameter}__t`),
      unit: at(`${parameter}__u`),
      limit: at(`${parameter}__d`),
    })),
  };
}

type Row = AnswerTable['values'][number];

function numberOrNull(row: Row, column: number): number | null {
  const value = row[column];
  return typeof value === 'number' ? value : null;
}

function textOrNull(row: Row, column: number): string | null {
  const value = row[column];
  return typeof value === 'string' ? value : null;
}

const cell = (row: Row, column: number): number => numberOrNull(row, column) ?? Number.NaN;

/** The 16 bits of a stored flag field; null where it says that there is no value or no reading. */
export function flagsOf(bits: number): number | null {
  return (bits & (noValue | noReading)) === 0 ? bits & 0xffff : null;
}

/** What a stored flag field says of its reading: the 16 bits, and whether it has a value; null for "no reading". */
export function saidBy(bits: number): { flags: number; value: boolean } | null {
  return (bits & noReading) !== 0 ? null : { flags: bits & 0xffff, value: (bits & noValue) === 0 };
}

/** Value and flags of one reading in a row; null where the row has none. */
export function readingAt(
  row: Row,
  column: ColumnMap['parameters'][number],
): { value: number; flags: number } | null {
  const value = numberOrNull(row, column.value);
  const bits = numberOrNull(row, column.flags);
  if (bits === null || bits === undefined)
    return value === null || value === undefined ? null : { value, flags: 0 };
  if ((bits & noReading) !== 0) return null;
  return { value: (bits & noValue) === 0 ? (value ?? Number.NaN) : Number.NaN, flags: bits & 0xffff };
}

/** A whole point with everything known of each reading. */
export function wideAt(row: Row, map: ColumnMap): WidePoint {
  const seq = cell(row, map.seq);
  const published = cell(row, map.published);
  const readings = new Map<string, Version>();
  const held = new Map<string, Held>();
  const has = (column: number): boolean => (row[column] ?? null) !== null;
  for (const column of map.parameters) {
    const reading = readingAt(row, column);
    const flags = has(column.flags);
    if (reading !== null || flags) {
      const side = has(column.text);
      held.set(column.parameter, { flags, seq: has(column.seq), published: has(column.published), side });
    }
    if (reading === null) continue;
    const said = cell(row, column.published);
    const limit = cell(row, column.limit);
    const side = sideOf(
      textOrNull(row, column.text),
      textOrNull(row, column.unit),
      limit === noLimit ? null : limit,
    );
    const ownSeq = cell(row, column.seq);
    readings.set(column.parameter, {
      ...reading,
      seq: Number.isNaN(ownSeq) ? seq : ownSeq,
      publishedS: Number.isNaN(said) ? published : said === noPublished ? Number.NaN : said,
      side: Object.keys(side).length === 0 ? null : side,
    });
  }
  return { rev: cell(row, map.rev), seq, publishedS: published, readings, held };
}
