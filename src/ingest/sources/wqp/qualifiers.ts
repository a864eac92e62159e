import { packFlags, type Qualifier, type Validity } from '../../../domain/flags.ts';

interface Mark {
  validity?: Validity;
  stage?: number;
  qualifiers?: Qualifier[];
  below?: boolean;
}

/** Measure qualifier codes, from memory of the exchange's code list; an operator's own ones are unknown and make the value suspect. */
const measure: Readonly<Record<string, Mark>> = {
  U: { below: true },
  ND: { below: true },
  '<': { below: true },
  J: { qualifiers: ['estimated'] },
  E: { qualifiers: ['estimated'] },
  R: { validity: 'invalid' },
  REJ: { validity: 'invalid' },
  H: { validity: 'suspect' },
  B: { validity: 'suspect' },
};

const status: Readonly<Record<string, Mark>> = {
  '': {},
  Preliminary: {},
  Final: { stage: 7 },
  Accepted: { stage: 7 },
  Validated: { stage: 7 },
  Historical: { stage: 7 },
  Rejected: { validity: 'invalid' },
};

const detection: Readonly<Record<string, Mark>> = {
  '': {},
  'Not Detected': { below: true },
  'Not Detected at Reporting Limit': { below: true },
  'Not Detected at Detection Limit': { below: true },
  'Present Below Quantification Limit': { below: true },
  'Below Detection Limit': { below: true },
  'Below Reporting Limit': { below: true },
  'Below Method Detection Limit': { below: true },
  'Detected Not Quantified': { below: true },
  'Present Above Quantification Limit': { validity: 'suspect', qualifiers: ['aboveRange'] },
  'Not Reported': {},
};

/** What a result's status, detection condition, value type and qualifiers say together; unknown ones make it suspect. */
export function marksOf(of: {
  status: string;
  detection: string;
  valueType: string;
  qualifiers: readonly string[];
}): { flags: number; below: boolean; unknown: string[] } {
  const unknown: string[] = [];
  const look = (table: Readonly<Record<string, Mark>>, text: string): Mark => {
    const mark = Object.hasOwn(table, text) ? table[text] : undefined;
    if (mark === undefined) unknown.push(text);
    return mark ?? { validity: 'suspect' };
  };
  const marks: Mark[] = [
    look(status, of.status),
    look(detection, of.detection),
    ...of.qualifiers.map((text) => look(measure, text)),
    of.valueType === 'Estimated' ? { qualifiers: ['estimated'] } : {},
  ];
  const validities = new Set(marks.map((mark) => mark.validity ?? 'valid'));
  const validity = validities.has('invalid') ? 'invalid' : validities.has('suspect') ? 'suspect' : 'valid';
  const flags = packFlags({
    validity,
    stage: Math.max(...marks.map((mark) => mark.stage ?? 0)),
    qualifiers: marks.flatMap((mark) => mark.qualifiers ?? []),
  });
  return { flags, below: marks.some((mark) => mark.below === true), unknown };
}
