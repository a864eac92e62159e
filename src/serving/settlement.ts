import type { System } from '../main.ts';
import { FollowUp } from '../settle/follow-up.ts';
import { SettlementDesk } from '../settle/desk.ts';
import { settlementStore } from '../store/state/index.ts';

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

/** Reminders, deductions, interest and the fund of an open system. */
export function followUpOf(system: Pick<System, 'state' | 'config' | 'clock'>): FollowUp {
  const { state, config, clock } = system;
  return new FollowUp({ store: settlementStore(state.db), acts: state.acts, config, clock });
}
