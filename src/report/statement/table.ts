import type { Language } from '../../analysis/liability/phrases.ts';
import { type Word, wordOf } from './terms.ts';

export type Row = readonly string[];
/** A heading, the heads of its columns, and rows of as many cells. */
export interface Table {
  title: string;
  /** As a sheet of a workbook. */
  sheet: string;
  head: Row;
  rows: Row[];
  /** So many leading cells say the same in neighbouring rows. */
  shared?: number;
}

export const heads = (of: readonly Word[], language: Language): Row =>
  of.map((word) => wordOf(word, language));

export function titled(word: Word, language: Language): Pick<Table, 'title' | 'sheet'> {
  const title = wordOf(word, language);
  return { title, sheet: title.slice(0, 31) };
}

/** An instant of the region as text, to the minute. */
export const timeOf = (atS: number, timeZone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(atS * 1000);
