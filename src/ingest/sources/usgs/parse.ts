import type { ParseContext, ParseResult } from '../../../domain/ports.ts';
import type { AveragingId } from '../../../domain/time.ts';
import { Collector, numberOf } from '../collector.ts';
import { instantOrNull, MappedCells } from '../mapped-cells.ts';
import { isRecord, replyJson, replyText } from '../reply.ts';
import { settingsOf } from '../settings.ts';
import { parseCollection } from './collection.ts';
import { flagsOf, isQualifier } from './qualifiers.ts';
import { parseRdb } from './rdb.ts';
import { usgsSettings } from './settings.ts';
import { parseWaterMl } from './waterml.ts';

/** Reads WaterML-JSON, a page of an OGC API collection, or an RDB table. */
export function parseUsgs(body: Uint8Array, context: ParseContext): ParseResult {
  const into = new Collector(context);
  const text = replyText(body, context.meta, into);
  if (text !== null) {
    const values = new UsgsValues(into);
    if (!text.startsWith('{') && !text.startsWith('[')) parseRdb(text, into, values);
    else {
      const reply = replyJson(text, into);
      const document = reply?.document;
      if (isRecord(document) && Array.isArray(document['features']))
        parseCollection(document['features'], into, values);
      else if (isRecord(document) && isRecord(document['value']))
        parseWaterMl(document['value'], into, values);
      else if (reply !== null)
        into.issue(
          'REPLY_NOT_READABLE',
          'reply',
          'neither value.timeSeries nor features',
          text.slice(0, 200),
        );
    }
  }
  return into.finish();
}

export interface UsgsValue {
  station: string;
  code: string;
  /** Statistic code; null for a single value of the moment. */
  statistic: string | null;
  unit: string | null;
  time: string;
  value: string | null;
  qualifiers: readonly string[];
  noData?: number;
  path: string;
  record: string;
}

const MEAN = '00003';
const MOMENT = new Set(['00011', '00000']);

/** What the three forms have in common: averaging by statistic, flags by qualifier. */
export class UsgsValues {
  readonly cells: MappedCells;
  readonly #into: Collector;

  constructor(into: Collector) {
    this.#into = into;
    this.cells = new MappedCells(into, settingsOf(into.source, usgsSettings));
  }

  /** Averaging of a statistic; null for one that is no mean of its period (extremes, sums), which is not taken. */
  averagingOf(statistic: string | null): AveragingId | null {
    if (statistic === null || MOMENT.has(statistic)) return 'instant';
    return statistic === MEAN ? 'P1D' : null;
  }

  take(of: UsgsValue): void {
    const { cells } = this;
    const averaging = this.averagingOf(of.statistic);
    if (averaging === null) return cells.absent();
    const timeS = instantOrNull(of.time, this.#into.source.timeZone);
    if (timeS === null)
      return cells.refuse(
        of.time === '' ? 'TIME_MISSING' : 'TIME_NOT_READABLE',
        of,
        `time "${of.time}", expected ISO 8601`,
      );
    const text = of.value?.trim() ?? '';
    const said = isQualifier(text);
    const { flags, below, unknown } = flagsOf(said ? [...of.qualifiers, text] : of.qualifiers);
    if (unknown.length > 0)
      cells.once(
        'CODE_UNKNOWN',
        of,
        `qualifier "${unknown.join(' ')}" is not known; the value is kept as suspect`,
      );
    const none = text === '' || said || (of.noData !== undefined && numberOf(text) === of.noData);
    cells.take({
      ...of,
      codes: [of.code],
      averaging,
      timeS,
      text: none ? null : text,
      flags,
      below: below && !none,
    });
  }
}
