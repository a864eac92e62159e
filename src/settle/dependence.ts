import { MonitorError } from '../domain/errors.ts';
import type { Scheme, SchemeStep } from '../domain/config/scheme.ts';
import { type IssuedStatement, type StatementHead, linesHeldBy } from '../domain/settlement.ts';
import type { PreviewSection } from '../domain/preview.ts';
import type { Statement } from '../domain/statement.ts';
import { hashOf } from './document.ts';
import type { SettlementFacts } from './facts.ts';
import { type FrozenInputs, type FrozenSeries, frozenReadings } from './freeze.ts';
import { previewAgreement } from './preview.ts';
import { amountsByPlace } from './preview-section.ts';

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

/**
 * Lines of a section that rest on its class, or on a step that attributes: the rule is run once more on the case as the statement
 * holds it, without knowing that. Empty where nothing of the section rests on it.
 */
function linesRestingOn(
  what: Contested,
  of: { statement: Statement; facts: SettlementFacts; section: string },
): string[] {
  const { statement, facts, section } = of;
  const scheme = facts.schemes.find((one) => one.id === statement.scheme.id);
  const document = statement.sections.find((one) => one.section === section)?.document;
  if (scheme === undefined || document === undefined) return [];
  const whole = amountsByPlace(scheme, document, facts);
  const without =
    what === 'verdict'
      ? amountsByPlace(scheme, withoutVerdict(scheme, document), facts)
      : amountsByPlace(withoutAttribution(scheme), { ...document, [nobodyKnows]: null }, facts);
  const places = [...whole].filter(([place, amount]) => without.get(place) !== amount);
  const rests = ({ id }: StatementHead['lines'][number]): boolean =>
    places.some(([place]) => id === `${section}:${place}` || id.startsWith(`${section}:${place}:`));
  return statement.lines.filter(rests).map((line) => line.id);
}

/** Readings of one parameter of a section, by key time in `[fromS, toS)`. */
type ContestedReadings = { section: string; parameter: string; fromS: number; toS: number };

function withoutReadings(inputs: FrozenInputs, what: ContestedReadings, gauge: string | null): FrozenInputs {
  const left = (one: FrozenSeries): FrozenSeries => {
    if (one.parameter !== what.parameter || (one.station !== what.section && one.station !== gauge))
      return one;
    const rows = [...one.timeS.keys()].filter((row) => {
      const at = one.timeS[row]!;
      return at < what.fromS || at >= what.toS;
    });
    const of = <T>(column: readonly T[]): T[] => rows.map((row) => column[row]!);
    return { ...one, timeS: of(one.timeS), value: of(one.value), flags: of(one.flags), seq: of(one.seq) };
  };
  return { ...inputs, series: inputs.series.map(left) };
}

/** What a section's result takes from a parameter; a check value beside it is never paid on. */
function takenFrom(section: PreviewSection | undefined, parameter: string): string {
  const { check: _check, ...mean } = section?.means.find((one) => one.parameter === parameter) ?? {};
  return hashOf({ mean, flow: section?.flow ?? null });
}

/**
 * Lines of a section that rest on these readings: the period is computed once more from the frozen inputs without them; where what
 * the section takes from the parameter stays the same (none was frozen, or none counted), nothing rests on them.
 */
async function linesRestingOnReadings(
  what: ContestedReadings,
  of: { statement: Statement; facts: SettlementFacts; inputs: FrozenInputs },
): Promise<string[]> {
  const { statement, facts, inputs } = of;
  const { section, parameter } = what;
  const agreement = facts.agreements.find((one) => one.id === statement.agreement);
  const lines = linesHeldBy(statement, { section, parameter, line: null });
  if (agreement === undefined || lines.length === 0) return [];
  const gauge = facts.sections.find((one) => one.id === section)?.flowStation?.id ?? null;
  const without = await previewAgreement({
    agreement,
    period: statement.period,
    config: facts,
    readings: frozenReadings(withoutReadings(inputs, what, gauge)),
    nowS: statement.computedAtS,
    asOfSeq: statement.asOfSeq,
    circumstances: inputs.circumstances ?? [],
  });
  const [before, after] = [statement.sections, without.sections].map((sections) =>
    takenFrom(
      sections.find((one) => one.section === section),
      parameter,
    ),
  );
  return before === after ? [] : lines;
}

/**
 * Lines of a statement that an objection holds; empty where nothing rests on what it names. Throws E_BAD_REQUEST for readings that
 * are not those of one parameter, or an interval without length.
 */
export async function linesContested(
  statement: Pick<IssuedStatement, 'document' | 'facts' | 'inputs'>,
  objection: {
    section: string;
    parameter: string | null;
    line: string | null;
    about?: Contested;
    readings?: { fromS: number; toS: number };
  },
): Promise<string[]> {
  const { section, parameter, line, about, readings } = objection;
  const held = { statement: JSON.parse(statement.document), facts: JSON.parse(statement.facts), section };
  if (readings !== undefined) {
    if (parameter === null || line !== null || about !== undefined || readings.fromS >= readings.toS)
      throw new MonitorError(
        'E_BAD_REQUEST',
        'readings are objected to by one parameter and an interval that ends after it begins',
      );
    const what = { section, parameter, ...readings };
    return linesRestingOnReadings(what, { ...held, inputs: JSON.parse(statement.inputs) });
  }
  return about === undefined ? linesHeldBy(held.statement, objection) : linesRestingOn(about, held);
}
