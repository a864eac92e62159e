import type { CursorStore } from '../../../domain/ports.ts';
import { windowArea } from './asking.ts';
import { HourGaps, type Gap } from './gaps.ts';
import type { Message } from './profile.ts';
import type { RequestOutcome } from './requests.ts';
import type { Device } from './settings.ts';
import { stampText } from './stamp.ts';
import type { Tally } from './tally.ts';

export interface GapAskerParts {
  sourceId: string;
  cursors: Pick<CursorStore, 'get' | 'set' | 'raise'>;
  tally: Tally;
  log: { info(about: object, text: string): void; warn(about: object, text: string): void };
  request(mn: string, ask: { command: string; dataArea: string }): Promise<RequestOutcome>;
}

/** Asks each logger for the hours it left out, one stretch at a time, and says so when they do not come. */
export class GapAsker {
  readonly #parts: GapAskerParts;
  readonly #gaps: HourGaps;
  /** What is being remembered of one logger is remembered in its order. */
  readonly #turns = new Map<string, Promise<void>>();
  readonly #asking = new Set<string>();

  constructor(parts: GapAskerParts) {
    this.#parts = parts;
    this.#gaps = new HourGaps(parts.cursors, parts.sourceId);
  }

  connected(mn: string): void {
    this.#gaps.forget(mn);
  }

  /** Call with each durable frame of a device. */
  after(message: Message, device: Device): void {
    if (device.backfill !== true) return;
    const { mn } = device;
    const turn = (this.#turns.get(mn) ?? Promise.resolve())
      .then(() => this.#gaps.after(message, device))
      .then(() => this.#askIfDue(device))
      .catch((cause: unknown) =>
        this.#parts.log.warn({ mn, err: cause }, 'the hours of a logger could not be kept'),
      );
    this.#turns.set(mn, turn);
    void this.#forgetAfter(mn, turn);
  }

  async #forgetAfter(mn: string, turn: Promise<void>): Promise<void> {
    await turn;
    if (this.#turns.get(mn) === turn) this.#turns.delete(mn);
  }

  async #askIfDue(device: Device): Promise<void> {
    const { mn } = device;
    if (this.#asking.has(mn)) return;
    const gap = await this.#gaps.due(mn, performance.now());
    if (gap === null) return;
    this.#asking.add(mn);
    const dataArea = windowArea('2061', gap, device);
    this.#parts.log.info({ mn, dataArea }, 'asking a logger for the hours it did not send');
    void this.#ask(device, gap, dataArea);
  }

  async #ask({ mn }: Device, gap: Gap, dataArea: string): Promise<void> {
    const { log, tally, request } = this.#parts;
    try {
      const outcome = await request(mn, { command: '2061', dataArea });
      log.info({ mn, dataArea, ...outcome }, 'back-fill request ended');
      const lost = await this.#gaps.asked(mn, gap, outcome);
      if (lost === null) return;
      const hours = `${stampText(lost.fromS)} to ${stampText(lost.toS)}`;
      tally.note('GAP_NOT_FILLED', mn, `${hours}: asked ${lost.asked} times, ${outcome.detail}`, mn);
    } catch (cause) {
      log.warn({ mn, err: cause }, 'a gap could not be kept');
    } finally {
      this.#asking.delete(mn);
    }
  }
}
