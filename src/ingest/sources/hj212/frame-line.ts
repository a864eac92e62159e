import type { RecordLine } from '../bundle.ts';

/** Why a frame that was well formed brings no readings. */
export const quarantineReasons = ['unknown-mn', 'wrong-pw', 'wrong-address'] as const;
export type Disposition = 'accepted' | (typeof quarantineReasons)[number];

/** What the journal says of one frame: when and from where it came, and what the listener decided. */
export interface FrameLine extends RecordLine {
  peer: string;
  is: Disposition;
  /** True where the frame came encrypted: its bytes are what it was before encryption. */
  sm4?: true;
  /**
   * CRC as it arrived, where secrets were masked before the frame was kept; the listener had checked it. The bytes kept carry a
   * CRC of their own. Whoever knows the password puts it back, and the frame as it arrived has this CRC again.
   */
  crc?: string;
}
