import { packFlags, qualifiers } from '../../../domain/flags.ts';
import { decimalOf, roundHalfEven } from '../../../domain/decimal.ts';
import type { ParseContext, ParseResult } from '../../../domain/ports.ts';
import { civilDate, type AveragingId } from '../../../domain/time.ts';
import { HELD, selectedRows } from '../../../domain/uploads.ts';
import { Collector } from '../collector.ts';
import { disagreement, jointResult, samplings } from './joint.ts';
import { refuseDoubled, understand, type UnderstoodRow } from './understand.ts';

interface Taking {
  into: Collector;
  context: ParseContext;
  reviewedStage: number;
}

const stationOf = ({ into, context }: Taking, row: UnderstoodRow, timeS: number): string =>
  row.station ??
  into.station({
    naturalKey: row.naturalKey,
    name: row.name,
    civilDate: civilDate(timeS, context.config.region.timeZone),
    path: row.row,
  });

function takeRow(taking: Taking, row: UnderstoodRow, averaging: AveragingId): void {
  const { into, reviewedStage } = taking;
  for (const { code, path, message, source } of row.issues) into.issue(code, path, message, source.record);
  const { timeS } = row;
  if (row.refused || timeS === null) {
    for (const { reading } of row.cells) {
      if (reading.kind === 'absent') into.absentCells(1);
      else if (reading.kind === 'missing') into.missingCells(1);
      else into.rejectedCells(1);
    }
    return;
  }
  const station = stationOf(taking, row, timeS);
  const stage = packFlags({ stage: row.reviewed ? reviewedStage : 0 });
  for (const { parameter, text, reading } of row.cells) {
    if (reading.kind === 'absent') into.absentCells(1);
    else if (reading.kind === 'rejected') into.rejectedCells(1);
    else {
      const series = into.series(station, parameter, averaging);
      if (reading.kind === 'missing') into.missing(series, averaging, timeS, stage, { originalText: text });
      else if (reading.kind === 'value')
        into.measured(series, averaging, timeS, reading.value, undefined, stage);
      else {
        const below = reading.kind === 'below';
        const side = { originalText: text, ...(below ? { detectionLimit: reading.value } : {}) };
        const mark = below ? qualifiers.belowDetection : qualifiers.aboveRange;
        into.measured(series, averaging, timeS, reading.value, side, stage | mark);
      }
    }
  }
  if (row.class !== undefined) into.published(into.series(station, 'pub_class', averaging), timeS, row.class);
}

/** The share of its limit that a value below detection counts as, by the evaluation rules that ship. */
function belowShareOf(context: ParseContext): string | null {
  const share = context.config.waterEvaluations.at(-1)?.belowDetection.share;
  return share ?? null;
}

function takeJoint(taking: Taking, rows: readonly UnderstoodRow[], toleranceShare: string): void {
  const { into, context, reviewedStage } = taking;
  for (const row of rows)
    for (const { code, path, message, source } of row.issues) into.issue(code, path, message, source.record);
  for (const row of rows.filter((one) => one.refused))
    into.rejectedCells(row.cells.filter(({ reading }) => reading.kind !== 'absent').length);
  const rules = { toleranceShare, belowShare: belowShareOf(context) };
  for (const sampling of samplings(rows)) {
    const [first] = sampling.rows;
    if (first === undefined) continue;
    const station = stationOf(taking, first, sampling.timeS);
    for (const parameter of new Set(
      sampling.rows.flatMap((row) => row.cells.map((cell) => cell.parameter)),
    )) {
      const result = jointResult(sampling, parameter, rules);
      if (result.kind === 'absent') into.absentCells(1);
      else if (result.kind === 'disagree') {
        const { code, path, message, source } = disagreement(result, parameter, context.sourceId);
        into.issue(code, path, message, source.record);
        into.rejectedCells(1);
      } else {
        const stage = packFlags({ stage: result.confirmed ? reviewedStage : 0 });
        const decimals = context.config.parameters.find((one) => one.id === parameter)?.decimals ?? 0;
        const value = roundHalfEven(decimalOf(result.value), decimals).toNumber();
        const below = result.kind === 'below';
        const side = { originalText: result.text, ...(below ? { detectionLimit: value } : {}) };
        const flags = stage | (below ? qualifiers.belowDetection : 0);
        into.measured(
          into.series(station, parameter, 'instant'),
          'instant',
          sampling.timeS,
          value,
          side,
          flags,
        );
      }
    }
  }
}

/**
 * Readings of a monthly sheet: of every row, or of those that `meta.rows` names. A file that waits to be accepted gives none.
 * Cells are those of measured items; of a joint sampling one for each item, whatever both sides wrote.
 */
export function parseSheet(body: Uint8Array, context: ParseContext): ParseResult {
  const into = new Collector(context);
  const { settings, rows, issues } = understand(body, context);
  for (const { code, path, message, source } of issues) into.issue(code, path, message, source.record);
  if (context.meta[HELD] !== undefined) return into.finish();
  const selected = selectedRows(context.meta);
  const taken = rows.filter(({ row }) => selected?.has(row) ?? true);
  refuseDoubled(taken, context.sourceId);
  const taking = { into, context, reviewedStage: settings.reviewedStage };
  if (settings.kind === 'joint') takeJoint(taking, taken, settings.tolerance?.share ?? '0');
  else for (const row of taken) takeRow(taking, row, settings.kind === 'delivered' ? 'P1M' : 'instant');
  return into.finish();
}
