import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorCodes, issueCodes } from '../../src/domain/errors.ts';

const text = readFileSync(path.resolve(import.meta.dirname, '../../docs/errors.md'), 'utf8');

/** First cells of the rows of one table, without the code marks, and the second ones. */
function rowsUnder(heading: string): [string, string][] {
  const part = text.split(/^## /m).find((candidate) => candidate.startsWith(heading)) ?? '';
  return [...part.matchAll(/^\| `([A-Z_]+)` +\| +([^|]+)\|/gm)].map((row) => [
    row[1] ?? '',
    (row[2] ?? '').trim(),
  ]);
}

describe('docs/errors.md', () => {
  it('lists every error code with its HTTP status, and no other', () => {
    const documented = Object.fromEntries(rowsUnder('Errors'));
    const inCode = Object.fromEntries(
      Object.entries(errorCodes).map(([code, { status }]) => [code, String(status)]),
    );
    expect(documented).toEqual(inCode);
  });

  it('lists every code of a data issue, and no other', () => {
    expect(
      rowsUnder('Issues')
        .map(([code]) => code)
        .toSorted(),
    ).toEqual([...issueCodes].toSorted());
  });
});
