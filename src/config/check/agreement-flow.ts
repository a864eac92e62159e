import type { ConfigFault } from '../../domain/config/config.ts';
import type { Agreement } from '../../domain/config/region.ts';
import { isFlowInput } from '../../domain/config/scheme.ts';
import type { Draft } from '../draft.ts';

/** What keeps a load scheme from being computed: no terms of flow, or a section without a declared transfer of it. */
export function missingFlow(draft: Draft, agreement: Agreement): ConfigFault[] {
  const scheme = draft.schemes.find((one) => one.id === agreement.scheme);
  const bound = (scheme?.inputs ?? []).filter(isFlowInput);
  if (bound.length === 0) return [];
  if (agreement.flow === undefined) {
    const open = bound.filter(({ name }) => agreement.given?.some((one) => one.input === name) !== true);
    if (open.length === 0) return [];
    const message = `the scheme needs flow (${open.map(({ name }) => name).join(', ')}), of which nothing is agreed`;
    const expected = 'flow: the least coverage of flow and concentration, or the figures under given';
    return [draft.fault(agreement, ['scheme'], { message, expected })];
  }
  const sections = new Map(draft.sections.map((section) => [section.id, section]));
  return agreement.sections.flatMap(({ section: id }, at) => {
    const section = sections.get(id);
    if (section === undefined || section.flowStation?.transfer !== undefined) return [];
    const message = `the scheme needs flow, and section ${id} declares no transfer from a gauging station`;
    const expected = 'flowStation with its transfer at the section';
    return [draft.fault(agreement, ['sections', at, 'section'], { message, expected })];
  });
}
