import { createContext, useContext } from 'react';
import type { Text } from '../api/types.ts';
import { en } from './en.ts';
import { zh, type Key } from './zh.ts';

export type Language = 'zh' | 'en';
const dictionaries: Record<Language, Record<Key, string>> = { zh, en };
const storageKey = 'jiehe.language';

const isLanguage = (text: string | null): text is Language => text === 'zh' || text === 'en';

/** The address decides, then what was chosen before, then the browser; Chinese where nothing is known. */
export function initialLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('lang');
  if (isLanguage(asked)) return asked;
  const stored = localStorage.getItem(storageKey);
  if (isLanguage(stored)) return stored;
  return navigator.language === '' || navigator.language.startsWith('zh') ? 'zh' : 'en';
}

export function rememberLanguage(language: Language): void {
  localStorage.setItem(storageKey, language);
}

export interface Words {
  language: Language;
  setLanguage(language: Language): void;
  t(key: Key, values?: Readonly<Record<string, string | number>>): string;
  /** Text that the API gives in both languages; empty for null. */
  pick(text: Text | null | undefined): string;
  /** Word of a code of the API; a code without one is shown as it is. */
  word(group: string, code: string): string;
}

export function wordsOf(language: Language, setLanguage: (language: Language) => void): Words {
  const dictionary: Readonly<Record<string, string>> = dictionaries[language];
  return {
    language,
    setLanguage,
    t: (key, values = {}) =>
      (dictionary[key] ?? key).replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
        String(values[name] ?? whole),
      ),
    pick: (text) => text?.[language] ?? '',
    word: (group, code) => dictionary[`${group}.${code}`] ?? code,
  };
}

export const WordsContext = createContext<Words>(wordsOf('zh', () => undefined));
export const useWords = (): Words => useContext(WordsContext);
