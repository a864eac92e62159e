import type { ReadingBatch } from '../../domain/batch.ts';
import type { Config } from '../../domain/config/config.ts';
import type { Issue } from '../../domain/errors.ts';
import { isValid, validity } from '../../domain/flags.ts';
import { isoWithOffset } from '../../domain/time.ts';

/**
 * Marks values outside the parameter's plausible range as suspect and names each one; never removes or changes a value.
 * Returns new flags in the batch's order. Parameters without a range, and rows without a value, pass untouched; a row
 * that is invalid already stays so. Issues: VALUE_OUT_OF_RANGE.
 */
export function markImplausible(
  batch: ReadingBatch,
  config: Pick<Config, 'parameters' | 'region'>,
  sourceId: string,
): { flags: Uint16Array; issues: Issue[] } {
  const ranges = new Map(config.parameters.map((parameter) => [parameter.id, parameter.plausible]));
  const rangeOf = batch.series.map((series) => ranges.get(series.parameter));
  const flags = Uint16Array.from(batch.flags);
  const issues: Issue[] = [];
  for (let row = 0; row < batch.length; row++) {
    const index = batch.seriesIndex[row]!;
    const range = rangeOf[index];
    const value = batch.value[row]!;
    if (range === undefined || Number.isNaN(value) || (range.min <= value && value <= range.max)) continue;
    const bits = flags[row]!;
    if (isValid(bits)) flags[row] = bits | validity.suspect;
    const { station, parameter } = batch.series[index]!;
    issues.push({
      code: 'VALUE_OUT_OF_RANGE',
      path: `${station} ${parameter} ${isoWithOffset(batch.timeS[row]!, config.region.timeZone)}`,
      message: `value ${value}, expected ${range.min} to ${range.max}; kept and marked suspect`,
      source: { id: sourceId, record: `${station} ${parameter} ${value}` },
    });
  }
  return { flags, issues };
}
