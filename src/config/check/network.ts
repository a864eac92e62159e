import { networkFaults as faultsOf } from '../../analysis/network/faults.ts';
import type { ConfigFault } from '../../domain/config/config.ts';
import type { Draft } from '../draft.ts';

/** Water runs downhill: the faults of the river graph, each at its place in the files. */
export function networkFaults(draft: Draft): ConfigFault[] {
  return faultsOf(draft)
    .filter((fault) => fault.message !== 'joined to nothing' || draft.complete('sections'))
    .map(({ list, index, path, message, expected }) =>
      draft.fault(draft[list][index]!, path, { message, expected }),
    );
}
