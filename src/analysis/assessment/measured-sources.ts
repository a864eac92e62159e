import type { SeriesColumns } from '../../domain/ports.ts';
import type { AveragingId } from '../../domain/time.ts';
import type { SectionSource } from './month-values.ts';

/** Series that hold measurements: samples of automatic stations, and monthly values of sampling by hand. */
export const measuredAs: readonly { averaging: AveragingId; method: SectionSource['method'] }[] = [
  { averaging: 'instant', method: 'automatic' },
  { averaging: 'P1M', method: 'manual' },
];

/** One provider's series of one way of measuring, as verdicts take them. `cadenceS`: shortest of the provider's sources; null: unknown. */
export function measuredSource(
  columns: readonly SeriesColumns[],
  of: Pick<SectionSource, 'provider' | 'method' | 'network' | 'cadenceS'>,
): SectionSource {
  const series = columns.map(({ key, timeS, value, flags }) => ({
    parameter: key.parameter,
    timeS,
    value,
    flags,
  }));
  return { ...of, cadenceS: of.method === 'manual' ? null : of.cadenceS, series };
}
