import type { ReadingBatch, Side } from '../../domain/batch.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { ApplyResult } from '../../domain/ports.ts';
import { rowOutcomes } from '../../domain/ports.ts';
import { averagings, type AveragingId } from '../../domain/time.ts';

/** What any engine can carry as a key: no space, comma, quote, backslash or newline ever reaches a line or a query. */
const keyPattern = /^[\w.-]+$/;
/** Two underscores in a row separate a parameter from what is said about it in the column names of a wide point. */
const parameterPattern = /^[a-z](?:_?[a-z0-9])*$/;
/** Columns of our own beside the parameters of a wide point. */
const reservedNames = new Set([
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

const rowsNamed = 20;

/**
 * Refuses what no store may hold: a key outside the safe alphabet, an unknown averaging, a time that is not a whole second,
 * an infinite value. Such a batch is a fault of the adapter. Throws E_STORE_REJECTED with the rows named; nothing is written.
 */
export function checkRows(batch: ReadingBatch): void {
  const badSeries = batch.series.map(seriesFault);
  const provider = keyPattern.test(batch.provider)
    ? null
    : `provider "${batch.provider}" is not ${keyPattern}`;
  const rejected: { row: number; station: string; parameter: string; timeS: number; message: string }[] = [];
  let count = 0;
  for (let row = 0; row < batch.length; row++) {
    const index = batch.seriesIndex[row]!;
    const message = provider ?? badSeries[index] ?? rowFault(batch, row);
    if (message === null) continue;
    count += 1;
    if (rejected.length >= rowsNamed) continue;
    const { station = '', parameter = '' } = batch.series[index] ?? {};
    rejected.push({ row, station, parameter, timeS: batch.timeS[row]!, message });
  }
  if (count === 0) return;
  const first = rejected[0]!;
  throw new MonitorError(
    'E_STORE_REJECTED',
    `${count} of ${batch.length} readings cannot be stored, first row ${first.row}: ${first.message}`,
    { details: { count, rejected } },
  );
}

export function isAveraging(text: string): text is AveragingId {
  return Object.hasOwn(averagings, text);
}

function seriesFault(series: ReadingBatch['series'][number]): string | null {
  if (!keyPattern.test(series.station)) return `station "${series.station}" is not ${keyPattern}`;
  if (!parameterPattern.test(series.parameter))
    return `parameter "${series.parameter}" is not ${parameterPattern}`;
  if (reservedNames.has(series.parameter)) return `parameter "${series.parameter}" is a reserved name`;
  const averaging: string = series.averaging;
  return isAveraging(averaging) ? null : `averaging "${averaging}" is not known`;
}

function rowFault(batch: ReadingBatch, row: number): string | null {
  if (batch.series[batch.seriesIndex[row]!] === undefined)
    return `no series ${batch.seriesIndex[row]} in the batch`;
  if (!Number.isSafeInteger(batch.timeS[row])) return `time ${batch.timeS[row]} is not a whole second`;
  const value = batch.value[row]!;
  if (value === Infinity || value === -Infinity) return `value ${value} is not finite`;
  const published = batch.publishedS[row]!;
  if (!Number.isNaN(published) && !Number.isSafeInteger(published))
    return `published ${published} is not a whole second`;
  return null;
}

/** Side entries by row; null when the batch has none, so that the common case costs nothing. */
export function sideByRow(batch: ReadingBatch): Map<number, Side> | null {
  const { side } = batch;
  if (side.row.length === 0) return null;
  const byRow = new Map<number, Side>();
  for (let at = 0; at < side.row.length; at++) {
    byRow.set(side.row[at]!, sideOf(side.originalText[at], side.originalUnit[at], side.detectionLimit[at]));
  }
  return byRow;
}

/** A side entry from nullable columns; an empty text is none, and so is a limit of NaN or null. */
export function sideOf(
  text: string | null | undefined,
  unit: string | null | undefined,
  limit: number | null | undefined,
): Side {
  const side: Side = {};
  if (text !== null && text !== undefined && text !== '') side.originalText = text;
  if (unit !== null && unit !== undefined && unit !== '') side.originalUnit = unit;
  if (limit !== null && limit !== undefined && !Number.isNaN(limit)) side.detectionLimit = limit;
  return side;
}

/** Counts from outcomes: they add up to the rows of the batch, by construction. */
export function resultOf(outcome: Uint8Array): ApplyResult {
  const tally = [0, 0, 0, 0];
  for (let row = 0; row < outcome.length; row++) tally[outcome[row]!]! += 1;
  return {
    accepted: tally[rowOutcomes.accepted]!,
    unchanged: tally[rowOutcomes.unchanged]!,
    revised: tally[rowOutcomes.revised]!,
    superseded: tally[rowOutcomes.superseded]!,
    outcome,
  };
}

/** The answer for an entry that is already in the store: nothing was done. */
export function nothingApplied(): ApplyResult {
  return resultOf(new Uint8Array());
}
