import type { System } from './main.ts';
import { SettlementDesk } from './settle/desk.ts';
import { settlementStore } from './store/state/index.ts';

/** The settlement desk of an open system. */
export function deskOf(
  system: Pick<System, 'state' | 'readings' | 'journal' | 'config' | 'clock' | 'synthetic'>,
): SettlementDesk {
  const { state, readings, journal, config, clock, synthetic } = system;
  return new SettlementDesk({
    store: settlementStore(state.db),
    acts: state.acts,
    readings,
    journal,
    config,
    clock,
    synthetic,
  });
}
