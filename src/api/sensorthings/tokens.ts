import { badQuery } from './faults.ts';

export type TokenKind =
  'number' | 'string' | 'time' | 'interval' | 'duration' | 'geography' | 'name' | 'mark';

export interface Token {
  kind: TokenKind;
  text: string;
  at: number;
}

const date = '\\d{4}-\\d{2}-\\d{2}';
const instant = `${date}T\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d{1,9})?)?(?:Z|[+-]\\d{2}:?\\d{2})`;

/** In this order: a longer form before what it begins with. */
const forms: readonly [TokenKind, RegExp][] = [
  ['geography', /(?:geography|geometry)'((?:[^']|'')*)'/y],
  ['duration', /duration'(-?P(?=[\dT])(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?)'/y],
  ['string', /'((?:[^']|'')*)'/y],
  ['interval', new RegExp(`(${instant}/${instant})`, 'y')],
  ['time', new RegExp(`(${instant})(?!/)`, 'y')],
  ['time', new RegExp(`(${date})(?![\\dT])`, 'y')],
  ['number', /(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y],
  ['name', /((?:@iot\.)?[A-Za-z_][\w]*(?:(?:\.|\/@iot\.|\/)[A-Za-z_][\w]*)*)/y],
  ['mark', /([(),-])/y],
];

const longestFilter = 2048;

/** Splits a filter; quoted text is freed of its quotes. Throws E_BAD_REQUEST with the position. */
export function tokensOf(text: string): Token[] {
  if (text.length > longestFilter)
    throw badQuery('$filter', longestFilter, `at most ${longestFilter} characters`);
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    if (/\s/.test(text[at] ?? '')) {
      at += 1;
      continue;
    }
    const token = tokenAt(text, at);
    tokens.push(token.found);
    at = token.end;
  }
  return tokens;
}

function tokenAt(text: string, at: number): { found: Token; end: number } {
  for (const [kind, form] of forms) {
    form.lastIndex = at;
    const match = form.exec(text);
    if (match === null) continue;
    const inner = match[1] ?? '';
    const freed = kind === 'string' || kind === 'geography' ? inner.replaceAll("''", "'") : inner;
    return { found: { kind, text: freed, at }, end: form.lastIndex };
  }
  throw badQuery('$filter', at, 'a name, a value or an operator');
}
