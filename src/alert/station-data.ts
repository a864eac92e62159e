import { isSection, type StationData } from '../analysis/alerting/index.ts';
import { measuringWays } from '../analysis/assessment/index.ts';
import type { Config } from '../domain/config/config.ts';
import type { AirStation, Section } from '../domain/config/region.ts';
import type { ReadingStore, SeriesColumns } from '../domain/ports.ts';
import type { AveragingId, EpochS } from '../domain/time.ts';

const averagingsOf: Record<'water' | 'air', readonly AveragingId[]> = {
  water: ['instant', 'PT1H'],
  air: ['PT1H', 'PT8H-sliding', 'PT24H-sliding'],
};

/** Readings of alerts come from here; the whole store, not what one reader may see. */
export type SeriesSource = Pick<ReadingStore, 'series'>;

type Station = Section | AirStation;

/** Who reports a station, in which averagings. */
function reportedBy(station: Station, config: Config, whole: boolean): Map<string, readonly AveragingId[]> {
  const found = new Map<string, readonly AveragingId[]>();
  if (whole && isSection(station)) {
    for (const { provider, averaging } of measuringWays(config, station))
      found.set(provider, [...(found.get(provider) ?? []), averaging]);
    return found;
  }
  const averagings = averagingsOf[isSection(station) ? 'water' : 'air'];
  for (const { provider } of station.aliases) found.set(provider, averagings);
  return found;
}

/**
 * Every provider's readings of some stations with key time in `[fromS, toS]`, in one question a provider and averaging. `whole`: all that
 * verdicts on a section rest on, samples by hand as well; else single readings and what follows from them.
 */
export async function stationData(
  readings: SeriesSource,
  stations: readonly Station[],
  config: Config,
  span: { fromS: EpochS; toS: EpochS; whole?: boolean },
): Promise<Map<string, StationData[]>> {
  const found = new Map<string, StationData[]>();
  for (const medium of ['water', 'air'] as const) {
    const of = stations.filter((station) => isSection(station) === (medium === 'water'));
    const parameters = config.parameters
      .filter((one) => one.medium === medium && !one.published)
      .map(({ id }) => id);
    const reports = new Map(of.map((station) => [station, reportedBy(station, config, span.whole === true)]));
    const providers = new Set([...reports.values()].flatMap((one) => [...one.keys()]));
    for (const provider of providers) {
      const asked = of.filter((station) => reports.get(station)!.has(provider));
      const averagings = new Set(asked.flatMap((station) => reports.get(station)!.get(provider)!));
      const byStation = new Map<string, SeriesColumns[]>();
      for (const averaging of averagings) {
        const ids = asked.map(({ id }) => id);
        const query = {
          stations: ids,
          parameters,
          averaging,
          provider,
          fromS: span.fromS,
          toS: span.toS + 1,
        };
        for (const columns of await readings.series(query)) {
          const known = byStation.get(columns.key.station) ?? [];
          byStation.set(columns.key.station, [...known, columns]);
        }
      }
      const cadences = config.sources
        .filter((source) => source.provider === provider && (source.medium ?? medium) === medium)
        .map(({ cadenceSeconds }) => cadenceSeconds);
      const cadenceS = cadences.length === 0 ? null : Math.min(...cadences);
      for (const station of asked) {
        const series = byStation.get(station.id);
        if (series === undefined) continue;
        found.set(station.id, [...(found.get(station.id) ?? []), { station, provider, cadenceS, series }]);
      }
    }
  }
  return found;
}
