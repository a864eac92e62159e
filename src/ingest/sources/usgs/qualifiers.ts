import { packFlags, type Qualifier, type Validity } from '../../../domain/flags.ts';

interface Mark {
  validity?: Validity;
  /** 7: the agency has approved the value. */
  stage?: number;
  qualifiers?: Qualifier[];
  /** The value is a limit that the true one lies below. */
  below?: boolean;
}

/**
 * Marks by qualifier, in lower case. P, A, e, < and Ice, Eqp are documented with the service; the other codes of instantaneous
 * values are from memory of its help page.
 */
const marks: Readonly<Record<string, Mark>> = {
  p: {},
  provisional: {},
  a: { stage: 7 },
  approved: { stage: 7 },
  r: {},
  revised: {},
  e: { qualifiers: ['estimated'] },
  estimated: { qualifiers: ['estimated'] },
  '<': { below: true },
  'less than': { below: true },
  '>': { validity: 'suspect', qualifiers: ['aboveRange'] },
  'greater than': { validity: 'suspect', qualifiers: ['aboveRange'] },
  ice: { validity: 'suspect' },
  bkw: { validity: 'suspect' },
  backwater: { validity: 'suspect' },
  rat: { validity: 'suspect' },
  eqp: { validity: 'invalid', qualifiers: ['fault'] },
  equip: { validity: 'invalid', qualifiers: ['fault'] },
  fld: { validity: 'invalid', qualifiers: ['fault'] },
  mnt: { validity: 'invalid', qualifiers: ['maintenance'] },
  maint: { validity: 'invalid', qualifiers: ['maintenance'] },
  dis: {},
  dry: {},
  ssn: {},
  zfl: {},
  pr: { validity: 'suspect' },
  '***': {},
  '--': {},
};

export const isQualifier = (text: string): boolean => Object.hasOwn(marks, text.toLowerCase());

/** Flags of all qualifiers of a value together; `unknown` are those that the table lacks: they make the value suspect. */
export function flagsOf(qualifiers: readonly string[]): { flags: number; below: boolean; unknown: string[] } {
  const found = { flags: 0, below: false, unknown: [] as string[] };
  let worst: Validity = 'valid';
  let stage = 0;
  const names: Qualifier[] = [];
  for (const text of qualifiers) {
    const mark = isQualifier(text) ? marks[text.toLowerCase()] : undefined;
    if (mark === undefined) found.unknown.push(text);
    const validity = mark === undefined ? 'suspect' : (mark.validity ?? 'valid');
    if (validity === 'invalid' || (validity === 'suspect' && worst === 'valid')) worst = validity;
    stage = Math.max(stage, mark?.stage ?? 0);
    names.push(...(mark?.qualifiers ?? []));
    found.below ||= mark?.below === true;
  }
  found.flags = packFlags({ validity: worst, stage, qualifiers: names });
  return found;
}
