import { datedRules, editionRules, type DatedRules } from './rules.ts';
import type { Config } from '../../domain/config/config.ts';
import { instantOfCivil } from '../../domain/time.ts';

const daySeconds = 86_400;
type Facts = Pick<Config, 'stationQuality' | 'parameters' | 'region'>;
const known = new WeakMap<object, DatedRules>();

/** The rules of every edition of a configuration, which begin and end at the region's midnights. Made once a configuration. */
export function rulesOf(config: Facts): DatedRules {
  const made = known.get(config.stationQuality);
  if (made !== undefined) return made;
  const { timeZone } = config.region;
  const parameters = config.parameters.filter(({ type, published }) => type === 'quantity' && !published);
  const editions = config.stationQuality.flatMap((quality) => {
    const rules = editionRules(quality, parameters);
    const { from, to } = quality.inForce;
    const fromS = instantOfCivil(`${from}T00:00`, timeZone);
    const toS = to === null ? Infinity : instantOfCivil(`${to}T00:00`, timeZone) + daySeconds;
    return rules === null ? [] : [{ fromS, toS, rules }];
  });
  const rules = datedRules(editions);
  known.set(config.stationQuality, rules);
  return rules;
}
