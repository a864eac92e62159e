import { ruleLines } from '../analysis/liability/evaluate.ts';
import type { Scheme, SchemeStep } from '../domain/config/scheme.ts';
import type { StatementHead } from '../domain/settlement.ts';
import type { SettlementFacts } from './facts.ts';
import type { Statement } from './statement.ts';

/** What of a section is objected to, where it is no single reading or line. */
export type Contested = 'verdict' | 'attribution';

const nobodyKnows = 'contested';

/** The scheme as it would run if nobody knew what its attributing steps find. */
function withoutAttribution(scheme: Scheme): Scheme {
  const contested = (step: SchemeStep): SchemeStep =>
    (step.primitive === 'attribute' || step.primitive === 'share') && 'value' in step
      ? { ...step, value: nobodyKnows }
      : step;
  const input = {
    name: nobodyKnows,
    path: nobodyKnows,
    type: 'decimal' as const,
    unit: null,
    optional: true,
  };
  return { ...scheme, inputs: [...scheme.inputs, input], steps: scheme.steps.map(contested) };
}

/** The case with nobody knowing the class of the period. */
function withoutVerdict(scheme: Scheme, document: Record<string, unknown>): Record<string, unknown> {
  const copy = structuredClone(document);
  for (const { binds, path } of scheme.inputs) {
    if (binds !== 'period-class') continue;
    const segments = (typeof path === 'string' ? path : (path.at(-1) ?? '')).split('.');
    const last = segments.pop() ?? '';
    let place: Record<string, unknown> = copy;
    for (const segment of segments) place = place[segment] as Record<string, unknown>;
    place[last] = null;
  }
  return copy;
}

function amountsOf(
  scheme: Scheme,
  document: Record<string, unknown>,
  facts: SettlementFacts,
): Map<string, string> {
  const byPlace = new Map<string, string>();
  for (const { place, amount } of ruleLines(scheme, document, facts) ?? [])
    byPlace.set(place, `${byPlace.get(place) ?? ''} ${amount ?? 'missing'}`);
  return byPlace;
}

/**
 * Lines of a section that rest on its class, or on a step that attributes: the rule is run once more on the case as the statement
 * holds it, without knowing that. Empty where nothing of the section rests on it.
 */
export function linesRestingOn(
  what: Contested,
  of: { statement: Statement; facts: SettlementFacts; section: string },
): string[] {
  const { statement, facts, section } = of;
  const scheme = facts.schemes.find((one) => one.id === statement.scheme.id);
  const document = statement.sections.find((one) => one.section === section)?.document;
  if (scheme === undefined || document === undefined) return [];
  const whole = amountsOf(scheme, document, facts);
  const without =
    what === 'verdict'
      ? amountsOf(scheme, withoutVerdict(scheme, document), facts)
      : amountsOf(withoutAttribution(scheme), { ...document, [nobodyKnows]: null }, facts);
  const places = [...whole].filter(([place, amount]) => without.get(place) !== amount);
  const rests = ({ id }: StatementHead['lines'][number]): boolean =>
    places.some(([place]) => id === `${section}:${place}` || id.startsWith(`${section}:${place}:`));
  return statement.lines.filter(rests).map((line) => line.id);
}
