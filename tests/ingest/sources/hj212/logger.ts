import { connect, type Socket } from 'node:net';
import { strictProfile, type Message, type Profile } from '../../../../src/ingest/sources/hj212/profile.ts';
import { FrameReader } from '../../../../src/ingest/sources/hj212/reader.ts';

/** The other end of a listener: sends bytes, keeps what is answered. */
export class TestLogger {
  readonly answers: Message[] = [];
  closed = false;
  readonly #socket: Socket;
  readonly #waiters = new Set<() => void>();

  private constructor(socket: Socket, profile: Profile) {
    this.#socket = socket;
    const reader = new FrameReader({ maxSegmentBytes: 4096, profileOf: () => profile });
    socket.on('data', (chunk) => {
      for (const event of reader.push(chunk)) if (event.kind === 'frame') this.answers.push(event.message);
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
  }

  static async to(port: number, profile: Profile = strictProfile): Promise<TestLogger> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    const logger = new TestLogger(socket, profile);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return logger;
  }

  get localPort(): number {
    return this.#socket.localPort ?? 0;
  }

  send(...parts: (Buffer | string)[]): void {
    for (const part of parts) this.#socket.write(part);
  }

  /** Resolves when the condition holds; what comes from elsewhere than this connection is looked at every 5 ms. */
  async until(condition: () => boolean, what = 'the condition', timeoutMs = 5000): Promise<void> {
    const endMs = performance.now() + timeoutMs;
    while (!condition()) {
      if (performance.now() > endMs) throw new Error(`${what} did not come about`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 5);
        this.#waiters.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  end(): void {
    this.#socket.destroy();
  }

  #wake(): void {
    for (const waiter of this.#waiters) waiter();
    this.#waiters.clear();
  }
}
