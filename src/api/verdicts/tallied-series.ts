import type { SectionSeries } from '../../analysis/assessment/index.ts';
import type { TalliesQuery } from '../../domain/ports.ts';
import type { ApiDeps } from '../deps.ts';

/** Tallies of many stations as series by station; readings of those parameters that are asked for `byValue`, and of what is not exact. */
export async function talliedSeries(
  deps: { readings: Pick<ApiDeps['readings'], 'series' | 'tallies'> },
  of: TalliesQuery,
  byValue: ReadonlySet<string>,
): Promise<Map<string, SectionSeries[]>> {
  const summed = of.parameters.filter(({ id }) => !byValue.has(id));
  const counted = summed.length === 0 ? [] : await deps.readings.tallies({ ...of, parameters: summed });
  const found = new Map<string, Map<string, SectionSeries>>();
  const put = (station: string, series: SectionSeries): void => {
    const own = found.get(station) ?? new Map<string, SectionSeries>();
    found.set(station, own);
    own.set(series.parameter, series);
  };
  for (const { key, ...tallied } of counted) put(key.station, { parameter: key.parameter, ...tallied });
  const inexact = counted.filter(({ scaledSum }) => scaledSum.some(Number.isNaN));
  const valued = of.parameters.filter(({ id }) => byValue.has(id)).map(({ id }) => id);
  for (const [stations, parameters] of [
    [of.stations, valued] as const,
    ...Map.groupBy(inexact, ({ key }) => key.parameter)
      .entries()
      .map(([id, list]) => [list.map(({ key }) => key.station), [id]] as const),
  ]) {
    if (parameters.length === 0) continue;
    for (const { key, ...rest } of await deps.readings.series({ ...of, stations, parameters }))
      put(key.station, { parameter: key.parameter, ...rest });
  }
  const inOrder = (own: ReadonlyMap<string, SectionSeries>): SectionSeries[] =>
    of.parameters.flatMap(({ id }) => own.get(id) ?? []);
  return new Map([...found].map(([station, own]) => [station, inOrder(own)]));
}
