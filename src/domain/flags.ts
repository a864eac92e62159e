/**
 * One reading's flags in 16 bits, three axes. Quality control marks; it never deletes.
 *   bits 0-1  validity   0 valid, 1 suspect, 2 invalid
 *   bits 2-4  stage      0 raw, 1..6 reviewed by level, 7 final
 *   bits 5-15 qualifiers, any number of them
 */
export const validity = { valid: 0, suspect: 1, invalid: 2 } as const;
export type Validity = keyof typeof validity;

export const qualifiers = {
  missing: 1 << 5,
  belowDetection: 1 << 6,
  aboveRange: 1 << 7,
  calibration: 1 << 8,
  maintenance: 1 << 9,
  fault: 1 << 10,
  estimated: 1 << 11,
  sliding: 1 << 12,
  synthetic: 1 << 13,
  /** Suspect because a rule of screening marked it, not because its source said so; goes when the rule no longer applies. */
  screened: 1 << 14,
  /** Put under review by an act (failed check, maintenance, comparison); only a review releases it. */
  held: 1 << 15,
} as const;
export type Qualifier = keyof typeof qualifiers;

export interface Flags {
  validity: Validity;
  stage: number;
  qualifiers: Qualifier[];
}

export const finalStage = 7;

/** 0 raw, 1..6 reviewed by level, {@link finalStage}. */
export const stageOf = (bits: number): number => (bits >> 2) & 7;

/** Nobody and no rule doubts it. */
export const isValid = (bits: number): boolean => (bits & 3) === validity.valid;

/** Somebody or some rule doubts it, and nobody has said that it is wrong. */
export const isSuspect = (bits: number): boolean => (bits & 3) === validity.suspect;

/** Reviewed by somebody, or held for review by an act: rules have nothing more to say. */
export const isSettled = (bits: number): boolean => stageOf(bits) > 0 || (bits & qualifiers.held) !== 0;

const validityNames: readonly Validity[] = ['valid', 'suspect', 'invalid'];

/** Packs the three axes. `stage` 0 raw .. 7 final. */
export function packFlags(flags: {
  validity?: Validity;
  stage?: number;
  qualifiers?: readonly Qualifier[];
}): number {
  let bits = validity[flags.validity ?? 'valid'] | ((flags.stage ?? 0) << 2);
  for (const name of flags.qualifiers ?? []) bits |= qualifiers[name];
  return bits;
}

/** The inverse of {@link packFlags}. */
export function unpackFlags(bits: number): Flags {
  const names = (Object.keys(qualifiers) as Qualifier[]).filter((name) => (bits & qualifiers[name]) !== 0);
  return { validity: validityNames[bits & 3] ?? 'invalid', stage: stageOf(bits), qualifiers: names };
}
