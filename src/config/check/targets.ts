import type { ConfigFault } from '../../domain/config/config.ts';
import type { Draft } from '../draft.ts';
import { overlaps } from './intervals.ts';

/** At any date a section has at most one target of a kind. */
export function targetFaults(draft: Draft): ConfigFault[] {
  const faults: ConfigFault[] = [];
  for (const section of draft.sections) {
    for (const [index, target] of section.targets.entries()) {
      const before = section.targets.slice(0, index);
      if (!before.some((other) => other.kind === target.kind && overlaps(other, target))) continue;
      const text = {
        message: `a second ${target.kind} target at a common date`,
        expected: 'one target a kind and date',
      };
      faults.push(draft.fault(section, ['targets', index, 'kind'], text));
    }
  }
  return faults;
}
