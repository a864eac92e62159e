import { buildNetwork } from '../../analysis/network/network.ts';
import { outfallWarnings } from '../../analysis/network/outfalls.ts';
import { type ConfigFault, editionInForce } from '../../domain/config/config.ts';
import type { Draft } from '../draft.ts';

/** Outfalls that a section of an agreement does not measure mixed, or that lie between it and its border, and whose bank each is on. */
export function agreementOutfallNotes(draft: Draft): ConfigFault[] {
  if (draft.outfalls.length === 0) return [];
  const network = buildNetwork(draft);
  return draft.agreements.flatMap((agreement) => {
    const rules = editionInForce(draft.loadMethods, agreement.term.to);
    if (rules === null) return [];
    return agreement.sections.flatMap(({ section: id }, at) => {
      const section = draft.sections.find((one) => one.id === id);
      if (section === undefined) return [];
      const mixingKm = Number(rules.attribution.mixingReachKm.value);
      return outfallWarnings(network, section, mixingKm).map(({ outfall, jurisdiction, text }) =>
        draft.fault(agreement, ['sections', at, 'section'], {
          message: `${text.en} (${text.zh}); outfall ${outfall} belongs to ${jurisdiction ?? 'nobody who is stated'}`,
          expected: 'a section past which the water has mixed, or a share agreed for it',
        }),
      );
    });
  });
}
