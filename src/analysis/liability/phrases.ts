import type { Confidence, Provenance, Text } from '../../domain/config/facts.ts';
import type { StepNode } from '../../domain/preview.ts';
import type { Scheme } from '../../domain/config/scheme.ts';
import { classNumber } from './builtins.ts';
import { type FormulaWords, formulaText, stepFormula } from './formula.ts';
import { factorOf } from './words.ts';

export const languages = ['zh', 'en'] as const;
export type Language = (typeof languages)[number];

interface Named {
  id: string;
  name: Text;
}

/** Facts to read a rule by. `places`: governments and sections; a name of a case that stands nowhere is quoted as it is. */
export interface PhraseFacts {
  scheme: Scheme | undefined;
  parameters: readonly Named[];
  places?: readonly Named[];
}

/** A rule in one language: what its keys, values, formulas and sources are to a reader. */
export interface Phrases {
  /** A figure, input, step, column or factor, without its unit. */
  name(key: string): string;
  /** Empty where it has none. */
  unit(key: string): string;
  /** A value of the rule: tables as `name value`, what is missing as a dash. */
  value(value: unknown): string;
  formula(step: Pick<StepNode, 'step' | 'expressions'>): string;
  source(provenance: Provenance): string;
  /** What is missing, as the rule computes it. */
  missing(what: string): string;
  /** A text of one language inside another is quoted and says its language. */
  quote(text: string): string;
}

const han = /\p{Script=Han}/u;
const word = /\p{Script=Latin}{2}/u;
const address = /https?:\/\/[^\s;，；（）]+/g;
const classNames: readonly Text[] = ['Ⅰ类', 'Ⅱ类', 'Ⅲ类', 'Ⅳ类', 'Ⅴ类', '劣Ⅴ类'].map((zh, at) => ({
  zh,
  en: ['class I', 'class II', 'class III', 'class IV', 'class V', 'worse than class V'][at]!,
}));
const confidences: Record<Confidence, Text> = {
  confirmed: { zh: '已核实', en: 'confirmed' },
  'from-memory': { zh: '凭记忆，未核原文', en: 'from memory, the original was not read' },
  inferred: { zh: '推断', en: 'inferred' },
  assumed: { zh: '假定', en: 'assumed' },
  'project-default': { zh: '本项目默认', en: 'default of this project' },
};

/** A text in another language than the page's, as a quotation that says so; addresses belong to no language. */
export function quoted(text: string, language: Language): string {
  const said = text.replaceAll(address, '');
  if (language === 'en' && han.test(said)) return `“${text}” (in Chinese)`;
  if (language === 'zh' && word.test(said) && !han.test(said)) return `“${text}”（英文）`;
  return text;
}

/** Class 1 to 6 in words, 6 worse than class V. */
export const classText = (number: number, language: Language): string =>
  classNames[number - 1]?.[language] ?? String(number);

/** A class in Roman figures; a bare number may be any figure. */
function romanText(key: string, language: Language): string | null {
  const number = /^\d+$/.test(key) ? null : classNumber(key);
  return number === null ? null : classText(number, language);
}

/** What a key of a rule is called in both languages; null for a name of the case that nobody knows. */
export function knownName({ scheme, parameters, places = [] }: PhraseFacts, key: string): Text | null {
  const own = scheme?.words?.[key];
  if (own !== undefined) return own;
  const factor = scheme === undefined ? null : factorOf(scheme, key);
  return (
    parameters.find((one) => one.id === factor || one.id === key)?.name ??
    places.find((one) => one.id === key || one.name.zh === key)?.name ??
    scheme?.parties.find(({ name }) => name.zh === key)?.name ??
    null
  );
}

/** A row that is called after its factor and its value, as `TP 0.5`. */
function labelText(key: string, named: (key: string) => string | null): string | null {
  const [, factor = '', value = ''] = /^(\w+) (-?[\d.]+)$/.exec(key) ?? [];
  const name = factor === '' ? null : named(factor);
  return name === null ? null : `${name} ${value}`;
}

/** A step that nobody named, by its place in the rule. */
function stepText(scheme: Scheme | undefined, key: string, language: Language): string | null {
  const at = scheme?.steps.findIndex(({ step }) => step === key) ?? -1;
  return at < 0 ? null : { zh: `第${at + 1}步`, en: `step ${at + 1}` }[language];
}

/** The rule of a bundle issued before rules had words keeps its keys. */
export function phrasesOf(facts: PhraseFacts, language: Language): Phrases {
  const { scheme } = facts;
  const named = (key: string): string | null => knownName(facts, key)?.[language] ?? romanText(key, language);
  const quote = (text: string): string => quoted(text, language);
  const text = (key: string): string =>
    named(key) ??
    labelText(key, named) ??
    stepText(scheme, key, language) ??
    (scheme?.words === undefined ? key : quote(key));
  const unit = (key: string): string => {
    const own = scheme?.words?.[key]?.unit ?? '';
    return typeof own === 'string' ? own : own[language];
  };
  const column = (key: string): string => measured(text(key), unit(key), language);
  const value = (of: unknown): string => valueText(of, { text, column }, language);
  const words: FormulaWords = {
    language,
    nameOf: (key) => (key === 'x' ? { zh: '该值', en: 'the value' }[language] : text(key)),
    textOf: text,
    partyOf: (role) =>
      scheme?.parties.find((one) => one.role === role)?.name[language] ??
      { zh: '各方', en: 'each party' }[language],
  };
  return {
    name: text,
    unit,
    value,
    formula({ step, expressions }) {
      const known = scheme?.steps.find((one) => one.step === step);
      if (known !== undefined) return stepFormula(known, words);
      return expressions.map((one) => formulaText(one, words)).join('; ');
    },
    source({ source, note, confidence }) {
      const said = [source, ...(note === undefined ? [] : [note])].map((one) =>
        scheme?.words?.[one] === undefined ? quote(one) : text(one),
      );
      const sure = confidences[confidence][language];
      return language === 'zh' ? `${said.join('；')}（${sure}）` : `${said.join('; ')} (${sure})`;
    },
    missing: (what) => missingText(what, text, language),
    quote,
  };
}

const gaps: readonly (readonly [RegExp, Text])[] = [
  [/^a limit for (.+)$/, { zh: '{}的限值', en: 'a limit for {}' }],
  [/^a band for (.+)$/, { zh: '{}所在的档', en: 'a band for {}' }],
  [/^a case of the rule for (.+)$/, { zh: '办法对“{}”的规定', en: 'a case of the rule for “{}”' }],
  [/^entry (\d+)$/, { zh: '第{}项', en: 'entry {}' }],
  [/^operand (\d+)$/, { zh: '第{}个参数', en: 'operand {}' }],
  [/^()a divisor other than zero$/, { zh: '不为零的除数', en: 'a divisor other than zero' }],
  [/^()a class$/, { zh: '水质类别', en: 'a class' }],
];

function missingText(what: string, text: (key: string) => string, language: Language): string {
  for (const [pattern, said] of gaps) {
    const found = pattern.exec(what);
    if (found !== null) return said[language].replace('{}', text(found[1] ?? ''));
  }
  return text(what);
}

/** A name with its unit in brackets. */
export function measured(name: string, unit: string, language: Language): string {
  if (unit === '') return name;
  return language === 'zh' ? `${name}（${unit}）` : `${name} (${unit})`;
}

type KeyTexts = Record<'text' | 'column', (key: string) => string>;

function valueText(value: unknown, keys: KeyTexts, language: Language): string {
  const inside = (one: unknown): string => valueText(one, keys, language);
  if (value === null || value === undefined) return '—';
  if (typeof value === 'boolean') return { zh: value ? '是' : '否', en: value ? 'yes' : 'no' }[language];
  if (typeof value === 'string') return /^-?[\d.]+$/.test(value) ? value : keys.text(value);
  if (Array.isArray(value))
    return value.length === 0 ? '—' : value.map(inside).join(language === 'zh' ? '，' : ', ');
  if (typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, entry]) => {
    const nested = entry !== null && typeof entry === 'object';
    return `${keys.column(key)} ${nested ? `(${inside(entry)})` : inside(entry)}`;
  });
  return entries.length === 0 ? '—' : entries.join(language === 'zh' ? '；' : '; ');
}
