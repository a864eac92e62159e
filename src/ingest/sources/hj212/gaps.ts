import type { CursorStore } from '../../../domain/ports.ts';
import type { EpochS } from '../../../domain/time.ts';
import type { Message } from './profile.ts';
import { periodBeginS } from './readings.ts';
import type { RequestOutcome } from './requests.ts';
import type { Device } from './settings.ts';
import { stampS } from './stamp.ts';

const HOUR_S = 3600;
/** The longest stretch that is asked for; loggers keep about this much. */
export const LONGEST_S = 31 * 24 * HOUR_S;
/** Times that one stretch is asked for before it is given up, and the least time between two of them. */
const ATTEMPTS = 3;
const RETRY_MS = 10 * 60_000;
/** ExeRtn of a logger that has nothing of what it was asked for. */
const NO_DATA = '100';

/** Hours that a logger has not sent: begins of periods, half-open, and how often they were asked for. */
export interface Gap {
  fromS: EpochS;
  toS: EpochS;
  asked: number;
}

type GapCursors = Pick<CursorStore, 'get' | 'set' | 'raise'>;

export const newestHourCursor = (sourceId: string, mn: string): string => `hj212:${sourceId}:${mn}:hour`;
export const gapCursor = (sourceId: string, mn: string): string => `hj212:${sourceId}:${mn}:gaps`;

interface Known {
  newestS: EpochS;
  open: Gap[];
  askedMs: number;
}

/**
 * Remembers, across restarts and replicas, the newest hour of each logger and the hours it has left out since, until they have
 * come or were asked for in vain. All about one logger is called one after the other.
 */
export class HourGaps {
  readonly #cursors: GapCursors;
  readonly #sourceId: string;
  readonly #known = new Map<string, Known>();

  constructor(cursors: GapCursors, sourceId: string) {
    this.#cursors = cursors;
    this.#sourceId = sourceId;
  }

  /** The logger has connected here; since it was last here it may have been at another replica. */
  forget(mn: string): void {
    this.#known.delete(mn);
  }

  /** Call with a durable frame; hours of the back-fill close gaps, a newer hour may open one. */
  async after(message: Message, device: Device): Promise<void> {
    if (device.backfill !== true || message.fields['CN'] !== '2061') return;
    const stampedS = stampS(message.params['DataTime'] ?? '');
    const beginS = stampedS === null ? null : periodBeginS(stampedS, 'PT1H', device.stampMeans);
    if (beginS === null) return;
    const { mn } = device;
    const known = await this.#of(mn);
    const open = without(known.open, beginS);
    if (beginS > known.newestS) {
      const fromS = Math.max(known.newestS + HOUR_S, beginS - LONGEST_S);
      // The first hour ever of a logger has none before it that are missing.
      if (known.newestS > -Infinity && fromS < beginS) open.push({ fromS, toS: beginS, asked: 0 });
      known.newestS = beginS;
      await this.#cursors.raise(newestHourCursor(this.#sourceId, mn), beginS);
    }
    if (open.length !== known.open.length || open.some((gap, at) => gap !== known.open[at])) {
      known.open = open;
      await this.#keep(mn, known);
    }
  }

  /** The gap to ask for now; null for none, or while it is too early to ask again. */
  async due(mn: string, nowMs: number): Promise<Gap | null> {
    const known = await this.#of(mn);
    const gap = known.open[0];
    if (gap === undefined || (gap.asked > 0 && nowMs - known.askedMs < RETRY_MS)) return null;
    known.askedMs = nowMs;
    return gap;
  }

  /** How asking for a gap ended. Answers the hours that are given up now; null while there is hope, or when they have come. */
  async asked(mn: string, gap: Gap, outcome: RequestOutcome): Promise<Gap | null> {
    if (outcome.status === 'gone') return null;
    const known = await this.#of(mn);
    const inside = (one: Gap): boolean => one.fromS >= gap.fromS && one.toS <= gap.toS;
    const left = known.open.filter(inside);
    if (left.length === 0) return null;
    const hopeless = outcome.exeRtn === NO_DATA || gap.asked + 1 >= ATTEMPTS;
    known.open = hopeless
      ? known.open.filter((one) => !inside(one))
      : known.open.map((one) => (inside(one) ? { ...one, asked: gap.asked + 1 } : one));
    await this.#keep(mn, known);
    return hopeless ? { fromS: left[0]!.fromS, toS: left.at(-1)!.toS, asked: gap.asked + 1 } : null;
  }

  async #of(mn: string): Promise<Known> {
    const found = this.#known.get(mn);
    if (found !== undefined) return found;
    const newest = await this.#cursors.get(newestHourCursor(this.#sourceId, mn));
    const open = await this.#cursors.get(gapCursor(this.#sourceId, mn));
    const known: Known = {
      newestS: newest === null ? -Infinity : Number(newest),
      open: open === null ? [] : (JSON.parse(open) as Gap[]),
      askedMs: -Infinity,
    };
    this.#known.set(mn, known);
    return known;
  }

  async #keep(mn: string, known: Known): Promise<void> {
    await this.#cursors.set(gapCursor(this.#sourceId, mn), JSON.stringify(known.open));
  }
}

/** The gaps without one hour; the same objects where nothing changes. */
function without(gaps: readonly Gap[], hourS: EpochS): Gap[] {
  return gaps.flatMap((gap) => {
    if (hourS < gap.fromS || hourS >= gap.toS) return [gap];
    const { fromS, toS, asked } = gap;
    const before = hourS > fromS ? [{ fromS, toS: hourS, asked }] : [];
    return hourS + HOUR_S < toS ? [...before, { fromS: hourS + HOUR_S, toS, asked }] : before;
  });
}
