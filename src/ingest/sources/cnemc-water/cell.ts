import { Parser } from 'htmlparser2';
import { plainText } from '../reply.ts';

export interface Cell {
  /** What the page shows, tags and surrounding blanks taken off. */
  shown: string;
  /** Title of the innermost element, empty without one. */
  title: string;
}

let shown = '';
let title = '';
const parser = new Parser(
  {
    ontext: (text) => {
      shown += text;
    },
    onopentag: (_name, attributes) => {
      title = attributes['title'] ?? title;
    },
  },
  { decodeEntities: true },
);

/** One cell of the platform's table: plain text, or HTML with a title. Blanks, `&nbsp;` included, are trimmed. */
export function cellOf(raw: unknown): Cell {
  const text = plainText(raw);
  if (!text.includes('<') && !text.includes('&')) return { shown: text.trim(), title: '' };
  shown = '';
  title = '';
  parser.reset();
  parser.write(text);
  parser.end();
  return { shown: shown.trim(), title: title.trim() };
}

const ORIGINAL = /^原始值[：:]\s*(.+)$/;

/** The unrounded value's text in a title, null when the title says something else or nothing. */
export function originalOf(title: string): string | null {
  return ORIGINAL.exec(title)?.[1] ?? null;
}

/** The source says "no value now". */
export function saysMissing(text: string): boolean {
  return text === '--' || text === '' || text === '-' || text === '—' || text.toUpperCase() === 'NULL';
}

/** The parameter is not fitted at that station. */
export const saysAbsent = (text: string): boolean => text === '*';
