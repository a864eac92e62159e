import type { Side } from '../../../domain/batch.ts';
import type { ParseContext, ParseResult } from '../../../domain/ports.ts';
import { averagings, civilDate, type AveragingId, type EpochS } from '../../../domain/time.ts';
import { Collector } from '../collector.ts';
import { isRecord, plainText, replyJson, replyText } from '../reply.ts';
import { settingsOf } from '../settings.ts';
import { feedSettings, type FeedSettings } from './settings.ts';

/** A reading this far ahead of its showing is a fault of a clock. */
const FUTURE_S = 2 * 86_400;

interface Reading {
  timeS: EpochS;
  value: number | null;
  flags: number;
  publishedS: EpochS | null;
  side?: Side;
}

interface Reader {
  into: Collector;
  settings: FeedSettings;
  parameters: ReadonlySet<string>;
  stations: ReadonlySet<string>;
}

/**
 * One page of a change feed. Values, flags, times of showing and original texts are taken as they are: whoever measured has judged
 * them. Issues: those of a reply, ROW_SHAPE, CODE_UNKNOWN, TIME_OUT_OF_RANGE, VALUE_NOT_A_NUMBER, STATION_UNREGISTERED.
 */
export function parseFeed(body: Uint8Array, context: ParseContext): ParseResult {
  const into = new Collector(context);
  const settings = settingsOf(into.source, feedSettings);
  const text = replyText(body, context.meta, into);
  const json = text === null ? null : replyJson(text, into);
  if (json === null) return into.finish({ asJudged: true });
  const { document } = json;
  if (!isRecord(document) || !Array.isArray(document['results'])) {
    into.issue('REPLY_NOT_READABLE', 'reply', 'expected a page of a change feed', plainText(document));
    return into.finish({ asJudged: true });
  }
  const reader: Reader = {
    into,
    settings,
    parameters: new Set(context.config.parameters.map(({ id }) => id)),
    stations: settings.sameStations === true ? registeredIds(context.config) : new Set(),
  };
  const entries: readonly unknown[] = document['results'];
  for (const [at, entry] of entries.entries()) {
    const changes: unknown = isRecord(entry) ? entry['changes'] : null;
    if (Array.isArray(changes))
      for (const [nth, change] of (changes as unknown[]).entries())
        readChange(change, `results[${at}].changes[${nth}]`, reader);
    else into.issue('ROW_SHAPE', `results[${at}]`, 'expected an entry with changes', plainText(entry));
  }
  return into.finish({ asJudged: true });
}

function registeredIds({ sections, airStations, flowStations }: ParseContext['config']): ReadonlySet<string> {
  return new Set([...sections, ...airStations, ...flowStations].map(({ id }) => id));
}

const isAveragingId = (text: unknown): text is AveragingId =>
  typeof text === 'string' && Object.hasOwn(averagings, text);

function readChange(change: unknown, path: string, reader: Reader): void {
  const { into, settings, parameters } = reader;
  if (!isRecord(change)) {
    into.issue('ROW_SHAPE', path, 'expected a change', plainText(change));
    return;
  }
  const { station, parameter, averaging, provider } = change;
  const rows = columnsOf(change);
  if (rows === null || typeof station !== 'string' || typeof parameter !== 'string') {
    into.issue('ROW_SHAPE', path, 'expected a series and columns of one length', plainText(change));
    return;
  }
  if (provider !== settings.provider) {
    into.absentCells(rows.length);
    return;
  }
  if (!parameters.has(parameter) || !isAveragingId(averaging)) {
    into.issue(
      'CODE_UNKNOWN',
      path,
      `no parameter "${parameter}" with averaging "${plainText(averaging)}" is known here`,
      `${station} ${parameter} ${plainText(averaging)}`,
    );
    into.rejectedCells(rows.length);
    return;
  }
  readRows(rows, { station, parameter, averaging, path }, reader);
}

/** Station of a row by its civil date: an alias can begin and end. */
function stationOf(naturalKey: string, timeS: EpochS, path: string, reader: Reader): string {
  if (reader.stations.has(naturalKey)) return naturalKey;
  const date = civilDate(timeS, reader.into.source.timeZone);
  return reader.into.station({ naturalKey, name: naturalKey, civilDate: date, path });
}

function readRows(
  rows: readonly (Reading | null)[],
  of: { station: string; parameter: string; averaging: AveragingId; path: string },
  reader: Reader,
): void {
  const { into } = reader;
  const { averaging, path } = of;
  for (const [nth, row] of rows.entries()) {
    const at = `${path}[${nth}]`;
    if (row === null) {
      into.issue('VALUE_NOT_A_NUMBER', at, 'expected time, value and flags', `${of.station} ${of.parameter}`);
      into.rejectedCells(1);
    } else if (row.timeS > into.shownS + FUTURE_S) {
      into.issue('TIME_OUT_OF_RANGE', at, `time ${row.timeS} lies ahead of its showing`, `${row.timeS}`);
      into.rejectedCells(1);
    } else {
      const station = stationOf(of.station, row.timeS, at, reader);
      into.stored(into.series(station, of.parameter, averaging), row);
    }
  }
}

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);

/** Rows of a change; null inside for one that is none, null as a whole where the columns do not fit together. */
function columnsOf(change: Record<string, unknown>): (Reading | null)[] | null {
  const column = (name: string): readonly unknown[] | null => {
    const value = change[name];
    return Array.isArray(value) ? (value as unknown[]) : null;
  };
  const [timeS, values, flags] = [column('timeS'), column('values'), column('flags')];
  const publishedS = column('publishedS');
  if (timeS === null || values === null || flags === null || publishedS === null) return null;
  if ([values, flags, publishedS].some(({ length }) => length !== timeS.length)) return null;
  const sides = sidesOf(column('sides') ?? []);
  return timeS.map((time, at): Reading | null => {
    const [value, bits, published] = [values[at], flags[at], publishedS[at]];
    const side = sides.get(at);
    const valued = value === null || (typeof value === 'number' && Number.isFinite(value));
    const flagged = isWhole(bits) && bits >= 0 && bits <= 0xffff;
    if (!isWhole(time) || !valued || !flagged || (published !== null && !isWhole(published))) return null;
    return {
      timeS: time,
      value,
      flags: bits,
      publishedS: published,
      ...(side === undefined ? {} : { side }),
    };
  });
}

function sidesOf(list: readonly unknown[]): Map<number, Side> {
  const sides = new Map<number, Side>();
  for (const one of list) {
    if (!isRecord(one) || !isWhole(one['row'])) continue;
    const { row, originalText, originalUnit, detectionLimit } = one;
    sides.set(row, {
      ...(typeof originalText === 'string' ? { originalText } : {}),
      ...(typeof originalUnit === 'string' ? { originalUnit } : {}),
      ...(typeof detectionLimit === 'number' ? { detectionLimit } : {}),
    });
  }
  return sides;
}
