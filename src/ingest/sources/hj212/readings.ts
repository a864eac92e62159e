import type { EpochS } from '../../../domain/time.ts';
import type { AveragingId } from '../../../domain/time.ts';
import { averagings } from '../../../domain/time.ts';
import type { Collector } from '../collector.ts';
import { uploadOf } from './commands.ts';
import type { Message } from './profile.ts';
import { flagsOfLetter } from './quality-letters.ts';
import type { ReadyFactor, RegisteredDevice } from './registry.ts';
import { beijingDate, stampS } from './stamp.ts';
import { scaled } from '../units.ts';

const DAY_S = 86_400;
const BEIJING_OFFSET_S = 8 * 3600;
/** A clock that is seconds off still means the period it is in. */
const STAMP_SLACK_S = 59;

/** Where a frame stands, and the window in which its times are believed. */
export interface FramePlace {
  /** For the path of an issue: `frame 3`. */
  path: string;
  record: string;
  believed: { fromS: EpochS; toS: EpochS };
}

/** Begin of the period that a stamp names; null for a stamp that is no beginning or end of one. */
export function periodBeginS(
  atS: EpochS,
  averaging: AveragingId,
  stampMeans: 'begin' | 'end',
): EpochS | null {
  const lengthS = averaging === 'P1D' ? DAY_S : averagings[averaging].seconds;
  if (lengthS === null || lengthS === 0) return atS;
  const off = (atS + BEIJING_OFFSET_S) % lengthS;
  if (off > STAMP_SLACK_S) return null;
  return atS - off - (stampMeans === 'end' ? lengthS : 0);
}

/**
 * Adds the readings of one accepted frame. A frame that uploads none (states, logs, results of quality control, which are
 * never ambient values) adds nothing. Issues: TIME_MISSING, TIME_NOT_READABLE, TIME_OUT_OF_RANGE, CODE_UNKNOWN,
 * VALUE_NOT_A_NUMBER, VALUE_OUT_OF_RANGE.
 */
export function addReadings(
  message: Message,
  registered: RegisteredDevice,
  place: FramePlace,
  into: Collector,
): void {
  const { device } = registered;
  const upload = uploadOf(message.fields['CN']!, device.minuteAveraging ?? 'PT10M');
  const codes = Object.keys(message.factors);
  if (upload === null || codes.length === 0) return;
  for (const code of codes) {
    const values = message.factors[code]!;
    const text = values[upload.suffix];
    const key = code.toLowerCase();
    const factor = registered.factors.get(key);
    const path = `${place.path}, ${device.mn} ${code}`;
    if (text === undefined || registered.ignored.has(key)) into.absentCells(1);
    else if (factor === undefined) {
      into.rejectedCells(1);
      into.issue('CODE_UNKNOWN', path, `factor set ${device.factors} has no code ${code}`, place.record);
    } else {
      const stamp = upload.averaging === 'instant' ? values['SampleTime'] : undefined;
      const timeS = timeOf(
        stamp ?? message.params['DataTime'],
        upload.averaging,
        device.stampMeans,
        path,
        place,
        into,
      );
      if (timeS === null) into.rejectedCells(1);
      else
        addValue(
          { text, letter: values['Flag'], timeS, averaging: upload.averaging, path },
          factor,
          registered,
          place,
          into,
        );
    }
  }
}

function timeOf(
  text: string | undefined,
  averaging: AveragingId,
  stampMeans: 'begin' | 'end',
  path: string,
  place: FramePlace,
  into: Collector,
): EpochS | null {
  if (text === undefined) {
    into.issue('TIME_MISSING', path, 'no DataTime', place.record);
    return null;
  }
  const stampedS = stampS(text);
  const timeS = stampedS === null ? null : periodBeginS(stampedS, averaging, stampMeans);
  if (stampedS === null || timeS === null) {
    const expected =
      stampedS === null ? 'expected YYYYMMDDhhmmss' : `no ${stampMeans} of a period of ${averaging}`;
    into.issue('TIME_NOT_READABLE', path, `DataTime "${text}", ${expected}`, place.record);
    return null;
  }
  if (stampedS < place.believed.fromS || stampedS > place.believed.toS) {
    into.issue(
      'TIME_OUT_OF_RANGE',
      path,
      `DataTime ${text} is not believed; the clock of the logger is off`,
      place.record,
    );
    return null;
  }
  return timeS;
}

interface Cell {
  text: string;
  letter: string | undefined;
  timeS: EpochS;
  averaging: AveragingId;
  path: string;
}

function addValue(
  cell: Cell,
  factor: ReadyFactor,
  { device }: RegisteredDevice,
  place: FramePlace,
  into: Collector,
): void {
  const { text, timeS, averaging, path } = cell;
  const mark = flagsOfLetter(cell.letter, device.edition);
  if (!mark.known)
    into.issue(
      'CODE_UNKNOWN',
      path,
      `quality letter "${cell.letter}" is not known; marked suspect`,
      place.record,
    );
  const value = scaled(text, factor.power);
  const missing = text === '' || (factor.missing ?? []).some((one) => one === text || Number(one) === value);
  if (value === null && !missing) {
    into.rejectedCells(1);
    into.issue('VALUE_NOT_A_NUMBER', path, `"${text}" is not a number`, place.record);
    return;
  }
  const { accept } = factor;
  const sent = Number(text);
  if (!missing && accept !== undefined && (sent < accept.min || sent > accept.max)) {
    into.rejectedCells(1);
    const range = `${accept.min} to ${accept.max} ${factor.unit}`;
    into.issue('VALUE_OUT_OF_RANGE', path, `value ${text}, accepted are ${range}; refused`, place.record);
    return;
  }
  const station = into.station({
    naturalKey: device.mn,
    name: device.mn,
    civilDate: beijingDate(timeS),
    path,
  });
  const series = into.series(station, factor.parameter, averaging);
  if (missing || value === null) into.missing(series, averaging, timeS, mark.flags);
  else {
    const side = factor.power === 0 ? undefined : { originalText: text, originalUnit: factor.unit };
    into.measured(series, averaging, timeS, value, side, mark.flags);
  }
}
