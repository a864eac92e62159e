import {
  boundsOf,
  measuredSource,
  measuringWays,
  sourceOf,
  type MeasuringWay,
  type SectionSeries,
  type SectionSource,
  type TalliedSource,
} from '../../analysis/assessment/index.ts';
import type { Config } from '../../domain/config/config.ts';
import type { Section } from '../../domain/config/region.ts';
import type { ApiDeps } from '../deps.ts';
import { talliedSeries } from './tallied-series.ts';

type Place = { config: Config; asOfSeq: number } & Parameters<typeof boundsOf>[0];

const measuredParameters = (config: Config): Config['parameters'] =>
  config.parameters.filter(
    ({ medium, published, type }) => medium === 'water' && !published && type === 'quantity',
  );

/** Network of a section, and the shortest cadence of a provider; null where nobody says how often readings are due. */
function dueOf(
  config: Config,
  section: Section,
  provider: string,
): Pick<SectionSource, 'network' | 'cadenceS'> {
  const cadences = config.sources
    .filter((source) => source.provider === provider && (source.medium ?? 'water') === 'water')
    .map((source) => source.cadenceSeconds);
  return { network: section.network, cadenceS: cadences.length === 0 ? null : Math.min(...cadences) };
}

/** What every provider measured at a section over a civil span, as known at a journal position. */
export async function sectionSources(
  deps: { readings: Pick<ApiDeps['readings'], 'series'> },
  of: Place & { section: Section },
): Promise<SectionSource[]> {
  const { config, section } = of;
  const { beginS: fromS, endS: toS } = boundsOf(of, config.region.timeZone);
  const parameters = measuredParameters(config).map(({ id }) => id);
  const found: SectionSource[] = [];
  for (const way of measuringWays(config, section)) {
    const { provider, averaging } = way;
    const window = { averaging, provider, fromS, toS, asOfSeq: of.asOfSeq };
    const columns = await deps.readings.series({ stations: [section.id], parameters, ...window });
    if (columns.length === 0) continue;
    found.push(measuredSource(columns, way, dueOf(config, section, provider)));
  }
  return found;
}

/** As {@link sectionSources}, of many sections at once: what a mean needs no values for is counted and summed in the store. */
export async function regionSources(
  deps: { readings: Pick<ApiDeps['readings'], 'series' | 'tallies'> },
  of: Place & { sections: readonly Section[]; byValue: ReadonlySet<string> },
): Promise<Map<string, TalliedSource[]>> {
  const { config, sections, byValue } = of;
  const { timeZone } = config.region;
  const { beginS: fromS, endS: toS } = boundsOf(of, timeZone);
  const parameters = measuredParameters(config).map(({ id, decimals }) => ({ id, decimals }));
  const ways = new Map(sections.map((section) => [section, measuringWays(config, section)]));
  const nameOf = ({ provider, averaging }: MeasuringWay): string => `${provider} ${averaging}`;
  const found = new Map<string, Map<string, SectionSeries[]>>();
  for (const way of [...ways.values()].flat()) {
    if (found.has(nameOf(way))) continue;
    const own = sections.filter((section) => ways.get(section)!.some((one) => nameOf(one) === nameOf(way)));
    const { provider, averaging } = way;
    const window = { averaging, provider, fromS, toS, timeZone, asOfSeq: of.asOfSeq };
    const stations = own.map(({ id }) => id);
    found.set(nameOf(way), await talliedSeries(deps, { stations, parameters, ...window }, byValue));
  }
  return new Map(
    sections.map((section) => [
      section.id,
      ways.get(section)!.flatMap((way): TalliedSource[] => {
        const series = found.get(nameOf(way))?.get(section.id);
        if (series === undefined) return [];
        return [{ ...sourceOf(way, dueOf(config, section, way.provider)), series }];
      }),
    ]),
  );
}
