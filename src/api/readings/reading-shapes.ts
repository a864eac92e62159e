import { Type, type Static } from 'typebox';
import type { Config } from '../../domain/config/config.ts';
import type { Parameter } from '../../domain/config/parameter.ts';
import { unpackFlags, type Flags } from '../../domain/flags.ts';
import { averagings, intervalOf, type AveragingId, type EpochS, type Interval } from '../../domain/time.ts';
import { Instant, NullableInteger, NullableNumber, NullableText } from '../http/schemas.ts';

export const FlagsShape = Type.Object({
  validity: Type.String(),
  stage: Type.Integer({ description: '0 raw, 1..6 reviewed by level, 7 final' }),
  qualifiers: Type.Array(Type.String()),
});

/** One reading as people and maps want it. */
export const ReadingShape = Type.Object({
  parameter: Type.String(),
  averaging: Type.String(),
  value: NullableNumber,
  unit: NullableText,
  decimals: NullableInteger,
  flags: FlagsShape,
  begin: Instant,
  end: Instant,
  seq: Type.Integer({ description: 'journal entry it came from' }),
});
export type ReadingShape = Static<typeof ReadingShape>;

export function parametersById(config: Config): Map<string, Parameter> {
  return new Map(config.parameters.map((parameter) => [parameter.id, parameter]));
}

/** Civil periods need the calendar once a value; fixed ones only arithmetic. */
export function intervals(averaging: AveragingId, timeZone: string): (keyS: EpochS) => Interval {
  const { seconds, sliding } = averagings[averaging];
  if (seconds === null) return (keyS) => intervalOf(averaging, keyS, timeZone);
  return sliding
    ? (endS) => ({ beginS: endS - seconds, endS })
    : (beginS) => ({ beginS, endS: beginS + seconds });
}

/** Whether a value may be judged: present, and not marked suspect or invalid. */
export function usable(flags: Flags): boolean {
  return flags.validity === 'valid' && !flags.qualifiers.includes('missing');
}

const unpacked = new Map<number, Flags>();

/** {@link unpackFlags}, remembered: few of the 65,536 words occur. The result is shared, so never change it. */
export function flagsOf(bits: number): Flags {
  let flags = unpacked.get(bits);
  if (flags === undefined) unpacked.set(bits, (flags = unpackFlags(bits)));
  return flags;
}
