import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import {
  DeviceStory,
  type DeviceFaultRates,
  type DevicePeriod,
  type WaterAtDevice,
} from './device-faults.ts';
import { brokenFrame, hourFrame } from './logger-frames.ts';

export const LOGGER_PERIOD_S = 3600;
/** How long a simulated logger waits for an answer before it sends again, and how often. */
const ANSWER_MS = 5000;
const ATTEMPTS = 3;
/** Pause between the pieces of a frame that arrives in pieces. */
const PIECE_MS = 5;
/** Periods that a late one stays behind. */
const LATE_BY = 3;

export interface LoggerFleetOptions {
  host: string;
  port: number;
  seed: number;
  rates: DeviceFaultRates;
  devices: readonly string[];
  /** Absent: a world of its own for each. */
  water?: WaterAtDevice | undefined;
  pw: string;
  /** Begin of the first period; each device sends `periods` of them. */
  fromS: number;
  periods: number;
  /** Real seconds between two periods; 0: as fast as they are answered. */
  paceS: number;
  clock: { nowS(): number };
  /** Told of each period as it is decided, before anything of it is sent. */
  onTruth: (period: DevicePeriod) => void;
  signal?: AbortSignal;
}

export interface FleetResult {
  /** Frames that were sent whole and right, and answers to them. */
  frames: number;
  answered: number;
  /** Frames that were broken on purpose; none of them may be answered. */
  broken: number;
  unanswered: number;
}

/** Number of the simulated logger `at`, in the form of the surface-water protocol. */
export const loggerNumber = (at: number): string => `S900000_${String(at + 1).padStart(4, '0')}`;

/** Plays loggers against a listener until every period is sent; all of them at once, each over a connection of its own. */
export async function playLoggers(options: LoggerFleetOptions): Promise<FleetResult> {
  const results = await Promise.all(options.devices.map((device) => new Logger(device, options).play()));
  const sum = (key: keyof FleetResult): number => results.reduce((total, one) => total + one[key], 0);
  return {
    frames: sum('frames'),
    answered: sum('answered'),
    broken: sum('broken'),
    unanswered: sum('unanswered'),
  };
}

async function pause(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  await wait(seconds * 1000, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}

interface Outgoing {
  frame: Buffer;
  period: DevicePeriod;
  /** Position of the period after which it is sent. */
  after: number;
}

class Logger {
  readonly #options: LoggerFleetOptions;
  readonly #story: DeviceStory;
  #socket: Socket | null = null;
  #answers = 0;
  #wake: () => void = () => undefined;
  #number = 0;
  readonly #result: FleetResult = { frames: 0, answered: 0, broken: 0, unanswered: 0 };

  constructor(device: string, options: LoggerFleetOptions) {
    this.#options = options;
    const { seed, rates, water } = options;
    this.#story = new DeviceStory({
      device,
      kind: 'logger',
      seed,
      rates,
      periodS: LOGGER_PERIOD_S,
      water,
    });
  }

  async play(): Promise<FleetResult> {
    const { fromS, periods, paceS, signal } = this.#options;
    const held: Outgoing[] = [];
    let glued: Outgoing | null = null;
    for (let at = 0; at < periods && signal?.aborted !== true; at++) {
      const period = this.#story.period(fromS + at * LOGGER_PERIOD_S);
      this.#options.onTruth(period);
      const mine = this.#outgoing(period, at);
      if (period.fault === 'late' || period.fault === 'outOfOrder')
        held.push({ ...mine, after: at + (period.fault === 'late' ? LATE_BY : 1) });
      else if (period.fault === 'glued' && glued === null) glued = mine;
      else if (period.fault !== 'silent') {
        await this.#send(mine, glued);
        glued = null;
      }
      for (const due of held.filter(({ after }) => after <= at)) await this.#send(due, null);
      held.splice(0, held.length, ...held.filter(({ after }) => after > at));
      if (paceS > 0) await pause(paceS, signal);
    }
    for (const left of glued === null ? held : [glued, ...held]) await this.#send(left, null);
    this.#socket?.end();
    return this.#result;
  }

  #outgoing(period: DevicePeriod, after: number): Outgoing {
    const { pw, clock } = this.#options;
    const stampS = this.#story.stampS(period);
    this.#number += 1;
    return {
      frame: hourFrame(period, { pw, stampS, sentS: clock.nowS(), number: this.#number }),
      period,
      after,
    };
  }

  /** Sends one frame, and another one glued before it, until both are answered. */
  async #send({ frame, period }: Outgoing, before: Outgoing | null): Promise<void> {
    if (period.fault === 'brokenCrc') {
      this.#result.broken += 1;
      await this.#write([brokenFrame(frame)]);
    }
    const twice = period.fault === 'duplicated';
    const frames = [...(before === null ? [] : [before.frame]), frame, ...(twice ? [frame] : [])];
    const third = Math.floor(frame.length / 3);
    const pieces =
      period.fault === 'split' && before === null
        ? [frame.subarray(0, third), frame.subarray(third, third + 7), frame.subarray(third + 7)]
        : [Buffer.concat(frames)];
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const wanted = this.#answers + frames.length;
      this.#result.frames += frames.length;
      await this.#write(pieces);
      const answered = await this.#answered(wanted);
      this.#result.answered += Math.min(frames.length, frames.length - (wanted - this.#answers));
      if (answered || this.#options.signal?.aborted === true) return;
    }
    this.#result.unanswered += frames.length;
  }

  async #write(pieces: readonly Buffer[]): Promise<void> {
    const socket = await this.#connected();
    for (const [at, piece] of pieces.entries()) {
      if (at > 0) await wait(PIECE_MS);
      socket.write(piece);
    }
  }

  async #connected(): Promise<Socket> {
    if (this.#socket !== null && !this.#socket.destroyed) return this.#socket;
    const { host, port } = this.#options;
    const socket = connect({ host, port, noDelay: true });
    await once(socket, 'connect');
    let rest = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const text = rest + chunk.toString('latin1');
      // Requests of the platform are not played: only answers to data are counted.
      for (const _ of text.matchAll(/CN=9014;[^#]*?\r\n/g)) this.#answers += 1;
      rest = text.slice(text.lastIndexOf('\n') + 1);
      this.#wake();
    });
    this.#socket = socket;
    return socket;
  }

  async #answered(wanted: number): Promise<boolean> {
    const endMs = performance.now() + ANSWER_MS;
    while (this.#answers < wanted) {
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) return false;
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      const stop = new AbortController();
      await Promise.race([woken, wait(leftMs, undefined, { signal: stop.signal }).catch(() => undefined)]);
      stop.abort();
    }
    return true;
  }
}
