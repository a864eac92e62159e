import type { EpochS } from './time.ts';

/** Things that standards want whole numbers for. */
export type PublicIdKind = 'station' | 'series' | 'sensor' | 'parameter';

export interface PublicId {
  id: number;
  /** When it was given. */
  atS: EpochS;
}

/** Natural key to whole number, from acts in the journal: never reused, the same after a rebuild. */
export interface PublicIdStore {
  /** Every id of a kind given after `afterId`, in their order. */
  given(kind: PublicIdKind, afterId: number): Promise<(PublicId & { key: string })[]>;
}
