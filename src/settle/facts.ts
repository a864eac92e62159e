import type { Config } from '../domain/config/config.ts';
import type { Agreement } from '../domain/config/region.ts';

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
>;

/**
 * What one agreement's settlement reads, and nothing else: a bundle carries it, and the statement is computed from it alone,
 * so that the other side computes from the same. `hash` stays that of the whole configuration.
 */
export function factsOf(config: SettlementFacts, agreement: Agreement): SettlementFacts {
  const sections = new Set(agreement.sections.map((one) => one.section));
  const { provider, otherwise = [], check } = agreement.dataSource;
  const providers = new Set([provider, ...otherwise.map((one) => one.provider), check?.provider]);
  const parties = new Set<string>([agreement.parties.protecting, agreement.parties.benefiting]);
  return {
    hash: config.hash,
    region: config.region,
    jurisdictions: config.jurisdictions.filter((one) => parties.has(one.code)),
    sections: config.sections.filter((one) => sections.has(one.id)),
    agreements: [agreement],
    sources: config.sources
      .filter((one) => providers.has(one.provider))
      .map(({ url: _url, archiveUrl: _archive, ...facts }) => ({ ...facts, settings: {} })),
    parameters: config.parameters.filter((one) => !one.published),
    waterStandards: config.waterStandards.filter((one) => config.region.standards.water.includes(one.id)),
    waterEvaluations: config.waterEvaluations,
    schemes: config.schemes.filter((one) => one.id === agreement.scheme),
  };
}
