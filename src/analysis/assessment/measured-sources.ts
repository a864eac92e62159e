import type { Config } from '../../domain/config/config.ts';
import type { Section } from '../../domain/config/region.ts';
import type { SeriesColumns } from '../../domain/ports.ts';
import type { AveragingId } from '../../domain/time.ts';
import type { SectionSource } from './month-values.ts';

/** How a provider measures a section: series of which averaging hold it, and by which method of the precedence. */
export interface MeasuringWay {
  provider: string;
  averaging: AveragingId;
  method: SectionSource['method'];
}

/** Of whoever has a name for the section: samples of automatic stations, and monthly values of sampling by hand. */
const measuredAs = [
  { averaging: 'instant', method: 'automatic' },
  { averaging: 'P1M', method: 'manual' },
] as const;

/**
 * Every way in which a section is measured: by those who have a name for it, then by sources that bring samples by hand of any section, in
 * the order of their file; of two by hand the first that has enough counts.
 */
export function measuringWays(
  config: Pick<Config, 'sources'>,
  section: Pick<Section, 'aliases'>,
): MeasuringWay[] {
  const byHand = config.sources.filter(({ manual }) => manual === true);
  const hands = new Map(
    byHand.map(({ provider, stampMeans }) => [
      provider,
      stampMeans === 'instant' ? ('instant' as const) : ('P1M' as const),
    ]),
  );
  const named = new Set(section.aliases.map(({ provider }) => provider).filter((one) => !hands.has(one)));
  return [
    ...[...named].flatMap((provider) => measuredAs.map((way) => ({ provider, ...way }))),
    ...[...hands].map(([provider, averaging]) => ({ provider, averaging, method: 'manual' as const })),
  ];
}

/** Averaging of the series of a source of a section; of one that is configured no more, the usual one of its method. */
export function averagingOf(
  config: Pick<Config, 'sources' | 'sections'>,
  section: string,
  { provider, method }: Pick<SectionSource, 'provider' | 'method'>,
): AveragingId {
  const found = config.sections.find(({ id }) => id === section);
  const ways = found === undefined ? [] : measuringWays(config, found);
  const way = ways.find((one) => one.provider === provider && one.method === method);
  return (way ?? measuredAs.find((one) => one.method === method) ?? measuredAs[0]).averaging;
}

/** A source of one way without its series. `cadenceS`: shortest of the provider's sources; null: unknown. */
export function sourceOf(
  { provider, averaging, method }: MeasuringWay,
  of: Pick<SectionSource, 'network' | 'cadenceS'>,
): Omit<SectionSource, 'series'> {
  const cadenceS = method === 'manual' ? null : of.cadenceS;
  return {
    provider,
    method,
    network: of.network,
    cadenceS,
    ...(averaging === 'P1M' ? { monthly: true } : {}),
  };
}

/** The same with its series, as verdicts take them. */
export function measuredSource(
  columns: readonly SeriesColumns[],
  way: MeasuringWay,
  of: Pick<SectionSource, 'network' | 'cadenceS'>,
): SectionSource {
  const series = columns.map(({ key, timeS, value, flags }) => ({
    parameter: key.parameter,
    timeS,
    value,
    flags,
  }));
  return { ...sourceOf(way, of), series };
}
