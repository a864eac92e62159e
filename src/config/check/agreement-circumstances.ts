import type { ConfigFault } from '../../domain/config/config.ts';
import type { Agreement } from '../../domain/config/region.ts';
import type { FaultText } from '../document.ts';
import type { Draft } from '../draft.ts';
import { stepFaults } from './editions.ts';
import { firstDay, lastDay } from './intervals.ts';

/** Clauses on special circumstances follow each other by date, day by day, and cover the whole term of the agreement. */
export function agreementCircumstanceFaults(draft: Draft): ConfigFault[] {
  return draft.agreements.flatMap((agreement) => dateFaults(draft, agreement));
}

function dateFaults(draft: Draft, agreement: Agreement): ConfigFault[] {
  const terms = agreement.circumstances ?? [];
  const [first, last] = [terms[0], terms.at(-1)];
  if (first === undefined || last === undefined) return [];
  const row = terms.map(({ inForce }, at) => ({ name: `entry ${at + 1}`, inForce }));
  const fault = (at: number, end: 'from' | 'to', text: FaultText): ConfigFault =>
    draft.fault(agreement, ['circumstances', at, 'inForce', end], text);
  const faults = stepFaults(row).map(({ at, text }) => fault(at, 'from', text));
  const { from, to } = agreement.term;
  const message = 'leaves days of the term without a clause';
  if (firstDay(first.inForce) > from)
    faults.push(fault(0, 'from', { message, expected: `${from} or before` }));
  if (lastDay(last.inForce) < to)
    faults.push(fault(terms.length - 1, 'to', { message, expected: `${to}, or null` }));
  return faults;
}
