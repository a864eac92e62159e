import { schemeFaults } from '../../analysis/liability/check.ts';
import { wordGaps } from '../../analysis/liability/words.ts';
import type { ConfigFault } from '../../domain/config/config.ts';
import type { Agreement } from '../../domain/config/region.ts';
import type { Draft } from '../draft.ts';
import { agreementGivenFaults } from './agreement-given.ts';

/** Scheme files that fit their schema but not themselves, and agreements that give what their scheme does not ask for. */
export function schemeFileFaults(draft: Draft): ConfigFault[] {
  const inside = draft.schemes.flatMap((scheme) =>
    schemeFaults(scheme).map(({ path, message, expected }) =>
      draft.fault(scheme, path, { message, expected }),
    ),
  );
  return [...inside, ...draft.agreements.flatMap((agreement) => agreementInputFaults(draft, agreement))];
}

/** What a print of a scheme would show as a key, or in one language only: told, and no reason to stop the start. */
export function schemeNotes(draft: Draft): ConfigFault[] {
  const sound = draft.schemes.filter((scheme) => schemeFaults(scheme).length === 0);
  return sound.flatMap((scheme) =>
    wordGaps(scheme).map(({ key, path }) =>
      draft.fault(scheme, path, {
        message: `"${key}" has no name in Chinese and English`,
        expected: `words: { '${key}': { zh: …, en: … } }, with a unit where it has one`,
      }),
    ),
  );
}

function agreementInputFaults(draft: Draft, agreement: Agreement): ConfigFault[] {
  const faults: ConfigFault[] = [];
  if (agreement.dataSource.assumedReviewed !== undefined && !agreement.scenario) {
    const message = 'unreviewed data taken as reviewed outside a scenario';
    const expected = 'no assumedReviewed, or scenario: true';
    faults.push(draft.fault(agreement, ['dataSource', 'assumedReviewed'], { message, expected }));
  }
  const scheme = draft.schemes.find((one) => one.id === agreement.scheme);
  return scheme === undefined ? faults : [...faults, ...agreementGivenFaults(draft, agreement, scheme)];
}
