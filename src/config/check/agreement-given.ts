import { type PeriodKind, periodKind } from '../../domain/civil-period.ts';
import type { ConfigFault } from '../../domain/config/config.ts';
import type { Agreement } from '../../domain/config/region.ts';
import { type Scheme, isGiven } from '../../domain/config/scheme.ts';
import type { FaultText } from '../document.ts';
import type { Draft } from '../draft.ts';

/** Whether a period is of the kind that a scheme is computed by; what else is expected, or null where it is. */
export function periodFault(period: string, scheme: Scheme, { term }: Agreement): FaultText | null {
  const kind = periodKind(period);
  if (kind === null) return { message: 'not a period', expected: 'YYYY-MM, YYYY-Qn, YYYY or YYYY-Www' };
  const wanted: PeriodKind | 'any' = scheme.period;
  if (wanted !== 'any' && kind !== wanted)
    return {
      message: `scheme ${scheme.id} is computed by ${wanted}, not by ${kind}`,
      expected: `a ${wanted}`,
    };
  const year = period.slice(0, 4);
  if (year >= term.from.slice(0, 4) && year <= term.to.slice(0, 4)) return null;
  return { message: 'outside the term', expected: `a period from ${term.from} to ${term.to}` };
}

/**
 * What an agreement states beside readings is for inputs that its scheme leaves open, in their units, for sections and periods that it
 * has, and each stands once: what fits nothing would be left out without a word, and a wrong unit would be paid.
 */
export function agreementGivenFaults(draft: Draft, agreement: Agreement, scheme: Scheme): ConfigFault[] {
  const given = agreement.given ?? [];
  const open = scheme.inputs.filter(isGiven);
  const sections = agreement.sections.map(({ section }) => section);
  return given.flatMap((one, at) => {
    const faults: ConfigFault[] = [];
    const fault = (member: string, text: FaultText): void => {
      faults.push(draft.fault(agreement, ['given', at, member], text));
    };
    const input = open.find(({ name }) => name === one.input);
    if (input === undefined) {
      const message = `scheme ${scheme.id} has no input "${one.input}" that an agreement may give`;
      const names = open.map(({ name }) => name).join(', ');
      fault('input', { message, expected: names === '' ? 'nothing' : `one of ${names}` });
    } else if (input.unit !== one.unit) {
      const message = `input ${one.input} of scheme ${scheme.id} is in ${input.unit ?? 'no unit'}`;
      fault('unit', { message, expected: input.unit ?? 'null' });
    }
    if (one.section !== undefined && !sections.includes(one.section))
      fault('section', {
        message: 'not a section of this agreement',
        expected: `one of ${sections.join(', ')}`,
      });
    const period = one.period === undefined ? null : periodFault(one.period, scheme, agreement);
    if (period !== null) fault('period', period);
    const first = given.findIndex(
      (other) => other.input === one.input && other.section === one.section && other.period === one.period,
    );
    if (first !== at)
      fault('input', { message: 'stated twice', expected: 'each input once for a section and period' });
    if (one.provenance.confidence === 'assumed' && !agreement.scenario)
      fault('provenance', {
        message: 'a signed agreement rests on no assumed figure',
        expected: 'another confidence, or scenario: true',
      });
    return faults;
  });
}
