import type { RecordLine } from '../bundle.ts';

/** What the journal says of one message besides its payload. */
export interface MessageLine extends RecordLine {
  topic: string;
  qos: 0 | 1 | 2;
  /** The broker kept it for whoever subscribes: it is as old as it says. */
  retain?: true;
  /** The broker had sent it before and heard no acknowledgement. */
  dup?: true;
  /** Length of a message that was longer than allowed; its bytes are the beginning only. */
  cut?: number;
}
