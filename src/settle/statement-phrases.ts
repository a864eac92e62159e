import { type Language, type PhraseFacts, type Phrases, phrasesOf } from '../analysis/liability/phrases.ts';
import type { Config } from '../domain/config/config.ts';
import type { Scheme } from '../domain/config/scheme.ts';

/**
 * What a scheme is read by: its own words, items, governments and sections. `known`: schemes as they are now, whose words stand in for
 * a scheme of before schemes had any; for reading alone, never for what is computed.
 */
export function phraseFactsOf(
  facts: Pick<Config, 'schemes' | 'parameters' | 'jurisdictions' | 'sections'>,
  id: string,
  known: readonly Scheme[] = [],
): PhraseFacts {
  const governments = facts.jurisdictions.map(({ code, name }) => ({ id: code, name }));
  const scheme = facts.schemes.find((one) => one.id === id);
  const words = scheme?.words ?? known.find((one) => one.id === id)?.words;
  return {
    scheme: scheme === undefined || words === undefined ? scheme : { ...scheme, words },
    parameters: facts.parameters,
    places: [...governments, ...facts.sections],
  };
}

/** How texts of a statement name things; null: by their keys and ids. */
export type StatementPhrases = Record<Language, Phrases> | null;

export const namedIn = (phrases: StatementPhrases, key: string, language: Language): string =>
  phrases?.[language].name(key) ?? key;
export const quotedIn = (phrases: StatementPhrases, text: string, language: Language): string =>
  phrases?.[language].quote(text) ?? text;

/**
 * How texts of a statement name things; null for a scheme without words: bundles of before schemes had any name keys and ids, and
 * are computed again to the byte.
 */
export function statementPhrases(
  facts: Parameters<typeof phraseFactsOf>[0],
  scheme: string,
): StatementPhrases {
  const known = phraseFactsOf(facts, scheme);
  if (known.scheme?.words === undefined) return null;
  return { zh: phrasesOf(known, 'zh'), en: phrasesOf(known, 'en') };
}
