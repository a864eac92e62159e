import type { AveragingId, EpochS } from './time.ts';

/**
 * `reporting`: the newest reading is not older than is waited for. `overdue`: it is. `silent`: a registered station of which
 * nothing came within the learned history. `not-expected`: the sampling calendar asks for no value now.
 */
export const silenceStates = ['reporting', 'overdue', 'silent', 'not-expected'] as const;
export type SilenceState = (typeof silenceStates)[number];

/** One series, or a whole station where none of its series is known (`parameter` null). */
export interface SeriesSilence {
  station: string;
  source: string;
  provider: string;
  parameter: string | null;
  averaging: AveragingId | null;
  state: SilenceState;
  /** End of the newest reading; null: none. */
  lastEndS: EpochS | null;
  cadenceS: number;
  /** How long after the newest reading's end the next one may take. */
  patienceS: number;
  /** `learned`: from so many intervals of its own history; `configured`: too little history; `calendar`: sampled by months. */
  patienceFrom: 'learned' | 'configured' | 'calendar';
  intervals: number;
  /** When it was, or will be, overdue; null for `silent`. */
  dueS: EpochS | null;
}

/** Who is silent now; what alerts ask. */
export interface SilenceWatch {
  states(): Promise<readonly SeriesSilence[]>;
}
