import type { Config } from '../domain/config/config.ts';
import type { Agreement } from '../domain/config/region.ts';
import { bindsFlow } from './section-flow.ts';

/** The part of a configuration that a settlement reads. */
export type SettlementFacts = Pick<
  Config,
  | 'hash'
  | 'region'
  | 'jurisdictions'
  | 'sections'
  | 'agreements'
  | 'sources'
  | 'parameters'
  | 'waterStandards'
  | 'waterEvaluations'
  | 'schemes'
> &
  Partial<Pick<Config, 'rivers' | 'flowStations' | 'outfalls' | 'loadMethods'>>;

/**
 * What one agreement's settlement reads, and nothing else: a bundle carries it, and the statement is computed from it alone,
 * so that the other side computes from the same. `hash` stays that of the whole configuration.
 */
export function factsOf(config: SettlementFacts, agreement: Agreement): SettlementFacts {
  const sections = new Set(agreement.sections.map((one) => one.section));
  const { provider, otherwise = [], check } = agreement.dataSource;
  const flow = flowFactsOf(config, agreement);
  const gauged = flow?.flowStations.flatMap((one) => one.aliases[0]?.provider ?? []) ?? [];
  const providers = new Set([provider, ...otherwise.map((one) => one.provider), check?.provider, ...gauged]);
  const parties = new Set<string>([agreement.parties.protecting, agreement.parties.benefiting]);
  return {
    hash: config.hash,
    region: config.region,
    jurisdictions: config.jurisdictions.filter(
      (one) => parties.has(one.code) || (flow !== null && parties.has(one.parent ?? '')),
    ),
    sections: config.sections.filter((one) => sections.has(one.id)),
    agreements: [agreement],
    sources: config.sources
      .filter((one) => providers.has(one.provider))
      .map(({ url: _url, archiveUrl: _archive, ...facts }) => ({ ...facts, settings: {} })),
    parameters: config.parameters.filter((one) => !one.published),
    waterStandards: config.waterStandards.filter((one) => config.region.standards.water.includes(one.id)),
    waterEvaluations: config.waterEvaluations,
    schemes: config.schemes.filter((one) => one.id === agreement.scheme),
    ...flow,
  };
}

/** Gauging stations, rivers and rules of loads where the scheme needs flow; null where it needs none. */
function flowFactsOf(
  config: SettlementFacts,
  agreement: Agreement,
): Required<Pick<SettlementFacts, 'rivers' | 'flowStations' | 'outfalls' | 'loadMethods'>> | null {
  const scheme = config.schemes.find((one) => one.id === agreement.scheme);
  if (agreement.flow === undefined || !bindsFlow(scheme)) return null;
  const counted = new Set(agreement.sections.map((one) => one.section));
  const sections = config.sections.filter((one) => counted.has(one.id));
  const stations = new Set(sections.map((one) => one.flowStation?.id));
  const reaches = new Set(sections.map((one) => one.reach?.id));
  const rivers = (config.rivers ?? [])
    .filter((river) => river.reaches.some((one) => reaches.has(one.id)))
    .map((river) => ({ ...river, reaches: river.reaches.map(({ line: _line, ...reach }) => reach) }));
  const known = new Set(rivers.flatMap((river) => river.reaches.map((one) => one.id)));
  return {
    rivers,
    flowStations: (config.flowStations ?? []).filter((one) => stations.has(one.id)),
    outfalls: (config.outfalls ?? []).filter((one) => known.has(one.reach.id)),
    loadMethods: config.loadMethods ?? [],
  };
}
