import { QualityDesk } from '../api/quality/quality-desk.ts';
import { silenceWatch } from '../api/quality/silence-watch.ts';
import type { SilenceWatch } from '../domain/silence.ts';
import type { System } from '../main.ts';

/** Quality control on an open system, for the server and for commands. */
export function qualityDeskOf(system: System): QualityDesk {
  const { config, readings, state, journal, clock } = system;
  return new QualityDesk({ config, readings, state, journal, clock, refresh: () => system.refreshConfig() });
}

export function silenceWatchOf({ config, readings, clock }: System): SilenceWatch {
  return silenceWatch({ config, readings, clock });
}
