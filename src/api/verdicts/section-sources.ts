import {
  boundsOf,
  measuredAs,
  measuredSource,
  type SectionSeries,
  type SectionSource,
  type TalliedSource,
} from '../../analysis/assessment/index.ts';
import type { Config } from '../../domain/config/config.ts';
import type { Section } from '../../domain/config/region.ts';
import type { ApiDeps } from '../deps.ts';
import { providersOf } from '../region/stations-view.ts';
import { talliedSeries } from './tallied-series.ts';

type Place = { config: Config; asOfSeq: number } & Parameters<typeof boundsOf>[0];

const measuredParameters = (config: Config): Config['parameters'] =>
  config.parameters.filter(
    ({ medium, published, type }) => medium === 'water' && !published && type === 'quantity',
  );

/** A source of a section without its series. */
function sourceOf(
  config: Config,
  section: Section,
  provider: string,
  method: SectionSource['method'],
): Omit<SectionSource, 'series'> {
  const cadences = config.sources
    .filter((source) => source.provider === provider && (source.medium ?? 'water') === 'water')
    .map((source) => source.cadenceSeconds);
  const cadenceS = method === 'manual' || cadences.length === 0 ? null : Math.min(...cadences);
  return { provider, method, network: section.network, cadenceS };
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
  for (const provider of providersOf(section)) {
    for (const { averaging, method } of measuredAs) {
      const window = { averaging, provider, fromS, toS, asOfSeq: of.asOfSeq };
      const columns = await deps.readings.series({ stations: [section.id], parameters, ...window });
      if (columns.length === 0) continue;
      found.push(measuredSource(columns, sourceOf(config, section, provider, method)));
    }
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
  const found = new Map<string, Map<string, SectionSeries[]>>();
  for (const provider of new Set(sections.flatMap(providersOf))) {
    const own = sections.filter((section) => providersOf(section).includes(provider));
    for (const { averaging, method } of measuredAs) {
      const window = { averaging, provider, fromS, toS, timeZone, asOfSeq: of.asOfSeq };
      const stations = own.map(({ id }) => id);
      found.set(
        `${provider} ${method}`,
        await talliedSeries(deps, { stations, parameters, ...window }, byValue),
      );
    }
  }
  return new Map(
    sections.map((section) => [
      section.id,
      providersOf(section).flatMap((provider) =>
        measuredAs.flatMap(({ method }): TalliedSource[] => {
          const series = found.get(`${provider} ${method}`)?.get(section.id);
          return series === undefined ? [] : [{ ...sourceOf(config, section, provider, method), series }];
        }),
      ),
    ]),
  );
}
