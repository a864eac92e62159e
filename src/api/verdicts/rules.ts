import { Type, type Static } from 'typebox';
import { NullableText } from '../http/schemas.ts';

/** A rule that a verdict rests on: the file it stands in, what it says, its clause, source and how sure it is. */
export const Rule = Type.Object({
  id: Type.String(),
  says: Type.String(),
  clause: NullableText,
  source: Type.String(),
  confidence: Type.String(),
});
export type Rule = Static<typeof Rule>;

export function ruleFrom(
  id: string,
  says: string,
  provenance: { source: string; confidence: string },
  clause: string | null = null,
): Rule {
  return { id, says, clause, source: provenance.source, confidence: provenance.confidence };
}

/** What a figure over several verdicts rests on: its rules, and the verdicts themselves, each of which `why` follows to readings. */
export const grounds = {
  rules: Type.Array(Rule),
  verdicts: Type.Array(Type.String(), { description: 'ask /verdicts/{id}/why of each' }),
};
