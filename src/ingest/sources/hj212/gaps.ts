import type { CursorStore } from '../../../domain/ports.ts';
import type { EpochS } from '../../../domain/time.ts';
import type { Message } from './profile.ts';
import { periodBeginS } from './readings.ts';
import type { Device } from './settings.ts';
import { stampS, stampText } from './stamp.ts';

const HOUR_S = 3600;
/** The longest stretch asked for at once; loggers keep about this much. */
const LONGEST_S = 31 * 24 * HOUR_S;

/** Hours that a logger has not sent, both ends included, in the stamps it uses itself. */
export interface Gap {
  beginTime: string;
  endTime: string;
}

export const gapCursor = (sourceId: string, mn: string): string => `hj212:${sourceId}:${mn}:hour`;

/** Remembers the newest hour of each logger across restarts, and says which hours were left out when the next one comes. */
export class HourGaps {
  readonly #cursors: Pick<CursorStore, 'get' | 'raise'>;
  readonly #sourceId: string;
  readonly #newest = new Map<string, EpochS>();

  constructor(cursors: Pick<CursorStore, 'get' | 'raise'>, sourceId: string) {
    this.#cursors = cursors;
    this.#sourceId = sourceId;
  }

  /** Call with a durable frame. Null for no gap, for another command, and for hours that are back-filled. */
  async after(message: Message, device: Device): Promise<Gap | null> {
    if (device.backfill !== true || message.fields['CN'] !== '2061') return null;
    const stampedS = stampS(message.params['DataTime'] ?? '');
    const beginS = stampedS === null ? null : periodBeginS(stampedS, 'PT1H', device.stampMeans);
    if (stampedS === null || beginS === null) return null;
    const name = gapCursor(this.#sourceId, device.mn);
    const known = this.#newest.get(device.mn) ?? Number((await this.#cursors.get(name)) ?? Number.NaN);
    if (beginS <= known) return null;
    this.#newest.set(device.mn, beginS);
    await this.#cursors.raise(name, beginS);
    if (Number.isNaN(known) || beginS === known + HOUR_S) return null;
    const shiftS = device.stampMeans === 'end' ? HOUR_S : 0;
    const fromS = Math.max(known + HOUR_S, beginS - LONGEST_S);
    return { beginTime: stampText(fromS + shiftS), endTime: stampText(beginS - HOUR_S + shiftS) };
  }
}
