import { Client, type ClientConfig } from 'pg';
import type { JournalHead } from '../../../domain/ports.ts';
import { headIn } from './entries.ts';
import { channel } from './schema.ts';

/** Below the notifications: a lost one is made good for at the latest after this time. */
const askEveryMs = 3_000;

/** One connection that hears of every append to the table, by whichever process; it comes back by itself after an outage. */
export class HeadListener {
  readonly #config: ClientConfig;
  #client: Client | null = null;
  #tell: (head: JournalHead) => void = () => undefined;
  #timer: NodeJS.Timeout;
  #turn: Promise<void> | null = null;
  #closed = false;

  constructor(config: ClientConfig) {
    this.#config = config;
    this.#timer = setInterval(() => this.#ask(), askEveryMs).unref();
  }

  onHead(tell: (head: JournalHead) => void): void {
    this.#tell = tell;
  }

  /** The first connection; later ones are made as needed. */
  async open(): Promise<void> {
    await this.#connect();
  }

  async #connect(): Promise<void> {
    const client = new Client(this.#config);
    const drop = (): void => {
      if (this.#client === client) this.#client = null;
    };
    client.on('error', drop);
    client.on('end', drop);
    client.on('notification', ({ payload }) => {
      const [seq, hash] = (payload ?? '').split(' ');
      if (hash !== undefined) this.#tell({ seq: Number(seq), hash });
    });
    await client.connect();
    await client.query(`listen ${channel}`);
    this.#client = client;
  }

  #ask(): void {
    this.#turn ??= this.#askNow()
      .catch(() => undefined)
      .finally(() => {
        this.#turn = null;
      });
  }

  async #askNow(): Promise<void> {
    if (this.#closed) return;
    if (this.#client === null) await this.#connect();
    if (this.#client !== null) this.#tell(await headIn(this.#client));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#turn;
    await this.#client?.end().catch(() => undefined);
  }
}
