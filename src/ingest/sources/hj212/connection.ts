import type { Socket } from 'node:net';
import { plainAddress } from './admission.ts';
import type { Message, Profile, Refusal } from './profile.ts';
import { FrameReader, type StreamEvent } from './reader.ts';
import { Requests, type RequestOptions } from './requests.ts';
import type { ListenerLimits } from './settings.ts';

/** Frames that wait for the journal on one connection before it is read no further. */
const UNANSWERED_LIMIT = 256;
/** Answers that a peer may leave unread. */
const UNREAD_BYTES = 64 * 1024;
const MINUTE_MS = 60_000;

export interface ConnectionHooks {
  profileOf(mn: string): Profile;
  /** Resolves when the frame is dealt with; the connection counts it as waiting until then. */
  onFrame(connection: Connection, message: Message, bytes: Buffer): Promise<void>;
  onRefused(connection: Connection, refusal: Refusal, bytes: Buffer): void;
  onClosed(connection: Connection, why: string): void;
  nowMs(): number;
}

/** One TCP connection of a logger: cuts the stream, keeps its limits, and holds the requests made over it. */
export class Connection {
  readonly peer: string;
  readonly address: string;
  readonly requests: Requests;
  /** Numbers that have been accepted over this connection. */
  readonly mns = new Set<string>();
  readonly #socket: Socket;
  readonly #hooks: ConnectionHooks;
  readonly #limits: ListenerLimits;
  readonly #reader: FrameReader;
  #frameTimer: NodeJS.Timeout | undefined;
  #paceTimer: NodeJS.Timeout | undefined;
  #minuteFromMs = 0;
  #framesInMinute = 0;
  #waiting = 0;
  #refusals = 0;
  #why = 'the logger closed it';

  constructor(socket: Socket, limits: ListenerLimits, hooks: ConnectionHooks, requests: RequestOptions) {
    this.#socket = socket;
    this.#limits = limits;
    this.#hooks = hooks;
    this.address = plainAddress(socket.remoteAddress);
    this.peer = `${this.address}:${socket.remotePort ?? 0}`;
    this.#reader = new FrameReader({
      maxSegmentBytes: limits.segmentBytes,
      profileOf: (mn) => hooks.profileOf(mn),
    });
    this.requests = new Requests((frame) => this.write(frame), requests);
    socket.setNoDelay(true);
    socket.setTimeout(limits.idleSeconds * 1000, () => this.close(`silent for ${limits.idleSeconds} s`));
    socket.on('data', (chunk) => this.#take(this.#reader.push(chunk)));
    socket.on('error', (error) => {
      this.#why = error.message;
    });
    socket.on('close', () => this.#closed());
  }

  write(bytes: Buffer): void {
    if (this.#socket.destroyed) return;
    this.#socket.write(bytes);
    if (this.#socket.writableLength > UNREAD_BYTES) this.close('does not read its answers');
  }

  close(why: string): void {
    if (this.#socket.destroyed) return;
    this.#why = why;
    this.#socket.destroy();
  }

  #take(events: readonly StreamEvent[]): void {
    for (const event of events) {
      if (this.#socket.destroyed) return;
      if (event.kind === 'frame') this.#frame(event.message, event.bytes);
      else this.#refused(event.refusal, event.bytes);
    }
    clearTimeout(this.#frameTimer);
    if (this.#reader.pendingBytes > 0 && !this.#socket.destroyed)
      this.#frameTimer = setTimeout(
        () => this.#take(this.#reader.giveUp()),
        this.#limits.frameSeconds * 1000,
      );
  }

  #frame(message: Message, bytes: Buffer): void {
    this.#pace();
    this.#waiting += 1;
    if (this.#waiting >= UNANSWERED_LIMIT) this.#socket.pause();
    void this.#hooks.onFrame(this, message, bytes).finally(() => {
      this.#waiting -= 1;
      if (this.#waiting < UNANSWERED_LIMIT / 2 && this.#paceTimer === undefined) this.#socket.resume();
    });
  }

  /** A logger over its rate is read no further until the minute is over; nothing it sent is lost. */
  #pace(): void {
    const nowMs = this.#hooks.nowMs();
    if (nowMs - this.#minuteFromMs >= MINUTE_MS) {
      this.#minuteFromMs = nowMs;
      this.#framesInMinute = 0;
    }
    this.#framesInMinute += 1;
    if (this.#framesInMinute <= this.#limits.framesPerMinute || this.#paceTimer !== undefined) return;
    this.#socket.pause();
    this.#paceTimer = setTimeout(
      () => {
        this.#paceTimer = undefined;
        this.#socket.resume();
      },
      Math.max(1, this.#minuteFromMs + MINUTE_MS - nowMs),
    );
  }

  #refused(refusal: Refusal, bytes: Buffer): void {
    this.#refusals += 1;
    this.#hooks.onRefused(this, refusal, bytes);
    if (this.#refusals >= this.#limits.refusals) this.close(`${this.#refusals} refused frames`);
  }

  #closed(): void {
    clearTimeout(this.#frameTimer);
    clearTimeout(this.#paceTimer);
    this.requests.close();
    this.#hooks.onClosed(this, this.#why);
  }
}
