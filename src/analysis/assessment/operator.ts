import type { Config } from '../../domain/config/config.ts';
import type { Section } from '../../domain/config/region.ts';

/** A jurisdiction and those above it, itself first. */
function lineage(code: string, jurisdictions: Config['jurisdictions']): string[] {
  const found: string[] = [];
  let at: string | undefined = code;
  while (at !== undefined && !found.includes(at)) {
    found.push(at);
    at = jurisdictions.find((one) => one.code === at)?.parent;
  }
  return found;
}

/**
 * The jurisdiction whose result a section shows, where that one (or one above or below it) operates the station; null where somebody
 * else does or nobody says who. `operator` of a section is a jurisdiction's code or its name; anything else is no party.
 */
export function operatingParty(
  config: Pick<Config, 'jurisdictions'>,
  section: Pick<Section, 'operator' | 'assessed' | 'border'>,
): string | null {
  const { operator } = section;
  if (operator === null) return null;
  const party = config.jurisdictions.find(
    ({ code, name }) => code === operator || name.zh === operator || name.en === operator,
  );
  if (party === undefined) return null;
  const up = lineage(party.code, config.jurisdictions);
  const assessed = [section.assessed, section.border?.protecting ?? null].filter((code) => code !== null);
  return (
    assessed.find((code) => up.includes(code) || lineage(code, config.jurisdictions).includes(party.code)) ??
    null
  );
}
