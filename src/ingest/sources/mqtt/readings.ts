import { averagings, civilDate, instantOfCivil, intervalOf, type EpochS } from '../../../domain/time.ts';
import { numberOf, type Collector } from '../collector.ts';
import { scaled } from '../units.ts';
import { plainText } from '../reply.ts';
import { at, type ReadyMapping, type ReadyValue } from './mappings.ts';
import type { MessageLine } from './message-line.ts';
import type { MqttLimits, TimeForm } from './settings.ts';
import { filled } from './topics.ts';

const DAY_S = 86_400;
/** A clock that is seconds off still means the period it is in. */
const STAMP_SLACK_S = 59;

/** Where a message stands, for issues, and what is known of it besides its document. */
export interface MessagePlace {
  line: MessageLine;
  names: ReadonlyMap<string, string>;
  path: string;
  record: string;
  limits: MqttLimits;
}

/**
 * Adds the readings of one message. Issues: MESSAGE_REFUSED (too many records, retained without a time of its own), ROW_SHAPE,
 * TIME_MISSING, TIME_NOT_READABLE, TIME_OUT_OF_RANGE, CODE_UNKNOWN, VALUE_NOT_A_NUMBER, VALUE_OUT_OF_RANGE, DUPLICATE_ROW,
 * STATION_UNREGISTERED.
 */
export function addMessage(json: unknown, mapping: ReadyMapping, place: MessagePlace, into: Collector): void {
  const { line, path, record, limits } = place;
  if (line.retain === true && mapping.retained === 'skip') return;
  if (line.retain === true && mapping.time === 'arrival') {
    into.issue('MESSAGE_REFUSED', path, 'retained by the broker and without a time of its own', record);
    return;
  }
  const records = mapping.records === undefined ? [json] : at(mapping.records, json);
  if (records.length === 0) into.issue('ROW_SHAPE', path, `nothing at ${mapping.records ?? '$'}`, record);
  if (records.length > limits.records)
    into.issue('MESSAGE_REFUSED', path, `${records.length} records, ${limits.records} of them read`, record);
  const seen = new Map<string, number | null>();
  for (const [index, one] of records.slice(0, limits.records).entries()) {
    const where = records.length === 1 ? path : `${path}, record ${index + 1}`;
    if (typeof one !== 'object' || one === null) {
      into.issue('ROW_SHAPE', where, 'not an object of values', record);
      into.rejectedCells(mapping.ready.length);
    } else addRecord(one, mapping, { ...place, path: where }, into, seen);
  }
}

function addRecord(
  json: object,
  mapping: ReadyMapping,
  place: MessagePlace,
  into: Collector,
  seen: Map<string, number | null>,
): void {
  const { path, record } = place;
  const timeS = timeOf(json, mapping, place, into);
  const key = stationKey(json, mapping, place.names);
  if (key === null) into.issue('ROW_SHAPE', path, 'no station', record);
  if (timeS === null || key === null) {
    into.rejectedCells(mapping.ready.length);
    return;
  }
  const flags = flagsOf(json, mapping, place, into);
  const zone = into.source.timeZone;
  const station = into.station({ naturalKey: key, name: key, civilDate: civilDate(timeS, zone), path });
  for (const value of mapping.ready)
    addValue(json, value, { ...place, station, timeS, flags, averaging: mapping.averaging, seen }, into);
}

function stationKey(
  json: object,
  { station }: ReadyMapping,
  names: ReadonlyMap<string, string>,
): string | null {
  const [found] = typeof station === 'string' ? [filled(station, names)] : at(station.path, json);
  if (typeof found !== 'string' && typeof found !== 'number') return null;
  const key = String(found).trim();
  return key === '' || key.length > 300 || /\p{Cc}/u.test(key) ? null : key;
}

function flagsOf(json: object, mapping: ReadyMapping, place: MessagePlace, into: Collector): number {
  if (mapping.quality === undefined) return 0;
  const [mark] = at(mapping.quality.path, json);
  if (mark === undefined) return 0;
  const flags = mapping.marks.get(plainText(mark));
  if (flags !== undefined) return flags;
  into.issue(
    'CODE_UNKNOWN',
    place.path,
    `quality mark "${plainText(mark)}" is not known; marked suspect`,
    place.record,
  );
  return 1;
}

/** Key time of a record; null with an issue where there is none that can be believed. */
function timeOf(json: object, mapping: ReadyMapping, place: MessagePlace, into: Collector): EpochS | null {
  const { line, path, record, limits } = place;
  const { time, averaging } = mapping;
  if (time === 'arrival') return beginOf(line.atS, averaging, 'instant', into);
  const [found] = at(time.path, json);
  if (found === undefined || found === null || found === '') {
    into.issue('TIME_MISSING', path, `no time at ${time.path}`, record);
    return null;
  }
  const stampedS = stampOf(found, time.form, into.source.timeZone);
  if (stampedS === null) {
    into.issue(
      'TIME_NOT_READABLE',
      path,
      `"${plainText(found)}" is no time of the form ${time.form}`,
      record,
    );
    return null;
  }
  if (stampedS > line.atS + limits.futureSeconds || stampedS < line.atS - limits.pastDays * DAY_S) {
    into.issue(
      'TIME_OUT_OF_RANGE',
      path,
      `"${plainText(found)}" is not believed; the clock of the gateway is off`,
      record,
    );
    return null;
  }
  const means = time.means ?? into.source.stampMeans;
  const beginS = beginOf(stampedS, averaging, means, into);
  if (beginS === null)
    into.issue('TIME_NOT_READABLE', path, `"${plainText(found)}" is no ${means} of ${averaging}`, record);
  return beginS;
}

/**
 * Key time of the period that a stamp names: its begin, or its end for a sliding mean. `instant` takes the period that the stamp is in.
 * Null for a stamp that is no border of one, by more than a minute.
 */
function beginOf(
  stampedS: EpochS,
  averaging: ReadyMapping['averaging'],
  means: 'begin' | 'end' | 'instant',
  into: Collector,
): EpochS | null {
  const { seconds, sliding } = averagings[averaging];
  const zone = into.source.timeZone;
  if (seconds === 0) return stampedS;
  if (seconds === null) {
    const inside = means === 'end' ? stampedS - 1 : stampedS;
    const first = civilDate(inside, zone);
    const beginS = instantOfCivil(`${averaging === 'P1M' ? `${first.slice(0, 7)}-01` : first}T00:00`, zone);
    const { endS } = intervalOf(averaging, beginS, zone);
    const off = means === 'end' ? endS - stampedS : stampedS - beginS;
    return means === 'instant' || off <= STAMP_SLACK_S ? beginS : null;
  }
  // Whole hours and parts of them begin alike in every zone whose offset is whole half hours.
  const lengthS = sliding ? 3600 : seconds;
  const off = stampedS % lengthS;
  if (means !== 'instant' && off > STAMP_SLACK_S) return null;
  const borderS = stampedS - off;
  if (sliding) return means === 'begin' ? borderS + seconds : borderS;
  return means === 'end' ? borderS - lengthS : borderS;
}

const LOCAL = /^(\d{4})-?(\d\d)-?(\d\d)[ T]?(\d\d):?(\d\d)(?::?(\d\d))?$/;
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

/** Instant of a stamp in one of the forms; null for anything else. */
function stampOf(found: unknown, form: TimeForm, zone: string): EpochS | null {
  if (form === 'epoch-s' || form === 'epoch-ms') {
    const number = typeof found === 'number' ? found : typeof found === 'string' ? numberOf(found) : null;
    if (number === null || !Number.isFinite(number)) return null;
    return Math.floor(form === 'epoch-s' ? number : number / 1000);
  }
  if (typeof found !== 'string') return null;
  const text = found.trim();
  if (form === 'iso') {
    const ms = ISO.test(text) ? Date.parse(text) : Number.NaN;
    return Number.isNaN(ms) ? null : Math.floor(ms / 1000);
  }
  const [, year, month, day, hour, minute, second = '00'] = LOCAL.exec(text) ?? [];
  if (year === undefined) return null;
  try {
    return instantOfCivil(`${year}-${month}-${day}T${hour}:${minute}:${second}`, zone);
  } catch {
    return null;
  }
}

interface Cell extends MessagePlace {
  station: string;
  timeS: EpochS;
  flags: number;
  averaging: ReadyMapping['averaging'];
  /** Values of this message by series and time. */
  seen: Map<string, number | null>;
}

function addValue(json: object, value: ReadyValue, cell: Cell, into: Collector): void {
  const found = at(value.path, json);
  const path = `${cell.path}, ${value.parameter}`;
  const refuse = (
    code: 'VALUE_NOT_A_NUMBER' | 'VALUE_OUT_OF_RANGE' | 'DUPLICATE_ROW',
    text: string,
  ): void => {
    into.rejectedCells(1);
    into.issue(code, path, text, cell.record);
  };
  if (found.length === 0) return into.absentCells(1);
  if (found.length > 1) return refuse('VALUE_NOT_A_NUMBER', `${value.path} finds ${found.length} values`);
  const [sent] = found;
  const text = typeof sent === 'string' ? sent.trim() : typeof sent === 'number' ? String(sent) : null;
  const number = text === null ? null : numberOf(text);
  const missing =
    sent === null || text === '' || (value.missing ?? []).some((one) => one === sent || String(one) === text);
  if (!missing && (text === null || number === null))
    return refuse(
      'VALUE_NOT_A_NUMBER',
      `${JSON.stringify(sent)?.slice(0, 60) ?? 'undefined'} is not a number`,
    );
  const { accept } = value;
  if (!missing && accept !== undefined && (number! < accept.min || number! > accept.max))
    return refuse(
      'VALUE_OUT_OF_RANGE',
      `value ${text}, accepted are ${accept.min} to ${accept.max} ${value.unit}; refused`,
    );
  const stored = missing ? null : exact(text!, number!, value.power);
  const point = `${cell.station}\n${value.parameter}\n${cell.timeS}`;
  const before = cell.seen.get(point);
  if (before !== undefined && before !== stored)
    return refuse('DUPLICATE_ROW', `the message has ${before} for this point already`);
  cell.seen.set(point, stored);
  const series = into.series(cell.station, value.parameter, cell.averaging);
  const side = value.power === 0 || missing ? undefined : { originalText: text!, originalUnit: value.unit };
  if (stored === null) into.missing(series, cell.averaging, cell.timeS, cell.flags);
  else into.measured(series, cell.averaging, cell.timeS, stored, side, cell.flags);
}

/** Scientific notation scales as a double; plain decimals exactly. */
function exact(text: string, number: number, power: number): number {
  if (power === 0) return number;
  return scaled(text, power) ?? Number(`${number}e${power}`);
}
