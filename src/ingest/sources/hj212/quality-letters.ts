import { packFlags, type Qualifier, type Validity } from '../../../domain/flags.ts';
import type { Edition } from './profile.ts';

interface Mark {
  validity: Validity;
  qualifiers: Qualifier[];
}

const valid: Mark = { validity: 'valid', qualifiers: [] };
const fault: Mark = { validity: 'invalid', qualifiers: ['fault'] };
const maintenance: Mark = { validity: 'invalid', qualifiers: ['maintenance'] };

/** Letters of HJ 212-2017, table 8. A value above the range is a lower bound: kept, but in no mean. */
const general: Record<string, Mark> = {
  N: valid,
  T: { validity: 'suspect', qualifiers: ['aboveRange'] },
  F: fault,
  M: maintenance,
  S: { validity: 'suspect', qualifiers: ['estimated'] },
  D: fault,
  C: { validity: 'invalid', qualifiers: ['calibration'] },
  B: fault,
};

/** Letters that the surface-water protocol adds (second hand): below the lower limit, power, no water, started on site. */
const surfaceWater: Record<string, Mark> = {
  ...general,
  L: { validity: 'valid', qualifiers: ['belowDetection'] },
  P: fault,
  Z: fault,
  HD: maintenance,
};

/**
 * Flags of a quality letter, and whether the letter is known; lower case is taken. An unknown letter marks the value suspect.
 * No letter at all means normal.
 */
export function flagsOfLetter(
  letter: string | undefined,
  edition: Edition,
): { flags: number; known: boolean } {
  if (letter === undefined || letter === '') return { flags: 0, known: true };
  const table = edition === 'surface-water' ? surfaceWater : general;
  const mark = Object.hasOwn(table, letter.toUpperCase()) ? table[letter.toUpperCase()] : undefined;
  return mark === undefined
    ? { flags: packFlags({ validity: 'suspect' }), known: false }
    : { flags: packFlags(mark), known: true };
}
