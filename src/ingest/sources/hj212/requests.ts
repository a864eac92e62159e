import { exeRtnMeanings, qnRtnMeanings } from './commands.ts';
import { encodeFrame, type Outgoing } from './encode.ts';
import type { Message } from './profile.ts';
import { qnText } from './stamp.ts';

/** How a request to a logger ended. `qnRtn` and `exeRtn` are the protocol's codes; null where no such answer came. */
export interface RequestOutcome {
  status: 'done' | 'refused' | 'failed' | 'no-answer' | 'gone';
  qnRtn: string | null;
  exeRtn: string | null;
  detail: string;
}

interface Pending {
  frame: Buffer;
  sent: number;
  timer: NodeJS.Timeout;
  qnRtn: string | null;
  resolve: (outcome: RequestOutcome) => void;
}

/** Requests that one connection may have open at once. */
const OPEN_LIMIT = 4;

export interface RequestOptions {
  /** Wait for each answer; the standard says 10 s over mobile networks. */
  timeoutMs: number;
  /** Times a request is sent before the link counts as unusable; the standard says 3. */
  attempts: number;
}

/** What the platform asks one logger: 9011 says whether it will, 9012 what became of it; both carry the QN of the request. */
export class Requests {
  readonly #pending = new Map<string, Pending>();
  readonly #write: (frame: Buffer) => void;
  readonly #options: RequestOptions;
  #lastQnMs = 0;

  constructor(write: (frame: Buffer) => void, options: RequestOptions) {
    this.#write = write;
    this.#options = options;
  }

  get open(): number {
    return this.#pending.size;
  }

  send(message: Omit<Outgoing, 'QN'>, nowMs: number, sm4Key?: Uint8Array): Promise<RequestOutcome> {
    if (this.#pending.size >= OPEN_LIMIT)
      return Promise.resolve(outcome('refused', null, null, `${OPEN_LIMIT} requests are open already`));
    this.#lastQnMs = Math.max(nowMs, this.#lastQnMs + 1);
    const QN = qnText(this.#lastQnMs);
    const frame = encodeFrame({ QN, ...message }, sm4Key === undefined ? {} : { sm4Key });
    return new Promise((resolve) => {
      const pending: Pending = {
        frame,
        sent: 0,
        timer: setTimeout(() => undefined, 0),
        qnRtn: null,
        resolve,
      };
      this.#pending.set(QN, pending);
      this.#attempt(QN, pending);
    });
  }

  /** Takes a 9011 or 9012; false where no request has this QN. */
  answered(message: Message): boolean {
    const { QN = '', CN } = message.fields;
    const pending = this.#pending.get(QN);
    if (pending === undefined) return false;
    if (CN === '9011') {
      const code = message.params['QnRtn'] ?? '';
      pending.qnRtn = code;
      if (code !== '1') this.#end(QN, outcome('refused', code, null, qnRtnMeanings[code] ?? 'unknown code'));
      else this.#wait(QN, pending);
      return true;
    }
    if (CN !== '9012') return false;
    const code = message.params['ExeRtn'] ?? '';
    const status = code === '1' || code === '100' ? 'done' : 'failed';
    this.#end(QN, outcome(status, pending.qnRtn, code, exeRtnMeanings[code] ?? 'unknown code'));
    return true;
  }

  /** Data is still arriving: the time for the result starts anew. */
  alive(): void {
    for (const [qn, pending] of this.#pending) if (pending.qnRtn === '1') this.#wait(qn, pending);
  }

  close(): void {
    for (const [qn, pending] of this.#pending)
      this.#end(qn, outcome('gone', pending.qnRtn, null, 'the connection ended'));
  }

  #attempt(qn: string, pending: Pending): void {
    pending.sent += 1;
    this.#write(pending.frame);
    this.#wait(qn, pending);
  }

  #wait(qn: string, pending: Pending): void {
    clearTimeout(pending.timer);
    pending.timer = setTimeout(() => {
      if (pending.qnRtn === null && pending.sent < this.#options.attempts) this.#attempt(qn, pending);
      else
        this.#end(qn, outcome('no-answer', pending.qnRtn, null, `no answer after ${pending.sent} attempts`));
    }, this.#options.timeoutMs);
  }

  #end(qn: string, result: RequestOutcome): void {
    const pending = this.#pending.get(qn);
    if (pending === undefined) return;
    clearTimeout(pending.timer);
    this.#pending.delete(qn);
    pending.resolve(result);
  }
}

function outcome(
  status: RequestOutcome['status'],
  qnRtn: string | null,
  exeRtn: string | null,
  detail: string,
): RequestOutcome {
  return { status, qnRtn, exeRtn, detail };
}
